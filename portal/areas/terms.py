"""Words of the tree: kinds of areas, and the plan's four area types (R1)."""

from dataclasses import dataclass

from portal.ground.labels import Label


class AreaKind(Label):
    """What a node of the tree is."""

    OFFICE = "office", "街道"
    COMMUNITY = "community", "社区"
    VILLAGE = "village", "村"
    GRID = "grid", "网格"


class AreaType(Label):
    """R1: the four types that the plan names, each with its own lead and list of problems."""

    KEY = "key", "重点区域"
    BACKSTREET = "backstreet", "背街小巷"
    FRINGE = "fringe", "城乡接合部"
    RURAL = "rural", "农村地区"


#: What a grid may belong to.
PARTS = (AreaKind.COMMUNITY, AreaKind.VILLAGE)
NAME_MOST = 40


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
