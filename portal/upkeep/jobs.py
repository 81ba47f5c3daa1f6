"""What the clock does for upkeep: a copy each night, a check each week, the sweep of orphans."""

from datetime import datetime

from portal.upkeep import services


def back_up(*, now: datetime) -> int:
    """Make the night's copy."""
    return services.back_up(now=now).manifest.files + 1


def verify(*, now: datetime) -> int:
    """Check the newest copy."""
    return services.verify_newest(now=now).manifest.files + 1


def sweep(*, now: datetime) -> int:
    """Remove files that no row names."""
    return services.sweep_orphans(now=now)
