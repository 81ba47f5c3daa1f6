"""What the clock does for pledges: endings that followed from ended tenures, the kept counts of the desk."""

from datetime import datetime

from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.pledges import services


def settle(*, now: datetime) -> int:
    """Write down what ended with its tenure, a few hundred a transaction; harmless to repeat."""
    total = 0
    while done := services.settle(by=SYSTEM, now=now):
        db.session.commit()
        total += done
    return total


def tally(*, now: datetime) -> int:
    """Count anew."""
    return services.tally(now=now)


def forget(*, now: datetime) -> int:
    """Empty the names of checks whose code lapsed unused."""
    return services.forget(now=now)
