"""Writing about people: accounts (`people`), roles and authorities (`roles`), roles that are asked for (`proposals`),
leaving (`leaving`), sheets (`sheets`, `intake`, `export`), logging in and out (`sessions`), passwords (`passwords`)."""

from portal.accounts.services.leaving import holdings, leave
from portal.accounts.services.passwords import (
    Change,
    OneTime,
    change,
    hash_password,
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
from portal.accounts.services.proposals import decline, grant, propose, withdraw
from portal.accounts.services.roles import end_role, give_role, grant_authority, revoke_authority
from portal.accounts.services.sessions import (
    Try,
    close_session,
    enter,
    living_seat,
    note_failure,
    sessions_out,
    try_password,
)

__all__ = [
    "Change",
    "OneTime",
    "Try",
    "add",
    "change",
    "close_session",
    "decline",
    "edit",
    "end_role",
    "enter",
    "fill_words",
    "give_role",
    "grant",
    "grant_authority",
    "hand_out",
    "hash_password",
    "holdings",
    "leave",
    "living_seat",
    "lock",
    "lock_dormant",
    "note_failure",
    "note_wrong_current",
    "one_time",
    "prepare_change",
    "propose",
    "reset_password",
    "revoke_authority",
    "seat_first",
    "sessions_out",
    "try_password",
    "unlock",
    "withdraw",
]
