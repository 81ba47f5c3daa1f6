"""What the engine looks at each minute: a few statements, made once, each by an index."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from portal.ground import marks as shared
from portal.ground.db import Moment, rows
from portal.reminders.models import Mark, Note


@cache
def _marks() -> Select[*tuple[Any, ...]]:
    return select(Mark.rule, Mark.looked_until, Mark.asked_after, *shared.columns())


def marks() -> Mapping[str, tuple[datetime, str]]:
    """Rule → until when it has looked, and the last subject that was asked. The shared marks come with it."""
    found = rows(_marks())
    for row in found[:1]:
        shared.note(row[3:])
    return {rule: (until, after) for rule, until, after, *_numbers in found}


@cache
def _live_subjects() -> Select[str]:
    return (
        select(Note.subject)
        .where(Note.ended_at.is_(None), Note.rule == bindparam("rule"), Note.subject > bindparam("after"))
        .order_by(Note.subject)
        .distinct()
        .limit(bindparam("most"))
    )


def live_subjects(rule: str, *, after: str, most: int) -> list[str]:
    """Subjects of a rule whose notes are not over, `most` of them that come after `after` by name."""
    return [row[0] for row in rows(_live_subjects(), {"rule": rule, "after": after, "most": most})]


@cache
def _due_escalations() -> Select[int]:
    return (
        select(Note.id)
        .where(Note.escalate_at <= bindparam("now", type_=Moment()))
        .order_by(Note.escalate_at)
        .limit(bindparam("most"))
    )


def due_escalations(now: datetime, *, most: int) -> Sequence[int]:
    """Ids of the notes that nobody has settled for as long as their rule allows; of all rules, in one look-up."""
    return [row[0] for row in rows(_due_escalations(), {"now": now, "most": most})]
