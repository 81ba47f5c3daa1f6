"""The list of people, its live search, and its export."""

from typing import Any
from urllib.parse import parse_qsl

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.accounts import queries, services
from portal.accounts.terms import EXPORT_MOST, ROLES, VIEWS, Listing
from portal.accounts.views.people.room import room
from portal.areas.queries import Tree, places
from portal.ground.can import Can
from portal.web import lists, me, now, page, turn_to_writing
from portal.web.lists import Pick, carried, carried_on, chips, condition, keep_place, searched
from portal.web.pages import htmx_target, query_int
from portal.web.sheets import sheet_answer

HERE = "accounts.people.index"
BACK = "accounts.people.list"


@room.get("/", needs=Can.PEOPLE_READ)
def index() -> ResponseReturnValue:
    if "last" in request.args:
        return redirect(came_from(), 303)
    tree, asked, today = places(), listing(request.args), now().date()
    keep_place(BACK, HERE)
    want = queries.wanted(asked, actor=me(), tree=tree, on=today)
    found = queries.listed(want, number=query_int("page", 1), size=query_int("size", 50), tree=tree, on=today)
    table: dict[str, Any] = {"found": found, "asked": asked, "chips": chips(HERE, _conditions(asked, tree))}
    if htmx_target() == "people-table":
        return page("accounts/people/_table.html", **table)
    counted = queries.tallies(me(), tree=tree, on=today)
    waiting = queries.waiting_count() if _minds() else 0
    return page(
        "accounts/people/index.html", whole=counted[""], tabs=_tabs(asked, counted), waiting=waiting,
        where=_where(tree), picks_offered=_picks(asked, tree), **table,
    )  # fmt: skip


def came_from() -> str:
    """Return the address of the list that was last looked at."""
    return lists.came_from(BACK, HERE)


@room.get("/export", needs=Can.PEOPLE_KEEP)
def export() -> ResponseReturnValue:
    """Say what an export will hold: the list that was last looked at, with its filters."""
    args = MultiDict(parse_qsl(came_from().partition("?")[2]))
    tree, asked = places(), listing(args)
    want = queries.wanted(asked, actor=me(), tree=tree, on=now().date(), key=Can.PEOPLE_KEEP)
    return page(
        "accounts/people/export.html", swap={"asked": "accounts/people/_export.html"}, count=queries.how_many(want),
        most=EXPORT_MOST, line=filter_line(asked, tree), fields=carried(args),
        back=url_for(HERE, last=1),
    )  # fmt: skip


@room.post("/export", needs=Can.PEOPLE_KEEP, endpoint="download", begins_reading=True)
def download() -> ResponseReturnValue:
    """The list as an xlsx sheet: telephones masked, who made it and when on its own sheet (rules 6)."""
    tree, asked = places(), listing(carried_on(request.form))
    want = queries.wanted(asked, actor=me(), tree=tree, on=now().date(), key=Can.PEOPLE_KEEP)
    sheet = services.export_sheet(want, line=filter_line(asked, tree), tree=tree, by=me(), now=now())
    turn_to_writing()
    services.note_export(sheet, by=me(), now=now())
    return sheet_answer(sheet.data, f"人员名单{now():%Y%m%d-%H%M}.xlsx")


def listing(args: MultiDict[str, str]) -> Listing:
    """What the address bar asks for; words that mean nothing are left out."""
    view = args.get("view", "")
    return Listing(
        words=args.get("q", "").strip()[:100],
        roles=tuple(role for role in args.getlist("role") if role in ROLES),
        areas=tuple(args.getlist("area")),
        view=view if view in VIEWS else "",
    )


def filter_line(asked: Listing, tree: Tree) -> str:
    """The conditions in one line, for an export's head."""
    view = VIEWS[asked.view][0] if asked.view else ""
    return "；".join(part for part in (view, *(words for _name, words in _conditions(asked, tree))) if part) or "全部"


def _conditions(asked: Listing, tree: Tree) -> list[tuple[str, str]]:
    """The conditions that are on: (name in the address, words)."""
    areas = (queries.place_name(tree.by_code.get(code), tree) or code for code in asked.areas)
    found = [
        ("q", searched(asked.words)),
        ("role", condition("角色", (ROLES[role].label for role in asked.roles))),
        ("area", condition("地方", areas)),
    ]
    return [(name, words) for name, words in found if words]


def _minds() -> bool:
    """Whether roles that wait are this person's business."""
    return me().may(Can.PEOPLE_GRANT) or me().may(Can.PEOPLE_KEEP)


def _where(tree: Tree) -> str:
    """The area that the list is of, in words."""
    if me().reach(Can.PEOPLE_READ).everything:
        return "全街道"
    return "、".join(place.name for place in tree.communities_within(me(), Can.PEOPLE_READ)) or "您还没有管辖范围"


def _tabs(asked: Listing, counted: dict[str, int]) -> list[tuple[str, str, str, bool]]:
    """The views: the whole, those that hold somebody, and the one that is open."""
    return [
        (word, url_for(HERE, view=view or None), f"{counted[view]:,}", asked.view == view)
        for view, (word, _state) in VIEWS.items()
        if view in ("", "active", asked.view) or counted[view]
    ]


def _picks(asked: Listing, tree: Tree) -> list[Pick]:
    """The lists to tick."""
    parts = tree.communities_within(me(), Can.PEOPLE_READ)
    found: list[Pick] = [("role", "角色", tuple((role, spec.label) for role, spec in ROLES.items()), asked.roles)]
    areas = [(place.code, place.name) for place in parts]
    if me().reach(Can.PEOPLE_READ).everything:
        areas = [(place.code, "街道本级") for place in tree.by_id.values() if place.parent is None] + areas
    if len(areas) == 1:
        areas = [(grid.code, grid.name) for grid in tree.grids_within(me(), Can.PEOPLE_READ)]
    if len(areas) > 1:
        found.append(("area", "地方", tuple(areas), asked.areas))
    return found
