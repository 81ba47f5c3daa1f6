"""Tables of the calendar: versions of years, their days, and sheets that wait. Nothing is overwritten."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Labelled, Moment, db
from portal.ground.sheets.waiting import WaitingRow
from portal.worktime.terms import CalendarState


class Calendar(db.Model):
    """A version of one year's calendar; the highest edition of a year is in force.

    `number` is the calendar version of the whole office, which results keep. Two who make the same calendar make the
    same edition: the later one is told.
    """

    __tablename__ = "worktime_calendars"
    __table_args__ = (UniqueConstraint("year", "edition"),)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    year: Mapped[int]
    edition: Mapped[int]
    state: Mapped[CalendarState] = mapped_column(Labelled(CalendarState))
    source: Mapped[str] = mapped_column(String(60))  # the State Council paper's number
    reason: Mapped[str] = mapped_column(String(60), default="")
    workdays: Mapped[int]  # how many days of the year work
    changed: Mapped[int]  # how many days differ from the edition before
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(64))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))


class CalendarDay(db.Model):
    """A day of a version of a year: works or rests, and the feast that it belongs to."""

    __tablename__ = "worktime_days"
    number: Mapped[int] = mapped_column(ForeignKey("worktime_calendars.number"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    works: Mapped[bool]
    name: Mapped[str] = mapped_column(String(12), default="")


class WaitingSheet(WaitingRow, db.Model):
    """An uploaded calendar between preview and import: sealed at rest, wiped when imported or a day old."""

    __tablename__ = "worktime_sheets"
    person_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))
    year: Mapped[int | None]
