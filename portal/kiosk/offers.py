"""What the room gives to shared rooms: its line in the rail, its settings, and the demonstration's machines."""

from portal.ground.can import Can
from portal.ground.declare import Demo, NavEntry, Offers, SettingSpec
from portal.kiosk import demo
from portal.kiosk.terms import (
    CODE_MINUTES,
    DONE_SECONDS,
    DRAFT_HOURS,
    ENROLMENT_MINUTES,
    IDLE_SECONDS,
    SILENCE_MINUTES,
    WARN_SECONDS,
)


def _setting(key: str, label: str, default: int, unit: str, least: int, most: int, source: str) -> SettingSpec:
    return SettingSpec(
        key, label, default, unit, source, group="自助机", least=least, most=most, needs=Can.SETTINGS_SYSTEM
    )


OFFERS = Offers(
    nav=[NavEntry("综合", "自助机", "kiosk.index", icon="device-tablet", order=820)],
    settings=[
        _setting(CODE_MINUTES, "签约码多久有效", 30, "分钟", 5, 60, "已经发出的码不变"),
        _setting(ENROLMENT_MINUTES, "登记码多久有效", 30, "分钟", 5, 60, "登记机器用的码；已经发出的不变"),
        _setting(IDLE_SECONDS, "多久没人操作就问一声", 120, "秒", 60, 150, "问“还在吗”"),
        _setting(WARN_SECONDS, "问过以后等多久清除", 60, "秒", 60, 90, "无障碍要求不少于 60 秒"),
        _setting(DONE_SECONDS, "签完以后等多久清除", 60, "秒", 20, 60, "按“结束”马上清除"),
        _setting(SILENCE_MINUTES, "没人操作多久办理作废", 5, "分钟", 5, 15, "机器断电、断网时靠它；要输码重来"),
        _setting(DRAFT_HOURS, "没签成的草稿留多久", 24, "小时", 1, 24, "个人信息要求不超过 24 小时"),
    ],
    demos=[Demo(30, "自助机：3 台，等登记", demo.build)],
)
