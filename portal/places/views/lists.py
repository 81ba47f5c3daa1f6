"""The list of streets, its live search, its export, and the sheet that names who answers for what."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.areas.queries import Tree, places
from portal.areas.terms import AreaType
from portal.ground.can import Can
from portal.places import queries, services
from portal.places.terms import EXPORT_MOST, VIEWS, Listing, StreetKind
from portal.places.views.room import room
from portal.web import lists, me, now, page, turn_to_writing
from portal.web.lists import Pick, carried, carried_on, chips, chosen, condition, keep_place, searched
from portal.web.pages import htmx_target, query_int
from portal.web.sheets import sheet_answer

BACK = "places.list"
HERE = "places.index"
#: Up to so many grids are offered as a filter at once; beyond it a community is picked first.
GRIDS_MOST = 20


@room.get("/", needs=Can.PLACES_READ)
def index() -> ResponseReturnValue:
    if "last" in request.args:
        return redirect(came_from(), 303)
    tree, asked, today = places(), listing(request.args), now().date()
    keep_place(BACK, HERE)
    want = queries.wanted(asked, actor=me(), tree=tree, on=today)
    found = queries.listed(want, number=query_int("page", 1), size=query_int("size", 50), tree=tree)
    table: dict[str, Any] = {"found": found, "asked": asked, "chips": chips(HERE, _conditions(asked, tree))}
    if htmx_target() == "street-table":
        return page("places/_table.html", **table)
    counted = queries.tallies(me(), tree=tree, on=today)
    return page(
        "places/index.html", counted=counted, tabs=_tabs(asked, counted), where=where(tree),
        picks_offered=_picks(asked, tree), **table,
    )  # fmt: skip


def came_from() -> str:
    """Return the address of the list that was last looked at."""
    return lists.came_from(BACK, HERE)


@room.get("/coverage", needs=Can.PLACES_READ)
def coverage() -> ResponseReturnValue:
    """责任落实: community by community, how many alleys nobody answers for (R3)."""
    tree, today = places(), now().date()
    grids = tree.grids_within(me(), Can.PLACES_READ)
    parts = queries.coverage(tree, [grid.id for grid in grids], on=today)
    empty = queries.Part(0, 0, 0, 0)
    homes = [
        (home, parts.get(home.id, empty), [(g, parts.get(g.id, empty)) for g in grids if g.parent == home.id])
        for home in tree.communities_within(me(), Can.PLACES_READ)
    ]
    counted = queries.tallies(me(), tree=tree, on=today)
    return page("places/coverage.html", homes=homes, counted=counted, where=where(tree), tabs=_tabs(None, counted))


@room.get("/export", needs=Can.PLACES_KEEP)
def export() -> ResponseReturnValue:
    """Say what an export will hold: the list that was last looked at, with its filters."""
    args = MultiDict(parse_qsl(came_from().partition("?")[2]))
    tree, asked = places(), listing(args)
    want = queries.wanted(asked, actor=me(), tree=tree, on=now().date(), key=Can.PLACES_KEEP)
    return page(
        "places/export.html", swap={"asked": "places/_export.html"}, count=queries.how_many(want), most=EXPORT_MOST,
        line=filter_line(asked, tree), fields=carried(args),
        back=url_for(HERE, last=1),
    )  # fmt: skip


@room.post("/export", needs=Can.PLACES_KEEP, endpoint="download", begins_reading=True)
def download() -> ResponseReturnValue:
    """The list as an xlsx sheet that comes in again; who made it and when stand in its head."""
    tree, asked = places(), listing(carried_on(request.form))
    want = queries.wanted(asked, actor=me(), tree=tree, on=now().date(), key=Can.PLACES_KEEP)
    sheet = services.export_sheet(want, line=filter_line(asked, tree), tree=tree, by=me(), now=now())
    turn_to_writing()
    services.note_export(sheet, by=me(), now=now())
    return sheet_answer(sheet.data, f"路段和责任人{now():%Y%m%d-%H%M}.xlsx")


@room.get("/notice", needs=Can.PLACES_READ, endpoint="notice")
def notice() -> ResponseReturnValue:
    """责任公示: the list that was last looked at, to print and hang."""
    return page("places/notice.html", **_notice(MultiDict(parse_qsl(came_from().partition("?")[2]))))


@room.post("/notice", needs=Can.PLACES_READ, endpoint="note_print")
def note_print() -> ResponseReturnValue:
    """Write down who prints it; the page then prints itself: the list that was shown, whatever another tab shows."""
    told = _notice(carried_on(request.form))
    services.note_print(len(told["shown"]), by=me(), now=now())
    return page("places/notice.html", printing=True, **told)


def _notice(args: MultiDict[str, str]) -> dict[str, Any]:
    tree, asked = places(), listing(args)
    want = queries.wanted(asked, actor=me(), tree=tree, on=now().date())
    shown = queries.first(want, EXPORT_MOST, tree=tree)
    line = filter_line(asked, tree)
    return {"shown": shown, "line": line, "where": where(tree), "fields": carried(args), "back": came_from()}


def listing(args: MultiDict[str, str]) -> Listing:
    """What the address bar asks for; words that mean nothing are left out."""
    view = args.get("view", "")
    return Listing(
        words=args.get("q", "").strip()[:100],
        communities=tuple(args.getlist("community")),
        grids=tuple(args.getlist("grid")),
        kinds=chosen(StreetKind, args.getlist("kind")),
        types=chosen(AreaType, args.getlist("type")),
        view=view if view in VIEWS else "",
    )


def _conditions(asked: Listing, tree: Tree) -> list[tuple[str, str]]:
    """The conditions that are on: (name in the address, words)."""
    called: Callable[[str], str] = lambda code: (  # noqa: E731
        tree.full_name(tree.by_code[code]) if code in tree.by_code else code
    )
    found = [
        ("q", searched(asked.words)),
        ("community", condition("社区", map(called, asked.communities))),
        ("grid", condition("网格", map(called, asked.grids))),
        ("kind", condition("类别", (one.label for one in asked.kinds))),
        ("type", condition("区域类型", (one.label for one in asked.types))),
    ]
    return [(name, words) for name, words in found if words]


def filter_line(asked: Listing, tree: Tree) -> str:
    """The conditions in one line, for a sheet's head."""
    view = VIEWS[asked.view] if asked.view else ""
    return "；".join(part for part in (view, *(words for _name, words in _conditions(asked, tree))) if part) or "全部"


