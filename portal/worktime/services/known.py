"""Years that need nobody: official ones that chinese_calendar ships, and those ahead that can only be foreseen.

Both libraries are loaded here alone and only where a year is missing, so that web workers never carry them.
"""

import importlib
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from portal.ground.actor import SYSTEM
from portal.ground.workdays import Day
from portal.worktime import queries, rules
from portal.worktime.services.calendars import publish
from portal.worktime.terms import FIRST_YEAR, PAPERS, YEARS_AHEAD, CalendarState, Head

#: Feasts as the State Council's papers call them, by chinese_calendar's names.
FEASTS = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节", "农历除夕": "春节"}


def keep(*, now: datetime) -> int:
    """Publish official years that are known, and foresee years that are not published; returns how many were made.

    What the office has made itself is never touched.
    """
    standing = queries.in_force()
    made = sum(_take(year, standing.get(year), now=now) for year in known_years())
    standing = queries.in_force()
    for year in range(now.year, now.year + YEARS_AHEAD + 1):
        if year not in standing:
            publish(
                year, foreseen_days(year), state=CalendarState.PROVISIONAL, source="周末和法定节日推算", seen=0,
                by=SYSTEM, now=now,
            )  # fmt: skip
            made += 1
    return made


def _take(year: int, head: Head | None, *, now: datetime) -> int:
    """Bring an official year that is not there yet, or that a newer chinese_calendar knows better than we did."""
    days = known_days(year)
    if head and head.published and (not head.own or head.digest == rules.digest(days)):
        return 0
    source = PAPERS.get(year, f"国务院办公厅关于{year}年部分节假日安排的通知")
    publish(year, days, source=source, seen=head.edition if head else 0, by=SYSTEM, now=now)
    return 1


def known_years() -> Sequence[int]:
    """Return the years whose official days chinese_calendar ships, from `FIRST_YEAR` on."""
    constants = importlib.import_module("chinese_calendar.constants")
    last = max(max(constants.holidays), max(constants.workdays)).year
    return range(FIRST_YEAR, last + 1)


def known_days(year: int) -> list[Day]:
    """Return the official days of a year that chinese_calendar ships."""
    constants = importlib.import_module("chinese_calendar.constants")
    return [_known(day, constants) for day in rules.days_of(year)]


def _known(day: date, constants: Any) -> Day:
    feast = constants.holidays.get(day) or constants.workdays.get(day)
    works = day not in constants.holidays and (day.weekday() < 5 or day in constants.workdays)
    return Day(day, works, _named(constants.Holiday(feast).chinese) if feast else "")


def foreseen_days(year: int) -> list[Day]:
    """Return what can be foreseen of a year: weekends, and the statutory days that the `holidays` package reckons."""
    holidays: Any = importlib.import_module("holidays")
    feasts = holidays.country_holidays("CN", years=[year], language="zh_CN")
    days = []
    for day in rules.days_of(year):
        name = _named(feasts.get(day) or "")
        days.append(Day(day, day.weekday() < 5 and not name, name))
    return days


def _named(name: str) -> str:
    """春节（补假） → 春节, 中秋节; 国庆节 → 中秋节"""
    plain = re.split(r"[;；（(]", name)[0].strip()
    return FEASTS.get(plain, plain)
