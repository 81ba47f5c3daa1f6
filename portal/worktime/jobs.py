"""What the clock does for the calendar."""

from datetime import datetime

from portal.worktime import services


def keep(*, now: datetime) -> int:
    """Bring official years that are known and foresee those ahead."""
    return services.keep(now=now)


def sweep_sheets(*, now: datetime) -> int:
    """Wipe uploaded calendars that have waited for a day."""
    return services.sweep_sheets(now=now)
