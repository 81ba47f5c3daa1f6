"""Making calendars: publishing a year, changing a day, years that are only foreseen, sheets, dates that moved."""

from portal.worktime.services.calendars import change_day, publish
from portal.worktime.services.follow import follow
from portal.worktime.services.known import keep

__all__ = ["change_day", "follow", "keep", "publish"]
