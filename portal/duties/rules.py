"""When a duty is due: reckoned from its cron, the newest run and the clock that is handed in; never from a timer."""

from datetime import datetime, timedelta
from functools import lru_cache

from apscheduler.triggers.cron import CronTrigger

from portal.ground.clock import SHANGHAI

#: Windows in which the newest due time is looked for, so that a year of silence costs as little as a minute.
_BACK = (timedelta(hours=1), timedelta(days=2), timedelta(days=35), timedelta(days=370))
_DAYS = {"mon": "一", "tue": "二", "wed": "三", "thu": "四", "fri": "五", "sat": "六", "sun": "日"}


@lru_cache(maxsize=128)
def _trigger(cron: str) -> CronTrigger:
    return CronTrigger.from_crontab(cron, timezone=SHANGHAI)


def newest_due(cron: str, *, after: datetime | None, now: datetime) -> datetime | None:
    """Return the newest time at which `cron` (five fields, days of the week by name) was due in (after, now].

    However many were missed, it is one: the newest. None when nothing was due, or the clock has stepped back.
    """
    for back in _BACK:
        since = now - back if after is None else max(after, now - back)
        found, place = None, _trigger(cron).get_next_fire_time(None, since + timedelta(seconds=1))
        while place is not None and place <= now:
            found, place = place, _trigger(cron).get_next_fire_time(place, place + timedelta(seconds=1))
        if found is not None or since == after:
            return found
    return None


def next_due(cron: str, *, now: datetime) -> datetime | None:
    """Return when `cron` is due next, after `now`."""
    return _trigger(cron).get_next_fire_time(None, now + timedelta(seconds=1))


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
        return f"每周{'、'.join(_DAYS[name] for name in weekday.split(','))} {clock}"
    if day != "*":
        return f"每年 {month} 月 {day} 日 {clock}" if month != "*" else f"每月 {day} 日 {clock}"
    return f"每天 {clock}"
