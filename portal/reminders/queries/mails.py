"""Mails: whom there is something to tell, what goes by mail for whom, which wait to be sent or for a person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, String, and_, bindparam, case, func, or_, select

from portal.accounts.models import Person
from portal.ground.db import Moment, rows
from portal.reminders.models import Choice, Mail, Note
from portal.reminders.queries.inbox import standing
from portal.reminders.terms import STUCK, MailState

_SINCE, _NOW = bindparam("since", type_=Moment()), bindparam("now", type_=Moment())


class Came(NamedTuple):
    """Notes of one rule that came to one person at one instant, and how many."""

    at: datetime
    person_id: int
    rule: str
    new: int


@cache
def _came_by_rule() -> Select[datetime, int, str, int]:
    # In this form no engine is tempted by the inbox's index, where everything that is open lies too.
    stands = case((Note.closed_at.is_(None), 1), else_=0) == 1
    found = select(Note.deliver_at, Note.person_id, Note.rule, func.count())
    found = found.where(Note.deliver_at > _SINCE, Note.deliver_at <= _NOW, stands)
    return found.group_by(Note.deliver_at, Note.person_id, Note.rule)


def came_by_rule(*, since: datetime, now: datetime) -> list[Came]:
    """What came to people's inboxes in (since, now] and is not closed; one look-up."""
    return [Came(*row) for row in rows(_came_by_rule(), {"since": since, "now": now})]


def told_until(person_ids: Iterable[int]) -> Mapping[int, datetime]:
    """Person → the newest delivery that a mail has told of."""
    found = select(Mail.person_id, func.max(Mail.until_at)).where(Mail.person_id.in_(list(person_ids)))
    return {row[0]: row[1] for row in rows(found.group_by(Mail.person_id))}


def choices(person_ids: Iterable[int]) -> Mapping[tuple[int, str], bool]:
    """(person, rule) → whether the person wants it by mail, where they have chosen."""
    found = select(Choice.person_id, Choice.rule, Choice.wanted).where(Choice.person_id.in_(list(person_ids)))
    return {(person, rule): wanted for person, rule, wanted in rows(found)}


def standing_counts(person_ids: Iterable[int], *, now: datetime) -> Mapping[int, tuple[int, int]]:
    """Person → how many notes stand in the inbox, and how many of them are overdue."""
    overdue = func.coalesce(func.sum(case((Note.until_at <= _NOW, 1), else_=0)), 0)
    found = (
        select(Note.person_id, func.count(), overdue)
        .where(Note.person_id.in_(list(person_ids)), standing())
        .group_by(Note.person_id)
    )
    return {person: (count, late) for person, count, late in rows(found, {"now": now})}


@cache
def _due() -> Select[int, int]:
    due = and_(Mail.state == MailState.WAITING, Mail.try_at <= _NOW)
    return (
        select(Mail.id, Mail.tries).where(due).order_by(Mail.try_at, Mail.id).limit(bindparam("most", type_=Integer()))
    )


def due(now: datetime, *, most: int) -> Sequence[tuple[int, int]]:
    """Mails whose time to be tried has come: (id, tries so far)."""
    return [(row[0], row[1]) for row in rows(_due(), {"now": now, "most": most})]


class Stuck(NamedTuple):
    """A mail that waits for a person, as its list shows it."""

    id: int
    person_id: int
    person: str
    until_at: datetime
    came: int
    waiting: int
    tries: int
    answered_at: datetime
    answer: str


@cache
def _stuck() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Mail.id, Mail.person_id, Person.name, Mail.until_at, Mail.came, Mail.waiting, Mail.tries,
            Mail.answered_at, Mail.answer,
        )
        .join(Person, Person.id == Mail.person_id)
        .where(Mail.state == bindparam("state", type_=String()))
        .order_by(Mail.answered_at.desc(), Mail.id.desc())
        .limit(bindparam("most", type_=Integer()))
    )  # fmt: skip


def stuck(state: MailState, *, most: int) -> list[Stuck]:
    """The newest mails of a state that waits for a person."""
    return [Stuck(*row) for row in rows(_stuck(), {"state": state.value, "most": most})]


class Tally(NamedTuple):
    """How mails stand: for a person, unknown and refused; for the clock, how many wait and since when the oldest does;
    sent since an instant."""

    unknown: int
    refused: int
    waiting: int
    since: datetime | None
    taken: int


@cache
def _tally() -> Select[*tuple[Any, ...]]:
    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    open_ones = Mail.state.in_([MailState.WAITING, MailState.SENDING])
    today = and_(Mail.state == MailState.TAKEN, Mail.answered_at > _SINCE)
    return select(
        count(Mail.state == MailState.UNKNOWN),
        count(Mail.state == MailState.REFUSED),
        count(open_ones),
        func.min(case((open_ones, Mail.asked_at))),
        count(today),
    ).where(or_(Mail.state.in_([*STUCK, MailState.WAITING, MailState.SENDING]), today))


def tally(*, since: datetime) -> Tally:
    """How mails stand; `since` is where today's count begins."""
    return Tally(*rows(_tally(), {"since": since})[0])


@cache
def _newly_stuck() -> Select[datetime | None, int]:
    stands = and_(Mail.state.in_(STUCK), Mail.answered_at > _SINCE, Mail.answered_at <= _NOW)
    return select(func.min(Mail.answered_at), func.count()).where(stands)


def newly_stuck(*, since: datetime, now: datetime) -> tuple[datetime | None, int]:
    """When the first mail of (since, now] began to wait for a person, and how many did."""
    first, count = rows(_newly_stuck(), {"since": since, "now": now})[0]
    return first, count


def any_stuck() -> bool:
    """Tell whether a mail waits for a person."""
    return bool(rows(select(Mail.id).where(Mail.state.in_(STUCK)).limit(1)))


def mail_of(mail_id: int) -> Select[Mail]:
    """A mail by its number."""
    return select(Mail).where(Mail.id == mail_id)
