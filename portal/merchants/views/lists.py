"""The list of shops, its live search, its export, and its labels."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.areas.terms import AreaType
from portal.ground.can import Can
from portal.ground.declare import offers
from portal.ground.errors import Refused
from portal.merchants import queries, services
from portal.merchants.terms import (
    COUNTED_MOST,
    EXPORT_MOST,
    LABELS_A_SHEET,
    LABELS_MOST,
    VIEWS,
    Listing,
    ShopState,
    Trade,
)
from portal.merchants.views.room import room
from portal.papers.queries import qr
from portal.web import lists, me, now, page, turn_to_writing
from portal.web.lists import Pick, carried, carried_on, chips, chosen, condition, keep_place, searched
from portal.web.pages import htmx_target, query_int
from portal.web.sheets import sheet_answer

BACK = "merchants.list"
#: Up to so many grids are offered as a filter at once; beyond it a community is picked first.
GRIDS_MOST = 20


@room.get("/", needs=Can.MERCHANTS_READ)
def index() -> ResponseReturnValue:
    if "last" in request.args:
        return redirect(came_from(), 303)
    tree, asked = queries.tree(), listing(request.args)
    keep_place(BACK, "merchants.index")
    want = queries.wanted(asked, actor=me(), tree=tree, now=now())
    fragment = htmx_target() == "shop-table"
    board = {} if fragment and not want.tallied else queries.counts(_reach(tree))
    total = queries.tallied(want, board if not want.narrow else queries.counts(want.grids))
    found = queries.listed(want, number=query_int("page", 1), size=query_int("size", 50), total=total, tree=tree)
    ids = [line.id for line in found.items]
    columns = offers().on("columns", "merchants")
    given = [(column.fold, column.cells(ids, now())) for column in columns]
    table: dict[str, Any] = {
        "found": found, "columns": columns, "asked": asked,
        "rows": [(*line, [(fold, cells.get(line.id)) for fold, cells in given]) for line in found.items],
        "chips": chips("merchants.index", _conditions(asked, tree)), "bare": asked == Listing(view=asked.view),
        "capped": total is None and found.total == COUNTED_MOST,
    }  # fmt: skip
    if fragment:
        return page("merchants/_table.html", **table)
    head: dict[str, Any] = {"board": _board(board), "where": _where(tree), "tabs": _tabs(asked, board)}
    return page("merchants/index.html", picks_offered=_picks(asked, tree), **head, **table)


def came_from() -> str:
    """Return the address of the list that was last looked at."""
    return lists.came_from(BACK, "merchants.index")


def _reach(tree: queries.Tree) -> frozenset[int] | None:
    """The grids within reach, None for all of them."""
    if me().reach(Can.MERCHANTS_READ).everything:
        return None
    return frozenset(grid.id for grid in tree.grids_within(me(), Can.MERCHANTS_READ))


@room.get("/export", needs=Can.MERCHANTS_EXPORT)
def export() -> ResponseReturnValue:
    """Say what an export will hold: the list that was last looked at, with its filters."""
    args = MultiDict(parse_qsl(came_from().partition("?")[2]))
    tree, asked = queries.tree(), listing(args)
    want = queries.wanted(asked, actor=me(), tree=tree, now=now(), key=Can.MERCHANTS_EXPORT)
    count = queries.how_many(want)
    return page(
        "merchants/export.html", swap={"asked": "merchants/_export.html"}, count=count, most=EXPORT_MOST,
        line=filter_line(asked, tree), fields=carried(args),
        back=url_for("merchants.index", last=1),
    )  # fmt: skip


@room.post("/export", needs=Can.MERCHANTS_EXPORT, endpoint="download", begins_reading=True)
def download() -> ResponseReturnValue:
    """The list as an xlsx sheet: telephones and persons masked, who made it and when on its own sheet (rules 6)."""
    tree, asked = queries.tree(), listing(carried_on(request.form))
    want = queries.wanted(asked, actor=me(), tree=tree, now=now(), key=Can.MERCHANTS_EXPORT)
    sheet = services.export_sheet(want, line=filter_line(asked, tree), tree=tree, by=me(), now=now())
    turn_to_writing()
    services.note_export(sheet, by=me(), now=now())
    return sheet_answer(sheet.data, f"商户名单{now():%Y%m%d-%H%M}.xlsx")


@room.get("/labels", needs=Can.MERCHANTS_EDIT)
def labels() -> ResponseReturnValue:
    """店铺标签: one for each shop of the list that was last looked at, to print, cut and hang."""
    return page("merchants/labels.html", **_labels(MultiDict(parse_qsl(came_from().partition("?")[2]))))


@room.post("/labels", needs=Can.MERCHANTS_EDIT, endpoint="note_labels")
def note_labels() -> ResponseReturnValue:
    """Write down who prints how many; the page then prints itself: the list that was shown."""
    told = _labels(carried_on(request.form))
    if not told["sheets"]:
        raise Refused(f"一次印 1 到 {LABELS_MOST} 家，这些条件下有 {told['count']:,} 家，请改条件")
    services.note_labels(told["count"], by=me(), now=now())
    return page("merchants/labels.html", printing=True, **told)


def _labels(args: MultiDict[str, str]) -> dict[str, Any]:
    tree, asked = queries.tree(), listing(args)
    want = queries.wanted(asked, actor=me(), tree=tree, now=now(), key=Can.MERCHANTS_EDIT)
    count = queries.how_many(want)
    found = queries.labels(want, LABELS_MOST) if count <= LABELS_MOST else []
    made = [(number, name, qr(number, f"{number} 的二维码")) for number, name in found]
    return {
        "sheets": [made[start : start + LABELS_A_SHEET] for start in range(0, len(made), LABELS_A_SHEET)],
        "count": count, "most": LABELS_MOST, "line": filter_line(asked, tree), "fields": carried(args),
        "back": url_for("merchants.index", last=1),
    }  # fmt: skip


def listing(args: MultiDict[str, str]) -> Listing:
    """What the address bar asks for; words that mean nothing are left out."""
    offered = ((one.key, tuple(args.getlist(one.key))) for one in offers().on("filters", "merchants"))
    view = args.get("view", "")
    return Listing(
        words=args.get("q", "").strip()[:100],
        communities=tuple(args.getlist("community")),
        grids=tuple(args.getlist("grid")),
        types=chosen(AreaType, args.getlist("type")),
        trades=chosen(Trade, args.getlist("trade")),
        states=chosen(ShopState, args.getlist("state")),
        view=view if view in VIEWS else "",
        offered=tuple((key, values) for key, values in offered if any(values)),
    )


def _conditions(asked: Listing, tree: queries.Tree) -> list[tuple[str, str]]:
    """The conditions that are on: (name in the address, words)."""
    area: Callable[[str], str] = lambda code: tree.by_code[code].name if code in tree.by_code else code  # noqa: E731
    found = [
        ("q", searched(asked.words)),
        ("community", condition("社区", map(area, asked.communities))),
        ("grid", condition("网格", (f"{code[:2]} {area(code)}" for code in asked.grids))),
        ("type", condition("区域类型", (one.label for one in asked.types))),
        ("trade", condition("业态", (one.label for one in asked.trades))),
        ("state", condition("营业状态", (one.label for one in asked.states))),
    ]
    filters = {one.key: one for one in offers().on("filters", "merchants")}
    for key, values in asked.offered:
        words = dict(filters[key].options)
        found.append((key, condition(filters[key].label, (words.get(value, value) for value in values))))
    return [(name, words) for name, words in found if words]


def filter_line(asked: Listing, tree: queries.Tree) -> str:
    """The conditions in one line, for an export's head."""
    view = VIEWS[asked.view][0] if asked.view else ""
    return "；".join(part for part in (view, *(words for _name, words in _conditions(asked, tree))) if part) or "全部"


