"""Decisions about the tree: which rows of a sheet can become areas, and what is wrong with the others."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.areas.terms import NAME_MOST, PARTS, AreaKind, AreaRow, AreaType

_PART = re.compile(r"[A-Z]{2}")
_GRID = re.compile(r"([A-Z]{2})-\d{2}")


@dataclass(frozen=True)
class Standing:
    """An area that stands already: what it is, and the code of its parent."""

    kind: AreaKind
    parent_code: str | None


def faults(rows: Sequence[AreaRow], standing: Mapping[str, Standing]) -> list[str]:
    """Say everything that keeps a sheet from being loaded, row by row; empty when all of it can be.

    `standing` are the areas in the database by code. A code keeps its kind and its place for good: shops and pledges
    bear it.
    """
    found = []
    kinds = {code: one.kind for code, one in standing.items()} | {row.code: row.kind for row in rows}
    codes: dict[str, int] = {}
    names: dict[tuple[str, str], int] = {}
    for row in rows:
        sentences = [*_name(row), *_code(row, kinds), *_type(row), *_standing(row, standing.get(row.code))]
        if (first := codes.setdefault(row.code, row.number)) != row.number:
            sentences.append(f"编号 {row.code} 和第 {first} 行重复，请只留一行。")
        if (first := names.setdefault((parent_code(row), row.name), row.number)) != row.number:
            sentences.append(f"名称“{row.name}”和第 {first} 行重复，请改一个。")
        found += [f"第 {row.number} 行：{sentence}" for sentence in sentences]
    return found


def parent_code(row: AreaRow) -> str:
    """Return the code of the parent that a row's code names: of a grid its community, else empty (the office)."""
    return row.code.partition("-")[0] if row.kind is AreaKind.GRID else ""


def _name(row: AreaRow) -> list[str]:
    if not row.name:
        return ["没有名称，请填写。"]
    if len(row.name) > NAME_MOST:
        return [f"名称最多 {NAME_MOST} 个字，现在有 {len(row.name)} 个。"]
    return []


def _code(row: AreaRow, kinds: Mapping[str, AreaKind]) -> list[str]:
    if row.kind is AreaKind.GRID:
        match = _GRID.fullmatch(row.code)
        if match is None:
            return [f"网格编号要写成社区编号、短横和两位数字，例如 MY-02，现在是“{row.code}”。"]
        if kinds.get(match[1]) not in PARTS:
            return [f"网格 {row.code} 所属的社区或村 {match[1]} 不在表里，也还没有建。"]
        return []
    if row.kind is AreaKind.OFFICE:
        return ["街道不从表格导入，请删去这一行。"]
    if not _PART.fullmatch(row.code):
        return [f"社区和村的编号是两个大写字母，例如 MY，现在是“{row.code}”。"]
    return []


def _type(row: AreaRow) -> list[str]:
    if row.kind is AreaKind.GRID and row.area_type is None:
        return [f"网格要填区域类型：{'、'.join(one.label for one in AreaType)}。"]
    if row.kind is not AreaKind.GRID and row.area_type is not None:
        return ["只有网格填区域类型，社区和村请留空。"]
    return []


def _standing(row: AreaRow, there: Standing | None) -> list[str]:
    if there is None or there.kind is row.kind:
        return []
    if there.kind in PARTS and row.kind in PARTS:
        return []  # a village that became a community keeps its code
    return [f"编号 {row.code} 已经是{there.kind.label}，不能改成{row.kind.label}。"]
