"""Decisions about calendars: what a year still lacks, what a day may not be."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import date, timedelta

from portal.ground.workdays.calendar import FIXED_FEASTS, Day


def days_of(year: int) -> list[date]:
    """Return every day of a year."""
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def gaps(year: int, days: Collection[date]) -> list[str]:
    """Return what a year lacks, by name: whole months first, then days, a month a sentence."""
    said = []
    months: dict[int, list[date]] = {}
    for day in days_of(year):
        months.setdefault(day.month, []).append(day)
    given = set(days)
    missing = {month: [day for day in every if day not in given] for month, every in months.items()}
    whole = [month for month, lacking in missing.items() if len(lacking) == len(months[month])]
    if whole:
        named = "、".join(f"{month}月" for month in whole)
        said.append(f"缺 {year}年{named}，一天也没有；一年要写全，从1月1日到12月31日")
    for month, lacking in missing.items():
        if lacking and month not in whole:
            named = "、".join(f"{month}月{day.day}日" for day in lacking[:6])
            said.append(f"{year}年{month}月少 {len(lacking)} 天：{named}{' 等' if len(lacking) > 6 else ''}")
    return said


def day_fault(day: Day) -> str | None:
    """Return why a day cannot be that, None when it can: a statutory day that works, a weekday off without a name."""
    feast = FIXED_FEASTS.get((day.on.month, day.on.day))
    if day.works and feast:
        return f"{day.on.month}月{day.on.day}日是{feast}，法定节假日不上班"
    if not day.works and day.on.weekday() < 5 and not day.name:
        return "平日休息，要写明是什么假"
    return None


def digest(days: Iterable[Day]) -> str:
    """Return a digest of the days of a year."""
    text = "\n".join(f"{day.on:%Y-%m-%d} {day.works:d} {day.name}" for day in days)
    return hashlib.sha256(text.encode()).hexdigest()
