"""Writing reminders: the tick (`ticking`), what ends a note (`ending`), and what a person does with one (`acting`)."""

from portal.reminders.services.ending import purge, settle
from portal.reminders.services.office import Office
from portal.reminders.services.ticking import RulesFailed, tick

__all__ = [
    "Office",
    "RulesFailed",
    "purge",
    "settle",
    "tick",
]
