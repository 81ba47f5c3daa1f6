"""Decisions about the tree: which rows can become areas, what is wrong with the others, when an area may close."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.areas.terms import NAME_MOST, PARTS, AreaKind, AreaRow, AreaType, Flaw

_PART = re.compile(r"[A-Z]{2}")
_GRID = re.compile(r"([A-Z]{2})-\d{2}")
_SECTION = re.compile(r"K\d{2}")


@dataclass(frozen=True)
class Standing:
    """An area that stands already: what it is, the code of its parent, its name, and whether it was closed."""

    kind: AreaKind
    parent_code: str | None
    name: str = ""
    closed: bool = False


def faults(rows: Sequence[AreaRow], standing: Mapping[str, Standing]) -> list[str]:
    """Say everything that keeps a sheet from being loaded, row by row; empty when all of it can be."""
    return [f"第 {number} 行：{flaw.why}" for number, found in flaws(rows, standing) for flaw in found]


def flaws(rows: Sequence[AreaRow], standing: Mapping[str, Standing]) -> list[tuple[int, list[Flaw]]]:
    """Say what is wrong with each row: (row number, flaws), in the order of the rows.

    `standing` are the areas in the database by code. A code keeps its kind and its place for good: shops and pledges
    bear it. A name is there once within its community.
    """
    found = []
    kinds = {code: one.kind for code, one in standing.items() if not one.closed} | {row.code: row.kind for row in rows}
    given = {row.code for row in rows}
    names: dict[tuple[str, str], str] = {
        (one.parent_code or "", one.name): f"已有的 {code} "
        for code, one in standing.items()
        if one.name and not one.closed and code not in given
    }
    codes: dict[str, int] = {}
    root = next((code for code, one in standing.items() if one.kind is AreaKind.OFFICE), "")
    for row in rows:
        wrong = [*_name(row), *_code(row, kinds), *_type(row), *_standing(row, standing.get(row.code))]
        if (first := codes.setdefault(row.code, row.number)) != row.number:
            wrong.append(Flaw("code", f"编号 {row.code} 和第 {first} 行重复，请只留一行。"))
        mine = f"第 {row.number} 行"
        if row.name and (other := names.setdefault((parent_code(row) or root, row.name), mine)) != mine:
            wrong.append(Flaw("name", f"名称“{row.name}”和{other}重复，请改一个。"))
        found.append((row.number, wrong))
    return found


def is_part(code: str) -> bool:
    """Tell whether a code is one of a community or village."""
    return _PART.fullmatch(code) is not None


def parent_code(row: AreaRow) -> str:
    """Return the code of the parent that a row's code names: of a grid its community, else empty (the office)."""
    return row.code.partition("-")[0] if row.kind is AreaKind.GRID else ""


def _name(row: AreaRow) -> list[Flaw]:
    if not row.name:
        return [Flaw("name", "没有名称，请填写。")]
    if len(row.name) > NAME_MOST:
        return [Flaw("name", f"名称最多 {NAME_MOST} 个字，现在有 {len(row.name)} 个。")]
    return []


def _code(row: AreaRow, kinds: Mapping[str, AreaKind]) -> list[Flaw]:
    if row.kind is AreaKind.GRID:
        match = _GRID.fullmatch(row.code)
        if match is None:
            likely = re.fullmatch(r"([A-Z]{2})-?(\d)", row.code)
            cure = f"{likely[1]}-0{likely[2]}" if likely else None
            return [Flaw("code", f"网格编号要写成社区编号、短横和两位数字，例如 MY-02，现在是“{row.code}”。", cure)]
        if kinds.get(match[1]) not in PARTS:
            return [Flaw("code", f"网格 {row.code} 所属的社区或村 {match[1]} 不在表里，也还没有建。")]
        return []
    if row.kind is AreaKind.OFFICE:
        return [Flaw("kind", "街道不从表格导入，请删去这一行。")]
    if row.kind is AreaKind.SECTION:
        return (
            []
            if _SECTION.fullmatch(row.code)
            else [Flaw("code", f"科室的编号是 K 和两位数字，例如 K03，现在是“{row.code}”。")]
        )
    if not _PART.fullmatch(row.code):
        return [Flaw("code", f"社区和村的编号是两个大写字母，例如 MY，现在是“{row.code}”。")]
    return []


def _type(row: AreaRow) -> list[Flaw]:
    if row.kind is AreaKind.GRID and row.area_type is None:
        return [Flaw("area_type", f"网格要填区域类型：{'、'.join(one.label for one in AreaType)}。")]
    if row.kind is not AreaKind.GRID and row.area_type is not None:
        return [Flaw("area_type", f"只有网格填区域类型，{row.kind.label}请留空。")]
    return []


def _standing(row: AreaRow, there: Standing | None) -> list[Flaw]:
    if there is None:
        return []
    if there.closed:
        return [Flaw("code", f"编号 {row.code} 的{there.kind.label}已经撤销，要再用请先到它的页面恢复。")]
    if there.kind is row.kind or (there.kind in PARTS and row.kind in PARTS):
        return []  # a village that became a community keeps its code
    return [Flaw("kind", f"编号 {row.code} 已经是{there.kind.label}，不能改成{row.kind.label}。")]


def numbered(codes: Iterable[str]) -> dict[str, int]:
    """Return the highest number behind each beginning of codes that the office numbers: {"MY-": 6, "K": 3}."""
    found: dict[str, int] = {}
    for code in codes:
        if match := re.fullmatch(r"(.+-|K)(\d{2})", code):
            head, number = match[1], int(match[2])
            found[head] = max(number, found.get(head, 0))
    return found


def next_code(kind: AreaKind, taken: Iterable[str], community: str = "") -> str:
    """Return the code that comes after the highest of its kind (MY-06 → MY-07, K03 → K04); empty where a person must
    think of it, or no number is left."""
    head = {AreaKind.GRID: f"{community}-", AreaKind.SECTION: "K"}.get(kind, "")
    if not head or head == "-":
        return ""
    number = numbered(taken).get(head, 0) + 1
    return f"{head}{number:02d}" if number < 100 else ""


def closing_refusal(kind: AreaKind, uses: Iterable[tuple[str, str, int]]) -> str | None:
    """Say what still stands in an area that shall close, None when nothing does: (label, unit, count)."""
    if kind is AreaKind.OFFICE:
        return "街道不能撤销。"
    words = "、".join(f"{label} {count} {unit}" for label, unit, count in uses if count)
    return f"这里还有{words}，请先移走或收回，再来撤销。" if words else None


def reopening_refusal(*, parent_closed: bool, name_taken: bool, parent: str, name: str) -> str | None:
    """Say why a closed area cannot be taken into use again, None when it can."""
    if parent_closed:
        return f"它所属的{parent}也撤销了，请先恢复{parent}。"
    if name_taken:
        return f"现在已经有一个“{name}”，请先给那一个改名。"
    return None
