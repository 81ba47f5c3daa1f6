"""What the clock does with reminders: the tick each minute, and dropping what was over long ago."""

from datetime import datetime

from portal.ground.db import db
from portal.reminders import services


def tick(*, now: datetime) -> int:
    """Write what became owed; each piece of it commits by itself, so that a long list does not hold up the office."""
    written = 0
    for count in services.tick(now=now):
        db.session.commit()
        written += count
    return written


def purge(*, now: datetime) -> int:
    """Drop old notes."""
    return services.purge(now=now)
