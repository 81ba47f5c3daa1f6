"""Writing reminders: the tick (`ticking`), what ends a note (`ending`), what a person does with one (`acting`); what an
inbox shows (`showing`); mails are written by the tick (`outbox`), sent (`mailing`), wanted or not (`choosing`).
"""

from portal.reminders.services.acting import (
    acknowledge,
    acknowledge_all,
    give,
    hand_over,
    open_note,
    put_back,
    snooze,
    takers,
    taking_roles,
)
from portal.reminders.services.choosing import Wanted, choose, choose_nothing, wanted
from portal.reminders.services.ending import purge, settle
from portal.reminders.services.mailing import (
    Claim,
    claim,
    close,
    close_all,
    heard,
    overdue_mails,
    send_again,
    send_all_again,
    trial_letter,
)
from portal.reminders.services.office import Office
from portal.reminders.services.outbox import message_id, post
from portal.reminders.services.showing import Digest, Inbox, Shown, came, digest_on, digests_beside, inbox, shown_as
from portal.reminders.services.ticking import RulesFailed, tell, tick
from portal.reminders.terms import CHUNK

__all__ = [
    "CHUNK",
    "Claim",
    "Digest",
    "Inbox",
    "Office",
    "RulesFailed",
    "Shown",
    "Wanted",
    "acknowledge",
    "acknowledge_all",
    "came",
    "choose",
    "choose_nothing",
    "claim",
    "close",
    "close_all",
    "digest_on",
    "digests_beside",
    "give",
    "hand_over",
    "heard",
    "inbox",
    "message_id",
    "open_note",
    "overdue_mails",
    "post",
    "purge",
    "put_back",
    "send_again",
    "send_all_again",
    "settle",
    "shown_as",
    "snooze",
    "takers",
    "taking_roles",
    "tell",
    "tick",
    "trial_letter",
    "wanted",
]
