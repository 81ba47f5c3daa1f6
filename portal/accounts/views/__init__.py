"""Doors of accounts: who stands there (`seat`), logging in and out (`doors`), forms that came too late (`late`), and
the pages that manage people (`people`), a room within the room."""

from portal.accounts.views import people
from portal.accounts.views.doors import room
from portal.accounts.views.late import answer as late_answer
from portal.accounts.views.late import way_to_login
from portal.accounts.views.seat import load_person, present

room.register_blueprint(people.room)

__all__ = ["late_answer", "load_person", "present", "room", "way_to_login"]
