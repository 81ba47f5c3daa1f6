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
#: Probes of somebody are shown whole up to so many; of more, those that want looking after.
READINGS_WHOLE = 3


@dataclass(frozen=True)
class Emphasis:
    """What a phase of the plan brings forward: cards that come first, cards that come last, and whether the progress
    stands above the day's plan."""

    first: Sequence[str] = ()
    last: Sequence[str] = ()
    progress_above: bool = False


#: By the number of the phase (settings, R5, R13, R14): all shops sign; what lags is put right; what stands is kept.
IN_PHASE = {
    1: Emphasis(("pledges.unsigned", "pledges.rate"), ("pledges.soon", "pledges.today"), progress_above=True),
    2: Emphasis(("pledges.lapsed", "pledges.confirm", "pledges.unsigned"), progress_above=True),
    3: Emphasis(("pledges.lapsed", "pledges.today", "pledges.confirm"), ("pledges.unsigned",)),
}


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
    progress_above: bool
    bars: Sequence[tuple[Any, Sequence[Any], int]]  # with how many more there are
    readings: Sequence[tuple[Any, Any]]
    fine: int  # probes that find nothing wrong
    asked: int  # what waits without a limit, in the figures
