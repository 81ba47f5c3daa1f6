"""Working days (rules 4, I4): the calendar as a pure value, limits that are reckoned with it, and why a day is the day.

Nothing here reads a clock, a setting or a table: `worktime` hands the calendar and the numbers in.
"""

from portal.ground.workdays.calendar import Day, DayKind, Step, Track, Workdays, Year, YearNotPublished
from portal.ground.workdays.limits import (
    Deadline,
    Ends,
    Lamp,
    complicated,
    county,
    feedback,
    foreseen,
    general,
    in_calendar_days,
    in_minutes,
    in_workdays,
    same_day,
    urgent,
)
from portal.ground.workdays.words import because, headline

__all__ = [
    "Day",
    "DayKind",
    "Deadline",
    "Ends",
    "Lamp",
    "Step",
    "Track",
    "Workdays",
    "Year",
    "YearNotPublished",
    "because",
    "complicated",
    "county",
    "feedback",
    "foreseen",
    "general",
    "headline",
    "in_calendar_days",
    "in_minutes",
    "in_workdays",
    "same_day",
    "urgent",
]
