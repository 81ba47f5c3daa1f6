"""What the clock does for the calendar."""

from datetime import datetime

from portal.worktime import services


def keep(*, now: datetime) -> int:
    """Bring official years that are known and foresee those ahead."""
    return services.keep(now=now)
