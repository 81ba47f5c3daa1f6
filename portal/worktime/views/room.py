"""The room's blueprint."""

from portal.web import Room

room = Room("worktime", __name__, url="/worktime")
