"""Sheets of a year that come in: kept sealed until answered, published as a whole or not at all, then wiped."""

from datetime import datetime

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.sheets import waiting
from portal.ground.sheets.write import write_csv
from portal.worktime import queries
from portal.worktime.models import WaitingSheet
from portal.worktime.services.calendars import publish
from portal.worktime.services.intake import RESTS, WORKS, Preview, columns
from portal.worktime.services.notice import Notice


def keep_sheet(data: bytes, name: str, *, by: Actor, now: datetime) -> WaitingSheet:
    """Keep an uploaded sheet, sealed. One waits per person; sheets over a day old go."""
    sheet = waiting.keep(WaitingSheet, data, name, person_id=by.id, now=now)
    record("worktime.upload", f"calendar_sheet:{sheet.id}", by=by, now=now, digest=sheet.digest, size=len(data))
    return sheet


def notice_sheet(notice: Notice) -> bytes:
    """The sheet that a pasted paper comes to: from here on it is looked at like any other."""
    rows = [
        {"day": day.on, "works": WORKS if day.works else RESTS, "name": day.name, "source": notice.paper}
        for day in [*notice.beyond, *notice.days]
    ]
    return write_csv(columns(), rows)


def discard_sheet(sheet: WaitingSheet, *, by: Actor, now: datetime) -> None:
    """Give a sheet up: it is wiped."""
    record("worktime.discard", f"calendar_sheet:{sheet.id}", by=by, now=now, digest=sheet.digest)
    db.session.delete(sheet)


def sweep_sheets(*, now: datetime) -> int:
    """Wipe sheets that nobody finished within a day; return how many."""
    return waiting.sweep(WaitingSheet, now=now)


def import_sheet(sheet: WaitingSheet, found: Preview, *, seen: str, by: Actor, now: datetime) -> dict[str, int]:
    """Publish the year that the preview shows, or nothing; what is in force already makes no new version.

    `seen` is the digest that the clerk confirmed; another state of things is refused. The sheet is wiped.
    """
    waiting.claim(sheet, found, seen=seen, now=now)
    if not found.idle:
        publish(
            found.year, found.days(found.year), source=found.source, reason="导入", seen=found.edition, by=by, now=now
        )
    for year, head in found.beyond.items():
        moved = {day.on: day for day in found.days(year)}
        days = queries.year_of(head.number).days()
        if any(day.on in moved and moved[day.on] != day for day in days):
            after = [moved.get(day.on, day) for day in days]
            publish(
                year, after, source=found.source, reason=f"随 {found.year} 年的通知", seen=head.edition, by=by, now=now
            )
    counts = waiting.finish(sheet, found)
    sheet.year = found.year
    record(
        "worktime.import", f"calendar_sheet:{sheet.id}", by=by, now=now, digest=sheet.digest, plan=seen, counts=counts
    )
    return counts
