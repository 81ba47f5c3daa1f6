"""Writing about people: accounts (`people`), roles and authorities (`roles`), roles that are asked for (`proposals`),
leaving (`leaving`), sheets (`sheets`, `intake`, `export`), logging in and out (`sessions`), passwords (`passwords`)."""

from portal.accounts.services.export import export_sheet, note_export
from portal.accounts.services.intake import NOTES, Preview, columns, open_sheet, preview, weigh
from portal.accounts.services.keeping import holdings
from portal.accounts.services.leaving import leave, to_hand_over
from portal.accounts.services.passwords import (
    Change,
    OneTime,
    change,
    hash_password,
    nobodys,
    note_wrong_current,
    one_time,
    prepare_change,
)
from portal.accounts.services.people import (
    add,
    edit,
    fill_words,
    hand_out,
    lock,
    lock_dormant,
    reset_password,
    seat_first,
    unlock,
)
from portal.accounts.services.proposals import decline, grant, obstacles, propose, withdraw
from portal.accounts.services.roles import end_role, give_role, grant_authority, revoke_authority
from portal.accounts.services.sessions import (
    Try,
    close_session,
    enter,
    forget,
    living_seat,
    note_failure,
    sessions_out,
    try_password,
)
from portal.accounts.services.sheets import discard_sheet, import_sheet, keep_sheet, sweep_sheets
from portal.ground.sheets.waiting import answer as answer_sheet
from portal.ground.sheets.waiting import content_of as sheet_bytes

__all__ = [
    "NOTES",
    "Change",
    "OneTime",
    "Preview",
    "Try",
    "add",
    "answer_sheet",
    "change",
    "close_session",
    "columns",
    "decline",
    "discard_sheet",
    "edit",
    "end_role",
    "enter",
    "export_sheet",
    "fill_words",
    "forget",
    "give_role",
    "grant",
    "grant_authority",
    "hand_out",
    "hash_password",
    "holdings",
    "import_sheet",
    "keep_sheet",
    "leave",
    "living_seat",
    "lock",
    "lock_dormant",
    "nobodys",
    "note_export",
    "note_failure",
    "note_wrong_current",
    "obstacles",
    "one_time",
    "open_sheet",
    "prepare_change",
    "preview",
    "propose",
    "reset_password",
    "revoke_authority",
    "seat_first",
    "sessions_out",
    "sheet_bytes",
    "sweep_sheets",
    "to_hand_over",
    "try_password",
    "unlock",
    "weigh",
    "withdraw",
]
