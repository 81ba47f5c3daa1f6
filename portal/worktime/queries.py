"""Reading calendars: the one in force as a value, limits reckoned with it, versions and what they changed.

The value is kept by the process: inside a request it costs no query (`ground.marks`), elsewhere one light one that
says which versions are in force. Days are read once per version, since a version never changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple, cast

from flask import current_app
from sqlalchemy import Select, bindparam, select

from portal.ground import marks
from portal.ground.actor import Actor
from portal.ground.clock import SHANGHAI
from portal.ground.db import rows
from portal.ground.workdays import Day, Deadline, Ends, Workdays, Year, foreseen, in_workdays
from portal.settings import queries as settings
from portal.worktime.models import Calendar, CalendarDay, WaitingSheet
from portal.worktime.terms import (
    COMPLEX_LEAST,
    ENDS,
    NUMBERS,
    CalendarState,
    Change,
    Feast,
    Head,
    Limit,
    LimitKind,
    Month,
    Why,
    asked_years,
    changes,
    day_end,
    feasts,
    months,
    reached_from,
)


@cache
def _heads() -> Select[*tuple[Any, ...]]:
    columns = (Calendar.number, Calendar.year, Calendar.edition, Calendar.state, Calendar.source, Calendar.digest)
    return select(*columns, Calendar.made_by_id.is_(None)).order_by(Calendar.number)


@cache
def _days() -> Select[*tuple[Any, ...]]:
    columns = (CalendarDay.number, CalendarDay.day, CalendarDay.works, CalendarDay.name)
    return select(*columns).where(CalendarDay.number.in_(bindparam("numbers", expanding=True)))


class Shelf(NamedTuple):
    """Every version without its days, and the calendar in force."""

    heads: Sequence[Head]
    workdays: Workdays


def shelf() -> Shelf:
    """Return what stands; read once, until somebody makes a calendar."""
    return marks.kept("worktime", _shelf)


def _shelf() -> Shelf:
    heads = [Head(*row) for row in rows(_heads())]
    return Shelf(heads, _workdays(heads))


def _workdays(heads: Sequence[Head]) -> Workdays:
    standing = {head.year: head for head in heads}  # in the order of numbers: the last of a year stands
    return Workdays(_years(standing.values()), max((head.number for head in heads), default=0))


def _years(heads: Iterable[Head]) -> list[Year]:
    """The years of versions, from the process's store where it knows them. The digest tells a number that was rolled
    back from the one that took its place."""
    store = cast(dict[tuple[int, str], Year], current_app.extensions.setdefault("worktime years", {}))
    heads = list(heads)
    missing = [head for head in heads if (head.number, head.digest) not in store]
    if missing:
        days: dict[int, list[tuple[date, bool, str]]] = {head.number: [] for head in missing}
        for number, *day in rows(_days(), {"numbers": list(days)}):
            days[number].append((day[0], day[1], day[2]))
        for head in missing:
            year = Year(head.year, days[head.number], published=head.published, source=head.source)
            store[head.number, head.digest] = year
    return [store[head.number, head.digest] for head in heads]


def workdays(*, version: int | None = None) -> Workdays:
    """Return the calendar in force, or as it stood at an earlier version; `.foreseen` counts provisional years too."""
    found = shelf()
    if version is None or version >= found.workdays.version:
        return found.workdays
    return _workdays([head for head in found.heads if head.number <= version])


def version() -> int:
    """Return the version of the calendar in force: what is kept beside every date that was reckoned with it."""
    return shelf().workdays.version


def in_force() -> Mapping[int, Head]:
    """Return the version in force of each year."""
    return {head.year: head for head in shelf().heads}


def head(number: int) -> Head | None:
    """Return a version by its number."""
    return next((one for one in shelf().heads if one.number == number), None)


def year_of(number: int) -> Year:
    """Return the year of a version, with its days. KeyError when there is no such version."""
    found = head(number)
    if found is None:
        raise KeyError(number)
    return _years([found])[0]


def before(found: Head) -> Head | None:
    """Return the edition of the same year that a version took the place of."""
    earlier = [one for one in shelf().heads if one.year == found.year and one.edition == found.edition - 1]
    return earlier[0] if earlier else None


def published(year: int) -> bool:
    """Tell whether the calendar of a year is official."""
    return shelf().workdays.covers(year)


class Missing(NamedTuple):
    """A year whose calendar is asked for: from `reached_on` on general matters need it, until then it is in time."""

    year: int
    reached_on: date | None
    until_at: datetime


def missing(now: datetime) -> list[Missing]:
    """Return the years whose calendar the desk asks for: this one, and from 1 November on the next."""
    calendar, found = workdays(), []
    for year in asked_years(now.date(), calendar):
        days = limit(LimitKind.GENERAL, on=now.date()).number
        reached = reached_from(year, calendar, days=days)
        until = datetime.combine(reached or date(year, 1, 1), time(), SHANGHAI)
        found.append(Missing(year, reached, until))
    return found


# ---- limits


def ends(on: date) -> Ends:
    """Return how limits end that begin on a day (rules 10)."""
    at, soon_days, soon_least = settings.values(ENDS, on=on)
    return Ends(day_end(at), soon_days, soon_least)


def limit(kind: LimitKind, *, on: date) -> Limit:
    """Return a limit with the office's numbers of a day."""
    keys = (*NUMBERS[kind], *ENDS)
    given = dict(zip(keys, settings.values(keys, on=on), strict=True))
    number, *floor = (given[key] for key in NUMBERS[kind])
    least = floor[1] if floor and given[COMPLEX_LEAST] == "general" else 0
    at, soon_days, soon_least = (given[key] for key in ENDS)
    return Limit(kind, number, Ends(day_end(at), soon_days, soon_least), settings.stamp(keys, on=on), least)


