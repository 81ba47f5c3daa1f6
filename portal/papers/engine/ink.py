"""签名: a signature's points, thinned to a few hundred with their shape kept, and drawn again from them.

A point is [x, y, t]: pixels of the pad, y down, milliseconds. A stroke is a list of points, a signature a list of
strokes (rules 1, Kiosk signing; proofs.md, Traps: half of a paper's time went into 8,600-point signatures).
"""

import math
from collections.abc import Sequence
from itertools import pairwise

Point = Sequence[float]
Stroke = Sequence[Point]

#: How many points a signature keeps at most, and how far a kept line may lie from the drawn one, of its diagonal.
MOST = 320
TOLERANCE = 0.0022


def thin(strokes: Sequence[Stroke], most: int = MOST) -> list[list[list[float]]]:
    """Return the same signature with at most about `most` points, moved to its own corner, times from 0.

    Coordinates come back with one decimal, times as whole milliseconds. A stroke keeps both its ends, a dot stays.
    """
    left, top, width, height = box(strokes)
    begin = min(point[2] for stroke in strokes for point in stroke)
    tolerance = TOLERANCE * (math.hypot(width, height) or 1)
    kept = [_simplified(stroke, tolerance) for stroke in strokes if stroke]
    while sum(map(len, kept)) > most and any(len(stroke) > 2 for stroke in kept):
        tolerance *= 1.25
        kept = [_simplified(stroke, tolerance) for stroke in kept]
    return [[[round(x - left, 1), round(y - top, 1), round(t - begin)] for x, y, t in stroke] for stroke in kept]


def box(strokes: Sequence[Stroke]) -> tuple[float, float, float, float]:
    """Return left, top, width and height of all points; a signature without points is a ValueError."""
    points = [point for stroke in strokes for point in stroke]
    if not points:
        raise ValueError("a signature needs points")
    left, top = min(p[0] for p in points), min(p[1] for p in points)
    return left, top, max(p[0] for p in points) - left, max(p[1] for p in points) - top


def _simplified(stroke: Stroke, tolerance: float) -> list[Point]:
    """Ramer, Douglas and Peucker: keep the points without which the line would move by more than `tolerance`."""
    keep = [False] * len(stroke)
    keep[0] = keep[-1] = True
    spans = [(0, len(stroke) - 1)]
    while spans:
        first, last = spans.pop()
        where = _farthest(stroke, first, last, tolerance)
        if where:
            keep[where] = True
            spans += [(first, where), (where, last)]
    return [point for point, wanted in zip(stroke, keep, strict=True) if wanted]


def _farthest(stroke: Stroke, first: int, last: int, tolerance: float) -> int:
    """Index of the point between two others that lies farthest from their segment, 0 when none is beyond `tolerance`.

    One plain loop over squares: a signature asks this some thousand times while somebody waits with the pen in hand.
    """
    x0, y0 = stroke[first][0], stroke[first][1]
    dx, dy = stroke[last][0] - x0, stroke[last][1] - y0
    length = dx * dx + dy * dy
    far, where = tolerance * tolerance, 0
    for index in range(first + 1, last):
        point = stroke[index]
        x, y = point[0] - x0, point[1] - y0
        if length:
            along = (x * dx + y * dy) / length
            if along > 0:
                along = min(along, 1.0)
                x, y = x - along * dx, y - along * dy
        square = x * x + y * y
        if square > far:
            far, where = square, index
    return where


def widths(stroke: Stroke, thin_pen: float, thick_pen: float, usual: float) -> list[float]:
    """Return the pen's width at each point: quick is thin, slow is thick, landing and lifting taper.

    `usual` is the speed that counts as quick (pixels a millisecond).
    """
    found: list[float] = []
    for index in range(len(stroke)):
        before, after = stroke[max(0, index - 1)], stroke[min(len(stroke) - 1, index + 1)]
        way = math.hypot(after[0] - before[0], after[1] - before[1])
        speed = way / max(1.0, after[2] - before[2]) / usual
        wanted = thick_pen - (thick_pen - thin_pen) * min(1.0, speed) ** 0.8
        found.append(wanted if not found else found[-1] * 0.45 + wanted * 0.55)
    if len(found) > 2:
        found[0] *= 0.7
        found[-1] *= 0.55
    return found


def usual_speed(strokes: Sequence[Stroke]) -> float:
    """Return a quick speed of this hand: nine tenths of the segments are slower."""
    speeds = sorted(
        math.hypot(b[0] - a[0], b[1] - a[1]) / max(1.0, b[2] - a[2]) for stroke in strokes for a, b in pairwise(stroke)
    )
    return (speeds[int(len(speeds) * 0.9)] if speeds else 1.0) or 1.0
