"""Doors of places: `lists`, one street (`files`), changes of it (`changes`), its keeper (`keepers`), `sheets`."""

from portal.places.views import changes, files, keepers, lists, sheets
from portal.places.views.room import room

__all__ = ["changes", "files", "keepers", "lists", "room", "sheets"]
