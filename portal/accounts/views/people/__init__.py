"""Doors to people's files: lists (`lists`), one file (`files`), the account (`changes`), roles (`grants`), sheets."""

from portal.accounts.views.people import changes, files, grants, lists, sheets
from portal.accounts.views.people.room import room

__all__ = ["changes", "files", "grants", "lists", "room", "sheets"]
