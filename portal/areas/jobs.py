"""What the clock does for the tree: sheets that nobody finished."""

from datetime import datetime

from portal.areas import services


def sweep_sheets(*, now: datetime) -> int:
    """Wipe uploaded sheets that have waited for a day."""
    return services.sweep_sheets(now=now)
