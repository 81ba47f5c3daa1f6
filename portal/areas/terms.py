"""Words of the tree: kinds of areas, and the plan's four area types (R1)."""

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