def _board(board: dict[tuple[ShopState, Trade], int]) -> dict[str, int]:
    by_state = {state.value: sum(n for (s, _t), n in board.items() if s is state) for state in ShopState}
    return {"all": sum(by_state.values()), **by_state}


def _where(tree: queries.Tree) -> str:
    """The area that the list is of, in words."""
    if me().reach(Can.MERCHANTS_READ).everything:
        return "全街道"
    return "、".join(place.name for place in tree.communities_within(me(), Can.MERCHANTS_READ)) or "您还没有管辖范围"


def _tabs(asked: Listing, board: dict[tuple[ShopState, Trade], int]) -> list[tuple[str, str, str, bool]]:
    counted, reach = _board(board), me().reach(Can.MERCHANTS_READ)
    tabs = []
    for key, (word, state) in VIEWS.items():
        if key == "mine" and not (reach.grids and (reach.everything or reach.communities)):
            continue
        count = "" if key == "mine" else f"{counted[state.value if state else 'all']:,}"
        tabs.append((word, url_for("merchants.index", view=key or None), count, asked.view == key))
    return tabs


def _picks(asked: Listing, tree: queries.Tree) -> list[Pick]:
    """The lists to tick: (name, word, choices, chosen)."""
    communities = tree.communities_within(me(), Can.MERCHANTS_READ)
    grids = tree.grids_within(me(), Can.MERCHANTS_READ)
    picked = [g for g in grids if not asked.communities or tree.by_id[g.parent or 0].code in asked.communities]
    picks: list[tuple[str, str, Sequence[tuple[str, str]], Sequence[str]]] = []
    if len(communities) > 1:
        picks.append(("community", "社区", [(p.code, p.name) for p in communities], asked.communities))
    if 1 < len(picked) <= GRIDS_MOST or asked.grids:
        several = len(communities) > 1
        choices = [(g.code, f"{tree.by_id[g.parent or 0].name}{g.name}" if several else g.name) for g in picked]
        picks.append(("grid", "网格", choices, asked.grids))
    if len({grid.type for grid in grids}) > 1:
        picks.append(("type", "区域类型", AreaType.choices(), tuple(one.value for one in asked.types)))
    picks.append(("trade", "业态", Trade.choices(), tuple(one.value for one in asked.trades)))
    if VIEWS[asked.view][1] is None:
        picks.append(("state", "营业状态", ShopState.choices(), tuple(one.value for one in asked.states)))
    ticked = dict(asked.offered)
    for one in offers().on("filters", "merchants"):
        picks.append((one.key, one.label, one.options, ticked.get(one.key, ())))
    return [(name, word, tuple(choices), tuple(on)) for name, word, choices, on in picks]
