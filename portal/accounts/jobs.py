"""What the clock does for accounts: sheets that nobody finished, old tries to log in, sessions that are over."""

from datetime import datetime

from portal.accounts import services


def sweep_sheets(*, now: datetime) -> int:
    """Wipe uploaded sheets that have waited for a day."""
    return services.sweep_sheets(now=now)


def forget(*, now: datetime) -> int:
    """Drop failures that shut no door any more, ended sessions, and lines of the log of logins past their time."""
    return services.forget(now=now)
