"""Calendars for tests, straight from chinese_calendar: the second opinion that everything is held against."""

from datetime import date, datetime, timedelta
from functools import cache

import chinese_calendar
from sqlalchemy import insert

from portal.ground.db import db
from portal.ground.workdays import Day, Workdays, Year
from portal.worktime.models import Calendar, CalendarDay
from portal.worktime.rules import digest
from portal.worktime.services.known import known_days
from portal.worktime.terms import PAPERS, CalendarState

ONE = timedelta(days=1)


def days_of(year: int) -> list[date]:
    """Every day of a year."""
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@cache
def works(day: date) -> bool:
    """What chinese_calendar says of a day."""
    return bool(chinese_calendar.is_workday(day))


@cache
def a_year(year: int, published: bool = True) -> Year:
    """A year as chinese_calendar knows it; beyond that, weekends and the first days of January, May and October."""
    return Year(year, [(day, *_about(day)) for day in days_of(year)], published=published, source="a paper")


def _about(day: date) -> tuple[bool, str]:
    if day.year <= 2026:
        _off, name = chinese_calendar.get_holiday_detail(day)
        return works(day), name or ""
    feast = {(1, 1): "元旦", (5, 1): "劳动节", (10, 1): "国庆节"}.get((day.month, day.day), "")
    return day.weekday() < 5 and not feast, feast


@cache
def almanac(*, foreseen: tuple[int, ...] = (2027,)) -> Workdays:
    """2024 to 2026 published, and years that are only foreseen."""
    years = [a_year(year) for year in (2024, 2025, 2026)]
    return Workdays([*years, *(a_year(year, published=False) for year in foreseen)], 1)


def counted(start: date, n: int) -> date | None:
    """The n-th working day after a start, counted on fingers by chinese_calendar; None beyond 2026."""
    day = start
    while n:
        day += ONE
        if day.year > 2026:
            return None
        n -= works(day)
    return day


def rolled(start: date, n: int) -> date | None:
    """The n-th day of any kind after a start, or the next one that works; None beyond 2026."""
    day = start + timedelta(days=n)
    while day.year < 2027 and not works(day):
        day += ONE
    return day if day.year < 2027 else None


def seat_calendars(now: datetime) -> None:
    """Put the calendars into an empty database that every test stands on: 2024 to 2026 official, 2027 to 2029 foreseen
    by a few lines of our own (the packages are asked in their own tests). Past the services: the trail stays empty."""
    for number, year in enumerate(range(2024, 2030), 1):
        published = year <= 2026
        days = known_days(year) if published else [Day(day, *_about(day)) for day in days_of(year)]
        db.session.add(
            Calendar(
                number=number, year=year, edition=1, source=PAPERS.get(year, "推算"), reason="", changed=0,
                state=CalendarState.PUBLISHED if published else CalendarState.PROVISIONAL, digest=digest(days),
                workdays=sum(day.works for day in days), made_at=now, made_by="系统",
            )
        )  # fmt: skip
        db.session.flush()
        values = [{"number": number, "day": day.on, "works": day.works, "name": day.name} for day in days]
        db.session.execute(insert(CalendarDay), values)
