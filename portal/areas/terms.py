"""Words of the tree: kinds of areas, the plan's four area types (R1), what happens to an area."""

from dataclasses import dataclass

from portal.ground.fields.letters import DASHES, half_width
from portal.ground.fields.pinyin import search_keys, search_term
from portal.ground.labels import Label
from portal.ground.sheets.columns import trimmed


class AreaKind(Label):
    """What a node of the tree is. A section (科室) stands beside the tree: below the office, with no grids."""

    OFFICE = "office", "街道"
    COMMUNITY = "community", "社区"
    VILLAGE = "village", "村"
    GRID = "grid", "网格"
    SECTION = "section", "科室"


class AreaType(Label):
    """R1: the four types that the plan names, each with its own lead and list of problems."""

    KEY = "key", "重点区域"
    BACKSTREET = "backstreet", "背街小巷"
    FRINGE = "fringe", "城乡接合部"
    RURAL = "rural", "农村地区"


class EventKind(Label):
    """What happened to an area."""

    CREATED = "created", "建立"
    IMPORTED = "imported", "导入建立"
    EDITED = "edited", "修改"
    RETYPED = "retyped", "改区域类型"
    CLOSED = "closed", "撤销"
    REOPENED = "reopened", "恢复"


#: What a grid may belong to.
PARTS = (AreaKind.COMMUNITY, AreaKind.VILLAGE)
#: Kinds that the office's keeper may enter; there is one office.
ENTERED = (AreaKind.COMMUNITY, AreaKind.VILLAGE, AreaKind.GRID, AreaKind.SECTION)
NAME_MOST = 40
#: Areas that one sheet may hold, and one export.
SHEET_MOST = 3_000

#: What the later of two editors reads (house.md section 4).
STALE = "他人已先修改，请刷新"

#: Saved views over the tree: key → word.
VIEWS = {"": "全部", "grids": "社区和网格", "sections": "科室", "closed": "已撤销"}


@dataclass(frozen=True)
class AreaRow:
    """A row of the sheet: its number there, and what it says."""

    number: int
    code: str
    name: str
    kind: AreaKind
    area_type: AreaType | None = None


@dataclass(frozen=True)
class Loaded:
    """What a sheet did to the tree: how many areas it added, renamed or retyped, and left as they were."""

    added: int
    changed: int
    same: int


@dataclass(frozen=True)
class Flaw:
    """What is wrong with one cell of a row: its column, a sentence, and the likely right answer where there is one."""

    key: str
    why: str
    cure: str | None = None


@dataclass(frozen=True)
class Listing:
    """What the tree was asked for, as the address bar says it."""

    words: str = ""
    types: tuple[AreaType, ...] = ()
    view: str = ""


def clean_code(text: str) -> str:
    """A code as people write it: ｍｙ－０２ → MY-02."""
    plain = half_width(trimmed(text)).upper()
    return "".join("-" if sign in DASHES else sign for sign in plain)


def found_by(name: str, code: str) -> str:
    """What an area is found by, one kind a line: its name, its code, initials, every reading in pinyin."""
    pinyin, initials = search_keys(name)
    lines = (search_term(name), search_term(code), initials, pinyin)
    return "\n" + "\n".join(line for line in lines if line) + "\n"
