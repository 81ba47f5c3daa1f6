"""What an inbox shows: its notes in their groups, each with its lamp, and what the newest digest told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.ground.declare import ReminderRule, offers
from portal.reminders import queries, rules
from portal.reminders.services.office import Office
from portal.reminders.terms import GROUPS, PAGE, Sign


@dataclass(frozen=True)
class Shown:
    """A note as it is shown: its line, its lamp, and the rule that wrote it, None where it is no longer offered."""

    line: queries.Line
    sign: Sign
    rule: ReminderRule | None


@dataclass(frozen=True)
class Inbox:
    """An inbox: groups of notes (word, how many in all, those on this page), and the newest digest."""

    groups: Sequence[tuple[str, int, Sequence[Shown]]]
    count: int
    page: int
    pages: int
    digest_at: datetime
    digest: queries.Counts


def inbox(person_id: int, *, page: int, now: datetime) -> Inbox:
    """Return a page of somebody's inbox; a page past the end is the last."""
    today, week = rules.borders(now)
    counts = queries.group_counts(person_id, now=now, today=today, week=week)
    count = sum(counts.values())
    pages = max(1, -(-count // PAGE))
    page = min(max(1, page), pages)
    lines = queries.inbox(person_id, now=now, first=(page - 1) * PAGE, most=PAGE)
    shown = [shown_as(line, now) for line in lines]
    groups = [
        (word, counts[key], [one for one in shown if rules.group(one.line.by_at, now) == key]) for key, word in GROUPS
    ]
    digest_at = newest_digest(now)
    told = queries.digest(person_id, since=digest_at - timedelta(days=1), until=digest_at, now=now)
    return Inbox([one for one in groups if one[2]], count, page, pages, digest_at, told)


def newest_digest(now: datetime) -> datetime:
    """Return when the newest digest came."""
    at = datetime.combine(now.date(), Office(now).hours.digest, now.tzinfo)
    return at if at <= now else at - timedelta(days=1)


def shown_as(line: queries.Line, now: datetime) -> Shown:
    """Return a note with its lamp and its rule."""
    rule = next((one for one in offers().reminders if one.name == line.rule), None)
    sign = rules.sign(line.until_at, lamp=line.lamp, icon=rule.icon if rule else "bell", word=line.word, now=now)
    return Shown(line, sign, rule)
