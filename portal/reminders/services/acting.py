"""What a person does with a note of theirs: opens it, has read it, puts it off, gives it to a colleague. Each is
harmless a second time, and none of them says that the thing itself is done."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select, update

from portal.accounts.terms import roles_with
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import Moment, db
from portal.ground.declare import offers
from portal.ground.errors import Refused
from portal.reminders import queries, rules
from portal.reminders.models import Note
from portal.reminders.services.office import Office
from portal.reminders.services.writing import COPIED, give_notes
from portal.reminders.terms import NoteState, Origin, Snooze

_QUIET = {"synchronize_session": False}


def _change(note: Note, **values: Any) -> bool:
    """Change a note that stands in the inbox; tells whether it still did."""
    changed = update(Note).where(Note.id == note.id, Note.closed_at.is_(None)).values(**values)
    return bool(db.session.execute(changed.execution_options(**_QUIET)).rowcount)  # type: ignore[attr-defined]


def open_note(note: Note, *, now: datetime) -> str:
    """办理: the note has been read; return where its thing is done."""
    db.session.execute(
        update(Note).where(Note.id == note.id, Note.read_at.is_(None)).values(read_at=now).execution_options(**_QUIET)
    )
    return note.url


def acknowledge(note: Note, *, by: Actor, now: datetime) -> bool:
    """已知悉: the note leaves the inbox; what is not done is raised and repeated all the same."""
    done = _change(
        note, state=NoteState.ACKNOWLEDGED, acknowledged_at=now, closed_at=now, read_at=_or_now(now), snoozed_until=None
    )
    if done:
        record("reminders.acknowledge", f"reminder:{note.id}", by=by, now=now)
    return done


def acknowledge_all(*, seen: datetime, by: Actor, now: datetime) -> int:
    """全部已知悉: everything that stood in the inbox when it was looked at; returns how many."""
    changed = (
        update(Note)
        .where(
            Note.person_id == by.id,
            Note.closed_at.is_(None),
            func.coalesce(Note.snoozed_until, Note.deliver_at) <= min(seen, now),
        )
        .values(state=NoteState.ACKNOWLEDGED, acknowledged_at=now, closed_at=now, read_at=_or_now(now))
    )
    count = int(db.session.execute(changed.execution_options(**_QUIET)).rowcount)  # type: ignore[attr-defined]
    if count:
        record("reminders.acknowledge", f"person:{by.id}", by=by, now=now, count=count)
    return count


def snooze(note: Note, choice: Snooze, *, by: Actor, now: datetime) -> datetime | None:
    """稍后: the note stays away for a while, and is new again when it comes back; returns until when."""
    office = Office(now)
    until = rules.snoozed_until(choice, now, hours=office.hours, works=office.works)
    if not _change(note, snoozed_until=until, read_at=None):
        return None
    record("reminders.snooze", f"reminder:{note.id}", by=by, now=now, until=until.isoformat())
    return until


def put_back(note: Note, *, by: Actor, now: datetime) -> bool:
    """放回: what was acknowledged and is not done yet stands in the inbox again."""
    changed = (
        update(Note)
        .where(Note.id == note.id, Note.state == NoteState.ACKNOWLEDGED)
        .values(state=NoteState.OPEN, closed_at=None, acknowledged_at=None, snoozed_until=None)
    )
    done = bool(db.session.execute(changed.execution_options(**_QUIET)).rowcount)  # type: ignore[attr-defined]
    if done:
        record("reminders.put_back", f"reminder:{note.id}", by=by, now=now)
    return done


def takers(note: Note, *, on: datetime) -> list[queries.Colleague]:
    """Colleagues to whom a note can be handed: within reach, and able to open its door where the note's thing is."""
    rule = next((one for one in offers().reminders if one.name == note.rule), None)
    if rule is not None and not rule.given:
        return []
    key = rule.needs if rule else None
    return queries.colleagues(note.person_id, on=on.date(), key=key, area_id=note.area_id)


def give(note: Note, taker_id: int, *, by: Actor, now: datetime) -> queries.Colleague:
    """转交: the note goes to a colleague. Refused when they cannot take it, or it is no longer there to be given."""
    taker = next((one for one in takers(note, on=now) if one.id == taker_id), None)
    if taker is None:
        raise Refused("这位同事现在不能接手，请另选一位。", field="taker")
    if not _hand([note.id], taker.id, giver_id=note.person_id, now=now):
        raise Refused("这条提醒已经办结或转交了，不用再转。")
    record("reminders.give", f"reminder:{note.id}", by=by, now=now, taker=taker.id)
    return taker


def taking_roles(person_id: int, now: datetime) -> Collection[str]:
    """The roles to which what somebody has not done can go: they open every door that it leads to, or, where no role
    opens all of them, one."""
    needs = {one.name: one.needs for one in offers().reminders}
    held = db.session.scalars(select(Note.rule).where(Note.person_id == person_id, Note.ended_at.is_(None)).distinct())
    keys = {key for name in held if (key := needs.get(name)) is not None}
    if roles := roles_with(*keys):
        return roles
    return frozenset().union(*(roles_with(key) for key in keys))


def hand_over(*, giver: int, taker: int, by: Actor, now: datetime) -> int:
    """Everything that a person was reminded of and that is not done goes to somebody else; returns how many."""
    ids = list(db.session.scalars(select(Note.id).where(Note.person_id == giver, Note.ended_at.is_(None))))
    count = _hand(ids, taker, giver_id=giver, now=now)
    if count:
        record("reminders.hand_over", f"person:{giver}", by=by, now=now, taker=taker, count=count)
    return count


def _hand(ids: Sequence[int], taker_id: int, *, giver_id: int, now: datetime) -> int:
    """End notes as handed over, and write them to their taker; returns how many still were there to be given."""
    ended = (
        update(Note)
        .where(Note.id.in_(ids), Note.person_id == giver_id, Note.ended_at.is_(None))
        .values(
            state=NoteState.HANDED, handed_to_id=taker_id, ended_at=now, snoozed_until=None,
            closed_at=func.coalesce(Note.closed_at, literal(now, Moment())),
        )
    )  # fmt: skip
    given = db.session.scalars(ended.returning(Note.id).execution_options(**_QUIET)).all()
    rows = db.session.execute(select(Note.__table__).where(Note.id.in_(given))).mappings().all()
    give_notes(
        [
            {column: row[column] for column in (*COPIED, "escalate_at")}
            | {
                "person_id": taker_id, "origin": Origin.HANDED, "giver_id": giver_id, "written_at": now, "late": False,
                "deliver_at": max(now, row["deliver_at"]), "by_at": row["until_at"] or max(now, row["deliver_at"]),
                "state": NoteState.OPEN,
            }
            for row in rows
        ]
    )  # fmt: skip
    cleared = update(Note).where(Note.id.in_(given)).values(escalate_at=None)
    db.session.execute(cleared.execution_options(**_QUIET))
    return len(given)


def _or_now(now: datetime) -> Any:
    return func.coalesce(Note.read_at, literal(now, Moment()))
