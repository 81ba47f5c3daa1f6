"""Sheets of streets that come in: all of it or nothing, then wiped (rules 10, Sheets in)."""

from datetime import datetime

from portal.accounts import queries as accounts
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.sheets import waiting
from portal.places.models import Street, WaitingSheet
from portal.places.services.intake import Entry, Preview
from portal.places.services.keeping import put_keeper
from portal.places.services.numbers import lock_names, next_codes
from portal.places.services.streets import build, hold, note, put
from portal.places.terms import EventKind


def keep_sheet(data: bytes, name: str, *, by: Actor, now: datetime) -> WaitingSheet:
    """Keep an uploaded sheet, sealed. One waits per person; sheets over a day old go."""
    sheet = waiting.keep(WaitingSheet, data, name, person_id=by.id, now=now)
    record("places.upload", f"street_sheet:{sheet.id}", by=by, now=now, digest=sheet.digest, size=len(data))
    return sheet


def discard_sheet(sheet: WaitingSheet, *, by: Actor, now: datetime) -> None:
    """Give a sheet up: it is wiped."""
    record("places.discard", f"street_sheet:{sheet.id}", by=by, now=now, digest=sheet.digest)
    db.session.delete(sheet)


def sweep_sheets(*, now: datetime) -> int:
    """Wipe sheets that nobody finished within a day; return how many."""
    return waiting.sweep(WaitingSheet, now=now)


def import_sheet(sheet: WaitingSheet, found: Preview, *, seen: str, by: Actor, now: datetime) -> dict[str, int]:
    """Enter everything that the preview shows, or nothing; one line of the trail with the sheet's digest.

    `seen` is the digest that the clerk confirmed; another state of things is refused. The sheet is wiped.
    """
    waiting.claim(sheet, found, seen=seen, now=now)
    lock_names()
    news = found.of("new")
    streets = {
        entry.row: build(entry.facts, code=code, by=by, now=now, kind=EventKind.IMPORTED)
        for entry, code in zip(news, next_codes(len(news)) if news else [], strict=True)
    }
    db.session.flush()
    people = {
        one.id: one
        for one in db.session.scalars(accounts.by_ids(sorted({e.keeper.id for e in found.entries if e.keeper})))
    }
    for entry in found.entries:
        street = streets.get(entry.row) or _changed(entry, by=by, now=now)
        if entry.keeper is not None:
            put_keeper(street, people[entry.keeper.id], reason="按导入的表", by=by, now=now)
    db.session.flush()
    counts = waiting.finish(sheet, found)
    record(
        "places.import", f"street_sheet:{sheet.id}", by=by, now=now,
        digest=sheet.digest, plan=seen, skipped=len(found.skipped), counts=counts,
    )  # fmt: skip
    return counts


def _changed(entry: Entry, *, by: Actor, now: datetime) -> Street:
    street = entry.street
    assert street is not None
    if entry.changed:
        hold(street)
        put(street, entry.facts, by=by, now=now)
        note(street, EventKind.EDITED, f"{entry.words}，按导入的表", by=by, now=now)
        db.session.flush()
    return street
