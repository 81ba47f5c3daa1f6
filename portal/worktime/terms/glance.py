"""A year at a glance: its months, its feasts, and runs of days in words."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from portal.ground.workdays import Day, DayKind, Year
from portal.worktime.terms.calendars import Change

#: What a day off or a make-up day bears beside its number, and what each kind is called in full.
SIGNS = {DayKind.HOLIDAY: "休", DayKind.MAKE_UP: "班"}
CALLED = {DayKind.HOLIDAY: "放假", DayKind.MAKE_UP: "调休上班", DayKind.WEEKEND: "周末", DayKind.WORKDAY: "上班"}
WEEK = "一二三四五六日"


class Cell(NamedTuple):
    """A day in the grid of its month: its sign, and what it is in words."""

    on: date
    number: int
    kind: str
    sign: str
    title: str


class Month(NamedTuple):
    """A month at a glance: blanks before its first day, its days by weeks."""

    number: int
    workdays: int
    blanks: int
    weeks: list[list[Cell]]


def months(days: Sequence[Day]) -> list[Month]:
    """Return the days of a year month by month."""
    found: list[list[Day]] = [[] for _ in range(12)]
    for day in days:
        found[day.on.month - 1].append(day)
    return [_month(number, month) for number, month in enumerate(found, 1)]


def _month(number: int, days: Sequence[Day]) -> Month:
    weeks: list[list[Cell]] = [[]]
    for day in days:
        if day.on.weekday() == 0 and weeks[-1]:
            weeks.append([])
        weeks[-1].append(_cell(day))
    return Month(number, sum(day.works for day in days), days[0].on.weekday(), weeks)


def _cell(day: Day) -> Cell:
    on, kind = day.on, day.kind
    name = f"，{day.name}" if day.name else ""
    title = f"{on.month}月{on.day}日 周{WEEK[on.weekday()]}，{CALLED[kind]}{name}"
    return Cell(on, on.day, kind.value, SIGNS.get(kind, ""), title)


class Feast(NamedTuple):
    """A feast of a year: its days off and the weekends that are worked for it."""

    name: str
    off: list[date]
    made_up: list[date]


def feasts(days: Iterable[Day]) -> list[Feast]:
    """Return the feasts of a year in their order, with their days off and their make-up days."""
    found: dict[str, Feast] = {}
    for day in days:
        if day.name:
            feast = found.setdefault(day.name, Feast(day.name, [], []))
            (feast.made_up if day.works else feast.off).append(day.on)
    return sorted(found.values(), key=lambda feast: (feast.off or feast.made_up)[0])


def span(days: Sequence[date]) -> str:
    """Return days in words, runs of them as such: 2月15日—23日, 9月20日、10月10日."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return "、".join(_run(run[0], run[-1]) for run in runs)


def _run(first: date, last: date) -> str:
    begins = f"{first.month}月{first.day}日"
    if first == last:
        return begins
    return f"{begins}—{last.day}日" if first.month == last.month else f"{begins}—{last.month}月{last.day}日"


def changes(before: Year | None, after: Iterable[Day]) -> list[Change]:
    """Return the days on which a calendar differs from the one before."""
    found = []
    for day in after:
        was = before.day(day.on) if before else None
        if was is None or (was.works, was.name) != (day.works, day.name):
            found.append(Change(day.on, (was.works, was.name) if was else None, (day.works, day.name)))
    return found
