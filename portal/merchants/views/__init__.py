"""Doors to the shop files: lists (`lists`), one file (`files`), its changes (`changes`), sheets (`sheets`)."""

from portal.merchants.views import changes, files, lists, sheets
from portal.merchants.views.room import room

__all__ = ["changes", "files", "lists", "room", "sheets"]
