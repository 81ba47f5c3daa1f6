"""What the clock does for the shop file: sheets that nobody finished."""

from datetime import datetime

from portal.merchants import services


def sweep_sheets(*, now: datetime) -> int:
    """Wipe uploaded sheets that have waited for a day."""
    return services.sweep_sheets(now=now)
