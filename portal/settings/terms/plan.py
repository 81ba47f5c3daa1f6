"""The plan's three phases (R5, R13, R14), and what the plan leaves open (rules 0)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

#: The plan's three phases (R5, R13, R14): keys of the name and of the first day; each ends where the next begins.
PHASES = (
    ("plan.phase_1_name", "plan.phase_1_from"),
    ("plan.phase_2_name", "plan.phase_2_from"),
    ("plan.phase_3_name", "plan.phase_3_from"),
)


class Phase(NamedTuple):
    """Where the campaign stands on a day: `number` 1 to 3, `day_number` counts from 1 on the phase's first day."""

    name: str
    number: int
    begins_on: date
    day_number: int

    @property
    def words(self) -> str:
        """常态整治阶段第 56 天"""
        return f"{self.name}第 {self.day_number} 天"


@dataclass(frozen=True)
class Ambiguity:
    """Something that the plan leaves open: what it says, what the portal takes, why, and the settings that rule it."""

    said: str
    taken: str
    why: str
    keys: Sequence[str] = ()


def phase_on(days: Sequence[tuple[str, date]], on: date) -> Phase | None:
    """Return the phase that a day belongs to, of the phases' (name, first day); None before the first began."""
    begun = [(first, number, name) for number, (name, first) in enumerate(days, 1) if first <= on]
    if not begun:
        return None
    first, number, name = max(begun)
    return Phase(name, number, first, (on - first).days + 1)


class Stage(NamedTuple):
    """A phase as the page shows it: its name, a figure, in which way it stands, and its days."""

    name: str
    figure: str
    standing: str
    days: str


def stages(phases: Sequence[tuple[str, date, date | None]], on: date) -> list[Stage]:
    """Return the phases (name, first day, first day of the next) as a page shows them on a day."""
    now, found = phase_on([(name, first) for name, first, _end in phases], on), []
    for number, (name, first, end) in enumerate(phases, 1):
        standing = "past" if now and number < now.number else "now" if now and number == now.number else "to come"
        figure = f"第 {now.day_number}" if now and standing == "now" else str((end - first).days) if end else ""
        found.append(Stage(name, figure, standing, _days(first, end)))
    return found


def _days(first: date, end: date | None) -> str:
    begins = f"{first.year}年{first.month}月{first.day}日"
    if end is None:
        return f"{begins}起，长久坚持"
    last = end - timedelta(days=1)
    ends = f"{last.month}月{last.day}日"
    return f"{begins}—{ends if last.year == first.year else f'{last.year}年{ends}'}"


#: Each ships with a default that the office can see, and change where it is a setting.
AMBIGUITIES = (
    Ambiguity(
        "一般事项写“7个工作日”，复杂事项写“15日内”，没有说15日是日历天还是工作日",
        "15日按日历天算，末日休息就顺延到下一个工作日；并且不早于7个工作日的期限",
        "照字面，写明“工作日”的才按工作日算；但碰上长假，15天会比7个工作日先到，复杂事项的期限不能比一般事项短",
        ("worktime.complex_days", "worktime.complex_least", "worktime.general_days"),
    ),
    Ambiguity(
        "“自接到交办事项之日起”，没有说当天算不算、以交办还是以签收为准",
        "交办当天不算，从第二天算起；以交办的时间为准",
        "期限照通行的算法不算开始的当天；以签收为准的话，不签收就能把时间拖下去",
        ("worktime.day_end",),
    ),
    Ambiguity(
        "“紧急事项立即办理”，没有说多快才算立即",
        "2小时内响应，当天到现场",
        "要能提醒、能考核，就得有一个数",
        ("worktime.urgent_hours",),
    ),
    Ambiguity(
        "第一阶段到2026年3月底就要全覆盖签订，本系统启用在后",
        "以前签的纸质责任书照原件录入，签订日期、起止日期都用原来的，确认以后同样算数",
        "已经签过的店不用重签，签订率才符合实际",
        ("plan.phase_1_from", "plan.phase_2_from", "pledges.term_months"),
    ),
    Ambiguity(
        "志愿服务的载体叫“桂溪桑榆”，队伍叫“桑榆生辉”，一事两名",
        "两个名称都保留，指同一支队伍",
        "文件、证书和活动上两个名称都在用，人和时长只记一份",
    ),
    Ambiguity(
        "“141”平台和“桂溪e家”都在本系统之外，方案要求问题同步到“141”",
        "本系统只记它们的编号，用导入、导出的表格和它们核对，不说自动同步",
        "没有接口，说了做不到；编号对得上，就能逐件核对",
    ),
)
