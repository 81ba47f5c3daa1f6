"""What the desk says: a greeting by the hour, one sentence on what is red, and limits near now in words."""

from datetime import datetime, time

#: The last minute of a limit that is a day without an hour.
WHOLE_DAY = time(23, 59)
_DAYS = {-1: "昨天", 0: "今天", 1: "明天"}
_HOURS = ((5, "夜深了"), (9, "早上好"), (12, "上午好"), (14, "中午好"), (18, "下午好"), (24, "晚上好"))


def greeting(now: datetime) -> str:
    """早上好, 上午好 … by the hour of the day."""
    return next(words for until, words in _HOURS if now.hour < until)


def headline(late: int, waiting: int, watched: int = 0) -> str:
    """One sentence: what is overdue, else what waits, else what the machine wants, else that all is well."""
    if late:
        return f"有 {late:,} 件事已经逾期。"
    if waiting:
        return f"有 {waiting:,} 件事要办，没有逾期的。"
    return f"手上没有要办的事，系统有 {watched} 项要留意。" if watched else "手上没有要办的事。"


def when(until_at: datetime, now: datetime) -> str:
    """A limit in words: near now 今天 18:00, a day without an hour 今天; else 11月20日, with its year where another."""
    near = _DAYS.get((until_at.date() - now.date()).days)
    if near:
        return near if until_at.time() == WHOLE_DAY else f"{near} {until_at:%H:%M}"
    plain = f"{until_at.month}月{until_at.day}日"
    return plain if until_at.year == now.year else f"{until_at.year}年{plain}"


def over(until_at: datetime, now: datetime) -> str:
    """By how much a limit is past: 超 42 分钟, 超 3 小时, from the next day on 超 2 天; empty while it runs."""
    if until_at >= now:
        return ""
    if days := (now.date() - until_at.date()).days:
        return f"超 {days} 天"
    minutes = int((now - until_at).total_seconds() // 60)
    return f"超 {minutes} 分钟" if minutes < 60 else f"超 {minutes // 60} 小时"
