"""Words of the page: groups, reasons, a line, a line of a history, and what the address bar asks for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from portal.ground.declare.office import SettingSpec
from portal.settings.terms.values import Version, worded

#: Groups of the page, in their order; what a room puts elsewhere comes after them.
GROUPS = ("专项行动", "门前三包", "期限与提醒", "登录与账号", "自助机", "运行维护")
REASON_MOST = 60
#: Reasons for a change: four to press, the fifth is typed.
REASONS: dict[str, str] = {
    "meeting": "街道办公会议定",
    "superior": "上级文件要求",
    "practice": "按实际工作需要",
    "slip": "更正填错的值",
}

#: How a setting stands.
STATES = {"shipped": "出厂值", "changed": "改过", "coming": "将要变"}


@dataclass(frozen=True)
class Line:
    """A line of the page: what the room offers, the value of today, and those that are still to come."""

    spec: SettingSpec
    now: Version
    coming: Sequence[Version]

    @property
    def shipped(self) -> bool:
        """Whether the portal's own default is good today."""
        return self.now.number == 0

    @property
    def words(self) -> str:
        """Today's value with its unit."""
        return worded(self.spec, self.now.value)

    @property
    def coming_words(self) -> list[str]:
        """What comes next: 2026年12月1日起 24 个月."""
        days = [f"{one.from_on.year}年{one.from_on.month}月{one.from_on.day}日起" for one in self.coming]
        return [f"{day} {value}" for day, value in zip(days, self.coming_values, strict=True)]

    @property
    def coming_values(self) -> list[str]:
        """The values that come next, with their unit."""
        return [worded(self.spec, one.value) for one in self.coming]


@dataclass(frozen=True)
class Change:
    """A line of a setting's history: a value from a day on, or the withdrawal of one (`withdraws`)."""

    number: int
    words: str
    from_on: date
    set_at: datetime
    set_by: str
    reason: str
    withdraws: int | None
    withdrawn: bool


@dataclass(frozen=True)
class Asked:
    """What a list of settings was asked for, as the address bar says it."""

    q: str = ""
    group: str = ""
    state: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """Return what can be read; the rest narrows nothing."""
        state = given.get("state", "")
        return cls(given.get("q", "").strip()[:40], given.get("group", "")[:20], state if state in STATES else "")

    def narrow(self, lines: Iterable[Line]) -> list[Line]:
        """Return the lines that were asked for."""
        return [line for line in lines if self._wants(line)]

    def _wants(self, line: Line) -> bool:
        spec = line.spec
        if self.group and spec.group != self.group:
            return False
        if self.q and self.q.lower() not in f"{spec.label} {spec.source} {spec.key} {line.words}".lower():
            return False
        return {"": True, "shipped": line.shipped, "changed": not line.shipped, "coming": bool(line.coming)}[self.state]

    @property
    def words(self) -> str:
        """What was asked for, in words; empty for everything."""
        said = (
            f"类别：{self.group}" if self.group else "",
            f"搜索：{self.q}" if self.q else "",
            f"状态：{STATES[self.state]}" if self.state else "",
        )
        return "；".join(part for part in said if part)
