"""What the room gives to shared rooms: its line in the rail, its settings, the rule of 叫工作人员, the demonstration's
machines."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from flask import url_for

from portal.accounts.terms import roles_with
from portal.ground.can import Can
from portal.ground.declare import (
    AreaUse,
    Demo,
    Escalation,
    Holding,
    NavEntry,
    Offers,
    Owed,
    ReminderRule,
    SettingSpec,
    Whom,
)
from portal.kiosk import demo, queries, services
from portal.kiosk.terms import (
    CALL_MINUTES,
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


def _attended(person_id: int, _now: datetime) -> int:
    """At how many machines somebody is named."""
    return queries.count_attended(person_id)


def _coming_roles(_person_id: int, _now: datetime) -> Collection[str]:
    """Who may come when people call: whoever does business."""
    return roles_with()


def _called(since: datetime, now: datetime) -> Sequence[Owed]:
    """A call that waits is owed to whoever is named for the machine, else to whoever serves its hall."""
    return [
        Owed(
            f"call:{one.id}", "call", one.called_at, Whom(one.person_id, queries.role_of(one.kind), one.area_id),
            f"{one.device}有人叫工作人员", "自助机上有人按了“叫工作人员”", url_for("kiosk.calls"),
            f"{one.called_at:%H:%M} 叫的，人在机器旁边等", lamp="soon", word="在等",
        )
        for one in queries.since(since, now)
    ]  # fmt: skip


def _waiting(subjects: Sequence[str], _now: datetime) -> Collection[str]:
    """Those of the calls that nobody has answered yet."""
    ids = {int(one.partition(":")[2]): one for one in subjects}
    return [ids[one] for one in queries.open_ids(list(ids))]


OFFERS = Offers(
    nav=[NavEntry("综合", "自助机", "kiosk.index", icon="device-tablet", order=820)],
    settings=[
        _setting(CODE_MINUTES, "签约码多久有效", 30, "分钟", 5, 60, "已经发出的码不变"),
        _setting(ENROLMENT_MINUTES, "登记码多久有效", 30, "分钟", 5, 60, "登记机器用的码；已经发出的不变"),
        _setting(IDLE_SECONDS, "多久没人操作就问一声", 120, "秒", 60, 150, "问“还在吗”"),
        _setting(WARN_SECONDS, "问过以后等多久清除", 60, "秒", 60, 90, "无障碍要求不少于 60 秒"),
        _setting(DONE_SECONDS, "签完以后等多久清除", 60, "秒", 20, 60, "按“结束”马上清除"),
        _setting(SILENCE_MINUTES, "没人操作多久办理作废", 5, "分钟", 5, 15, "机器断电、断网时靠它；要输码重来"),
        _setting(CALL_MINUTES, "叫工作人员多久没人应就作罢", 30, "分钟", 5, 120, "作罢以后可以再叫"),
        _setting(DRAFT_HOURS, "没签成的草稿留多久", 24, "小时", 1, 24, "个人信息要求不超过 24 小时"),
    ],
    area_uses=[AreaUse("自助机", "台", queries.standing_in, 30)],
    holdings=[Holding("kiosk.attendants", "守着的自助机", "台", _attended, services.hand_over, 30, _coming_roles)],
    reminders=[
        ReminderRule(
            "kiosk.call",
            "自助机叫人",
            "自助机上有人按“叫工作人员”，马上提醒守着它的人；5 分钟没人应，提醒书记或专项办",
            "系统约定",
            _called,
            _waiting,
            at_once=True,
            through_quiet=True,
            escalation=Escalation(timedelta(minutes=5), "secretary"),
            icon="headset",
            given=False,
            settings=(CALL_MINUTES,),
        )
    ],
    demos=[Demo(30, "自助机：3 台，等登记", demo.build)],
)
