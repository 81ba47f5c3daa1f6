"""What moved with the calendar: rows of other rooms that keep a limit are reckoned anew (WD-9)."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.workdays import Deadline, foreseen
from portal.worktime import queries
from portal.worktime.terms import Kept

K = TypeVar("K", bound=Kept)


def follow(kept: Iterable[K], *, by: Actor, now: datetime) -> list[tuple[K, Deadline]]:
    """Reckon limits anew that are behind the calendar in force; one line of the trail for every one that moved.

    A room's own duty does it: it selects its open rows whose calendar version is behind `queries.version()`, hands
    them over as `Kept`, and writes `until_at`, `provisional` and `version` of every answer back, moved or not. What
    is closed keeps the limit it was judged by.
    """
    workdays = queries.workdays()
    found = []
    for one in kept:
        if one.version >= workdays.version:
            continue
        limit = foreseen(workdays, one.again)
        if limit.until_at != one.until_at:
            record(
                "worktime.move", one.subject, by=by, now=now, version=workdays.version,
                before=one.until_at.isoformat(), after=limit.until_at.isoformat(),
            )  # fmt: skip
        found.append((one, limit))
    return found
