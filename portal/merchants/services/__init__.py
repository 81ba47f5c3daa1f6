"""Writing shops: one verb each; nothing here commits. Every verb writes one line of the trail."""

from portal.ground.sheets.waiting import answer as answer_sheet
from portal.ground.sheets.waiting import content_of as sheet_bytes
from portal.merchants.services.export import export_sheet, note_export, note_labels
from portal.merchants.services.intake import (
    Answers,
    Preview,
    columns,
    open_sheet,
    preview,
    read_names,
    side_by_side,
    template_columns,
    weigh,
)
from portal.merchants.services.numbers import pass_over
from portal.merchants.services.photos import attach, clean_attachment, detach, note_opening, set_photo
from portal.merchants.services.sample import sample_sheet
from portal.merchants.services.sheets import discard_sheet, import_sheet, keep_sheet, sweep_sheets
from portal.merchants.services.shops import build, change_state, create, edit, note_print, reveal
from portal.merchants.services.tally import recount
from portal.merchants.services.tenures import change_operator, correct_operator
from portal.merchants.services.twins import twins

__all__ = [
    "Answers",
    "Preview",
    "answer_sheet",
    "attach",
    "build",
    "change_operator",
    "change_state",
    "clean_attachment",
    "columns",
    "correct_operator",
    "create",
    "detach",
    "discard_sheet",
    "edit",
    "export_sheet",
    "import_sheet",
    "keep_sheet",
    "note_export",
    "note_labels",
    "note_opening",
    "note_print",
    "open_sheet",
    "pass_over",
    "preview",
    "read_names",
    "recount",
    "reveal",
    "sample_sheet",
    "set_photo",
    "sheet_bytes",
    "side_by_side",
    "sweep_sheets",
    "template_columns",
    "twins",
    "weigh",
]
