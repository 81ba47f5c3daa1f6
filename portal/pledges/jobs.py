"""What the clock does for pledges: the kept counts of the desk."""

from datetime import datetime

from portal.pledges import services


def tally(*, now: datetime) -> int:
    """Count anew."""
    return services.tally(now=now)
