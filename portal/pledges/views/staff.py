"""The list of pledges, one pledge's file, and the two people that a voiding needs."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from flask import request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.paging import paged
from portal.ground.sheets.write import write_xlsx
from portal.merchants.queries import tree
from portal.pledges import forms, queries, services
from portal.pledges.models import Pledge
from portal.pledges.terms import LAMPS, Method, Shown
from portal.pledges.views import listing
from portal.pledges.views.hanging import room
from portal.settings import queries as settings
from portal.web import done, me, now, one_or_404, page, turn_to_writing
from portal.web.pages import query_int

#: Rows that one export may hold (rules 6: a row cap).
EXPORT_MOST = 20_000
EXPORT = Can.MERCHANTS_EXPORT
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@room.get("/pledges", needs=Can.PLEDGES_READ)
def index() -> ResponseReturnValue:
    """责任书: the list; its filters stand in the address bar."""
    places, today = tree(), now().date()
    want = listing.wanted(request.args, places)
    counts = queries.shown_counts(me(), today=today)
    rows = paged(
        queries.listed(me(), want, today=today), queries.rows,
        number=query_int("page", 1), size=query_int("size", 50),
    )  # fmt: skip
    return page(
        "pledges/index.html", swap={"pledge-table": "pledges/_table.html"}, rows=rows, lines=_lines(rows.items),
        counts=counts, mine=_mine(), conditions=listing.conditions(places, request.args),
        state_choices=[(one.value, one.label, counts.get(one.value, 0)) for one in Shown],
        method_choices=Method.choices(),
        community_choices=[(one.code, one.name) for one in places.communities_within(me(), Can.PLEDGES_READ)],
    )  # fmt: skip


def _mine() -> int | None:
    """How many wait for this person's own 甲方确认; None for whoever has no authority today."""
    today = now().date()
    return queries.confirm_count(me(), today) if queries.hands_of(me(), today).mine else None


def _lines(pledges: Any) -> list[dict[str, Any]]:
    today = now().date()
    return [
        {
            "pledge": one,
            "shown": (shown := services.shown_of(one, today=today)),
            "lamp": LAMPS[shown.value],
            "days": (one.until_on - today).days,
            "last": one.until_on - timedelta(days=1),
            "signer": services.persons_of(one).get("signer"),
        }
        for one in pledges
    ]


@room.post("/pledges/export", needs=EXPORT, begins_reading=True)
def export() -> ResponseReturnValue:
    """The list as a sheet, persons masked; the trail holds how many rows and which filters."""
    places, today = tree(), now().date()
    want = listing.wanted(request.form, places)
    ids = list(db.session.scalars(queries.listed(me(), want, today=today, key=EXPORT).limit(EXPORT_MOST + 1)))
    if len(ids) > EXPORT_MOST:
        raise Refused(f"一次最多导出 {EXPORT_MOST:,} 份，请用日期或社区把范围缩小，分几次导出。")
    said = "；".join(words for words, _change in listing.conditions(places, request.form)) or "全部"
    data = write_xlsx(
        listing.COLUMNS, [listing.sheet_row(one, today=today) for one in queries.rows(ids)], title="责任书名单",
        filter_line=said, snapshot=now(), watermark=f"{me().name} {now():%Y-%m-%d %H:%M} 导出",
    )  # fmt: skip
    turn_to_writing()
    services.note_export(rows=len(ids), said=said, by=me(), now=now())
    return send_file(
        BytesIO(data), mimetype=XLSX, as_attachment=True, max_age=0,
        download_name=f"责任书名单_{now():%Y%m%d_%H%M}_{me().name}.xlsx",
    )  # fmt: skip


@room.get("/pledges/<int:id>", needs=Can.PLEDGES_READ)
def show(id: int) -> ResponseReturnValue:
    """One pledge's file: what was signed, by whom, what it stands at, its paper."""
    return _show(_pledge(id), forms.Ask(), forms.Answer())


def _pledge(pledge_id: int, key: Can = Can.PLEDGES_READ) -> Pledge:
    return one_or_404(queries.visible_to(me(), key).where(Pledge.id == pledge_id))


def _show(pledge: Pledge, ask: forms.Ask, answer: forms.Answer, status: int = 200) -> ResponseReturnValue:
    today = now().date()
    shown = services.shown_of(pledge, today=today)
    mine = pledge.shop.grid_id in queries.hands_of(me(), today).mine
    own = pledge.witness_id == me().id
    stuck = shown is Shown.WAITING and (own or not mine)
    return page(
        "pledges/show.html", status=status, pledge=pledge, shown=shown, lamp_=LAMPS[shown.value],
        last=pledge.until_on - timedelta(days=1),
        persons=services.persons_of(pledge), ending=queries.ending_of(pledge.id),
        voiding=queries.open_voiding(pledge.id), ask=ask, answer=answer,
        mine=mine, own=own, confirmers=_others(pledge, today) if stuck else [],
        reckoned=settings.stamped(pledge.reckoned_with or {}),
    )  # fmt: skip


def _others(pledge: Pledge, today: date) -> list[str]:
    """Who else may confirm where a pledge's shop stands."""
    return [name for name in queries.confirmers(pledge.shop.grid, on=today) if name != me().name]


@room.post("/pledges/<int:id>/confirmation", needs=Can.PLEDGES_CONFIRM)
def confirm(id: int) -> ResponseReturnValue:
    """街道确认 of a pledge that waits."""
    pledge = _pledge(id, Can.PLEDGES_CONFIRM)
    services.confirm(pledge, by=me(), now=now())
    return done(url_for(".show", id=id), message="已确认，责任书生效")


@room.post("/pledges/<int:id>/voiding", needs=Can.PLEDGES_CONFIRM)
def ask_voiding(id: int) -> ResponseReturnValue:
    """申请作废: the first of two people."""
    pledge, form = _pledge(id, Can.PLEDGES_CONFIRM), forms.Ask()
    if not form.validate():
        return _show(pledge, form, forms.Answer(formdata=None), 422)
    services.ask_voiding(pledge, reason=form.reason.data, by=me(), now=now())
    return done(url_for(".show", id=id), message="已申请作废，等另一位同事复核")


@room.post("/pledges/<int:id>/voiding/answer", needs=Can.PLEDGES_CONFIRM)
def answer_voiding(id: int) -> ResponseReturnValue:
    """复核作废: the second of two people."""
    pledge, form = _pledge(id, Can.PLEDGES_CONFIRM), forms.Answer()
    if not form.validate():
        return _show(pledge, forms.Ask(formdata=None), form, 422)
    services.answer_voiding(
        pledge.id, agreed=form.agreed.data == "1", answer=form.answer.data or "", by=me(), now=now()
    )
    return done(url_for(".show", id=id), message="已作废" if form.agreed.data == "1" else "没有作废，责任书照旧")
