"""责任区简图: the area of responsibility drawn true to scale from its measures and bounds.

Nothing is drawn that the file of the shop does not say: no trees, no kerbs out of the air. Measures are metres as
decimal text ("6.4"), so that evidence stays canonical.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.papers.engine.figures import Figure, Label, Sketchpad

#: Scales of the sketch; the largest at which the area fits its place is taken.
SCALES = (50, 100, 200, 500, 1000, 2000)
#: Millimetres: the whole picture, the widest and the deepest area in it, the margin at each side.
WIDTH, WIDEST, DEEPEST, WALL = 94.0, 66.0, 30.0, 7.2
#: An area shallower than this has its words below it.
SHALLOW = 9.5
#: Looking at the shop from the street: its wall stands at the top. Wall on this side → what lies left, below, right.
AROUND = {"北": ("西", "南", "东"), "南": ("东", "北", "西"), "东": ("北", "西", "南"), "西": ("南", "东", "北")}
NORTH = {"北": 0, "南": 180, "东": -90, "西": 90}


@dataclass(frozen=True)
class Box:
    """Where the area lies in the picture: its upper left corner, width and depth, in millimetres."""

    x: float
    y: float
    w: float
    d: float


def scale_for(frontage: Decimal, depth: Decimal) -> int:
    """Return the denominator of the largest scale at which the area fits."""
    for scale in SCALES:
        if frontage * 1000 / scale <= Decimal(WIDEST) and depth * 1000 / scale <= Decimal(DEEPEST):
            return scale
    return SCALES[-1]


def wall_side(bounds: Mapping[str, str]) -> str | None:
    """Return the side (东南西北) on which the shop itself stands, by its bounds' words; None when they do not say."""
    for words in ("本店", "店门", "外墙"):
        sides = [side for side, text in bounds.items() if words in text]
        if len(sides) == 1 and sides[0] in AROUND:
            return sides[0]
    return None


def draw(*, frontage: str, depth: str, bounds: Mapping[str, str], shop: str) -> tuple[Figure, int]:
    """Return the sketch of an area, and its scale: the area is `frontage` wide and `depth` deep (metres, decimal text).

    `bounds` maps 东 南 西 北 to their words; missing sides are left out. Measures of zero or less are a ValueError.
    """
    wide, deep = Decimal(frontage), Decimal(depth)
    if wide <= 0 or deep <= 0:
        raise ValueError("an area needs a width and a depth")
    scale = scale_for(wide, deep)
    w, d = min(float(wide * 1000 / scale), WIDEST), min(float(deep * 1000 / scale), DEEPEST)
    x0, y0 = (WIDTH - 6 - w) / 2, WALL
    height = y0 + d + (15.5 if d < SHALLOW else 10.6)
    pad, at = Sketchpad(), Box(x0, y0, w, d)
    _area(pad, at)
    labels = _measures(pad, at, frontage, depth) + _words(pad, at, bounds, shop)
    labels += _scale_bar(pad, scale, height - 0.4)
    return Figure(WIDTH, height, str(pad), tuple(labels)), scale


def _area(pad: Sketchpad, at: Box) -> None:
    """The tinted area with its dashed limit, the hatched wall above it, the front line below."""
    inner = WIDTH - 6
    pad.rectangle(at.x, at.y, at.w, at.d).fill("#e6f1ed")
    steps = range(int((inner - 2.2) / 1.7) + 1)
    pad.lines((1.7 * step, at.y, 1.7 * step + 2.2, at.y - 2.2) for step in steps).stroke(0.14)
    pad.lines([(0, at.y, inner, at.y), (0, at.y + at.d, inner, at.y + at.d)]).stroke(0.3)
    pad.rectangle(at.x, at.y, at.w, at.d).stroke(0.55, dash="3 1.4")


