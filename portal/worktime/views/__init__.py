"""Doors of the calendar: a year, a day, why a limit ends when it does, versions, sheets."""

from portal.worktime.views import pages, sheets
from portal.worktime.views.room import room

__all__ = ["pages", "room", "sheets"]