def where(tree: Tree) -> str:
    """The area that the list is of, in words."""
    if me().reach(Can.PLACES_READ).everything:
        return "全街道"
    return "、".join(place.name for place in tree.communities_within(me(), Can.PLACES_READ)) or "您还没有管辖范围"


def _tabs(asked: Listing | None, counted: dict[str, int]) -> list[tuple[str, str, str, bool]]:
    """The views that hold something, the one that is open, and 责任落实 at the end."""
    found = [
        (word, url_for(HERE, view=view or None), f"{counted[view]:,}", asked is not None and asked.view == view)
        for view, word in VIEWS.items()
        if view in ("", "nobody") or (asked and asked.view == view) or counted[view]
    ]
    return [*found, ("责任落实", url_for("places.coverage"), "", asked is None)]


def _picks(asked: Listing, tree: Tree) -> list[Pick]:
    """The lists to tick: (name, word, choices, chosen)."""
    communities = tree.communities_within(me(), Can.PLACES_READ)
    grids = tree.grids_within(me(), Can.PLACES_READ)
    picked = [g for g in grids if not asked.communities or tree.by_id[g.parent or 0].code in asked.communities]
    found: list[Pick] = []
    if len(communities) > 1:
        found.append(("community", "社区", tuple((p.code, p.name) for p in communities), asked.communities))
    if 1 < len(picked) <= GRIDS_MOST or asked.grids:
        several = len(communities) > 1
        found.append(
            ("grid", "网格", tuple((g.code, tree.full_name(g) if several else g.name) for g in picked), asked.grids)
        )
    if asked.view not in ("alleys", "others"):
        found.append(("kind", "类别", tuple(StreetKind.choices()), tuple(one.value for one in asked.kinds)))
    found.append(("type", "区域类型", tuple(AreaType.choices()), tuple(one.value for one in asked.types)))
    return found
