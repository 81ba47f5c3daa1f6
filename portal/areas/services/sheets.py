"""Sheets of areas that come in and go out: all of it or nothing; who made it and when in its head (rules 10)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from portal.areas.models import WaitingSheet
from portal.areas.queries import Group, Tree
from portal.areas.services.intake import COLUMNS, Preview, rows_of
from portal.areas.services.tree import bring
from portal.areas.terms import AreaKind
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.sheets import waiting
from portal.ground.sheets.write import Outgoing, write_xlsx


def keep_sheet(data: bytes, name: str, *, by: Actor, now: datetime) -> WaitingSheet:
    """Keep an uploaded sheet, sealed. One waits per person; sheets over a day old go."""
    sheet = waiting.keep(WaitingSheet, data, name, person_id=by.id, now=now)
    record("areas.upload", f"area_sheet:{sheet.id}", by=by, now=now, digest=sheet.digest, size=len(data))
    return sheet


def discard_sheet(sheet: WaitingSheet, *, by: Actor, now: datetime) -> None:
    """Give a sheet up: it is wiped."""
    record("areas.discard", f"area_sheet:{sheet.id}", by=by, now=now, digest=sheet.digest)
    db.session.delete(sheet)


def sweep_sheets(*, now: datetime) -> int:
    """Wipe sheets that nobody finished within a day; return how many."""
    return waiting.sweep(WaitingSheet, now=now)


def import_sheet(sheet: WaitingSheet, found: Preview, *, seen: str, by: Actor, now: datetime) -> dict[str, int]:
    """Enter everything that the preview shows, or nothing; one line of the trail with the sheet's digest.

    `seen` is the digest that the keeper confirmed; another state of things is refused. The sheet is wiped.
    """
    waiting.claim(sheet, found, seen=seen, now=now)
    bring(rows_of(found.entries), found.there, by=by, now=now)
    db.session.flush()
    counts = waiting.finish(sheet, found)
    record(
        "areas.import", f"area_sheet:{sheet.id}", by=by, now=now,
        digest=sheet.digest, plan=seen, skipped=len(found.skipped), counts=counts,
    )  # fmt: skip
    return counts


def export_sheet(groups: list[Group], *, line: str, tree: Tree, by: Actor, now: datetime) -> Outgoing:
    """The tree as .xlsx, as it comes in again: importing it changes nothing."""
    rows = list(_rows(groups, tree))
    data = write_xlsx(
        COLUMNS, rows, title="社区和网格", filter_line=f"条件：{line}；共 {len(rows)} 行", snapshot=now,
        watermark=f"{by.name} 导出",
    )  # fmt: skip
    return Outgoing(data, len(rows))


def note_export(sheet: Outgoing, *, by: Actor, now: datetime) -> None:
    """One line of the trail, with the file's digest."""
    record("areas.export", "areas", by=by, now=now, count=sheet.count, digest=sheet.digest)


def _rows(groups: list[Group], tree: Tree) -> Iterator[Mapping[str, Any]]:
    for group in groups:
        for one in group.lines:
            place = tree.by_id[one.id]
            if place.kind is not AreaKind.OFFICE and not one.beside:
                yield {
                    "code": place.code, "name": place.name, "kind": place.kind.label,
                    "area_type": place.type.label if place.type else None,
                }  # fmt: skip
