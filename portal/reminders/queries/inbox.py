"""A person's inbox: what stands in it now, how much of it is unread, and what has left it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, func, or_, select

from portal.ground.db import Moment, db, rows
from portal.reminders.models import Note
from portal.reminders.terms import BELL_MOST, SHOWN_DAYS, NoteState, Origin

_PERSON = bindparam("person_id", type_=Integer())
_NOW = bindparam("now", type_=Moment())


class Line(NamedTuple):
    """A note as lists show it."""

    id: int
    rule: str
    title: str
    second: str
    why: str
    lamp: str
    word: str
    until_at: datetime | None
    by_at: datetime
    deliver_at: datetime
    late: bool
    origin: Origin
    state: NoteState
    read_at: datetime | None
    closed_at: datetime | None
    ended_at: datetime | None
    escalated_at: datetime | None


_LINE = [getattr(Note, name) for name in Line._fields]


def standing() -> ColumnElement[bool]:
    """The condition that a note stands in the inbox now: delivered, not closed, not put off.

    In this form no engine is tempted by the index over deliveries, where all that has long been closed lies too.
    """
    return and_(Note.closed_at.is_(None), func.coalesce(Note.snoozed_until, Note.deliver_at) <= _NOW)


@cache
def _unread() -> Select[int]:
    found = select(Note.id).where(Note.person_id == _PERSON, Note.read_at.is_(None), standing())
    return select(func.count()).select_from(found.limit(BELL_MOST + 1).subquery())


def unread(person_id: int, *, now: datetime) -> int:
    """How many notes a person has not opened yet; counting stops above the bell's most. Every page asks."""
    return rows(_unread(), {"person_id": person_id, "now": now})[0][0]


@cache
def _open_count() -> Select[int]:
    return select(func.count()).where(Note.person_id == _PERSON, standing())


def open_count(person_id: int, *, now: datetime) -> int:
    """How many notes stand in a person's inbox."""
    return rows(_open_count(), {"person_id": person_id, "now": now})[0][0]


@cache
def _inbox() -> Select[*tuple[Any, ...]]:
    return (
        select(*_LINE)
        .where(Note.person_id == _PERSON, standing())
        .order_by(Note.by_at, Note.id)
        .limit(bindparam("most", type_=Integer()))
        .offset(bindparam("first", type_=Integer()))
    )


def inbox(person_id: int, *, now: datetime, first: int, most: int) -> list[Line]:
    """The inbox by limit, `most` notes from the place `first` on."""
    found = rows(_inbox(), {"person_id": person_id, "now": now, "first": first, "most": most})
    return [Line(*row) for row in found]


@cache
def _open_ids() -> Select[int]:
    return (
        select(Note.id)
        .where(Note.person_id == _PERSON, standing())
        .order_by(Note.by_at, Note.id)
        .limit(bindparam("most", type_=Integer()))
    )


def open_ids(person_id: int, *, now: datetime, most: int) -> list[int]:
    """Ids of the inbox in its order."""
    return [row[0] for row in rows(_open_ids(), {"person_id": person_id, "now": now, "most": most})]


@cache
def _group_counts() -> Select[int, int, int]:
    def up_to(name: str) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((Note.by_at <= bindparam(name, type_=Moment()), 1), else_=0)), 0)

    return select(up_to("today"), up_to("week"), func.count()).where(Note.person_id == _PERSON, standing())


def group_counts(person_id: int, *, now: datetime, today: datetime, week: datetime) -> dict[str, int]:
    """How many notes stand in each group of the inbox; `today` and `week` are the ends of the first two."""
    first, second, total = rows(_group_counts(), {"person_id": person_id, "now": now, "today": today, "week": week})[0]
    return {"today": first, "week": second - first, "later": total - second}


class Counts(NamedTuple):
    """What a digest tells: notes that came, those that others have settled, those that wait still, and of these the
    overdue ones and the ones that were passed on above."""

    came: int
    settled: int
    waiting: int
    overdue: int
    raised: int


@cache
def _digest() -> Select[int, int, int, int, int]:
    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    open_now = Note.closed_at.is_(None)
    by_others = and_(
        Note.state == NoteState.SETTLED,
        Note.acknowledged_at.is_(None),
        or_(Note.settled_by_id.is_(None), Note.settled_by_id != _PERSON),
    )
    return select(
        count(Note.state != NoteState.SUPERSEDED),
        count(by_others),
        count(open_now),
        count(and_(open_now, Note.until_at <= _NOW)),
        count(and_(open_now, Note.escalated_at.is_not(None))),
    ).where(
        Note.person_id == _PERSON,
        Note.deliver_at > bindparam("since", type_=Moment()),
        Note.deliver_at <= bindparam("until", type_=Moment()),
    )


def digest(person_id: int, *, since: datetime, until: datetime, now: datetime) -> Counts:
    """What came in (since, until], and what became of it by now; one query."""
    values = {"person_id": person_id, "since": since, "until": until, "now": now}
    return Counts(*rows(_digest(), values)[0])


@cache
def _came() -> Select[*tuple[Any, ...]]:
    return (
        select(*_LINE)
        .where(
            Note.person_id == _PERSON,
            Note.state != NoteState.SUPERSEDED,
            Note.deliver_at > bindparam("since", type_=Moment()),
            Note.deliver_at <= bindparam("until", type_=Moment()),
        )
        .order_by(Note.by_at, Note.id)
        .limit(bindparam("most", type_=Integer()))
        .offset(bindparam("first", type_=Integer()))
    )


def came(person_id: int, *, since: datetime, until: datetime, first: int, most: int) -> Sequence[Line]:
    """The notes that a digest of (since, until] tells of, whatever became of them; those that newer ones replaced are
    not among them, as in `digest`."""
    values = {"person_id": person_id, "since": since, "until": until, "first": first, "most": most}
    return [Line(*row) for row in rows(_came(), values)]


@cache
def _earlier() -> Select[*tuple[Any, ...]]:
    return (
        select(*_LINE)
        .where(Note.person_id == _PERSON, Note.closed_at > bindparam("since", type_=Moment()))
        .order_by(Note.closed_at.desc(), Note.id.desc())
        .limit(bindparam("most", type_=Integer()))
        .offset(bindparam("first", type_=Integer()))
    )


def earlier(person_id: int, *, now: datetime, first: int, most: int) -> list[Line]:
    """What has left the inbox in the last 90 days, the newest first."""
    since = now - timedelta(days=SHOWN_DAYS)
    found = rows(_earlier(), {"person_id": person_id, "since": since, "first": first, "most": most})
    return [Line(*row) for row in found]


@cache
def _earlier_count() -> Select[int]:
    since = bindparam("since", type_=Moment())
    return select(func.count()).where(Note.person_id == _PERSON, Note.closed_at > since)


def earlier_count(person_id: int, *, now: datetime) -> int:
    """How many notes have left the inbox in the last 90 days."""
    return rows(_earlier_count(), {"person_id": person_id, "since": now - timedelta(days=SHOWN_DAYS)})[0][0]


def note_of(person_id: int | None, note_id: int) -> Select[Note]:
    """A person's own note that was delivered or closed; anybody else's is 404."""
    return select(Note).where(Note.id == note_id, Note.person_id == person_id)


def unfinished_count(person_id: int, now: datetime) -> int:
    """How many things a person was reminded of and that are not done yet, acknowledged or not, delivered or not."""
    found = select(func.count()).where(Note.person_id == person_id, Note.ended_at.is_(None))
    return db.session.scalar(found) or 0