def deadline(kind: LimitKind, started_at: datetime) -> Deadline:
    """Return when a matter's limit ends that began at an instant: with the numbers of that day and the calendar in
    force, provisional where it reaches into a year that is not published."""
    return limit(kind, on=started_at.date()).of(started_at, workdays())


def workdays_limit(started_at: datetime, days: int) -> Deadline:
    """Return the same for a number of working days of a room's own."""
    how = ends(started_at.date())
    return foreseen(workdays(), lambda calendar: in_workdays(started_at, days, calendar, how))


def begun_too_early(days: int, *, now: datetime) -> datetime:
    """Return the instant from which on a limit of so many working days can have begun and still run; whatever began
    before it is overdue. For counting: one comparison instead of a limit for each row."""
    calendar, today = workdays().foreseen, now.date()
    last = calendar.previous_workday(today if ends(today).of(today) < now else today - timedelta(days=1))
    return datetime.combine(calendar.before(last, days - 1), time(), SHANGHAI)


def explained(kind: LimitKind, started_at: datetime) -> Why:
    """Return a limit with why it ends when it does; beside a general one stand the days of a complicated one."""
    found = limit(kind, on=started_at.date())
    why = Why(found, found.of(started_at, workdays()))
    if kind is not LimitKind.GENERAL:
        return why
    other = deadline(LimitKind.COMPLEX, started_at)
    track = next((one for one in (other.track, other.beside) if one and not one.working), None)
    if track is None:
        return why
    last = f"{track.counted_to.month}月{track.counted_to.day}日"
    words, note = f"如果是复杂事项：{track.days} 天，到 {last}", "比一般事项还早，所以顺延到同一天"
    return replace(why, beside=track, beside_words=words, beside_note=note)


# ---- versions, and sheets that wait


class Version(NamedTuple):
    """A line of the history of calendars."""

    number: int
    year: int
    edition: int
    state: CalendarState
    source: str
    reason: str
    workdays: int
    changed: int
    made_at: datetime
    made_by: str


@cache
def _versions() -> Select[*tuple[Any, ...]]:
    columns = [getattr(Calendar, name) for name in Version._fields]
    return select(*columns).order_by(Calendar.number.desc())


@cache
def _versions_of() -> Select[*tuple[Any, ...]]:
    return _versions().where(Calendar.year == bindparam("year"))


def versions(year: int | None = None) -> list[Version]:
    """Return the history, the newest first, of one year or of all."""
    found = rows(_versions()) if year is None else rows(_versions_of(), {"year": year})
    return [Version(*row) for row in found]


class Glance(NamedTuple):
    """A year at a glance: its version in force, its months and its feasts."""

    head: Version
    year: Year
    months: list[Month]
    feasts: list[Feast]
    editions: int


def glance(year: int) -> Glance | None:
    """Return a year at a glance; None where no calendar of it stands."""
    found = versions(year)
    if not found:
        return None
    whole = year_of(found[0].number)
    store = cast(dict[int, tuple[Year, list[Month], list[Feast]]], current_app.extensions.setdefault("glances", {}))
    kept = store.get(year)
    if kept is None or kept[0] is not whole:
        kept = store[year] = (whole, months(whole.days()), feasts(whole.days()))
    return Glance(found[0], *kept, len(found))


def differences(found: Head) -> list[Change]:
    """Return the days on which a version differs from the edition before it; none for the first one of a year."""
    earlier = before(found)
    return changes(year_of(earlier.number), year_of(found.number).days()) if earlier else []


class DayLine(NamedTuple):
    """What a version made of a day."""

    version: Version
    day: Day


def day_history(on: date) -> list[DayLine]:
    """Return what a day was in the versions that changed it, the newest first."""
    lines: list[DayLine] = []
    for one in reversed(versions(on.year)):
        day = year_of(one.number).day(on)
        if not lines or lines[-1].day != day or lines[-1].version.state is not one.state:
            lines.append(DayLine(one, day))
    return lines[::-1]


def waiting_sheet(actor: Actor, number: int) -> Select[WaitingSheet]:
    """A person's own uploaded sheet."""
    return select(WaitingSheet).where(WaitingSheet.id == number, WaitingSheet.person_id == actor.id)
