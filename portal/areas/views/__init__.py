"""Doors of the tree: the page (`lists`), one area (`files`), what its keeper changes (`changes`), sheets (`sheets`)."""

from portal.areas.views import changes, files, lists, sheets
from portal.areas.views.room import room

__all__ = ["changes", "files", "lists", "room", "sheets"]
