"""Writing reminders: the tick (`ticking`), what ends a note (`ending`), what a person does with one (`acting`); what an
inbox shows (`showing`).
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
)
from portal.reminders.services.ending import purge, settle
from portal.reminders.services.office import Office
from portal.reminders.services.showing import Inbox, Shown, inbox, shown_as
from portal.reminders.services.ticking import RulesFailed, tick

__all__ = [
    "Inbox",
    "Office",
    "RulesFailed",
    "Shown",
    "acknowledge",
    "acknowledge_all",
    "give",
    "hand_over",
    "inbox",
    "open_note",
    "purge",
    "put_back",
    "settle",
    "shown_as",
    "snooze",
    "takers",
    "tick",
]
