"""What the clock does for upkeep: a copy each night, a check each week, a drill each month, the sweep of orphans."""

from datetime import datetime

from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.upkeep import services


def back_up(*, now: datetime) -> int:
    """Make the night's copy."""
    return services.back_up(now=now).manifest.files + 1


def verify(*, now: datetime) -> int:
    """Check every copy, here and in the second place."""
    return services.verify_all(now=now)


def drill(*, now: datetime) -> int:
    """Bring the newest copy back on trial. The record stands, whatever was found; a drill that fails is an error."""
    found = services.drill_newest(by=SYSTEM, now=now)
    db.session.commit()
    services.insist(found)
    return len(found.lines)


def sweep(*, now: datetime) -> int:
    """Remove files that no row names."""
    return services.sweep_orphans(now=now)
