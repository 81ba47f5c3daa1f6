"""Sheets of people that come in: accounts are made, roles are asked for; all of it or nothing (rules 10, Sheets in)."""

from datetime import datetime

from portal.accounts.models import Person, WaitingSheet
from portal.accounts.services.intake import Entry, Preview
from portal.accounts.services.keeping import hold, note
from portal.accounts.services.people import build, put
from portal.accounts.services.proposals import ask
from portal.accounts.terms import EventKind
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.sheets import waiting


def keep_sheet(data: bytes, name: str, *, by: Actor, now: datetime) -> WaitingSheet:
    """Keep an uploaded sheet, sealed. One waits per person; sheets over a day old go."""
    sheet = waiting.keep(WaitingSheet, data, name, person_id=by.id, now=now)
    record("accounts.upload", f"people_sheet:{sheet.id}", by=by, now=now, digest=sheet.digest, size=len(data))
    return sheet


def discard_sheet(sheet: WaitingSheet, *, by: Actor, now: datetime) -> None:
    """Give a sheet up: it is wiped."""
    record("accounts.discard", f"people_sheet:{sheet.id}", by=by, now=now, digest=sheet.digest)
    db.session.delete(sheet)


def sweep_sheets(*, now: datetime) -> int:
    """Wipe sheets that nobody finished within a day; return how many."""
    return waiting.sweep(WaitingSheet, now=now)


def import_sheet(
    sheet: WaitingSheet, found: Preview, *, seen: str, password_hash: str, by: Actor, now: datetime
) -> dict[str, int]:
    """Make the accounts and ask for the roles that the preview shows, or nothing; one line of the trail.

    `password_hash` is of a password that nobody knows: it opens nothing until a slip is handed out. `seen` is the
    digest that the clerk confirmed; another state of things is refused. The sheet is wiped.
    """
    waiting.claim(sheet, found, seen=seen, now=now)
    made = {
        entry.login: build(login=entry.login, name=entry.name, phone=entry.phone, password_hash=password_hash, now=now)
        for entry in found.of("new")
    }
    for person in made.values():
        person.sheet_id, person.slip_owed = sheet.id, True
    put(list(made.values()))
    for person in made.values():
        note(person, EventKind.IMPORTED, by=by, now=now)
    asked = 0
    for entry in found.entries:
        asked += _take(entry, entry.person or made[entry.login], by=by, now=now)
    counts = waiting.finish(sheet, found) | {"asked": asked}
    record(
        "accounts.import", f"people_sheet:{sheet.id}", by=by, now=now,
        digest=sheet.digest, plan=seen, skipped=len(found.skipped), counts=counts,
    )  # fmt: skip
    return counts


def _take(entry: Entry, person: Person, *, by: Actor, now: datetime) -> int:
    """Change the telephone and ask for the post that a row brings; returns how many posts."""
    if entry.changed:
        hold(person)
        person.phone = entry.phone
        note(person, EventKind.EDITED, f"{'、'.join(entry.changed)}，按导入的人员表", by=by, now=now)
        db.session.flush()
    if entry.post is None:
        return 0
    ask(person, role=entry.post.role, area_id=entry.post.area_id, from_on=entry.post.from_on, by=by, now=now)
    return 1
