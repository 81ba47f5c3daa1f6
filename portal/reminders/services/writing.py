"""Writing notes and moving marks: one statement each, whatever stands there already (I6)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, null, or_
from sqlalchemy.dialects import postgresql, sqlite

from portal.ground.db import db
from portal.reminders.models import Choice, Mail, Mark, Note
from portal.reminders.terms import NoteState

KEY = ("rule", "subject", "slot", "person_id", "channel")
#: What a copy of a note takes over from it.
COPIED = (
    "rule", "subject", "slot", "channel", "title", "second", "why", "url", "lamp", "word", "area_id", "until_at",
    "owed_at",
)  # fmt: skip


Kept = type[Note] | type[Mark] | type[Mail] | type[Choice]


def insert(model: Kept) -> Any:
    """An INSERT of the engine at hand, which knows what to do about rows that stand there already."""
    return _insert(model, db.session.connection().dialect.name)


def _insert(model: Kept, dialect: str) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(cast(Table, model.__table__))


@cache
def _inserting(dialect: str) -> Any:
    return _insert(Note, dialect).on_conflict_do_nothing(index_elements=KEY).returning(Note.id)


def insert_notes(lines: Sequence[Mapping[str, Any]]) -> int:
    """Write notes; those that have been written already are left as they are. Returns how many are new."""
    if not lines:
        return 0
    connection = db.session.connection()
    return len(connection.execute(_inserting(connection.dialect.name), [dict(line) for line in lines]).all())


def give_notes(lines: Sequence[Mapping[str, Any]]) -> None:
    """Write notes that somebody hands to a colleague. Where the colleague has given the same one away before, or has
    acknowledged it, it is theirs once more; what stands in their inbox already stays as it is."""
    if not lines:
        return
    statement = insert(Note)
    new = statement.excluded
    anew = {name: new[name] for name in ("origin", "giver_id", "written_at", "deliver_at", "by_at", "state")}
    anew |= {"escalate_at": new.escalate_at, "late": new.late}
    for name in ("handed_to_id", "ended_at", "closed_at", "read_at", "acknowledged_at", "snoozed_until"):
        anew[name] = null()
    again = or_(Note.state == NoteState.HANDED, Note.state == NoteState.ACKNOWLEDGED)
    given = statement.on_conflict_do_update(index_elements=KEY, set_=anew, where=again)
    db.session.connection().execute(given, [dict(line) for line in lines])


@cache
def _moving(dialect: str) -> Any:
    statement = _insert(Mark, dialect)
    moved = {name: statement.excluded[name] for name in ("looked_until", "asked_after")}
    return statement.on_conflict_do_update(index_elements=["rule"], set_=moved)


def move(marks: Mapping[str, str], *, now: datetime) -> None:
    """Move the marks of rules to `now`, in one statement; rule → the subject after which its asking goes on."""
    if not marks:
        return
    values = [{"rule": name, "looked_until": now, "asked_after": after} for name, after in sorted(marks.items())]
    connection = db.session.connection()
    connection.execute(_moving(connection.dialect.name), values)
