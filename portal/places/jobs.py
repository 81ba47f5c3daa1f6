"""What the clock does for places: sheets that nobody finished."""

from datetime import datetime

from portal.places import services


def sweep_sheets(*, now: datetime) -> int:
    """Wipe uploaded sheets that have waited for a day."""
    return services.sweep_sheets(now=now)
