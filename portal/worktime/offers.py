"""What the calendar gives: a line of the rail, the limits' numbers as settings, starting data."""

from datetime import datetime

from portal.ground.declare import Offers, Seed, SettingSpec
from portal.worktime import services
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


OFFERS = Offers(settings=SETTINGS, seeds=[Seed(5, _sow)])
