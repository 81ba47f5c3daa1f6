"""A limit as a strip of days (kit/strip.html): every day a box, counted ones numbered, arcs over what is left out.

Plain geometry in pixels, drawn twice: one row for a wide page, several rows for a narrow one; a style sheet picks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from portal.ground.workdays import Day, DayKind, Deadline, Step, Track
from portal.ground.workdays.words import short, why

WEEKDAYS = "一二三四五六日"
GAP, BOX, BOX_MOST, LABELS, BELOW = 3.0, 64.0, 64.0, 40.0, 14.0
#: Width of the drawing and days in a row: for a page beside the rail, and for one of 683 px without it.
FRAMES = (("wide", 1060.0, 20), ("narrow", 610.0, 10))


class Box(NamedTuple):
    """A day: `kind` is zero, work, off or due; `mark` stands large in it, `note` small; `below` are lines of labels."""

    x: float
    y: float
    width: float
    kind: str
    mark: str
    note: str
    below: tuple[str, ...]
    provisional: bool


class Arc(NamedTuple):
    """A hop from a counted day to the next: the line, its tip ("" where it goes on in the next row)."""

    line: str
    tip: str


class Words(NamedTuple):
    """Words of the drawing: where, from which end, in which style."""

    x: float
    y: float
    anchor: str
    kind: str
    text: str


class Span(NamedTuple):
    """The other way of counting, below the row: up to its last day, then on to the day that decides."""

    first: float
    last: float
    due: float
    y: float


@dataclass
class Strip:
    """A drawing."""

    frame: str
    width: float
    height: float = 0.0
    boxes: list[Box] = field(default_factory=list)
    arcs: list[Arc] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)


def day_strips(
    deadline: Deadline,
    *,
    start: str = "交办",
    end: str = "办结",
    beside: Track | None = None,
    beside_words: str = "",
    beside_note: str = "",
) -> list[Strip]:
    """Return the drawings of a limit for both frames; nothing for a limit in minutes.

    `start` and `end` say what began and what must be done; `beside` is another count of the same start, drawn below
    where it ends within the strip, with what it is called and why it does not decide.
    """
    if deadline.track is None:
        return []
    beside = beside or deadline.beside
    said = (beside_words, beside_note or "早一些，以晚的为准")
    return [_Hand(frame, width, most, deadline, start, end).draw(beside, *said) for frame, width, most in FRAMES]


class _Hand:
    """Draws one strip."""

    def __init__(self, frame: str, width: float, most: int, deadline: Deadline, start: str, end: str):
        assert deadline.track is not None
        self.deadline, self.track, self.start, self.end = deadline, deadline.track, start, end
        self.steps = self.track.steps
        count = len(self.steps)
        rows = -(-count // most)
        self.in_row = -(-count // rows) if rows > 1 else count
        self.box = min(BOX_MOST, (width - GAP * (self.in_row - 1)) / self.in_row)
        self.head = 62.0 if self.track.working or self.track.rolled else 30.0
        self.pitch = self.head + BOX + LABELS + (12 if self.track.provisional else 0) + BELOW
        used = self.in_row * (self.box + GAP) - GAP
        self.strip = Strip(frame, max(used, 150.0), rows * self.pitch)
        self.rows = rows

    def x(self, place: int) -> float:
        return round(place % self.in_row * (self.box + GAP), 1)

    def y(self, place: int) -> float:
        return place // self.in_row * self.pitch + self.head

    def middle(self, place: int) -> float:
        return self.x(place) + self.box / 2

    def draw(self, beside: Track | None, words: str, note: str) -> Strip:
        strip = self.strip
        strip.boxes = [self._box(place, step) for place, step in enumerate(self.steps)]
        for first, last in self._hops():
            strip.arcs += self._arc(first, last)
            strip.words += self._skipped(first, last)
        strip.words.append(self._due())
        if beside is not None and self.rows == 1:
            self._beside(beside, words, note)
        return strip

    def _box(self, place: int, step: Step) -> Box:
        on, last = step.day.on, place == len(self.steps) - 1
        kind = "zero" if place == 0 else "due" if last else "off" if not step.day.works else "work"
        mark = "0" if place == 0 else str(step.number) if step.number is not None else ""
        if last and not mark:
            mark = "到"  # a count of all days that has rolled on to here
        dated = place % self.in_row == 0 or on.day == 1
        guess = ["暂估"] if step.provisional else []
        below = (short(on) if dated else str(on.day), f"周{WEEKDAYS[on.weekday()]}", *guess)
        return Box(
            self.x(place), self.y(place), round(self.box, 1), kind, mark, self._note(place, step), below,
            step.provisional,
        )  # fmt: skip

    def _note(self, place: int, step: Step) -> str:
        if place == 0:
            return self.start
        if step.day.kind is DayKind.MAKE_UP:
            return "补班"
        return "" if step.day.works else brief(step.day)

    def _hops(self) -> Iterator[tuple[int, int]]:
        """Pairs of places that an arc joins: counted days one after the other; of all days only the last roll."""
        if self.track.working:
            counted = [place for place, step in enumerate(self.steps) if step.number is not None]
            yield from pairwise(counted)
        elif self.track.rolled:
            yield self.track.days, len(self.steps) - 1

    def _arc(self, first: int, last: int) -> list[Arc]:
        x0, x1, top = self.middle(first) + (6 if first else 0), self.middle(last) - 4, self.y(first) - 4
        if self.y(first) == self.y(last):
            rise, part = self._rise(x0, x1), (x1 - x0) * 0.22
            return [
                Arc(_curve((x0, top), (x0 + part, top - rise), (x1 - part, top - rise), (x1, top - 1)), _tip(x1, top))
            ]
        edge, high, below = self.strip.width, top - 30, self.y(last) - 4  # over the end of a row, on in the next one
        out = _curve((x0, top), (x0 + 8, high), (edge - 12, high), (edge, high))
        back = _curve((0, below - 30), (x1 * 0.4, below - 30), (x1 - 8, below - 30), (x1, below - 1))
        return [Arc(out, ""), Arc(back, _tip(x1, below))]

    @staticmethod
    def _rise(x0: float, x1: float) -> float:
        return min(44.0, 10 + (x1 - x0) * 0.11)

    def _skipped(self, first: int, last: int) -> list[Words]:
        gone = last - first - 1
        if gone < 1 or (gone < 2 and self.track.working):
            return []
        said = f"跳过 {gone} 天" if self.track.working else f"顺延 {last - first} 天"
        if self.y(first) != self.y(last):  # at the end of its row, or where the next one begins: where there is room
            room_first = self.strip.width - self.middle(first) > self.middle(last)
            x, anchor = (self.strip.width - 4, "end") if room_first else (4.0, "start")
            return [Words(x, (self.y(first) if room_first else self.y(last)) - 40, anchor, "small", said)]
        x0, x1 = self.middle(first), self.middle(last)
        y = self.y(first) - 12 - self._rise(x0, x1) * 0.72
        return [Words((x0 + x1) / 2, round(y, 1), "middle", "small", said)]

    def _due(self) -> Words:
        """18:00 前办结, over the last day; aside of the arc that ends there."""
        place = len(self.steps) - 1
        right = self.x(place) + self.box
        at = self.deadline.until_at
        clock = "24:00" if at.date() != self.deadline.due_on else f"{at:%H:%M}"
        y = self.y(place) - (34 if self.head > 40 else 12)
        anchor, x = ("end", right) if right > 130 else ("start", self.x(place))
        return Words(x, y, anchor, "until", f"{clock} 前{self.end}")

    def _beside(self, beside: Track, words: str, note: str) -> None:
        start = self.steps[0].day.on
        last, due = (beside.counted_to - start).days, len(self.steps) - 1
        if not 0 < last <= due:
            return
        strip, y = self.strip, self.pitch + 18
        said = words or f"按 {beside.days} {'个工作日' if beside.working else '天'}算，到 {short(beside.counted_to)}"
        strip.spans.append(Span(self.middle(0), self.middle(last), self.middle(due), y))
        strip.words.append(Words((self.middle(0) + self.middle(last)) / 2, y - 7, "middle", "small halo", said))
        if last < due:
            strip.words.append(Words(strip.width, y + 19, "end", "small", note))
        strip.height = y + 26


def _curve(*points: tuple[float, float]) -> str:
    start, *rest = (f"{x:.1f} {y:.1f}" for x, y in points)
    return f"M{start}C{' '.join(rest)}"


def _tip(x: float, top: float) -> str:
    return f"M{x - 4:.1f} {top - 7:.1f}L{x + 0.5:.1f} {top:.1f}L{x - 8:.1f} {top - 1.5:.1f}Z"


def brief(day: Day) -> str:
    """A day off in a box: 中秋, 国庆, 春节; 休 for a weekend."""
    if not day.name:
        return "休" if day.kind is DayKind.WEEKEND else "假"
    name = day.name.removesuffix("节") if len(day.name) > 2 else day.name
    return name if len(name) < 4 else name[:3]


def strip_rows(track: Track) -> Sequence[tuple[date, str, str, str, bool]]:
    """The table behind a strip: day, weekday, which of the count, why, provisional."""
    return [
        (step.day.on, f"周{WEEKDAYS[step.day.on.weekday()]}", _which(step), why(step, track), step.provisional)
        for step in track.steps
    ]


def _which(step: Step) -> str:
    return "不算" if step.number is None else "当天" if step.number == 0 else str(step.number)
