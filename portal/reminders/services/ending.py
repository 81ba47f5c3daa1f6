"""What ends notes: the thing is done (`settle`), a newer turn takes their place (`supersede`), their years are over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, delete, exists, func, literal, or_, select, update
from sqlalchemy.orm import aliased

from portal.ground.actor import Actor
from portal.ground.db import Moment, db
from portal.reminders.models import Mail, Note
from portal.reminders.terms import KEPT_DAYS, MailState, NoteState, Origin


def _ended(now: datetime, state: NoteState, **more: Any) -> Update:
    """The statement that ends notes which have not ended; what has left the inbox before keeps its hour."""
    closed = func.coalesce(Note.closed_at, literal(now, Moment()))
    return (
        update(Note)
        .where(Note.ended_at.is_(None))
        .values(state=state, ended_at=now, closed_at=closed, escalate_at=None, **more)
        .execution_options(synchronize_session=False)
    )


def settle(*, subject: str | Sequence[str], now: datetime, by: Actor | None = None, rule: str = "") -> int:
    """The thing is done: end every open note about a subject (or several), whoever has it; returns how many.

    Called by the room above in the transaction that does the thing. `by` is whoever did it, where it was a person;
    `rule` narrows it to one rule. A note that is being passed on at the same instant is caught by looking once more.
    """
    subjects = [subject] if isinstance(subject, str) else list(subject)
    person = by.id if by is not None and by.kind == "person" else None
    ended = _ended(now, NoteState.SETTLED, settled_by_id=person).where(Note.subject.in_(subjects))
    if rule:
        ended = ended.where(Note.rule == rule)
    total = changed = db.session.execute(ended).rowcount if subjects else 0  # type: ignore[attr-defined]
    while changed:
        changed = db.session.execute(ended).rowcount  # type: ignore[attr-defined]
        total += changed
    return int(total)


def supersede(rule: str, subjects: Sequence[str], *, now: datetime) -> int:
    """End the notes of a rule about these subjects that a newer turn has taken the place of; returns how many.

    What was raised to somebody above stays with them until a newer turn comes to them too.
    """
    newer = aliased(Note)
    replaced = exists().where(
        newer.rule == Note.rule,
        newer.subject == Note.subject,
        newer.channel == Note.channel,
        newer.owed_at > Note.owed_at,
        newer.ended_at.is_(None),  # one that was done with belongs to a thing that is over
        or_(Note.origin != Origin.RAISED, newer.person_id == Note.person_id),
    )
    ended = _ended(now, NoteState.SUPERSEDED).where(Note.rule == rule, Note.subject.in_(subjects), replaced)
    return int(db.session.execute(ended).rowcount)  # type: ignore[attr-defined]


def inherit(rule: str, subjects: Sequence[str]) -> None:
    """Let the newest notes about these subjects be passed on when the ones that they replace would have been: it is
    the thing that nobody has settled for so long, not the last word about it. Before `supersede`."""
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
    sooner = update(Note).where(Note.rule == rule, Note.subject.in_(subjects), Note.ended_at.is_(None))
    sooner = sooner.where(Note.escalate_at.is_not(None), exists().where(*replaced)).values(escalate_at=first)
    db.session.execute(sooner.execution_options(synchronize_session=False))


def purge(*, now: datetime) -> int:
    """Drop the notes and mails that were over long ago; what is not done stays, however old. Returns how many notes."""
    old = now - timedelta(days=KEPT_DAYS)
    over = [MailState.TAKEN, MailState.DROPPED, MailState.CLOSED]
    told = delete(Mail).where(Mail.until_at < old, Mail.state.in_(over))
    db.session.execute(told.execution_options(synchronize_session=False))
    gone = delete(Note).where(Note.deliver_at < old, Note.ended_at < old)
    return int(db.session.execute(gone.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
