"""Making calendars: publishing a year, changing a day, years that are only foreseen, sheets, dates that moved."""

from portal.ground.sheets.waiting import answer as answer_sheet
from portal.ground.sheets.waiting import content_of as sheet_bytes
from portal.worktime.services.calendars import change_day, note_print, publish
from portal.worktime.services.follow import follow
from portal.worktime.services.intake import NOTES, Answers, Preview, columns, open_sheet, preview, rows_of, weigh
from portal.worktime.services.known import keep
from portal.worktime.services.notice import Notice, read_notice
from portal.worktime.services.sheets import discard_sheet, import_sheet, keep_sheet, notice_sheet, sweep_sheets

__all__ = [
    "NOTES",
    "Answers",
    "Notice",
    "Preview",
    "answer_sheet",
    "change_day",
    "columns",
    "discard_sheet",
    "follow",
    "import_sheet",
    "keep",
    "keep_sheet",
    "note_print",
    "notice_sheet",
    "open_sheet",
    "preview",
    "publish",
    "read_notice",
    "rows_of",
    "sheet_bytes",
    "sweep_sheets",
    "weigh",
]
