"""What the trail gives: its line on the rail, and to whoever reads it the day's lines and whether the chain holds."""

from datetime import datetime

from flask import url_for

from portal.audit import queries, services
from portal.audit.terms import Result, TrailFilter
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.declare import DeskCard, Figure, NavEntry, Offers, Probe, Reading


def _today(_actor: Actor, now: datetime) -> Figure:
    """今天的留痕."""
    return _lines(now, "今天记下的")


def _refused(_actor: Actor, now: datetime) -> Figure:
    """Deeds of today that were refused: nobody had the right to them, or a rule said no."""
    return _lines(now, "无权或不合规定", Result.REFUSED.value)


def _lines(now: datetime, second: str, result: str = "") -> Figure:
    day = f"{now:%Y-%m-%d}"
    count = queries.count(TrailFilter(since=day, until=day, result=result))
    url = url_for("audit.index", since=day, until=day, result=result or None)
    return Figure(f"{count:,}", "行", second if count else "没有", url)


def _chain(now: datetime) -> Reading:
    """Whether the newest head that was kept apart still stands in the trail."""
    kept = services.last_anchor()
    url = url_for("audit.check")
    if kept is None:
        return Reading("soon", "还没有封存过", "每天夜里封存一次", "请系统管理员看定时任务“留痕封存”。", url)
    day, anchor = kept
    holds, said = services.compare(anchor)
    if not holds:
        return Reading("late", "对不上", f"{day:%m月%d日}封存的一行", said, url)
    age = (now.date() - day).days
    words = f"{day.month}月{day.day}日封存的第 {int(anchor.partition(':')[0]):,} 行"
    if age > 1:
        return Reading("soon", f"{age} 天没有封存", words + "对得上", "请系统管理员看定时任务“留痕封存”。", url)
    return Reading("fine", "对得上", words, "", url)


OFFERS = Offers(
    nav=[NavEntry("综合", "留痕", "audit.index", "history", 90)],
    cards=[
        DeskCard("audit.today", "今天的留痕", "history", Can.TRAIL_READ, _today, 800),
        DeskCard("audit.refused", "今天被拒的", "ban", Can.TRAIL_READ, _refused, 810),
    ],
    probes=[Probe("audit.chain", "留痕封存", "shield-check", _chain, 60, Can.TRAIL_READ)],
)
