"""What an inbox shows: its notes in their groups, each with its lamp, and what the newest digest told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.ground.declare import ReminderRule, offers
from portal.ground.paging import Page
from portal.reminders import queries, rules
from portal.reminders.services.office import Office
from portal.reminders.terms import GROUPS, KEPT_DAYS, PAGE, Sign


@dataclass(frozen=True)
class Shown:
    """A note as it is shown: its line, its lamp, and the rule that wrote it, None where it is no longer offered."""

    line: queries.Line
    sign: Sign
    rule: ReminderRule | None


@dataclass(frozen=True)
class Digest:
    """A morning's digest: when it came, what it covers (and in words), and what it tells."""

    at: datetime
    since: datetime
    words: str
    counts: queries.Counts


@dataclass(frozen=True)
class Inbox:
    """An inbox: groups of notes (word, how many in all, those on this page), and the newest digest."""

    groups: Sequence[tuple[str, int, Sequence[Shown]]]
    count: int
    page: int
    pages: int
    digest: Digest


def inbox(person_id: int, *, page: int, now: datetime) -> Inbox:
    """Return a page of somebody's inbox; a page past the end is the last."""
    office = Office(now)
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
    told = digest(person_id, rules.digest_window(now, hours=office.hours, works=office.works), now=now)
    return Inbox([one for one in groups if one[2]], count, page, pages, told)


def digest(person_id: int, window: tuple[datetime, datetime], *, now: datetime) -> Digest:
    """Return what the digest of a window tells somebody."""
    since, at = window
    counts = queries.digest(person_id, since=since, until=at, now=now)
    return Digest(at, since, rules.digest_words(since, at, now), counts)


def digest_on(person_id: int, day: date, *, now: datetime) -> Digest | None:
    """Return the digest of a day; None when it has not come yet, or its notes are kept no more."""
    window = _window(day, Office(now), now)
    return digest(person_id, window, now=now) if window else None


def digests_beside(told: Digest, *, now: datetime) -> tuple[date | None, date | None]:
    """Return the days of the digests before and after one, where there are any."""
    office, day = Office(now), timedelta(days=1)
    before, after = told.at.date() - day, told.at.date() + day
    return before if _window(before, office, now) else None, after if _window(after, office, now) else None


def _window(day: date, office: Office, now: datetime) -> tuple[datetime, datetime] | None:
    if not now.date() - timedelta(days=KEPT_DAYS) <= day <= now.date():
        return None
    window = rules.digest_of(day, hours=office.hours, works=office.works, like=now)
    return window if window[1] <= now else None


def came(person_id: int, told: Digest, *, page: int, size: int, now: datetime) -> Page[Shown]:
    """Return a page of the notes that a digest told of, whatever became of them; a page past the end is the last."""
    total = told.counts.came
    page = min(max(1, page), max(1, -(-total // size)))
    lines = queries.came(person_id, since=told.since, until=told.at, first=(page - 1) * size, most=size)
    return Page([shown_as(line, now) for line in lines], page, size, total)


def shown_as(line: queries.Line, now: datetime) -> Shown:
    """Return a note with its lamp and its rule."""
    rule = next((one for one in offers().reminders if one.name == line.rule), None)
    sign = rules.sign(line.until_at, lamp=line.lamp, icon=rule.icon if rule else "bell", word=line.word, now=now)
    return Shown(line, sign, rule)
