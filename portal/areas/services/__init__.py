"""Writing the tree: the root and whole sheets (`tree`), one area (`changes`), sheets in, out (`intake`, `sheets`)."""

from portal.areas.services.changes import add, close, edit, reopen, uses
from portal.areas.services.intake import COLUMNS, NOTES, Preview, open_sheet, preview, weigh
from portal.areas.services.numbers import numbers_used, pass_over
from portal.areas.services.sheets import (
    discard_sheet,
    export_sheet,
    import_sheet,
    keep_sheet,
    note_export,
    sweep_sheets,
)
from portal.areas.services.tree import fill_words, load, plant
from portal.ground.sheets.waiting import answer as answer_sheet
from portal.ground.sheets.waiting import content_of as sheet_bytes

__all__ = [
    "COLUMNS",
    "NOTES",
    "Preview",
    "add",
    "answer_sheet",
    "close",
    "discard_sheet",
    "edit",
    "export_sheet",
    "fill_words",
    "import_sheet",
    "keep_sheet",
    "load",
    "note_export",
    "numbers_used",
    "open_sheet",
    "pass_over",
    "plant",
    "preview",
    "reopen",
    "sheet_bytes",
    "sweep_sheets",
    "uses",
    "weigh",
]
