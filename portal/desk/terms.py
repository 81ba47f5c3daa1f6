"""Words and bounds of the desk and the one search."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.ground.declare import Task

#: Lines of 先办这些, and of the printed sheet.
TASKS, TASKS_PRINTED = 8, 40
#: Bars of a sheet before the rest is a link.
BARS = 8
#: Hits of each room, and letters that a search takes.
HITS, WORDS_MOST = 5, 60
WEEK = "一二三四五六日"
#: Phases in which some cards come first (R5, R13): the first phase is about signing.
FIRST_IN_PHASE = {1: ("pledges.unsigned", "pledges.rate")}


@dataclass(frozen=True)
class Line:
    """A line of 先办这些, its limit in words, and by how much that is past."""

    task: Task
    when: str
    over: str


@dataclass(frozen=True)
class Desk:
    """A desk as it is shown."""

    words: str
    title: str
    figures: Sequence[tuple[Any, Any]]
    lines: Sequence[Line]
    count: int
    plans: Sequence[Any]
    bars: Sequence[tuple[Any, Sequence[Any]]]
    readings: Sequence[tuple[Any, Any]]
