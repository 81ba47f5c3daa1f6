"""Offers to the clock: scheduled duties, reminder rules, probes of 系统状态."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from flask import current_app

from portal.ground.can import Can
from portal.ground.db import db

log = logging.getLogger(__name__)


class Job(Protocol):
    """A door that the clock uses: does its work at `now` and returns how many things it changed."""

    def __call__(self, *, now: datetime) -> int: ...


@dataclass(frozen=True)
class Duty:
    """A scheduled duty: `cron` in five fields, Asia/Shanghai; `says` is its Chinese sentence on 定时任务.

    `room.verb` names it. What was missed while the clockwork stood is done once, late; never twice for one due time.
    """

    name: str
    label: str
    cron: str
    job: Job
    says: str


@dataclass(frozen=True)
class Whom:
    """Who is reminded: one person, or whoever holds `role` in the area on that day.

    A grid without a grid worker falls to its community's secretary, and a community without one to 专项办 (rules 10).
    Where both are given, the role is asked when the person is no longer in use. `area_id` None is the office; it also
    says where an escalation looks for its role.
    """

    person_id: int | None = None
    role: str = ""
    area_id: int | None = None


@dataclass(frozen=True)
class Owed:
    """One word that is owed to somebody about one subject: what a rule's look-up gives.

    `slot` names the turn (`30`, `2026-W48`, `2026-11-25`): (rule, subject, slot, person, channel) is once for all.
    `at` is the instant since which it has been owed; `until_at` the limit of the thing itself, where it has one
    (midnight is the end of the day before). Without a limit `lamp` (late | soon | fine | held | done) and `word` are
    shown. Title and second line are kept for a year: of private persons they name nobody but masked (张*), and they
    say days as dates, since they are read later than they are written. `url` is a path of ours.
    """

    subject: str
    slot: str
    at: datetime
    whom: Whom
    title: str
    why: str
    url: str
    second: str = ""
    until_at: datetime | None = None
    lamp: str = "held"
    word: str = "新"
    escalates: bool = True  # False where this turn is only a first word


@dataclass(frozen=True)
class Escalation:
    """Whoever hears of it when nobody has settled it for so long after it was delivered; `to` is the role's word."""

    after: timedelta
    role: str
    to: str = "上一级"


@dataclass(frozen=True)
class ReminderRule:
    """What a room wants people reminded of, as data (I6).

    `find(since, now)` returns what became owed in (since, now], by index, and nothing else: a tick that finds nothing
    costs one look-up at most (what is owed with a day asks `days_begun` first, and then nothing at all). `since`
    lies a little before the last look, so that what committed late is not missed: what is found twice is written
    once. `still(subjects, now)` returns those that are not done yet: asked of each rule's open subjects in turn, a
    few at a time, and before a long list is written; None where the room settles all of them itself by
    `reminders.services.settle`. A newer slot of the same subject takes the older one's place.
    Both run within a request's context, so that `url_for` gives paths. `needs` is the key of the door that `url`
    leads to: who does not hold it is offered no hand-over.
    """

    name: str
    label: str
    says: str  # the rule in one sentence: 责任书到期前 30、7、0 天提醒
    source: str  # where it comes from, in the office's words: 方案、系统约定
    find: Callable[[datetime, datetime], Sequence[Owed]]
    still: Callable[[Sequence[str], datetime], Collection[str]] | None = None
    at_once: bool = False  # else it waits for the morning's digest
    through_quiet: bool = False  # else it waits for the end of quiet hours
    workdays_only: bool = False
    escalation: Escalation | None = None
    icon: str = "bell"
    needs: Can | None = None
    given: bool = True  # whether it can go to a colleague: not where only those who were told open its door
    settings: Sequence[str] = ()  # keys of the settings that it is reckoned with


def days_begun(since: datetime, now: datetime) -> list[date]:
    """Return the days whose midnight lies in (since, now], in the zone of `now`; most ticks have none."""
    first, last = since.astimezone(now.tzinfo).date(), now.date()
    return [first + timedelta(days=place) for place in range(1, (last - first).days + 1)]


@dataclass(frozen=True)
class Reading:
    """What a probe read: a lamp (late | soon | fine | held), the figure in words, and what to do next."""

    lamp: str
    text: str
    second: str = ""
    advice: str = ""
    url: str = ""


@dataclass(frozen=True)
class Probe:
    """A line of 系统状态 that a room answers for."""

    key: str
    label: str
    icon: str
    read: Callable[[datetime], Reading]
    order: int
    needs: Can = Can.UPKEEP_READ


def readings(probes: Sequence[Probe], now: datetime) -> list[tuple[Probe, Reading]]:
    """Return what each probe reads; one that fails says so, and takes no page and no other probe down.

    All are read under one savepoint of the connection alone, since they only read; when one fails, each under its own.
    """
    try:
        with db.session.connection().begin_nested():
            return [(probe, probe.read(now)) for probe in probes]
    except Exception:
        return [(probe, reading(probe, now)) for probe in probes]


def reading(probe: Probe, now: datetime) -> Reading:
    """Return what one probe reads, or that it cannot be found out."""
    try:
        with db.session.begin_nested():
            return probe.read(now)
    except Exception as error:
        log.exception("probe %s", probe.key)
        return Reading("late", "查不出来", type(error).__name__, "请把服务器日志交给维护人员。")


def duties() -> Sequence[Duty]:
    """Return the running application's table of duties (`portal.clockwork`)."""
    table: Sequence[Duty] = current_app.extensions["duties"]
    return table
