"""What settings give: the plan's own dated settings (the three phases)."""

from datetime import date

from portal.ground.declare import Offers, SettingSpec

_PLAN = "专项行动"

OFFERS = Offers(
    settings=[
        SettingSpec("plan.phase_1_name", "第一阶段名称", "宣传发动阶段", "", "方案三（一）", "text", _PLAN),
        SettingSpec(
            "plan.phase_1_from", "第一阶段开始", date(2026, 3, 30), "", "方案三（一）：印发之日起", "date", _PLAN
        ),
        SettingSpec("plan.phase_2_name", "第二阶段名称", "分类攻坚阶段", "", "方案三（二）", "text", _PLAN),
        SettingSpec("plan.phase_2_from", "第二阶段开始", date(2026, 4, 1), "", "方案三（二）", "date", _PLAN),
        SettingSpec("plan.phase_3_name", "第三阶段名称", "常态整治阶段", "", "方案三（三）", "text", _PLAN),
        SettingSpec("plan.phase_3_from", "第三阶段开始", date(2026, 10, 1), "", "方案三（三）", "date", _PLAN),
    ]
)
