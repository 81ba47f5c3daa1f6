"""Doors of 定时任务: every duty with its newest run, one duty's runs, and asking for a run now."""

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.duties import queries, services
from portal.duties.terms import ASKED_FOR, BY_CLOCK, LAMPS, PAGE
from portal.ground.can import Can
from portal.ground.declare import Duty, duties
from portal.web import Room, done, me, now, page
from portal.web.pages import query_int

room = Room("duties", __name__, url="/duties")


@room.get("/", needs=Can.DUTIES_READ)
def index() -> ResponseReturnValue:
    lines = services.board(duties(), now=now())
    return page(
        "duties/index.html", swap={"duty-table": "duties/_table.html"}, lines=lines, lamps=LAMPS,
        heart=queries.heard(now()), polling=any(line.busy for line in lines),
        set_back=services.set_back(lines, now=now()),
    )  # fmt: skip


@room.get("/<name>", needs=Can.DUTIES_READ)
def show(name: str) -> ResponseReturnValue:
    lines = services.board([_duty(name)], now=now())
    found = queries.runs(name, before=query_int("before", 0) or None)
    return page(
        "duties/show.html", swap={"duty": "duties/_duty.html"}, line=lines[0], runs=found[:PAGE], lamps=LAMPS,
        older=found[PAGE - 1].id if len(found) > PAGE else None, heart=queries.heard(now()),
        set_back=services.set_back(lines, now=now()), by_clock=BY_CLOCK,
    )  # fmt: skip


@room.post("/<name>/run", needs=Can.DUTIES_RUN, endpoint="run")
def ask(name: str) -> ResponseReturnValue:
    services.ask(_duty(name), by=me(), now=now())
    return done(url_for("duties.show", name=name), message=ASKED_FOR[queries.heard(now()).silent])


def _duty(name: str) -> Duty:
    return next((duty for duty in duties() if duty.name == name), None) or abort(404)
