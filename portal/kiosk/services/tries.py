"""Wrong codes are throttled, on each device and on all together; counted in the database, for all workers."""

from datetime import datetime

from portal.ground import throttle
from portal.kiosk.terms import TRIES, TRY_WINDOW, Throttled


def _scopes(what: str, key: object) -> tuple[tuple[str, int], tuple[str, int]]:
    here, everywhere = TRIES[what]
    return (f"kiosk.{what}:{key}", here), (f"kiosk.{what}", everywhere)


def throttled(what: str, key: object, *, now: datetime) -> Throttled | None:
    """Return how long to wait before another code may be tried, None when one may.

    `what`: "code" and "check" on a device (`key`: its id), "enrolment" from an address.
    """
    waits = [throttle.waiting(scope, limit=limit, within=TRY_WINDOW, now=now) for scope, limit in _scopes(what, key)]
    longest = max((wait for wait in waits if wait is not None), default=None)
    return None if longest is None else Throttled(longest)


def tries_left(what: str, key: object, *, now: datetime) -> int:
    """Return how many wrong codes are still allowed here."""
    return min(
        max(0, limit - throttle.failures(scope, within=TRY_WINDOW, now=now)) for scope, limit in _scopes(what, key)
    )


def note_wrong(what: str, key: object, *, now: datetime) -> None:
    """Count a wrong code; the door calls it after it has rolled back."""
    for scope, _limit in _scopes(what, key):
        throttle.failed(scope, now=now)


def forgive(what: str, key: object) -> None:
    """A right code was typed here: what was wrong before on this device no longer counts."""
    throttle.forgive(_scopes(what, key)[0][0])
