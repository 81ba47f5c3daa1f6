"""What settings give: a line of the rail, the plan's three phases as dated settings, and the demonstration."""

from datetime import date

from portal.ground.declare import Demo, NavEntry, Offers, SettingSpec
from portal.settings import demo

_GROUP = "专项行动"
_PHASES = (
    ("第一阶段", "宣传发动阶段", date(2026, 3, 30), "方案三（一）：印发之日起，到2026年3月底"),
    ("第二阶段", "分类攻坚阶段", date(2026, 4, 1), "方案三（二）：周调度、月通报，到2026年9月底"),
    ("第三阶段", "常态整治阶段", date(2026, 10, 1), "方案三（三）：早中晚三次巡查，长久坚持"),
)


def _phase(place: int) -> list[SettingSpec]:
    word, name, first, source = _PHASES[place - 1]
    clause = source.partition("：")[0]
    before = f"plan.phase_{place - 1}_from" if place > 1 else ""
    return [
        SettingSpec(f"plan.phase_{place}_name", f"{word}名称", name, "", source, "text", _GROUP, least=2, most=12),
        SettingSpec(
            f"plan.phase_{place}_from", f"{word}开始", first, "", f"{clause}；到下一阶段开始的前一天", "date", _GROUP,
            after=before,
        ),
    ]  # fmt: skip


OFFERS = Offers(
    nav=[NavEntry("综合", "设置", "settings.index", "settings", 900)],
    settings=[*_phase(1), *_phase(2), *_phase(3)],
    demos=[Demo(15, "设置：改过的、将要变的", demo.build)],
)
