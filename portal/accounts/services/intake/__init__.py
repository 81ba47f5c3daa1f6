"""A sheet of people read against the files: columns, places, the plan of what it would do. Nothing is written here."""

from portal.accounts.services.intake.columns import NOTES, columns
from portal.accounts.services.intake.plan import Entry, Post, Preview
from portal.accounts.services.intake.preview import open_sheet, preview, weigh

__all__ = ["NOTES", "Entry", "Post", "Preview", "columns", "open_sheet", "preview", "weigh"]
