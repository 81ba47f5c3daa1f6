"""Time: the only module of the portal that reads the wall clock.

Doors (views, jobs, commands) read the clock once and pass `now=` on; nothing else asks the time.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class SystemClock:
    """The machine's clock, in Asia/Shanghai."""

    def now(self) -> datetime:
        """Return the present instant, aware, in Asia/Shanghai."""
        return datetime.now(UTC).astimezone(SHANGHAI)


class StoppedClock:
    """A clock for tests: it stands until it is moved."""

    def __init__(self, at: datetime):
        if at.tzinfo is None:
            raise ValueError("a stopped clock needs an aware instant")
        self.at = at.astimezone(SHANGHAI)

    def now(self) -> datetime:
        """Return the instant at which the clock stands."""
        return self.at

    def tick(self, by: timedelta) -> None:
        """Move the clock by `by` (also backwards: an office server without NTP may step back)."""
        self.at += by


class FileClock:
    """A clock for tests with real processes: the instant stands in a file (ISO 8601 with zone)."""

    def __init__(self, path: Path):
        self.path = path

    def now(self) -> datetime:
        """Return the instant that the file names."""
        return datetime.fromisoformat(self.path.read_text().strip()).astimezone(SHANGHAI)


def clock_from_environment() -> SystemClock | FileClock:
    """Return the system's clock, or the file clock that `PORTAL_CLOCK_FILE` names: where `PORTAL_ENV` is `tests` only,
    so that no office, on trial or in earnest, ever lives by a file. RuntimeError says so.
    """
    path = os.environ.get("PORTAL_CLOCK_FILE")
    if not path:
        return SystemClock()
    if os.environ.get("PORTAL_ENV") != "tests":
        raise RuntimeError("PORTAL_CLOCK_FILE is for tests only: they say PORTAL_ENV=tests")
    return FileClock(Path(path))


Clock = SystemClock | StoppedClock | FileClock
