"""Sheets that come in: kept sealed until answered, entered all or nothing, then wiped (rules 10, Sheets in)."""

from datetime import date, datetime

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.sheets import waiting
from portal.merchants.models import Shop, WaitingSheet
from portal.merchants.queries import Place, Tree
from portal.merchants.services.intake import Entry, Preview
from portal.merchants.services.numbers import next_numbers
from portal.merchants.services.shops import build, edit, put_state
from portal.merchants.services.tenures import change_operator, correct_operator
from portal.merchants.terms import EventKind


def keep_sheet(data: bytes, name: str, *, by: Actor, now: datetime) -> WaitingSheet:
    """Keep an uploaded sheet, sealed. One waits per person; sheets over a day old go."""
    sheet = waiting.keep(WaitingSheet, data, name, person_id=by.id, now=now)
    record("merchants.upload", f"sheet:{sheet.id}", by=by, now=now, digest=sheet.digest, size=len(data))
    return sheet


def discard_sheet(sheet: WaitingSheet, *, by: Actor, now: datetime) -> None:
    """Give a sheet up: it is wiped."""
    record("merchants.discard", f"sheet:{sheet.id}", by=by, now=now, digest=sheet.digest)
    db.session.delete(sheet)


def sweep_sheets(*, now: datetime) -> int:
    """Wipe sheets that nobody finished within a day; return how many."""
    return waiting.sweep(WaitingSheet, now=now)


def import_sheet(
    sheet: WaitingSheet, found: Preview, *, seen: str, tree: Tree, by: Actor, now: datetime
) -> dict[str, int]:
    """Enter everything that the preview shows, or nothing; one line of the trail with the sheet's digest.

    `seen` is the digest that the clerk confirmed; another state of things is refused. The sheet is wiped.
    """
    waiting.claim(sheet, found, seen=seen, now=now)
    _add(found.of("new"), tree=tree, by=by, now=now)
    with db.session.no_autoflush:
        for entry in found.of("changed"):
            _change(entry, found.answers.operators, tree=tree, by=by, now=now)
    db.session.flush()
    counts = waiting.finish(sheet, found)
    record(
        "merchants.import", f"sheet:{sheet.id}", by=by, now=now,
        digest=sheet.digest, plan=seen, skipped=len(found.skipped), counts=counts,
    )  # fmt: skip
    return counts


def _add(entries: list[Entry], *, tree: Tree, by: Actor, now: datetime) -> None:
    """New shops, in the order of the sheet; their numbers are taken in one go a community."""
    homes: dict[Place, list[Entry]] = {}
    for entry in entries:
        homes.setdefault(tree.community_of(entry.facts.grid_id), []).append(entry)
    for home, part in sorted(homes.items(), key=lambda pair: pair[0].code):
        for entry, number in zip(part, next_numbers(home, len(part)), strict=True):
            build(entry.facts, number=number, tree=tree, by=by, now=now, kind=EventKind.IMPORTED)
    db.session.flush()


def _change(entry: Entry, operators: str, *, tree: Tree, by: Actor, now: datetime) -> None:
    shop = entry.shop
    assert shop is not None
    fields = [name for name in entry.changed if name != "state"]
    if fields:
        edit(shop, entry.facts, version=shop.version, tree=tree, by=by, now=now, noted=False)
    if "state" in entry.changed:
        put_state(shop, entry.facts.state, note="按导入的底册", by=by, now=now)
    if entry.operator:
        _hand_on(shop, entry, operators, by=by, now=now)


def _hand_on(shop: Shop, entry: Entry, operators: str, *, by: Actor, now: datetime) -> None:
    """Another operator in the sheet: a change of operator, or the same person's name put right, as was answered."""
    facts, tenure = entry.facts, entry.tenure
    if tenure is not None and operators == "correct":
        correct_operator(shop, name=entry.operator, version=shop.version, by=by, now=now, noted=False)
        return
    on = _day(facts.operator_from, tenure.from_on if tenure else None, now.date())
    responsible = facts.responsible_name if "responsible_name" in entry.changed else ""
    change_operator(
        shop, operator=entry.operator, responsible=responsible, phone=facts.phone, on=on, reason="按导入的底册",
        version=shop.version, by=by, now=now, noted=False,
    )  # fmt: skip


def _day(said: date | None, since: date | None, today: date) -> date:
    """The day of the change: the sheet's, where it is later than the present operator's first day; else today."""
    return said if said and (since is None or said > since) else today
