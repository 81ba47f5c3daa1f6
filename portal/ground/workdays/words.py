"""Why a day is the day, in words: for the sentence below a limit and for who cannot see the strip."""

from collections.abc import Sequence
from datetime import date

from portal.ground.workdays.calendar import DayKind, Step, Track
from portal.ground.workdays.limits import Deadline

NOT_YET = "待节假日安排公布后重算"


def short(day: date) -> str:
    """10月12日"""
    return f"{day.month}月{day.day}日"


def headline(deadline: Deadline) -> str:
    """为什么是 10月12日, with its year where that is another one."""
    other = f"{deadline.due_on.year}年" if deadline.due_on.year != deadline.started_at.year else ""
    return f"为什么是 {other}{short(deadline.due_on)}"


def because(deadline: Deadline) -> str:
    """Return why a limit ends when it does: 9月24日 当天不算。中秋节 3 天、国庆节 7 天不算；…… 第 7 个工作日是 ……。"""
    if deadline.track is None:
        return f"从 {deadline.started_at:%H:%M} 起按钟点算，不分上班下班。"
    said = _track(deadline.track)
    if deadline.beside is not None:
        said += _beside(deadline.beside, deadline.track)
    if deadline.provisional:
        said += f"其中有的年份还没公布节假日安排，这是暂估的日子，{NOT_YET}。"
    return said


def _track(track: Track) -> str:
    first, *rest = track.steps
    said = [f"{short(first.day.on)} 当天不算。"]
    if track.working:
        left = _left_out([step for step in rest if step.number is None])
        made_up = [step for step in rest if step.day.kind is DayKind.MAKE_UP]
        said += [f"{left}不算"] if left else []
        if made_up:
            said += ["；" if left else "", f"{_listed(made_up)} 调休上班，要算"]
        said += ["。"] if left or made_up else []
        said.append(f"数到第 {track.days} 个工作日是 {short(track.due_on)}。")
        return "".join(said)
    said.append(f"按日历天数，第 {track.days} 天是 {short(track.counted_to)}")
    said.append(f"，这天休息，顺延到上班的 {short(track.due_on)}。" if track.rolled else "。")
    return "".join(said)


def _beside(beside: Track, track: Track) -> str:
    way = f"{beside.days} 个工作日" if beside.working else f"{beside.days} 天"
    if beside.due_on == track.due_on:
        return f"按 {way}算也是这一天。"
    return f"按 {way}算是 {short(beside.due_on)}，早一些，以晚的为准。"


def _left_out(steps: Sequence[Step]) -> str:
    """中秋节 3 天、国庆节 7 天、周末 1 天"""
    counts: dict[str, int] = {}
    for step in steps:
        name = step.day.name or ("周末" if step.day.kind is DayKind.WEEKEND else "放假")
        counts[name] = counts.get(name, 0) + 1
    return "、".join(f"{name} {count} 天" for name, count in counts.items())


def _listed(steps: Sequence[Step]) -> str:
    return "、".join(short(step.day.on) for step in steps)


def why(step: Step, track: Track) -> str:
    """Return what a day was to the count: 第 3 个工作日, 国庆节，不算, 国庆节调休上班，第 6 个工作日."""
    if step.number == 0:
        return "起算当天，不算"
    day = step.day
    name = day.name or day.kind.label
    counted = f"第 {step.number} 个工作日" if track.working else f"第 {step.number} 天"
    if step.number is None:
        if not track.working:
            return "休息，顺延" if not day.works else "顺延到这天"
        return f"{name}，不算"
    if day.kind is DayKind.MAKE_UP:
        return f"{day.name}调休上班，{counted}"
    return counted if day.works else f"{counted}（{name}）"
