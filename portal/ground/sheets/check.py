"""The rows of a matched sheet, checked cell by cell: values, or faults that name cell and cure."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from portal.ground.fields.letters import BLANKS
from portal.ground.sheets.cells import Row, address
from portal.ground.sheets.columns import ColumnSpec, Matching


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot be taken.

    `shown` is what stands there (masked where it must be), `cure` the likely answer.
    """

    address: str
    key: str
    heading: str
    shown: str
    why: str
    cure: str | None = None


@dataclass(frozen=True, slots=True)
class RowResult:
    """One row: clean values by key (None for an empty cell; no key for a column the sheet does not have)."""

    number: int
    values: Mapping[str, Any]
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Whether every cell of the row can be taken."""
        return not self.faults


def check_rows(
    matching: Matching,
    *,
    unique: Sequence[str] = (),
    corrections: Mapping[str, str] | None = None,
    skipped: Collection[int] = (),
) -> list[RowResult]:
    """Check every row that is not `skipped` (by number).

    `corrections` replace what stands in a cell, by address (`{"B17": "…"}`). Two rows whose values of the
    keys `unique` are the same are a fault of the later one, which names the earlier one. Call it only when
    the matching has no problems.
    """
    fixes = corrections or {}
    results: list[RowResult] = []
    seen: dict[tuple[Any, ...], RowResult] = {}
    for row in matching.rows:
        if row.number in skipped:
            continue
        result = _row(row, matching, fixes)
        key = tuple(result.values.get(name) for name in unique)
        if unique and None not in key:
            first = seen.setdefault(key, result)
            if first is not result:
                result = _twice(result, first, row, matching, unique)
        results.append(result)
    return results


def _row(row: Row, matching: Matching, fixes: Mapping[str, str]) -> RowResult:
    values: dict[str, Any] = {}
    faults = []
    for spec in matching.specs:
        column = matching.places.get(spec.key)
        if column is None:
            continue
        try:
            values[spec.key] = _value(row, column, spec, fixes)
        except ValueError as refused:
            faults.append(_fault(row, column, spec, refused, fixes))
    return RowResult(row.number, values, tuple(faults))


class _Refused(ValueError):
    def __init__(self, sentence: str, cure: str | None = None) -> None:
        super().__init__(sentence)
        self.cure = cure


def _text(row: Row, column: int, fixes: Mapping[str, str]) -> str:
    fixed = fixes.get(address(row.number, column))
    if fixed is not None:
        return fixed
    cell = row.cells.get(column)
    return cell.text if cell else ""


def _value(row: Row, column: int, spec: ColumnSpec, fixes: Mapping[str, str]) -> Any:
    cell = row.cells.get(column)
    if cell is not None and cell.fault is not None and cell.address not in fixes:
        raise _Refused(cell.fault)
    text = _text(row, column, fixes)
    if not text.strip(BLANKS):
        if spec.required:
            raise _Refused(f"{spec.heading}必填" + (f"，{spec.hint}" if spec.hint else ""))
        return None
    return spec.clean(_chosen(text, spec) if spec.choices else text)


def _chosen(text: str, spec: ColumnSpec) -> str:
    """The choice that was meant, or a refusal that names the nearest."""
    plain = {_plain(choice): choice for choice in spec.choices}
    if _plain(text) in plain:
        return plain[_plain(text)]
    near = get_close_matches(text.strip(BLANKS), spec.choices, n=1, cutoff=0.3)
    if near:
        raise _Refused(f"{spec.heading}表里没有，最接近“{near[0]}”", near[0])
    few = "、".join(spec.choices[:12]) + ("等" if len(spec.choices) > 12 else "")
    raise _Refused(f"{spec.heading}表里没有，可填：{few}")


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def _fault(row: Row, column: int, spec: ColumnSpec, refused: ValueError, fixes: Mapping[str, str]) -> Fault:
    text = _text(row, column, fixes)
    shown = (spec.mask(text) if spec.mask else text) or "（空着）"
    cure = getattr(refused, "cure", None)
    return Fault(address(row.number, column), spec.key, spec.heading, shown, str(refused), cure)


def _twice(result: RowResult, first: RowResult, row: Row, matching: Matching, unique: Sequence[str]) -> RowResult:
    spec = next(spec for spec in matching.specs if spec.key == unique[0])
    whole = "，整行都一样，可跳过此行" if result.values == first.values else "，请核对是不是同一家"
    why = f"与第 {first.number} 行的{spec.heading}相同{whole}"
    fault = _fault(row, matching.places[spec.key], spec, _Refused(why), {})
    return RowResult(result.number, result.values, (*result.faults, fault))
