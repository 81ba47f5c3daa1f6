"""The limits of the plan and of rules 4 and 10 with the office's numbers, and rows of other rooms that keep one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time

from portal.ground.labels import Label
from portal.ground.workdays import (
    Deadline,
    Ends,
    Track,
    Workdays,
    complicated,
    county,
    foreseen,
    in_minutes,
    in_workdays,
    same_day,
)


class LimitKind(Label):
    """The limits of the plan and of rules 4 and 10 that run alike for every matter."""

    GENERAL = "general", "一般事项"
    COMPLEX = "complex", "复杂事项"
    URGENT = "urgent", "紧急事项，响应"
    URGENT_SITE = "urgent_site", "紧急事项，到现场"
    ACKNOWLEDGE = "acknowledge", "签收"
    ACKNOWLEDGE_URGENT = "acknowledge_urgent", "紧急事项，签收"
    COUNTY = "county", "反馈县级"
    FEEDBACK = "feedback", "反馈结果"
    REWORK = "rework", "重办"


#: Keys of the settings that the limits are reckoned with.
DAY_END = "worktime.day_end"
SOON_DAYS = "worktime.soon_days"
SOON_LEAST = "worktime.soon_least"
GENERAL_DAYS = "worktime.general_days"
COMPLEX_DAYS = "worktime.complex_days"
COMPLEX_LEAST = "worktime.complex_least"
URGENT_HOURS = "worktime.urgent_hours"
ACKNOWLEDGE_DAYS = "worktime.acknowledge_days"
ACKNOWLEDGE_MINUTES = "worktime.acknowledge_minutes"
COUNTY_DAYS = "worktime.county_days"
FEEDBACK_DAYS = "worktime.feedback_days"
REWORK_DAYS = "worktime.rework_days"

#: What each limit needs, beside how days end.
ENDS = (DAY_END, SOON_DAYS, SOON_LEAST)
NUMBERS: dict[LimitKind, tuple[str, ...]] = {
    LimitKind.GENERAL: (GENERAL_DAYS,),
    LimitKind.COMPLEX: (COMPLEX_DAYS, COMPLEX_LEAST, GENERAL_DAYS),
    LimitKind.URGENT: (URGENT_HOURS,),
    LimitKind.URGENT_SITE: (URGENT_HOURS,),
    LimitKind.ACKNOWLEDGE: (ACKNOWLEDGE_DAYS,),
    LimitKind.ACKNOWLEDGE_URGENT: (ACKNOWLEDGE_MINUTES,),
    LimitKind.COUNTY: (COUNTY_DAYS,),
    LimitKind.FEEDBACK: (FEEDBACK_DAYS,),
    LimitKind.REWORK: (REWORK_DAYS,),
}
#: How a working day may end: office hours, or midnight (rules 10).
DAY_ENDS = (
    ("17:00", "17:00"), ("17:30", "17:30"), ("18:00", "18:00"), ("18:30", "18:30"), ("24:00", "24:00，当天结束"),
)  # fmt: skip
#: Whether a complicated matter may end before a general one (rules 0, ambiguity 1).
LEASTS = (("general", "不早于一般事项的期限"), ("none", "只按天数，休息日顺延"))

_RECKON: dict[LimitKind, Callable[["Limit", datetime, Workdays], Deadline]] = {
    LimitKind.COMPLEX: lambda one, at, days: complicated(at, days, one.ends, days=one.number, least=one.least),
    LimitKind.COUNTY: lambda one, at, days: county(at, days, one.ends, days=one.number),
    LimitKind.URGENT: lambda one, at, days: in_minutes(at, one.number * 60, days.version),
    LimitKind.URGENT_SITE: lambda one, at, days: same_day(at, days.version, hours=one.number),
    LimitKind.ACKNOWLEDGE_URGENT: lambda one, at, days: in_minutes(at, one.number, days.version),
}


def _in_workdays(one: "Limit", at: datetime, days: Workdays) -> Deadline:
    return in_workdays(at, one.number, days, one.ends)


@dataclass(frozen=True)
class Limit:
    """A limit with the office's numbers of a day; `stamp` names their versions, and a result keeps it.

    `number` is in working days, days, hours or minutes, as the kind says; `least` are the working days that a
    complicated matter has at least, 0 for none.
    """

    kind: LimitKind
    number: int
    ends: Ends
    stamp: Mapping[str, int]
    least: int = 0

    def of(self, started_at: datetime, workdays: Workdays) -> Deadline:
        """Reckon it: a pure function of the start, these numbers and that calendar (I4), provisional where it must."""
        reckon = _RECKON.get(self.kind, _in_workdays)
        return foreseen(workdays, lambda days: reckon(self, started_at, days))

    @property
    def words(self) -> str:
        """7 个工作日, 15 天, 2 小时"""
        return f"{self.number} {UNITS.get(self.kind, '个工作日')}"


#: What a limit's number counts, where it is not working days.
UNITS: dict[LimitKind, str] = {
    LimitKind.COMPLEX: "天",
    LimitKind.COUNTY: "天",
    LimitKind.URGENT: "小时",
    LimitKind.URGENT_SITE: "小时内响应，当天到现场",
    LimitKind.ACKNOWLEDGE_URGENT: "分钟",
}


def day_end(text: str) -> time | None:
    """Return how a setting says that days end: 18:00 as a time, 24:00 as None."""
    return None if text == "24:00" else time.fromisoformat(text)


@dataclass(frozen=True)
class Kept:
    """A limit that a room keeps in a row: `again` reckons it anew, `version` is the calendar that it was reckoned with.

    `subject` names the row to the trail (`case:17`).
    """

    subject: str
    until_at: datetime
    version: int
    again: Callable[[Workdays], Deadline]


@dataclass(frozen=True)
class Why:
    """A limit that is explained: beside a general one the days of a complicated one, where they may be drawn."""

    limit: Limit
    deadline: Deadline
    beside: Track | None = None
    beside_words: str = ""
    beside_note: str = ""
