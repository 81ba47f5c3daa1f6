"""Calendars: their states, versions of a year, what is shipped and how much a form may hold."""

from datetime import date
from typing import NamedTuple

from portal.ground.labels import Label


class CalendarState(Label):
    """Whether the days of a year are official."""

    PUBLISHED = "published", "已公布"
    PROVISIONAL = "provisional", "暂估"


class Head(NamedTuple):
    """One version of the calendar of one year, without its days; `number` is the calendar version of the whole office,
    `edition` counts per year."""

    number: int
    year: int
    edition: int
    state: CalendarState
    source: str
    digest: str
    own: bool  # made by the portal itself, from what it knows

    @property
    def published(self) -> bool:
        """Whether it is official."""
        return self.state is CalendarState.PUBLISHED


class Change(NamedTuple):
    """A day on which two versions differ: whether it worked and what it was called, before and after."""

    on: date
    before: tuple[bool, str] | None
    after: tuple[bool, str]


#: Official calendars are known from this year on (rules 4); provisional ones are made for so many years ahead.
FIRST_YEAR = 2024
YEARS_AHEAD = 3
#: From this day of a year on the calendar of the next one is asked for.
ASKED_FROM = (11, 1)
#: The State Council's papers behind the years that are shipped.
PAPERS = {2024: "国办发明电〔2023〕7号", 2025: "国办发明电〔2024〕12号", 2026: "国办发明电〔2025〕7号"}

#: A sheet of one year, with a few rows to spare for headings and notes.
IMPORT_MOST = 500
NAME_MOST, SOURCE_MOST, REASON_MOST = 12, 60, 60
STALE = "他人已先修改，请刷新"
