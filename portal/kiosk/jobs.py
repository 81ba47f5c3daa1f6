"""What the clock does for the kiosk: journeys that fell silent, drafts that are a day old."""

from datetime import datetime

from portal.kiosk import services


def purge(*, now: datetime) -> int:
    """End silent journeys and drop drafts; return how many rows."""
    return services.purge(now=now)
