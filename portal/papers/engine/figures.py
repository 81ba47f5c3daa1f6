"""图形: drawings as PDF operators in millimetres, placed where the layout leaves room for them.

WeasyPrint draws SVG by parsing every path in Python: half of a paper's time (design/papers/README). So papers draw
straight into the page: a template puts `pen.…` where a drawing belongs, which leaves an empty box with an id, and after
the layout the drawings are written under the page's text. Coordinates run right and down, as on a screen.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pydyf
from fontTools.pens.basePen import BasePen
from markupsafe import Markup, escape

Matrix = tuple[float, float, float, float, float, float]
#: How far the control points of a quarter circle stand out.
ROUND = 0.5522847498
POINTS_PER_MM = 72 / 25.4


def n(value: float) -> str:
    """Return a number with three decimals at most."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True)
class Label:
    """Words in a drawing, set as real text: `x`, `y` the middle of their baseline box, `size` in millimetres.

    `anchor` is middle, start or end; `turned` runs upwards.
    """

    x: float
    y: float
    words: str
    size: float = 2.5
    anchor: str = "middle"
    bold: bool = False
    turned: bool = False


@dataclass(frozen=True)
class Figure:
    """A drawing of `width` × `height` millimetres: operators, and words over them."""

    width: float
    height: float
    operators: str
    labels: tuple[Label, ...] = ()


@dataclass
class Sketchpad:
    """Collects operators: paths, then `fill` or `stroke`."""

    parts: list[str] = field(default_factory=list)

    def move(self, x: float, y: float) -> "Sketchpad":
        """Begin a line at x, y."""
        self.parts.append(f"{n(x)} {n(y)} m")
        return self

    def line(self, *points: tuple[float, float]) -> "Sketchpad":
        """Go on straight to each point."""
        self.parts += [f"{n(x)} {n(y)} l" for x, y in points]
        return self

    def lines(self, pairs: Iterable[tuple[float, float, float, float]]) -> "Sketchpad":
        """Separate straight lines x1, y1, x2, y2."""
        for x1, y1, x2, y2 in pairs:
            self.parts.append(f"{n(x1)} {n(y1)} m {n(x2)} {n(y2)} l")
        return self

    def curve(self, *numbers: float) -> "Sketchpad":
        """A cubic curve: two control points and the end."""
        self.parts.append(" ".join(map(n, numbers)) + " c")
        return self

    def rectangle(self, x: float, y: float, width: float, height: float) -> "Sketchpad":
        """A rectangle."""
        self.parts.append(f"{n(x)} {n(y)} {n(width)} {n(height)} re")
        return self

    def polygon(self, points: Sequence[tuple[float, float]]) -> "Sketchpad":
        """A closed polygon."""
        return self.move(*points[0]).line(*points[1:]).close()

    def circle(self, x: float, y: float, radius: float) -> "Sketchpad":
        """A circle of four curves."""
        r, k = radius, radius * ROUND
        self.move(x + r, y)
        self.curve(x + r, y + k, x + k, y + r, x, y + r).curve(x - k, y + r, x - r, y + k, x - r, y)
        return self.curve(x - r, y - k, x - k, y - r, x, y - r).curve(x + k, y - r, x + r, y - k, x + r, y).close()

    def close(self) -> "Sketchpad":
        """Close the present line."""
        self.parts.append("h")
        return self

    def fill(self, colour: str = "#000000") -> "Sketchpad":
        """Fill what was drawn."""
        self.parts.append(f"{_colour(colour)} rg f")
        return self

    def stroke(self, width: float, colour: str = "#000000", dash: str = "") -> "Sketchpad":
        """Draw the line itself; `dash` is lengths in millimetres ("3 1.2")."""
        self.parts.append(f"{_colour(colour)} RG {n(width)} w [{dash}] 0 d S")
        return self

    def __str__(self) -> str:
        return "\n".join(self.parts)


