"""Which copies stay (rules 6, Backup): the newest of each of thirty days, the oldest of each of twelve months."""

from collections.abc import Sequence
from datetime import datetime

from portal.upkeep.terms import BROKEN_KEPT, DAILY, MONTHLY


def daily(made: Sequence[datetime], *, most: int = DAILY) -> set[datetime]:
    """Return the newest copy of each of the last days that have one."""
    by_day = {at.date(): at for at in sorted(made)}
    return {by_day[day] for day in sorted(by_day)[-most:]}


def monthly(made: Sequence[datetime], *, most: int = MONTHLY) -> set[datetime]:
    """Return the oldest copy of each of the last months that have one: it stays the same from night to night."""
    by_month: dict[tuple[int, int], datetime] = {}
    for at in sorted(made):
        by_month.setdefault((at.year, at.month), at)
    return {by_month[month] for month in sorted(by_month)[-most:]}


def kept(sound: Sequence[datetime], broken: Sequence[datetime] = ()) -> set[datetime]:
    """Return the instants of the copies that stay, the newest sound one always among them.

    A broken copy pushes no sound one out: it stays for thirty days before the newest of all, for whoever looks into it.
    """
    newest = max([*sound, *broken], default=None)
    lately = {at for at in broken if newest is not None and newest - at < BROKEN_KEPT}
    return daily(sound) | monthly(sound) | lately
