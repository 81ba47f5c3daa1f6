"""Limits (R9, R10, R11; rules 10): when they end, from when on they are near, and all of it from what is handed in.

Day 0, on which a matter is handed over, never counts, signed for or not. A limit ends at the end of office hours of its
last day. Each function is pure: the same start, numbers and calendar give the same limit (I4).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.ground.clock import SHANGHAI
from portal.ground.labels import Label
from portal.ground.workdays.calendar import ONE, Track, Workdays, YearNotPublished


class Lamp(Label):
    """How a limit that runs stands; words of the kit's lamps."""

    FINE = "fine", "没到期"
    SOON = "soon", "快到期"
    LATE = "late", "已超期"


@dataclass(frozen=True)
class Ends:
    """How limits end (rules 10): the end of office hours, None for midnight; a limit of `soon_least` working days and
    more is near in its last `soon_days` working days, a shorter one on its last day."""

    at: time | None = time(18)
    soon_days: int = 2
    soon_least: int = 5

    def of(self, day: date) -> datetime:
        """Return the instant at which a limit is over that ends on a day; itself no longer within."""
        if self.at is None:
            return midnight(day + ONE)
        return datetime.combine(day, self.at, SHANGHAI)


@dataclass(frozen=True)
class Deadline:
    """A limit: it runs from `started_at` until `until_at` (exclusive), is near from `soon_at` on, and `track` says why.

    `beside` is the other way of counting, where two were compared. A limit in minutes has no track.
    """

    started_at: datetime
    until_at: datetime
    soon_at: datetime
    due_on: date
    version: int
    track: Track | None = None
    beside: Track | None = None

    @property
    def provisional(self) -> bool:
        """Whether it must be reckoned again when a calendar is published: 待节假日安排公布后重算."""
        return any(track.provisional for track in (self.track, self.beside) if track)

    def lamp(self, now: datetime) -> Lamp:
        """Return how the limit stands while its matter is open."""
        if now >= self.until_at:
            return Lamp.LATE
        return Lamp.SOON if now >= self.soon_at else Lamp.FINE


def midnight(day: date) -> datetime:
    """Return the first instant of a day."""
    return datetime.combine(day, time(), SHANGHAI)


def in_workdays(started_at: datetime, days: int, workdays: Workdays, ends: Ends) -> Deadline:
    """A limit of so many working days."""
    return _ending(started_at, workdays.after(_day(started_at), days), None, workdays, ends)


def in_calendar_days(started_at: datetime, days: int, workdays: Workdays, ends: Ends) -> Deadline:
    """A limit of so many days of any kind; an end on a day off rolls to the next working day."""
    return _ending(started_at, workdays.calendar_days(_day(started_at), days), None, workdays, ends)


def general(started_at: datetime, workdays: Workdays, ends: Ends, *, days: int = 7) -> Deadline:
    """一般事项: seven working days (R10)."""
    return in_workdays(started_at, days, workdays, ends)


def complicated(started_at: datetime, workdays: Workdays, ends: Ends, *, days: int = 15, least: int = 7) -> Deadline:
    """复杂事项: fifteen days, rolled off a day off, and never before the `least` working days of a general one (R10,
    rules 0 ambiguity 1; WD-8). `least` 0 takes the fifteen days alone."""
    by_days = workdays.calendar_days(_day(started_at), days)
    if not least:
        return _ending(started_at, by_days, None, workdays, ends)
    by_workdays = workdays.after(_day(started_at), least)
    rules = (by_days, by_workdays) if by_days.due_on >= by_workdays.due_on else (by_workdays, by_days)
    return _ending(started_at, *rules, workdays, ends)


def feedback(started_at: datetime, workdays: Workdays, ends: Ends, *, days: int = 2) -> Deadline:
    """反馈结果: two working days after a matter is done (R11)."""
    return in_workdays(started_at, days, workdays, ends)


def county(started_at: datetime, workdays: Workdays, ends: Ends, *, days: int = 1) -> Deadline:
    """反馈县级: one day, of any kind, rolled off a day off (R9)."""
    return in_calendar_days(started_at, days, workdays, ends)


def in_minutes(started_at: datetime, minutes: int, version: int) -> Deadline:
    """A limit in minutes, near in its second half: no calendar, no office hours."""
    until_at = started_at + timedelta(minutes=minutes)
    return Deadline(started_at, until_at, started_at + timedelta(minutes=minutes) / 2, _day(until_at), version)


def urgent(started_at: datetime, version: int, *, hours: int = 2) -> Deadline:
    """紧急事项: somebody answers within two hours (R10, rules 0 ambiguity 3)."""
    return in_minutes(started_at, hours * 60, version)


def same_day(started_at: datetime, version: int, *, hours: int = 2) -> Deadline:
    """紧急事项: somebody is there before the day is over, office hours or not, and not before the answer is due."""
    until_at = max(midnight(_day(started_at) + ONE), started_at + timedelta(hours=hours))
    soon_at = started_at + (until_at - started_at) / 2
    return Deadline(started_at, until_at, soon_at, _day(until_at - timedelta(microseconds=1)), version)


def foreseen(workdays: Workdays, limit: Callable[[Workdays], Deadline]) -> Deadline:
    """Reckon a limit; where it reaches into a year that is not published, with the days that are foreseen for it."""
    try:
        return limit(workdays)
    except YearNotPublished:
        return limit(workdays.foreseen)


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _ending(started_at: datetime, track: Track, beside: Track | None, workdays: Workdays, ends: Ends) -> Deadline:
    soon_on = track.due_on
    if _counted(track, workdays) >= ends.soon_least:
        soon_on = workdays.before(track.due_on, ends.soon_days - 1)
    soon_at = midnight(max(soon_on, _day(started_at) + ONE))  # nothing is near at birth
    until_at = ends.of(track.due_on)
    return Deadline(started_at, until_at, soon_at, track.due_on, workdays.version, track, beside)


def _counted(track: Track, workdays: Workdays) -> int:
    return track.days if track.working else sum(step.day.works for step in track.steps[1:])
