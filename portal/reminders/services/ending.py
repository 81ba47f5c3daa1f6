"""What ends notes: the thing is done (`settle`), a newer turn takes their place (`supersede`), their years are over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, String, Update, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from portal.ground.actor import Actor
from portal.ground.db import Moment, db
from portal.reminders.models import Mail, Note
from portal.reminders.terms import KEPT_DAYS, MailState, NoteState, Origin

_RULE = bindparam("of_rule", type_=String())
_SUBJECTS = bindparam("subjects", type_=String(), expanding=True)
_NOW = bindparam("now", type_=Moment())


def _ended(state: NoteState, **more: Any) -> Update:
    """The statement that ends notes which have not ended; what has left the inbox before keeps its hour."""
    return (
        update(Note)
        .where(Note.ended_at.is_(None), Note.subject.in_(_SUBJECTS))
        .values(state=state, ended_at=_NOW, closed_at=func.coalesce(Note.closed_at, _NOW), escalate_at=None, **more)
        .execution_options(synchronize_session=False)
    )


def _changed(statement: Update, values: dict[str, Any]) -> int:
    return int(db.session.execute(statement, values).rowcount)  # type: ignore[attr-defined]


@cache
def _settling(one_rule: bool) -> Update:
    ended = _ended(NoteState.SETTLED, settled_by_id=bindparam("by_id", type_=Integer()))
    return ended.where(Note.rule == _RULE) if one_rule else ended


def settle(*, subject: str | Sequence[str], now: datetime, by: Actor | None = None, rule: str = "") -> int:
    """The thing is done: end every open note about a subject (or several), whoever has it; returns how many.

    Called by the room above in the transaction that does the thing. `by` is whoever did it, where it was a person;
    `rule` narrows it to one rule. A note that is being passed on at the same instant is caught by looking once more.
    """
    subjects = [subject] if isinstance(subject, str) else list(subject)
    person = by.id if by is not None and by.kind == "person" else None
    values = {"subjects": subjects, "now": now, "by_id": person} | ({"of_rule": rule} if rule else {})
    total = changed = _changed(_settling(bool(rule)), values) if subjects else 0
    while changed:
        changed = _changed(_settling(bool(rule)), values)
        total += changed
    return total


@cache
def _superseding() -> Update:
    newer = aliased(Note)
    replaced = exists().where(
        newer.rule == Note.rule,
        newer.subject == Note.subject,
        newer.channel == Note.channel,
        newer.owed_at > Note.owed_at,
        newer.ended_at.is_(None),  # one that was done with belongs to a thing that is over
        or_(Note.origin != Origin.RAISED, newer.person_id == Note.person_id),
    )
    return _ended(NoteState.SUPERSEDED).where(Note.rule == _RULE, replaced)


def supersede(rule: str, subjects: Sequence[str], *, now: datetime) -> int:
    """End the notes of a rule about these subjects that a newer turn has taken the place of; returns how many.

    What was raised to somebody above stays with them until a newer turn comes to them too.
    """
    return _changed(_superseding(), {"of_rule": rule, "subjects": list(subjects), "now": now})


@cache
def _inheriting() -> Update:
    older = aliased(Note)
    replaced = (
        older.rule == Note.rule,
        older.subject == Note.subject,
        older.person_id == Note.person_id,
        older.channel == Note.channel,
        older.ended_at.is_(None),
        older.owed_at < Note.owed_at,
        older.escalate_at < Note.escalate_at,
    )
    first = select(func.min(older.escalate_at)).where(*replaced).scalar_subquery()
    sooner = update(Note).where(Note.rule == _RULE, Note.subject.in_(_SUBJECTS), Note.ended_at.is_(None))
    sooner = sooner.where(Note.escalate_at.is_not(None), exists().where(*replaced)).values(escalate_at=first)
    return sooner.execution_options(synchronize_session=False)


def inherit(rule: str, subjects: Sequence[str]) -> None:
    """Let the newest notes about these subjects be passed on when the ones that they replace would have been: it is
    the thing that nobody has settled for so long, not the last word about it. Before `supersede`."""
    _changed(_inheriting(), {"of_rule": rule, "subjects": list(subjects)})


def purge(*, now: datetime) -> int:
    """Drop the notes and mails that were over long ago; what is not done stays, however old. Returns how many notes."""
    old = now - timedelta(days=KEPT_DAYS)
    over = [MailState.TAKEN, MailState.DROPPED, MailState.CLOSED]
    told = delete(Mail).where(Mail.until_at < old, Mail.state.in_(over))
    db.session.execute(told.execution_options(synchronize_session=False))
    gone = delete(Note).where(Note.deliver_at < old, Note.ended_at < old)
    return int(db.session.execute(gone.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
