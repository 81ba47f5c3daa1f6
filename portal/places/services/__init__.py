"""Writing places: the file (`streets`), who answers (`keeping`), sheets (`intake`, `sheets`, `export`)."""

from portal.ground.sheets.waiting import answer as answer_sheet
from portal.ground.sheets.waiting import content_of as sheet_bytes
from portal.places.services.export import export_sheet, note_export, note_print
from portal.places.services.intake import COLUMNS, NOTES, Preview, open_sheet, preview, weigh
from portal.places.services.keeping import allot, allotment, assign, candidates, hand_over, put_keeper, release
from portal.places.services.numbers import pass_over
from portal.places.services.sheets import discard_sheet, import_sheet, keep_sheet, sweep_sheets
from portal.places.services.streets import build, close, create, edit, facts_of, reopen

__all__ = [
    "COLUMNS",
    "NOTES",
    "Preview",
    "allot",
    "allotment",
    "answer_sheet",
    "assign",
    "build",
    "candidates",
    "close",
    "create",
    "discard_sheet",
    "edit",
    "export_sheet",
    "facts_of",
    "hand_over",
    "import_sheet",
    "keep_sheet",
    "note_export",
    "note_print",
    "open_sheet",
    "pass_over",
    "preview",
    "put_keeper",
    "release",
    "reopen",
    "sheet_bytes",
    "sweep_sheets",
    "weigh",
]
