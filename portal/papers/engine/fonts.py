"""字体: the few faces that papers are set in, and which characters they can print.

Four faces cut to GB2312 as TrueType come first, the four full faces stand behind them for rare characters; all of
them are named files that `script/setup` makes in the fonts folder (proofs.md, Traps: a missing glyph prints an empty
box in silence, and Noto's .ttc opens with the Japanese face). No font of the machine is ever used.
"""

import ctypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

from portal.papers.engine.figures import Matrix, OutlinePen, Sketchpad

#: family → stem of its files; each in weights 400 and 700.
FAMILIES = {"Paper Song": "song", "Paper Hei": "hei"}
WEIGHTS = (400, 700)

#: Characters that lay out text and print nothing.
BLANK = frozenset(" \n\r\t\u3000")


def cut_name(stem: str, weight: int) -> str:
    """Return the file name of the face cut to GB2312."""
    return f"{stem}-{weight}.ttf"


def full_name(stem: str, weight: int) -> str:
    """Return the file name of the full face."""
    return f"{stem}-full-{weight}.otf"


@dataclass(frozen=True)
class Faces:
    """The faces in one folder."""

    folder: Path

    def files(self) -> list[Path]:
        """Return every font file that papers need."""
        return [
            self.folder / name(stem, weight)
            for stem in FAMILIES.values()
            for weight in WEIGHTS
            for name in (cut_name, full_name)
        ]

    def absent(self) -> list[str]:
        """Return the names of font files that are not there."""
        return [file.name for file in self.files() if not file.is_file()]

    def css(self) -> str:
        """Return the `@font-face` rules: `Paper Song`, `Paper Hei`, and the same with ` Full` for rare characters."""
        return "\n".join(
            f'@font-face {{ font-family: "{family}{suffix}"; font-weight: {weight}; '
            f"src: url({(self.folder / name(stem, weight)).resolve().as_uri()}); }}"
            for family, stem in FAMILIES.items()
            for suffix, name in (("", cut_name), (" Full", full_name))
            for weight in WEIGHTS
        )

    def missing_characters(self, text: str) -> list[str]:
        """Return the characters of `text` that cannot be printed, each once, in order.

        A character counts as printable only if every full face has it: a name appears in more than one of them.
        """
        known = _printable(self.folder)
        return [c for c in dict.fromkeys(text) if c not in BLANK and ord(c) not in known]


def draw_outline(file: Path, character: str, matrix: Matrix, pad: Sketchpad) -> None:
    """Draw the outline of one character into `pad`.

    `matrix` (a b c d e f) takes the character's em square, its middle at 0, 0 and y down, to the pad's millimetres.
    """
    _, glyphs, cmap, em = _face(file)
    a, b, c, d = (value / em for value in matrix[:4])
    middle_x, middle_y = em / 2, em * 0.38
    move = (a, b, -c, -d, matrix[4] - middle_x * a + middle_y * c, matrix[5] - middle_x * b + middle_y * d)
    glyphs[cmap[ord(character)]].draw(OutlinePen(glyphs, pad, move))


@cache
def cuts_quickly() -> bool:
    """Tell whether the library is here with which WeasyPrint cuts a face in no time (proofs.md, Traps: 17 s a page
    without it); asked without loading WeasyPrint itself."""
    for name in ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


@cache
def _face(file: Path) -> tuple[TTFont, Any, dict[int, str], int]:
    font = TTFont(file, lazy=True)
    return font, font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm


@cache
def _printable(folder: Path) -> frozenset[int]:
    sets = []
    for stem in FAMILIES.values():
        for weight in WEIGHTS:
            with TTFont(folder / full_name(stem, weight), lazy=True) as font:
                sets.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*sets)
