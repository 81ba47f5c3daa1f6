"""Offers to the desk and to the one search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.ground.actor import Actor
from portal.ground.can import Can


@dataclass(frozen=True)
class Figure:
    """A number above its list: `number` is shown as it is (cut, never rounded), `late` paints it red.

    `part` is a piece of `second` that opens a list of its own, what is overdue of the number: its words, and where they
    lead. `asks` is how many of it wait for whoever looks, without a limit that would put them among 先办这些.
    """

    number: str
    unit: str = ""
    second: str = ""
    url: str = ""
    late: bool = False
    asks: int = 0
    part: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class DeskCard:
    """A figure of 今日工作台: one query, within the reach of whoever looks; None leaves the card out. `needs` None: for
    everybody who has logged in."""

    key: str
    label: str
    icon: str
    needs: Can | None
    read: Callable[[Actor, datetime], Figure | None]
    order: int


@dataclass(frozen=True)
class Task:
    """A line of 先办这些: what, by when, who has it, how it stands; `rank` orders lines of one instant."""

    title: str
    second: str
    until_at: datetime
    whose: str
    lamp: str  # late | soon | fine | held | done
    word: str
    icon: str
    url: str


@dataclass(frozen=True)
class Tasks:
    """What waits for somebody in a room: the first lines by their limit, how many there are, how many of them late."""

    lines: Sequence[Task]
    count: int
    late: int


@dataclass(frozen=True)
class DeskTasks:
    """What waits for somebody in a room: `limit` lines at most, and the whole count; one query for each kind."""

    key: str
    needs: Can
    read: Callable[[Actor, datetime, int], Tasks]
    order: int


@dataclass(frozen=True)
class PlanLine:
    """A line of 今天的安排; at midnight it is the whole day's."""

    at: datetime
    title: str
    second: str
    lamp: str
    word: str
    icon: str
    url: str


@dataclass(frozen=True)
class DeskPlan:
    """What a room has planned for somebody's day; one query. `needs` None: for everybody who has logged in."""

    key: str
    needs: Can | None
    read: Callable[[Actor, datetime], Sequence[PlanLine]]
    order: int


@dataclass(frozen=True)
class Bar:
    """A line of a progress sheet: done of whole."""

    label: str
    done: int
    whole: int
    url: str


@dataclass(frozen=True)
class DeskBars:
    """A sheet of bars on the desk (签约进度); one query."""

    key: str
    title: str
    url: str
    url_label: str
    needs: Can
    read: Callable[[Actor, datetime], Sequence[Bar]]
    order: int


@dataclass(frozen=True)
class Hit:
    """One find of the one search."""

    title: str
    second: str
    url: str
    icon: str = ""
    exact: bool = False  # its number was typed in full: its room comes first


@dataclass(frozen=True)
class SearchIn:
    """A room's part of the one search: the best `limit` hits within the reach of whoever asks."""

    key: str
    label: str
    icon: str
    needs: Can
    find: Callable[[Actor, str, int], Sequence[Hit]]
    all_url: Callable[[str], str]
    order: int
