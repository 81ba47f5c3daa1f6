"""Reading reminders: what the clock looks at (`clock`), a person's inbox (`inbox`), and colleagues (`colleagues`)."""

from portal.reminders.queries.clock import due_escalations, live_subjects, marks
from portal.reminders.queries.colleagues import Colleague, colleagues
from portal.reminders.queries.inbox import (
    Counts,
    Line,
    came,
    digest,
    earlier,
    earlier_count,
    group_counts,
    inbox,
    note_of,
    open_count,
    open_ids,
    unfinished_count,
    unread,
)

__all__ = [
    "Colleague",
    "Counts",
    "Line",
    "came",
    "colleagues",
    "digest",
    "due_escalations",
    "earlier",
    "earlier_count",
    "group_counts",
    "inbox",
    "live_subjects",
    "marks",
    "note_of",
    "open_count",
    "open_ids",
    "unfinished_count",
    "unread",
]
