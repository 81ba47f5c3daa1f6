"""Which years the desk asks for, from when on a year is reached, and the weekly turns of asking."""

from datetime import date, datetime, time, timedelta

from portal.ground.clock import SHANGHAI
from portal.ground.workdays import Workdays
from portal.worktime.terms.calendars import ASKED_FROM


def asked_years(today: date, workdays: Workdays) -> list[int]:
    """Return the years whose calendar the desk asks for: this one, and from 1 November on the next."""
    wanted = [today.year, today.year + 1] if (today.month, today.day) >= ASKED_FROM else [today.year]
    return [year for year in wanted if not workdays.covers(year)]


def reached_from(year: int, workdays: Workdays, *, days: int) -> date | None:
    """Return the first start whose limit of so many working days reaches into a year: a general case of 2026-12-23 is
    the first to need 2027 (rules 4). None when the year before is not published either."""
    return workdays.before(date(year, 1, 1), days) if workdays.covers(year - 1) else None


def turns(year: int, since: datetime, now: datetime) -> list[tuple[str, datetime]]:
    """Return the weekly turns of asking for a year that came in (since, now]: each Monday, and 1 November itself."""
    first = date(year - 1, *ASKED_FROM)
    day = max(first, since.date())
    found = []
    while day <= now.date():
        at = datetime.combine(day, time(), SHANGHAI)
        if (day == first or day.weekday() == 0) and since < at <= now:
            week = day.isocalendar()
            found.append((f"{week.year}-W{week.week:02}", at))
        day += timedelta(days=1)
    return found
