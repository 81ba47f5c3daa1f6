"""What the desk says: a greeting by the hour, and one sentence on what is red."""

from datetime import datetime

_HOURS = ((5, "夜深了"), (9, "早上好"), (12, "上午好"), (14, "中午好"), (18, "下午好"), (24, "晚上好"))


def greeting(now: datetime) -> str:
    """早上好, 上午好 … by the hour of the day."""
    return next(words for until, words in _HOURS if now.hour < until)


def headline(late: int, waiting: int) -> str:
    """One sentence: what is overdue, else what waits, else that all is well."""
    if late:
        return f"有 {late:,} 件事已经逾期。"
    if waiting:
        return f"有 {waiting:,} 件事要办，没有逾期的。"
    return "手上没有要办的事。"
