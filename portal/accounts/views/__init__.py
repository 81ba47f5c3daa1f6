"""Doors of accounts: who stands there (`seat`), logging in and out (`doors`), forms that came too late (`late`)."""

from portal.accounts.views.doors import room
from portal.accounts.views.late import answer as late_answer
from portal.accounts.views.late import way_to_login
from portal.accounts.views.seat import load_person, present

__all__ = ["late_answer", "load_person", "present", "room", "way_to_login"]
