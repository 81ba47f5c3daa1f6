"""When a duty is due: reckoned from its cron, the newest run and the clock that is handed in; never from a timer."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from portal.duties.terms import SILENT, TOLD_AGAIN
from portal.ground import later
from portal.ground.clock import SHANGHAI

if TYPE_CHECKING:
    from apscheduler.triggers import cron as crons
else:
    crons = later.module("apscheduler.triggers.cron")

#: Windows in which the newest due time is looked for, so that a year of silence costs as little as a minute.
_BACK = (timedelta(minutes=2), timedelta(hours=1), timedelta(days=2), timedelta(days=35), timedelta(days=370))
_DAYS = {"mon": "一", "tue": "二", "wed": "三", "thu": "四", "fri": "五", "sat": "六", "sun": "日"}


@lru_cache(maxsize=128)
def _trigger(cron: str) -> Any:
    return crons.CronTrigger.from_crontab(cron, timezone=SHANGHAI)


def newest_due(cron: str, *, after: datetime | None, now: datetime) -> datetime | None:
    """Return the newest time at which `cron` (five fields, days of the week by name) was due in (after, now].

    However many were missed, it is one: the newest. None when nothing was due, or the clock has stepped back.
    """
    if after is not None:  # as good as always: nothing is due yet, or the one time after the newest run
        first = _following(cron, after)
        if first is None or first > now:
            return None
        second = _following(cron, first)
        if second is None or second > now:
            return first
    for back in _BACK:
        since = now - back if after is None else max(after, now - back)
        newest = deque(times(cron, after=since, now=now), maxlen=1)
        found = newest[0] if newest else None
        if found is not None or since == after:
            return found
    return None


@lru_cache(maxsize=256)
def _following(cron: str, after: datetime) -> datetime | None:
    return next_due(cron, now=after)


def times(cron: str, *, after: datetime, now: datetime) -> Iterator[datetime]:
    """Every time at which `cron` was due in (after, now], in order."""
    place = next_due(cron, now=after)
    while place is not None and place <= now:
        yield place
        place = next_due(cron, now=place)


def next_due(cron: str, *, now: datetime) -> datetime | None:
    """Return when `cron` is due next, after `now`."""
    due: datetime | None = _trigger(cron).get_next_fire_time(None, now + timedelta(seconds=1))
    return due


def hour_on(cron: str, day: date) -> datetime | None:
    """When on a day a duty is due that has an hour of its own; None for one that comes more often, or on other days.

    Plain arithmetic: a desk is no reason to load the scheduler into a web worker.
    """
    minute, hour, of_month, month, weekday = cron.split()
    today = tuple(_DAYS)[day.weekday()]
    if not minute.isdigit() or not hour.isdigit() or month != "*":
        return None
    if of_month not in ("*", str(day.day)) or (weekday != "*" and today not in weekday.split(",")):
        return None
    return datetime.combine(day, time(int(hour), int(minute)), SHANGHAI)


def lane(name: str, cron: str) -> str:
    """The line in which a duty waits: what is due each minute has one of its own, so that a long copy or a silent mail
    server holds up no reminder; the others go one after another in the line "".
    """
    return name if cron.split()[0] == "*" else ""


def set_back(newest: Iterable[datetime], *, now: datetime) -> datetime | None:
    """The latest of the newest runs' due times when it lies after `now`: the clock has been set back since. Else None.

    What was run stays run; a time that comes up again is passed over (the clock's own small corrections are no matter).
    """
    ahead = [at for at in newest if at - now > SILENT]
    return max(ahead, default=None)


def tells(failed_at: datetime, before: datetime | None) -> bool:
    """Tell whether a failure is worth a word: the first of a day, and one that comes a while after the last (`before`),
    so that a duty of every minute does not say so each minute."""
    return before is None or failed_at.date() != before.date() or failed_at - before > TOLD_AGAIN


def enters_trail(
    error: str, *, failed_at: datetime, failing: bool, before: datetime | None, errors: Collection[str]
) -> bool:
    """Tell whether a failure goes into the trail, which keeps it for good: where the duty begins to fail (it was not
    `failing`, and the last failure, `before`, is a while ago), or fails otherwise, one other way a day.

    `errors` are those of the last day and that of the last failure.
    """
    begins = not failing and (before is None or failed_at - before > TOLD_AGAIN)
    otherwise = bool(errors) and error not in errors and len(errors) == 1
    return begins or otherwise


def in_words(cron: str) -> str:
    """A cron in the words of an office: 每天 02:30, 每周一 08:30, 每小时第 5 分, 每 10 分钟, 每分钟."""
    minute, hour, day, month, weekday = cron.split()
    if hour == "*":
        if minute == "*":
            return "每分钟"
        if minute.startswith("*/"):
            return f"每 {minute[2:]} 分钟"
        return f"每小时第 {minute} 分"
    clock = f"{int(hour):02d}:{int(minute):02d}" if hour.isdigit() else f"{hour} 点第 {minute} 分"
    if weekday != "*":
        return f"每周{_weekdays(weekday)} {clock}"
    if day != "*":
        return f"每年 {month} 月 {day} 日 {clock}" if month != "*" else f"每月 {day} 日 {clock}"
    return f"每天 {clock}"


def _weekdays(field: str) -> str:
    """`mon,fri` is 一、五; `mon-fri` is 一至五."""
    return "、".join("至".join(_DAYS[name] for name in part.split("-")) for part in field.split(","))
