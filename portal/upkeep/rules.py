"""Which copies stay (rules 6, Backup): the newest of each of thirty days, the oldest of each of twelve months."""

from collections.abc import Sequence
from datetime import datetime

from portal.upkeep.terms import DAILY, MONTHLY


def kept(made: Sequence[datetime], *, daily: int = DAILY, monthly: int = MONTHLY) -> set[datetime]:
    """Return the instants of the copies that stay: the newest always among them."""
    by_day = {at.date(): at for at in sorted(made)}
    by_month: dict[tuple[int, int], datetime] = {}
    for at in sorted(made):
        by_month.setdefault((at.year, at.month), at)
    days = [by_day[day] for day in sorted(by_day)[-daily:]]
    months = [by_month[month] for month in sorted(by_month)[-monthly:]]
    return {*days, *months}
