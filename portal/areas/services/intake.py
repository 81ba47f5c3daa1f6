"""A sheet of areas: its columns, in and out, and the dry run of one that comes in (rules 10, Sheets in)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.areas import rules
from portal.areas.models import Area
from portal.areas.services.keeping import words_of
from portal.areas.services.tree import standing, whole
from portal.areas.terms import ENTERED, NAME_MOST, SHEET_MOST, AreaKind, AreaRow, AreaType, clean_code
from portal.ground.fields.lines import line
from portal.ground.sheets import dry
from portal.ground.sheets.check import Fault, RowResult
from portal.ground.sheets.columns import ColumnSpec
from portal.ground.sheets.dry import Opened, fault_at

_KINDS = {kind.label: kind for kind in ENTERED}
_TYPES = {one.label: one for one in AreaType}
NOTES = (
    "在“{title}”表里从第 2 行起填，一行一个社区、村、网格或科室；带 * 的必填，不要改表头，也不要合并单元格。",
    "网格归哪个社区，看编号前面的两个字母：MY-02 归 MY。科室的编号是 K 和两位数字：K03。",
)
COLUMNS = (
    ColumnSpec("code", "编号", ("代码", "区域编号", "区域代码"), True, clean_code, "MY-02", 10,
               hint="如 MY，网格如 MY-02，科室如 K03"),
    ColumnSpec("name", "名称", ("区域名称", "社区名称", "网格名称"), True, line("名称", NAME_MOST), "二网格", 20),
    ColumnSpec("kind", "类别", (), True, _KINDS.__getitem__, "网格", 10, choices=tuple(_KINDS)),
    ColumnSpec("area_type", "区域类型", ("类型",), False, _TYPES.__getitem__, "背街小巷", 12, choices=tuple(_TYPES),
               hint="只有网格填"),
)  # fmt: skip
HEADINGS = {spec.key: spec.heading for spec in COLUMNS}


@dataclass
class Entry:
    """What one row comes to: a new area, a change of one, or nothing."""

    row: int
    said: AreaRow
    area: Area | None = None
    words: str = ""

    @property
    def kind(self) -> str:
        """new, changed or same"""
        if self.area is None:
            return "new"
        return "changed" if self.words else "same"


@dataclass
class Preview(dry.DryRun[Entry, dry.Answers]):
    """The whole dry run."""

    there: dict[str, Area] = field(default_factory=dict)

    def plan(self) -> list[Any]:
        """What would be done to which area; one that would change counts with its version."""
        return [
            (e.row, e.kind, e.said.code, e.said.name, e.area.version if e.area and e.words else 0, e.words)
            for e in self.entries
        ]


def preview(data: bytes, name: str, answers: dry.Answers) -> Preview:
    """Read the sheet and say what it would do. `Misfit` when it cannot be read as a sheet of areas."""
    return weigh(open_sheet(data, name, answers))


def open_sheet(data: bytes, name: str, answers: dry.Answers) -> Opened[Preview]:
    """Read the sheet, cell by cell; slow, and asks no database."""
    return dry.open_sheet(Preview(answers), data, name, COLUMNS, most=SHEET_MOST)


def weigh(opened: Opened[Preview]) -> Preview:
    """Say what an opened sheet would do."""
    found, matching, results = opened.found, opened.matching, opened.results
    if found.problems:
        return found
    rows = [_row(one.number, one.values) for one in results if one.ok]
    found.there = whole()
    wrong = dict(rules.flaws(rows, standing(found.there) | _hoped(results)))
    for result in results:
        faults: list[Fault] = list(result.faults)
        for flaw in wrong.get(result.number, ()):
            shown = getattr(result.values.get(flaw.key), "label", result.values.get(flaw.key))
            faults.append(
                fault_at(
                    matching, result.number, flaw.key, shown, flaw.why.rstrip("。"), flaw.cure,
                    heading=HEADINGS[flaw.key],
                )
            )  # fmt: skip
        found.blame(result.number, faults)
    bad = set(found.fault_rows.values())
    found.entries = [_entry(row, found.there) for row in rows if row.number not in bad]
    return found


def _hoped(results: Sequence[RowResult]) -> dict[str, rules.Standing]:
    """Communities whose own row is not right yet: their grids shall not be blamed for it."""
    codes = {str(one.values["code"]) for one in results if not one.ok and one.values.get("code")}
    return {code: rules.Standing(AreaKind.COMMUNITY, None) for code in codes if rules.is_part(code)}


def _row(number: int, values: Mapping[str, Any]) -> AreaRow:
    return AreaRow(number, values["code"], values["name"], values["kind"], values.get("area_type"))


def _entry(row: AreaRow, there: Mapping[str, Area]) -> Entry:
    area = there.get(row.code)
    words = words_of(area, name=row.name, kind=row.kind, area_type=row.area_type) if area else ""
    return Entry(row.number, row, area, words)


def rows_of(entries: Sequence[Entry]) -> list[AreaRow]:
    """The rows that are brought in."""
    return [entry.said for entry in entries]
