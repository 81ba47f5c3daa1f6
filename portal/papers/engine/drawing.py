"""图: the office's seal, QR codes and signatures, as figures in millimetres. Outlines only, short paths."""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import segno
from markupsafe import Markup

from portal.papers.engine import ink
from portal.papers.engine.figures import Figure, Sketchpad
from portal.papers.engine.fonts import draw_outline, full_name

#: Seal red at about three quarters of its strength, as one flat colour: black text over it stays black in grey print.
SEAL_RED = "#e06862"
SEAL_MM = 42.0


@lru_cache(maxsize=8)
def seal(name: str, below: str, folder: Path) -> Figure:
    """Return a round seal of 42 mm with a star, as a subdistrict office's is, `below` in small under the star.

    `folder` holds the faces. The picture does not change while a process lives, so it is drawn once.
    """
    radius, ring, lean = SEAL_MM / 2, SEAL_MM * 0.0286, math.radians(-4)
    long = len(name) > 11
    high = SEAL_MM * (0.132 if long else 0.150)
    wide = high * (0.74 if long else 0.80)
    middle = radius - ring - SEAL_MM * 0.030 - high / 2
    span = math.radians(268 if long else min(252, 25.2 * (len(name) - 1)))
    pad = Sketchpad()
    pad.polygon(_star(radius, radius - SEAL_MM * 0.030, SEAL_MM * 0.150, lean))
    file = folder / full_name("song", 700)
    for place, character in enumerate(name):
        turn = lean - span / 2 + span * place / max(1, len(name) - 1)
        cos, sin = math.cos(turn), math.sin(turn)
        at = (radius + middle * sin, radius - middle * cos)
        draw_outline(file, character, (wide * cos, wide * sin, -high * sin, high * cos, *at), pad)
    size = SEAL_MM * 0.112
    cos, sin = math.cos(lean), math.sin(lean)
    for place, character in enumerate(below):
        x, y = (place - (len(below) - 1) / 2) * size * 1.22, SEAL_MM * 0.338
        at = (radius + x * cos - y * sin, radius + x * sin + y * cos)
        draw_outline(file, character, (size * cos, size * sin, -size * sin, size * cos, *at), pad)
    pad.fill(SEAL_RED).circle(radius, radius, radius - ring / 2).stroke(ring, SEAL_RED)
    return Figure(SEAL_MM, SEAL_MM, str(pad))


def _star(x: float, y: float, radius: float, lean: float) -> list[tuple[float, float]]:
    corners = []
    for corner in range(10):
        far = radius if corner % 2 == 0 else radius * 0.381966
        turn = math.radians(-90 + 36 * corner) + lean
        corners.append((x + far * math.cos(turn), y + far * math.sin(turn)))
    return corners


def qr(text: str, size: float) -> Figure:
    """Return a QR code of `size` millimetres, error correction M or better, as one path of horizontal bars."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False, boost_error=True).matrix]
    module, pad = size / len(rows), Sketchpad()
    for y, row in enumerate(rows):
        for begin, end in _bars(row):  # a hair higher than a row, so that no renderer shows seams
            pad.rectangle(begin * module, y * module - 0.01, (end - begin) * module, module + 0.02)
    return Figure(size, size, str(pad.fill()))


def _bars(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The dark stretches of a row: (from, to), the second exclusive."""
    x = 0
    while x < len(row):
        begin = x
        while x < len(row) and row[x]:
            x += 1
        if x > begin:
            yield begin, x
        x += 1


def qr_for_screen(text: str, title: str) -> Markup:
    """Return a QR code as SVG for a page of ours: one path, a quiet zone, words for those who cannot see it."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False, boost_error=True).matrix]
    bars = "".join(
        f"M{begin + 2} {y + 2}h{end - begin}v1H{begin + 2}z" for y, row in enumerate(rows) for begin, end in _bars(row)
    )
    side = len(rows) + 4
    return Markup(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{0}v{0}h-{0}z"/><path d="{2}"/></svg>'
    ).format(side, title, bars)


def signature(strokes: Sequence[ink.Stroke], width: float, height: float) -> Figure:
    """Return a signature drawn from its points, as large as fits into width × height millimetres."""
    left, top, wide, high = ink.box(strokes)
    scale = min((width - 2) / (wide or 1), (height - 2) / (high or 1))
    usual, pad = ink.usual_speed(strokes), Sketchpad()
    for stroke in strokes:
        points = [((x - left) * scale + 1, (y - top) * scale + 1) for x, y, _ in stroke]
        if all(math.dist(points[0], point) < 0.3 for point in points):
            pad.circle(*points[0], 0.45)
        else:
            _brush(points, ink.widths(stroke, 0.26, 0.8, usual), pad)
    return Figure(wide * scale + 2, high * scale + 2, str(pad.fill()))


def _brush(points: list[tuple[float, float]], pens: list[float], pad: Sketchpad) -> None:
    """One stroke as a filled outline: down one side and back on the other, with round ends."""
    sides: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for place, (x, y) in enumerate(points):
        before, after = points[max(0, place - 1)], points[min(len(points) - 1, place + 1)]
        way, half = math.dist(before, after) or 1, pens[place] / 2
        across = ((before[1] - after[1]) / way * half, (after[0] - before[0]) / way * half)
        sides[0].append((x + across[0], y + across[1]))
        sides[1].append((x - across[0], y - across[1]))
    pad.move(*sides[0][0])
    _along(sides[0], pad)
    pad.line(sides[1][-1])
    _along(sides[1][::-1], pad)
    pad.close().circle(*points[0], pens[0] / 2).circle(*points[-1], pens[-1] / 2)


def _along(points: list[tuple[float, float]], pad: Sketchpad) -> None:
    """A smooth curve through the points (Catmull and Rom as cubic pieces), from where the pad stands."""
    for place in range(len(points) - 1):
        p0, p1 = points[max(0, place - 1)], points[place]
        p2, p3 = points[place + 1], points[min(len(points) - 1, place + 2)]
        pad.curve(
            p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6,
            p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6, *p2,
        )  # fmt: skip
