"""Reading the tree: as every room does (`tree`), and as its own pages show it (`pages`)."""

from portal.areas.queries.pages import (
    Group,
    Line,
    events,
    held,
    inner,
    listed,
    searched,
    tallies,
    visible_to,
    waiting_sheet,
)
from portal.areas.queries.tree import Place, Tree, by_codes, communities, grids, office, places, tree

__all__ = [
    "Group",
    "Line",
    "Place",
    "Tree",
    "by_codes",
    "communities",
    "events",
    "grids",
    "held",
    "inner",
    "listed",
    "office",
    "places",
    "searched",
    "tallies",
    "tree",
    "visible_to",
    "waiting_sheet",
]
