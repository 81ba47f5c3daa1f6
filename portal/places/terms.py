"""Words of places: kinds of streets, what happens to one, saved views, what a sheet says of one."""

from dataclasses import dataclass

from portal.areas.terms import AreaType
from portal.ground.fields.letters import Misread, half_width
from portal.ground.fields.lines import line
from portal.ground.fields.pinyin import search_keys, search_term
from portal.ground.labels import Label
from portal.ground.sheets.columns import trimmed


class StreetKind(Label):
    """What a street is. R3 asks for a grid worker of every alley by name."""

    MAIN = "main", "主干道"
    SECONDARY = "secondary", "次干道"
    BRANCH = "branch", "支路"
    ALLEY = "alley", "背街小巷"
    RURAL = "rural", "乡村道路"


class EventKind(Label):
    """What happened to a street."""

    CREATED = "created", "登记"
    IMPORTED = "imported", "导入登记"
    EDITED = "edited", "修改"
    CLOSED = "closed", "撤销"
    REOPENED = "reopened", "恢复"


NAME_MOST = 40
END_MOST = 60
REMARK_MOST = 200
LENGTH_MOST = 50_000
#: Streets that one sheet, one export and one allotment may hold.
SHEET_MOST, EXPORT_MOST, ALLOT_MOST = 3_000, 5_000, 500
#: Whose holders are proposed for a street.
KEEPING_ROLES = (
    "grid_worker", "community_staff", "secretary", "section", "enforcement", "campaign_office", "command_post",
    "leader",
)  # fmt: skip
#: What the later of two editors reads (house.md section 4).
STALE = "他人已先修改，请刷新"

#: Saved views over the list: key → word.
VIEWS = {
    "": "全部",
    "alleys": "背街小巷",
    "nobody": "无责任人",
    "others": "巷道责任人不是网格员",
    "closed": "已撤销",
}


@dataclass(frozen=True)
class StreetFacts:
    """What is known of a street: its ends in words, its length in metres, the grids that it runs through (row ids)."""

    name: str
    kind: StreetKind
    area_type: AreaType
    grids: frozenset[int]
    runs_from: str = ""
    runs_to: str = ""
    length_m: int | None = None
    remark: str = ""


#: The fields of `StreetFacts` by their names, as sentences name them.
FIELDS = {
    "name": "名称",
    "kind": "类别",
    "area_type": "区域类型",
    "grids": "网格",
    "runs_from": "起点",
    "runs_to": "终点",
    "length_m": "长度",
    "remark": "备注",
}


@dataclass(frozen=True)
class Listing:
    """What a list of streets was asked for, as the address bar says it; areas by their codes."""

    words: str = ""
    communities: tuple[str, ...] = ()
    grids: tuple[str, ...] = ()
    kinds: tuple[StreetKind, ...] = ()
    types: tuple[AreaType, ...] = ()
    view: str = ""


clean_name = line("名称", NAME_MOST)
clean_end = line("起止", END_MOST)
clean_remark = line("备注", REMARK_MOST)


def clean_code(text: str) -> str:
    """A street's code as people write it: ｌ００１２ → L0012."""
    plain = half_width(trimmed(text)).upper()
    if plain[:1] == "L" and plain[1:].isascii() and plain[1:].isdigit() and len(plain) <= 8:
        return f"L{int(plain[1:]):04d}"
    raise Misread("路段代码是 L 和数字，例如 L0012；新路段空着，系统来编")


def clean_length(text: str) -> int:
    """A length in whole metres: 320, 320米, 1,200 m."""
    plain = half_width(trimmed(text)).lower().replace(",", "").removesuffix("m").removesuffix("米").strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) < 8):
        raise Misread("长度填整米数，例如 320")
    if not 0 < int(plain) <= LENGTH_MOST:
        raise Misread(f"长度在 1 到 {LENGTH_MOST} 米之间")
    return int(plain)


def found_by(name: str, code: str) -> str:
    """What a street is found by, one kind a line: its name, its code, initials, every reading in pinyin."""
    pinyin, initials = search_keys(name)
    lines = (search_term(name), search_term(code), initials, pinyin)
    return "\n" + "\n".join(one for one in lines if one) + "\n"
