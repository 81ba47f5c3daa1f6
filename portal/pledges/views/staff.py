"""The list of pledges, one pledge's file, and the two people that a voiding needs."""

from io import BytesIO
from typing import Any

from flask import request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.audit.services import record
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.paging import paged
from portal.ground.sheets import write_xlsx
from portal.merchants.queries import tree
from portal.pledges import forms, queries, services
from portal.pledges.models import Pledge
from portal.pledges.terms import LAMPS, Method, Shown
from portal.pledges.views import listing
from portal.pledges.views.hanging import room
from portal.web import done, me, now, one_or_404, page
from portal.web.pages import query_int

#: Rows that one export may hold (rules 6: a row cap).
EXPORT_MOST = 20_000


@room.get("/pledges", needs=Can.PLEDGES_READ)
def index() -> ResponseReturnValue:
    """责任书: the list; its filters stand in the address bar."""
    places, today = tree(), now().date()
    want = listing.wanted(request.args, places)
    rows = paged(
        queries.listed(me(), want, today=today), queries.rows,
        number=query_int("page", 1), size=query_int("size", 50),
    )  # fmt: skip
    return page(
        "pledges/index.html", swap={"pledge-table": "pledges/_table.html"}, rows=rows, lines=_lines(rows.items),
        counts=queries.shown_counts(me(), today=today), conditions=listing.conditions(places), words=Shown,
        methods=Method, communities=places.communities_within(me(), Can.PLEDGES_READ),
    )  # fmt: skip


def _lines(pledges: Any) -> list[dict[str, Any]]:
    today = now().date()
    return [
        {
            "pledge": one,
            "shown": (shown := services.shown_of(one, today=today)),
            "lamp": LAMPS[shown.value],
            "days": (one.until_on - today).days,
            "signer": services.persons_of(one).get("signer"),
        }
        for one in pledges
    ]


@room.post("/pledges/export", needs=Can.MERCHANTS_EXPORT)
def export() -> ResponseReturnValue:
    """The list as a sheet, persons masked; the trail holds how many rows and which filters."""
    places, today = tree(), now().date()
    want = listing.wanted(request.form, places)
    ids = list(db.session.scalars(queries.listed(me(), want, today=today).limit(EXPORT_MOST)))
    rows = [listing.sheet_row(one, today=today) for one in queries.rows(ids)]
    data = write_xlsx("责任书", listing.HEADINGS, rows, made_by=me().name, at=now())
    record("pledges.export", "pledges", by=me(), now=now(), rows=len(rows), states=list(want.states))
    name = f"责任书名单{now():%Y%m%d}.xlsx"
    return send_file(BytesIO(data), as_attachment=True, download_name=name)


@room.get("/pledges/<int:id>", needs=Can.PLEDGES_READ)
def show(id: int) -> ResponseReturnValue:
    """One pledge's file: what was signed, by whom, what it stands at, its paper."""
    return _show(_pledge(id), forms.Ask(), forms.Answer())


def _pledge(pledge_id: int) -> Pledge:
    return one_or_404(queries.visible_to(me()).where(Pledge.id == pledge_id))


def _show(pledge: Pledge, ask: forms.Ask, answer: forms.Answer, status: int = 200) -> ResponseReturnValue:
    shown = services.shown_of(pledge, today=now().date())
    return page(
        "pledges/show.html", status=status, pledge=pledge, shown=shown, lamp=LAMPS[shown.value],
        persons=services.persons_of(pledge), ending=queries.ending_of(pledge.id),
        voiding=queries.open_voiding(pledge.id), ask=ask, answer=answer,
    )  # fmt: skip


@room.post("/pledges/<int:id>/confirmation", needs=Can.PLEDGES_CONFIRM)
def confirm(id: int) -> ResponseReturnValue:
    """街道确认 of a pledge that waits."""
    pledge = _pledge(id)
    services.confirm(pledge, by=me(), now=now())
    return done(url_for(".show", id=id), message="已确认，责任书生效")


@room.post("/pledges/<int:id>/voiding", needs=Can.PLEDGES_CONFIRM)
def ask_voiding(id: int) -> ResponseReturnValue:
    """申请作废: the first of two people."""
    pledge, form = _pledge(id), forms.Ask()
    if not form.validate():
        return _show(pledge, form, forms.Answer(formdata=None), 422)
    services.ask_voiding(pledge, reason=form.reason.data, by=me(), now=now())
    return done(url_for(".show", id=id), message="已申请作废，等另一位同事复核")


@room.post("/pledges/<int:id>/voiding/answer", needs=Can.PLEDGES_CONFIRM)
def answer_voiding(id: int) -> ResponseReturnValue:
    """复核作废: the second of two people."""
    pledge, form = _pledge(id), forms.Answer()
    if not form.validate():
        return _show(pledge, forms.Ask(formdata=None), form, 422)
    services.answer_voiding(
        pledge.id, agreed=form.agreed.data == "1", answer=form.answer.data or "", by=me(), now=now()
    )
    return done(
        url_for(".show", id=id), message="已作废" if form.agreed.data == "1" else "没有作废，责任书照旧"
    )
