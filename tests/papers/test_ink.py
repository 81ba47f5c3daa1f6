"""A signature is thinned to a few hundred points, and its shape is kept."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.papers.engine import canonical, drawing, ink
from tests.papers.papermakers import a_hand

POINT = st.tuples(st.floats(0, 1200), st.floats(0, 500), st.integers(0, 60_000)).map(list)
STROKES = st.lists(st.lists(POINT, min_size=1, max_size=60), min_size=1, max_size=8)


def far_from(point: ink.Point, line: ink.Stroke) -> float:
    if len(line) == 1:
        return math.dist(point[:2], line[0][:2])
    return min(from_segment(point, a, b) for a, b in pairwise(line))


def from_segment(point: ink.Point, start: ink.Point, end: ink.Point) -> float:
    """Distance of a point from a segment, reckoned apart from the engine."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length
    along = min(1.0, max(0.0, along))
    return math.hypot(point[0] - start[0] - along * dx, point[1] - start[1] - along * dy)


@pytest.mark.parametrize("seed", range(5))
def test_few_points_same_shape(seed: int) -> None:
    drawn = a_hand(seed)
    kept = ink.thin(drawn)
    left, top, width, height = ink.box(drawn)
    most = 0.01 * math.hypot(width, height)
    assert sum(map(len, kept)) <= ink.MOST < sum(map(len, drawn))
    for stroke, thinned in zip(drawn, kept, strict=True):
        for x, y, t in stroke:
            assert far_from([x - left, y - top, t], thinned) <= most


@given(STROKES)
def test_ends_order_and_dots_stay(strokes: list[list[list[float]]]) -> None:
    kept = ink.thin(strokes)
    left, top, _, _ = ink.box(strokes)
    assert len(kept) == len(strokes)
    for stroke, thinned in zip(strokes, kept, strict=True):
        for end in (0, -1):
            assert thinned[end][0] == pytest.approx(stroke[end][0] - left, abs=0.06)
            assert thinned[end][1] == pytest.approx(stroke[end][1] - top, abs=0.06)
    assert canonical.text({"strokes": kept}) == canonical.text({"strokes": ink.thin(strokes)})


@given(STROKES)
def test_any_signature_can_be_drawn(strokes: list[list[list[float]]]) -> None:
    figure = drawing.signature(ink.thin(strokes), 44, 15)
    assert figure.width <= 44.01 and figure.height <= 15.01
    assert "nan" not in figure.operators and "inf" not in figure.operators


def test_nothing_is_no_signature() -> None:
    with pytest.raises(ValueError):
        ink.thin([])
