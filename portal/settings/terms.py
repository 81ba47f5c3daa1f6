"""Words of settings: a value and the days on which it is good, the plan's phases."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any, NamedTuple

#: The plan's three phases (R5, R13, R14): keys of the name and of the first day; each ends where the next begins.
PHASES = (
    ("plan.phase_1_name", "plan.phase_1_from"),
    ("plan.phase_2_name", "plan.phase_2_from"),
    ("plan.phase_3_name", "plan.phase_3_from"),
)


class Version(NamedTuple):
    """A value that was set: the version counts per key from 1 on, 0 is the default that the portal ships."""

    number: int
    from_on: date
    value: Any


class Phase(NamedTuple):
    """Where the campaign stands on a day: `number` 1 to 3, `day_number` counts from 1 on the phase's first day."""

    name: str
    number: int
    begins_on: date
    day_number: int

    @property
    def words(self) -> str:
        """常态整治阶段第 56 天"""
        return f"{self.name}第 {self.day_number} 天"


def on_day(versions: Sequence[Version], on: date) -> Version | None:
    """Return the version that is good on a day: the latest `from_on` that has come, of these the highest number."""
    return max((one for one in versions if one.from_on <= on), key=lambda one: (one.from_on, one.number), default=None)


def phase_on(days: Sequence[tuple[str, date]], on: date) -> Phase | None:
    """Return the phase that a day belongs to, of the phases' (name, first day); None before the first began."""
    begun = [(first, number, name) for number, (name, first) in enumerate(days, 1) if first <= on]
    if not begun:
        return None
    first, number, name = max(begun)
    return Phase(name, number, first, (on - first).days + 1)


def typed(kind: str, stored: Any) -> Any:
    """Return a stored value as the kind of its setting says: times and dates are kept as ISO text."""
    if isinstance(stored, str):
        if kind == "time":
            return time.fromisoformat(stored)
        if kind == "date":
            return date.fromisoformat(stored)
    return stored