class OutlinePen(BasePen):
    """fontTools' pen into a sketchpad: quadratic outlines become cubic ones."""

    def __init__(self, glyphs: Any, pad: Sketchpad, matrix: Matrix):
        super().__init__(glyphs)
        self.pad, self.matrix = pad, matrix

    def _at(self, point: tuple[float, float]) -> tuple[float, float]:
        a, b, c, d, e, f = self.matrix
        return a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f

    def _moveTo(self, point: tuple[float, float]) -> None:
        self.pad.move(*self._at(point))

    def _lineTo(self, point: tuple[float, float]) -> None:
        self.pad.line(self._at(point))

    def _curveToOne(self, one: Any, two: Any, end: Any) -> None:
        self.pad.curve(*self._at(one), *self._at(two), *self._at(end))

    def _closePath(self) -> None:
        self.pad.close()


def _colour(text: str) -> str:
    return " ".join(n(int(text[place : place + 2], 16) / 255) for place in (1, 3, 5))


@dataclass
class Easel:
    """The drawings of one paper, by the id of the box that was left for each."""

    figures: dict[str, Figure] = field(default_factory=dict)

    def hang(self, figure: Figure) -> Markup:
        """Leave a box for the figure and return it; its words are real text inside the box."""
        name = f"figure-{len(self.figures) + 1}"
        self.figures[name] = figure
        words = Markup("").join(_label(label) for label in figure.labels)
        return Markup('<div class="figure" id="{}" style="width:{}mm;height:{}mm">{}</div>').format(
            name, n(figure.width), n(figure.height), words
        )


def _label(label: Label) -> Markup:
    """A label as a line of text whose middle stands at its place; 30 mm on each side are room enough."""
    half = 40
    left = {"middle": label.x - half, "start": label.x, "end": label.x - 2 * half}[label.anchor]
    turn = ";transform:rotate(-90deg)" if label.turned else ""
    style = f"left:{n(left)}mm;top:{n(label.y - label.size * 0.88)}mm;font-size:{label.size}mm{turn}"
    css = f"label {label.anchor}{' bold' if label.bold else ''}"
    return Markup('<p class="{}" style="{}">{}</p>').format(css, style, escape(label.words))


def place(document: Any, pdf: pydyf.PDF, figures: Mapping[str, Figure]) -> None:
    """Write the figures under the text of the pages on which their boxes lie."""
    sheets = [item for item in pdf.objects if isinstance(item, pydyf.Dictionary) and item.get("Type") == "/Page"]
    for page, sheet in zip(document.pages, sheets, strict=True):
        parts = [
            _placed(figure, page.anchors[name], page.height) for name, figure in figures.items() if name in page.anchors
        ]
        if parts:
            under = pydyf.Stream(["\n".join(parts)], compress=True)
            pdf.add_object(under)
            sheet["Contents"] = pydyf.Array([under.reference, sheet["Contents"]])


def _placed(figure: Figure, corner: Sequence[float], page_height: float) -> str:
    x, y = corner[0] * 0.75, (page_height - corner[1]) * 0.75
    k = n(POINTS_PER_MM)
    return f"q {k} 0 0 -{k} {n(x)} {n(y)} cm 1 j 1 J\n{figure.operators}\nQ"


class Frozen(pydyf.Object):
    """A stream whose bytes are fixed: pydyf would compress each one twice, at its slowest level."""

    def __init__(self, source: pydyf.Stream):
        super().__init__()
        self.number, self.generation, self.free = source.number, source.generation, source.free
        body, extra = b"\n".join(map(pydyf._to_bytes, source.stream)), pydyf.Dictionary(source.extra.copy())
        if source.compress:
            extra["Filter"] = "/FlateDecode"
            body = zlib.compress(body, 6)
        extra["Length"] = len(body)
        self._data = b"\n".join((extra.data, b"stream", body, b"endstream"))

    @property
    def data(self) -> bytes:
        """The bytes."""
        return self._data

    @property
    def compressible(self) -> bool:
        """A stream cannot lie inside an object stream."""
        return False


def freeze(pdf: pydyf.PDF) -> None:
    """Fix the bytes of every stream once. Call last, when nothing is added any more."""
    pdf.objects[:] = [Frozen(item) if isinstance(item, pydyf.Stream) else item for item in pdf.objects]
