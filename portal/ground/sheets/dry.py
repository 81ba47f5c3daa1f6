"""A dry run: what a sheet would do, row by row, before anything is written (rules 10, Sheets in).

A room brings its columns and its entries; what the clerk answers, what still stands in the way and the digest that is
confirmed are the same for all. It is made again when the clerk confirms, in two steps: the file is opened and its
cells are checked (slow, and asks no database), then the rows are weighed against the files under the lock.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Generic, Protocol, Self, TypeVar

from portal.ground.sheets.cells import Misfit, Notice, address
from portal.ground.sheets.check import Fault, RowResult, check_rows
from portal.ground.sheets.columns import ColumnSpec, Matching, match_columns
from portal.ground.sheets.read import read_sheet


@dataclass
class Answers:
    """What the clerk has answered so far: to notices, in cells, about rows. Rooms add fields of their own."""

    notices: dict[str, str] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    skipped: list[int] = field(default_factory=list)

    def dump(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def load(cls, text: str | None) -> Self:
        """From JSON; nothing is no answers."""
        return cls(**json.loads(text)) if text else cls()


class Entry(Protocol):
    """What one row comes to; `kind` is new, changed, same, or a word of the room's own."""

    @property
    def row(self) -> int: ...
    @property
    def kind(self) -> str: ...


E = TypeVar("E", bound=Entry)
A = TypeVar("A", bound=Answers)


@dataclass
class DryRun(Generic[E, A]):
    """What a whole sheet would do. `problems` must be cured in the file, `faults` can be cured cell by cell."""

    answers: A
    sheet: str = ""
    rows: int = 0
    problems: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    open_notices: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    fault_rows: dict[str, int] = field(default_factory=dict)
    skipped: list[int] = field(default_factory=list)
    entries: list[E] = field(default_factory=list)

    def of(self, kind: str) -> list[E]:
        """The entries of a kind."""
        return [entry for entry in self.entries if entry.kind == kind]

    def blame(self, row: int, faults: Sequence[Fault]) -> None:
        """Note what is wrong with a row."""
        for fault in faults:
            self.faults.append(fault)
            self.fault_rows[fault.address] = row

    @property
    def bad_rows(self) -> int:
        """How many rows have a cell that cannot be taken."""
        return len(set(self.fault_rows.values()))

    @property
    def fine(self) -> int:
        """How many rows are ready."""
        return sum(len(self.of(kind)) for kind in ("new", "changed", "same"))

    @property
    def asks(self) -> list[str]:
        """What more a room asks, in words; a room's own."""
        return []

    @property
    def waiting(self) -> list[str]:
        """What still stands in the way, in words; nothing when the sheet may be imported."""
        found = [f"{self.bad_rows} 行要改"] if self.bad_rows else []
        found += [f"{len(self.open_notices)} 个问题要答"] if self.open_notices else []
        return [*found, *self.asks, *self.problems]

    @property
    def ready(self) -> bool:
        """Whether it may be imported."""
        return not self.waiting and bool(self.entries)

    def plan(self) -> list[Any]:
        """What would be done, as plain data; rooms put into it whatever must not change behind the clerk's back."""
        return [(entry.row, entry.kind) for entry in self.entries]

    @property
    def digest(self) -> str:
        """A digest of what would be done: confirming is confirming this, and nothing else."""
        text = json.dumps([self.plan(), self.answers.dump()], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


D = TypeVar("D", bound=DryRun[Any, Any])


@dataclass
class Opened(Generic[D]):
    """A sheet whose cells have been read and checked. None of it has asked the database: it holds no lock."""

    found: D
    matching: Matching
    results: list[RowResult]


def open_sheet(
    found: D, data: bytes, name: str, specs: Sequence[ColumnSpec], *, most: int, unique: Sequence[str] = ()
) -> Opened[D]:
    """Read the file and check every cell. `Misfit` when it is no such sheet, or too long."""
    matching, answers, results = begin(found, data, name, specs, most=most), found.answers, []
    if not found.problems:
        results = check_rows(matching, unique=unique, corrections=answers.cells, skipped=found.skipped)
    return Opened(found, matching, results)


def begin(found: D, data: bytes, name: str, specs: Sequence[ColumnSpec], *, most: int) -> Matching:
    """Read the file into an empty dry run: its columns, its rows, what the clerk must say of it.

    Rows may be checked only where `found.problems` is empty. `Misfit` when it is no such sheet, or too long.
    """
    sheet = read_sheet(data, name, found.answers.notices)
    matching = match_columns(sheet, specs, found.answers.notices)
    if len(matching.rows) > most:
        raise Misfit(f"有 {len(matching.rows)} 行，一次最多导入 {most} 行，请拆成几张表")
    found.sheet, found.rows = sheet.name, len(matching.rows)
    found.problems, found.notices = list(matching.problems), list(matching.notices)
    found.open_notices = {notice.kind for notice in matching.unanswered(found.answers.notices)}
    numbers = {row.number for row in matching.rows}
    found.skipped = [row for row in found.answers.skipped if row in numbers]
    return matching


def fault_at(
    matching: Matching, row: int, key: str, shown: object, why: str, cure: str | None = None, *, heading: str = ""
) -> Fault:
    """What is wrong with a cell that could be read; `heading` names a column that the sheet does not have."""
    column = matching.places.get(key) or min(matching.places.values())
    named = matching.headings.get(key) or heading or key
    return Fault(address(row, column), key, named, str(shown or "（空着）"), why, cure)