def _measures(pad: Sketchpad, at: Box, frontage: str, depth: str) -> list[Label]:
    """Dimension lines: frontage under the area, depth at the right edge of the picture."""
    foot, below, right = at.y + at.d, at.y + at.d + 3.0, WIDTH - 3.4
    pad.lines([
        (at.x, foot + 0.8, at.x, below + 1), (at.x + at.w, foot + 0.8, at.x + at.w, below + 1),
        (at.x, below, at.x + at.w, below), (WIDTH - 5.4, at.y, right + 1, at.y),
        (WIDTH - 5.4, foot, right + 1, foot), (right, at.y, right, foot),
    ]).stroke(0.15)  # fmt: skip
    ends = ((at.x, below), (at.x + at.w, below), (right, at.y), (right, foot))
    pad.lines((x - 0.7, y + 0.7, x + 0.7, y - 0.7) for x, y in ends).stroke(0.35)
    wide = Label(at.x + at.w / 2, below + 3.4, f"面宽 {frontage} 米", 2.7, bold=True)
    if at.d < SHALLOW:
        return [wide, Label(WIDTH, at.y - 3.3, f"进深 {depth} 米", 2.7, "end", bold=True)]
    middle = max(at.y + at.d / 2, 8)
    return [wide, Label(right + 2.3, middle + 0.9, f"进深 {depth} 米", 2.7, bold=True, turned=True)]


def _words(pad: Sketchpad, at: Box, bounds: Mapping[str, str], shop: str) -> list[Label]:
    """The shop's name over its wall, neighbours at both sides, the front below; north where the bounds tell it."""
    inner, foot = WIDTH - 6, at.y + at.d
    words = [Label(inner / 2, at.y - 3.3, _short(f"本店　{shop}", 22 if at.d < SHALLOW else 30), 2.8, bold=True)]
    side = wall_side(bounds)
    if side is None:
        return words
    left, below, right = AROUND[side]
    middle, spare = (foot + 8.2, 2.5) if at.d < SHALLOW else (at.y + at.d / 2, 0)
    for name, x in ((left, at.x / 2), (right, (inner + at.x + at.w) / 2)):
        words += _stacked(f"{name}至", bounds.get(name, ""), x + spare * (x > at.x), middle, at.x - 1 + spare)
    words.append(Label(inner / 2, foot + 10, _short(f"{below}至　{bounds.get(below, '')}", 20)))
    x, y = (inner - 12, foot + 13) if at.d < SHALLOW else (inner - 3, foot + 6.8)
    turn = math.radians(NORTH[side])
    arrow = ((0, -3.6), (1.4, 2.0), (0, 1.0), (-1.4, 2.0))
    pad.polygon([_turned(point, turn, x, y) for point in arrow]).fill()
    return [*words, Label(x - 3.6, y + 0.9, "北")]


def _turned(point: tuple[float, float], turn: float, x: float, y: float) -> tuple[float, float]:
    cos, sin = math.cos(turn), math.sin(turn)
    return x + point[0] * cos - point[1] * sin, y + point[0] * sin + point[1] * cos


def _stacked(heading: str, words: str, x: float, y: float, room: float) -> list[Label]:
    """A neighbour's words in at most three short lines, as many characters a line as `room` millimetres hold."""
    per = min(10, max(4, int(room / 2.35)))
    lines = [heading, ""]
    for piece in re.findall(r"\d+|\D", words):  # a number is never torn
        if len(lines[-1] + piece) > per:
            lines.append("")
        lines[-1] += piece
    if len(lines) > 4:
        lines = [*lines[:3], lines[3][: per - 1] + "…"]
    top = y - (len(lines) - 1) * 1.6 + 0.8
    return [Label(x, top + place * 3.2, line, 2.3) for place, line in enumerate(lines)]


def _scale_bar(pad: Sketchpad, scale: int, y: float) -> list[Label]:
    """A bar of 20 mm that stands on `y`: what its length is in metres."""
    pad.rectangle(0.6, y - 1, 10, 1).fill().rectangle(10.6, y - 1, 10, 1).stroke(0.15)
    two = Decimal(scale) / 50
    return [Label(0.3, y - 1.7, "0", 2.2, "start"), Label(20.6, y - 1.7, f"{two.normalize():f} 米", 2.2)]


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


def square(frontage: str, depth: str) -> str:
    """Return the area in square metres with one decimal, cut, not rounded (rules 10, Shown figures)."""
    tenths = int(Decimal(frontage) * Decimal(depth) * 10)
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)
