"""What writing a note needs to know of the office: hours, working days, who sits where; read when it is first asked."""

from datetime import date, datetime
from functools import cached_property

from portal.accounts import queries as accounts
from portal.ground.declare import Whom
from portal.ground.workdays import Workdays, YearNotPublished
from portal.reminders.terms import HOURS, Hours
from portal.settings import queries as settings
from portal.worktime import queries as worktime

#: Who hears of what nobody else is there to hear: whoever can seat people.
LAST = "system_admin"


class Office:
    """The office as it is at an instant; each part costs its queries once, and none where it is not needed."""

    def __init__(self, now: datetime):
        self.now = now

    @cached_property
    def hours(self) -> Hours:
        """When people are told."""
        return Hours(*settings.values(HOURS, on=self.now.date()))

    @cached_property
    def _workdays(self) -> Workdays:
        return worktime.workdays().foreseen

    def works(self, day: date) -> bool:
        """Tell whether a day works; of a year that nobody has foreseen yet, Monday to Friday do."""
        try:
            return self._workdays.is_workday(day)
        except YearNotPublished:
            return day.weekday() < 5

    @cached_property
    def _seated(self) -> accounts.Seated:
        return accounts.seated(on=self.now.date())

    def people(self, whom: Whom) -> tuple[int, ...]:
        """Return who is reminded: nobody only in an office without 专项办 and without 系统管理员."""
        if whom.person_id is not None and self._seated.in_use(whom.person_id):
            return (whom.person_id,)
        found = self._seated.reminded(whom.role or "campaign_office", whom.area_id)
        return found or self._seated.reminded(LAST)
