"""The room's own board: every door of pledges hangs here."""

from portal.web import Room

room = Room("pledges", __name__)
