"""Writing about people: accounts and roles (`people`), logging in and out (`sessions`), passwords (`passwords`)."""

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
    end_role,
    give_role,
    grant_authority,
    leave,
    lock_dormant,
    reset_password,
    revoke_authority,
    seat_first,
    unlock,
)
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
    "end_role",
    "enter",
    "give_role",
    "grant_authority",
    "hash_password",
    "leave",
    "living_seat",
    "lock_dormant",
    "note_failure",
    "note_wrong_current",
    "one_time",
    "prepare_change",
    "reset_password",
    "revoke_authority",
    "seat_first",
    "sessions_out",
    "try_password",
    "unlock",
]
