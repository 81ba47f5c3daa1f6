"""Offers to the office itself: settings, starting data, the demonstration, what people hold."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from portal.ground.actor import Actor
from portal.ground.can import Can


@dataclass(frozen=True)
class SettingSpec:
    """A dated number or text that the office can change ([P] of rules.md).

    `kind`: number (a whole one) | text | time | date | choice; the default is an `int`, `str`, `time` or `date` (ISO
    text will do), and so is what `settings.queries.value` returns. `least` and `most` bound a number, or the length of
    a text; `choices` are (value, label). `after` names a setting that this one must be greater or later than; `refuse`
    says in Chinese what else is wrong with a value, None when nothing.
    `needs` says whose business it is: the campaign's (SETTINGS_KEEP) or the machine's (SETTINGS_SYSTEM).
    """

    key: str
    label: str
    default: Any
    unit: str = ""
    source: str = ""
    kind: str = "number"
    group: str = "门前三包"
    least: int | None = None
    most: int | None = None
    choices: Sequence[tuple[str, str]] = ()
    needs: Can = Can.SETTINGS_KEEP
    after: str = ""
    refuse: Callable[[Any], str | None] | None = None


@dataclass(frozen=True)
class FileNames:
    """A column that names files of the store by their hash; what no such column names is an orphan."""

    label: str
    column: Callable[[], Any]


@dataclass(frozen=True)
class GivenNumbers:
    """Numbers that a room gives out one after the other and that stand on paper or on doors, by name of the sequence.

    When an older copy of the office is brought back, `used()` tells of the office that stood before which number each
    sequence gave last, and `pass_over` sees to it that the restored one goes on behind; it returns how many it skips.
    """

    label: str
    used: Callable[[], Mapping[str, int]]
    pass_over: Callable[[Mapping[str, int]], int]


@dataclass(frozen=True)
class Seed:
    """Starting data: a command that may run at every start and changes nothing the second time."""

    order: int
    sow: Callable[[datetime], None]
    real_only: bool = False  # not for the demonstration office, which brings its own


@dataclass(frozen=True)
class Demo:
    """The room's part of the demonstration office; `build` gets the shared demonstration context."""

    order: int
    label: str
    build: Callable[[Any], None]


class HandOver(Protocol):
    """A service that gives everything of one kind from one person to another; returns how many."""

    def __call__(self, *, giver: int, taker: int, by: Actor, now: datetime) -> int: ...


@dataclass(frozen=True)
class Holding:
    """What a person holds in a room, so that whoever leaves can hand it over in one step.

    `roles(person_id, now)` names the roles of which a taker must hold one, in the community of whoever leaves or in the
    office: accounts asks that, the room need not.
    """

    key: str
    label: str  # 未办的提醒
    unit: str  # 条
    count: Callable[[int, datetime], int]
    hand_over: HandOver
    order: int
    roles: Callable[[int, datetime], Collection[str]]


@dataclass(frozen=True)
class AreaUse:
    """What a room has standing in an area, so that nobody closes an area over it: 人员 3 人, 商户 12 家.

    `count(area_id, now)` is asked when somebody wants to close the area, and on its file page.
    """

    label: str
    unit: str
    count: Callable[[int, datetime], int]
    order: int
