"""The tree: the page, its live search, and its export."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.areas import queries, services
from portal.areas.terms import VIEWS, AreaType, Listing
from portal.areas.views.room import room, with_cells
from portal.ground.can import Can
from portal.web import lists, me, now, page, turn_to_writing
from portal.web.lists import Pick, chips, chosen, condition, keep_place, searched
from portal.web.pages import htmx_target
from portal.web.sheets import sheet_answer

BACK = "areas.list"
HERE = "areas.index"


@room.get("/", needs=Can.AREAS_READ)
def index() -> ResponseReturnValue:
    tree, asked = queries.places(), listing(request.args)
    keep_place(BACK, HERE)
    groups = queries.listed(asked, actor=me(), tree=tree)
    total = sum(not line.beside for group in groups for line in group.lines)
    table: dict[str, Any] = {
        "asked": asked, "chips": chips(HERE, _conditions(asked)), "total": total, **with_cells(groups)
    }  # fmt: skip
    if htmx_target() == "area-table":
        return page("areas/_table.html", **table)
    counted = queries.tallies(tree, me())
    return page(
        "areas/index.html", counted=counted, tabs=_tabs(asked, counted), where=_where(tree),
        picks_offered=_picks(asked), **table,
    )  # fmt: skip


def came_from() -> str:
    """Return the address of the tree as it was last looked at."""
    return lists.came_from(BACK, HERE)


@room.post("/export", needs=Can.AREAS_KEEP, begins_reading=True)
def export() -> ResponseReturnValue:
    """The tree as an xlsx sheet that comes in again; who made it and when stand in its head."""
    tree, asked = queries.places(), listing(request.form)
    groups = queries.listed(asked, actor=me(), tree=tree)
    line = "；".join(words for _name, words in _conditions(asked)) or VIEWS[asked.view]
    sheet = services.export_sheet(groups, line=line, tree=tree, by=me(), now=now())
    turn_to_writing()
    services.note_export(sheet, by=me(), now=now())
    return sheet_answer(sheet.data, f"社区和网格{now():%Y%m%d-%H%M}.xlsx")


def listing(args: MultiDict[str, str]) -> Listing:
    """What the address bar asks for; words that mean nothing are left out."""
    view = args.get("view", "")
    return Listing(
        words=args.get("q", "").strip()[:100],
        types=chosen(AreaType, args.getlist("type")),
        view=view if view in VIEWS else "",
    )


def _conditions(asked: Listing) -> list[tuple[str, str]]:
    """The conditions that are on: (name in the address, words)."""
    found = [
        ("q", searched(asked.words)),
        ("type", condition("区域类型", (one.label for one in asked.types))),
    ]
    return [(name, words) for name, words in found if words]


def _tabs(asked: Listing, counted: dict[str, int]) -> list[tuple[str, str, str, bool]]:
    """The views that hold something, and the one that is open."""
    return [
        (word, url_for(HERE, view=view or None), str(counted[view]), asked.view == view)
        for view, word in VIEWS.items()
        if view in ("", asked.view) or counted[view]
    ]


def _picks(asked: Listing) -> list[Pick]:
    """The lists to tick; sections have no type."""
    if asked.view == "sections" and not asked.types:
        return []
    return [("type", "区域类型", tuple(AreaType.choices()), tuple(one.value for one in asked.types))]


def _where(tree: queries.Tree) -> str:
    """The area that the list is of, in words."""
    if me().reach(Can.AREAS_READ).everything:
        return tree.office.name
    return "、".join(place.name for place in tree.communities_within(me(), Can.AREAS_READ)) or "您还没有管辖范围"
