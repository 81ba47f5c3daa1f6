"""What the calendar gives: a line of the rail, the limits' numbers as settings, starting data, and the word that next
year's calendar is missing: a reminder, a line of the desk, a probe."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from flask import url_for

from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.declare import (
    Demo,
    DeskPlan,
    DeskTasks,
    NavEntry,
    Offers,
    Owed,
    PlanLine,
    Probe,
    Reading,
    ReminderRule,
    Seed,
    SettingSpec,
    Task,
    Tasks,
    Whom,
)
from portal.worktime import demo, queries, services
from portal.worktime.terms import (
    ACKNOWLEDGE_DAYS,
    ACKNOWLEDGE_MINUTES,
    COMPLEX_DAYS,
    COMPLEX_LEAST,
    COUNTY_DAYS,
    DAY_END,
    DAY_ENDS,
    FEEDBACK_DAYS,
    GENERAL_DAYS,
    LEASTS,
    REWORK_DAYS,
    SOON_DAYS,
    SOON_LEAST,
    URGENT_HOURS,
    turns,
)

_GROUP = "期限与提醒"
_WORKDAYS = "个工作日"


def _number(key: str, label: str, default: int, unit: str, source: str, most: int, **but: str) -> SettingSpec:
    return SettingSpec(key, label, default, unit, source, group=_GROUP, least=1, most=most, **but)  # type: ignore[arg-type]


SETTINGS = (
    SettingSpec(
        DAY_END, "期限到几点为止", "18:00", "", "期限最后一天的下班时间", "choice", _GROUP, choices=DAY_ENDS
    ),
    _number(GENERAL_DAYS, "一般事项办结", 7, _WORKDAYS, "方案写明 7 个工作日；交办当天不算", 60),
    _number(COMPLEX_DAYS, "复杂事项办结", 15, "天", "方案写明 15 日内；按日历天数，末日休息就顺延", 90),
    SettingSpec(
        COMPLEX_LEAST, "复杂事项最早何时到期", "general", "", "碰上长假，15 天会比 7 个工作日先到", "choice", _GROUP,
        choices=LEASTS,
    ),
    _number(URGENT_HOURS, "紧急事项响应", 2, "小时", "方案写“立即办理”；按钟点算，不分上班下班，当天到现场", 12),
    _number(ACKNOWLEDGE_DAYS, "签收", 1, _WORKDAYS, "从交办算起", 5),
    _number(ACKNOWLEDGE_MINUTES, "紧急事项签收", 30, "分钟", "从交办算起，按钟点算", 240),
    _number(COUNTY_DAYS, "街道办不了的反馈县级", 1, "天", "方案写明 1 日内；末日休息就顺延", 7),
    _number(FEEDBACK_DAYS, "办结后反馈结果", 2, _WORKDAYS, "方案写明 2 个工作日内", 15),
    _number(REWORK_DAYS, "重办", 3, _WORKDAYS, "不满意或核查不通过，另给的时间", 15),
    _number(SOON_DAYS, "提前几个工作日亮黄灯", 2, _WORKDAYS, "期限长的，最后几个工作日亮黄灯", 10),
    _number(
        SOON_LEAST, "多长的期限才提前亮黄灯", 5, _WORKDAYS, "短于这个数的，到期当天才亮黄灯", 20, after=SOON_DAYS
    ),
)  # fmt: skip


def _sow(now: datetime) -> None:
    services.keep(now=now)


WHY = "国务院办公厅一般在 11 月公布；没有它，落到那一年的期限只能暂估。"


def _words(one: queries.Missing) -> str:
    reached = one.reached_on
    return f"{_short(reached)}起交办的一般事项就要用到" if reached else "今年的期限都在暂估"


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _owed(since: datetime, now: datetime) -> list[Owed]:
    """Each Monday from 1 November on, and that day itself, until the calendar is there."""
    slots = {year: turns(year, since, now) for year in (now.year, now.year + 1)}
    if not any(slots.values()):
        return []
    return [
        Owed(
            f"calendar:{one.year}", slot, at, Whom(role="campaign_office"), f"导入 {one.year} 年的工作日历", WHY,
            url_for("worktime.upload"), _words(one), one.until_at,
        )
        for one in queries.missing(now)
        for slot, at in slots.get(one.year, ())
    ]  # fmt: skip


def _still(subjects: Sequence[str], now: datetime) -> Collection[str]:
    return {subject for subject in subjects if not queries.published(int(subject.partition(":")[2]))}


def _tasks(actor: Actor, now: datetime, limit: int) -> Tasks:
    found = [_task(one, now) for one in queries.missing(now)]
    return Tasks(found[:limit], len(found), sum(one.lamp == "late" for one in found))


def _task(one: queries.Missing, now: datetime) -> Task:
    if now >= one.until_at:
        lamp = ("late", "逾期", "alarm")
    else:
        left = (one.until_at.date() - now.date()).days
        lamp = ("soon" if left <= 7 else "fine", f"剩 {left} 天", "clock")
    second = f"{_words(one)} · 公布了就导入"
    return Task(f"还没有 {one.year} 年的工作日历", second, one.until_at, "专项办", *lamp, url_for("worktime.upload"))


def _day(_actor: Actor, now: datetime) -> list[PlanLine]:
    """What today is by the calendar, and when that changes: the next day off, or the next working day."""
    calendar, today = queries.workdays().foreseen, now.date()
    found = calendar.day(today)
    other = today + timedelta(days=1)
    while calendar.is_workday(other) == found.works:
        other += timedelta(days=1)
    named = calendar.day(other).name
    if found.works:
        title, lamp = f"今天上班{f'（{found.name}调休）' if found.name else ''}", ("fine", "工作日", "calendar")
        second = f"下一个休息日 {_short(other)}{f'（{named}）' if named else ''}"
    else:
        title, lamp = f"今天休息{f'（{found.name}）' if found.name else ''}", ("held", "休息日", "sun")
        second = f"{_short(other)}上班；工作日的期限不算今天"
    at = datetime.combine(today, time(), now.tzinfo)
    return [PlanLine(at, title, second, *lamp, url_for("worktime.index"))]


def _years(now: datetime) -> Reading:
    """How far the official calendar reaches."""
    standing = queries.in_force()
    official = [year for year, head in sorted(standing.items()) if head.published]
    guessed = [year for year, head in sorted(standing.items()) if not head.published and year >= now.year]
    text = f"到 {official[-1]} 年底" if official else "一年也没有"
    second = f"{guessed[0]}—{guessed[-1]} 年暂估" if len(guessed) > 1 else f"{guessed[0]} 年暂估" if guessed else ""
    wanted = queries.missing(now)
    if not wanted:
        return Reading("fine", text, second, "", url_for("worktime.index"))
    named = "、".join(f"{one.year} 年" for one in wanted)
    late = any(now >= one.until_at for one in wanted)
    return Reading("late" if late else "soon", text, second, f"请专项办导入 {named}的日历。", url_for("worktime.index"))


OFFERS = Offers(
    nav=[NavEntry("综合", "工作日历", "worktime.index", "calendar", 860)],
    settings=SETTINGS,
    seeds=[Seed(5, _sow)],
    reminders=[
        ReminderRule(
            "worktime.calendar", "下一年的工作日历", "从 11 月 1 日起每周提醒专项办，直到日历导入为止", "系统约定",
            _owed, _still, workdays_only=True, icon="calendar", needs=Can.WORKTIME_KEEP, settings=(GENERAL_DAYS,),
        )
    ],
    plans=[DeskPlan("worktime", None, _day, 10)],
    tasks=[DeskTasks("worktime", Can.WORKTIME_KEEP, _tasks, 80)],
    probes=[Probe("worktime.years", "工作日历", "calendar", _years, 50)],
    demos=[Demo(25, "工作日历：改过的一天", demo.build)],
)  # fmt: skip
