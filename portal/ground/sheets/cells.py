"""Cells, rows, notices: what every kind of sheet is turned into."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

BYTES_MOST = 10 * 1024 * 1024
ROWS_MOST = 20_000
COLUMNS_MOST = 200


class Misfit(ValueError):
    """A file that cannot be read as a sheet; the sentence is for the person who uploaded it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that shows something.

    `text` is what the clerk sees (days as 2026-12-02); `kind` is text, number, day, moment or truth.
    `stored` is the value behind it where the format shows another one (5.85 shown as 5.9). `fault` says why
    it cannot be taken.
    """

    address: str
    text: str
    kind: str = "text"
    stored: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its number in the sheet; `cells` by column (1 = A), only those that show something."""

    number: int
    cells: Mapping[int, Cell]


class Merge(NamedTuple):
    """Cells merged into one, all four borders included."""

    top: int
    left: int
    bottom: int
    right: int


class Choice(NamedTuple):
    """One answer to a notice that asks."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What the reader had to decide or what the clerk may not see; it asks if it has choices, the first is
    taken.

    `kind` is the key under which the answer is given: sheet, encoding, hidden-rows, hidden-columns, merged,
    totals, headings, rounded; without choices: hidden-sheets, formulas, short-days, repeated-headings,
    limits-of-reading.
    """

    kind: str
    sentence: str
    places: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether the clerk has to answer."""
        return bool(self.choices)

    def answer(self, answers: Mapping[str, str]) -> str:
        """The answer given, or the first choice; an answer that is no choice counts as none."""
        keys = [choice.key for choice in self.choices]
        given = answers.get(self.kind, "")
        return given if given in keys else keys[0]


@dataclass(frozen=True)
class Sheet:
    """One sheet as it stands, before anybody knows which row holds the headings."""

    filename: str
    kind: str
    name: str
    rows: tuple[Row, ...]
    notices: tuple[Notice, ...] = ()
    merges: tuple[Merge, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


@dataclass
class Page:
    """A sheet while it is being read."""

    name: str
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formulas: list[str] = field(default_factory=list)
    short_days: list[str] = field(default_factory=list)

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Add a cell; one that shows nothing is none. `Misfit` past the limits."""
        if not cell.text.strip() and cell.fault is None and cell.stored is None:
            return
        if column > COLUMNS_MOST:
            raise Misfit(f"表格超过 {COLUMNS_MOST} 列（{cell.address} 还有内容），请删去多余的列后再上传")
        self.rows.setdefault(row, {})[column] = cell
        if len(self.rows) > ROWS_MOST:
            raise Misfit(f"表格超过 {ROWS_MOST} 行，请拆成几张表分别上传")


def letters(column: int) -> str:
    """1 → A, 27 → AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def address(row: int, column: int) -> str:
    """B17 for row 17, column 2."""
    return f"{letters(column)}{row}"


def place(name: str) -> tuple[int, int]:
    """Row and column of `B17` (`$B$17` too). `Misfit` for anything else."""
    found = re.fullmatch(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})", name)
    if not found:
        raise Misfit("表格文件已损坏，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def spans(numbers: Iterable[int], name: str = "") -> tuple[str, ...]:
    """Runs of neighbours: 5, 8–12. With `name` "column" as letters: C, E–G."""
    ordered = sorted(set(numbers))
    if not ordered:
        return ()
    breaks = [0, *(i for i, (a, b) in enumerate(pairwise(ordered), 1) if b != a + 1), len(ordered)]
    runs = [(ordered[a], ordered[b - 1]) for a, b in pairwise(breaks)]
    shown = letters if name == "column" else str
    return tuple(shown(a) if a == b else f"{shown(a)}–{shown(b)}" for a, b in runs)


def listed(places: Iterable[str], most: int = 8) -> str:
    """Places for a sentence: the first few, then how many there are in all."""
    every = list(places)
    return "、".join(every[:most]) + (f" 等 {len(every)} 处" if len(every) > most else "")
