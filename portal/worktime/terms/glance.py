"""A year at a glance: its months, its feasts, and runs of days in words."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from portal.ground.workdays import Day, Year
from portal.worktime.terms.calendars import Change


def months(days: Sequence[Day]) -> list[list[Day]]:
    """Return the days of a year month by month."""
    found: list[list[Day]] = [[] for _ in range(12)]
    for day in days:
        found[day.on.month - 1].append(day)
    return found


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
