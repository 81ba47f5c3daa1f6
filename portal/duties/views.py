"""Doors of 定时任务: every duty with its newest run, one duty's runs, and asking for a run now."""

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.duties import queries, services
from portal.duties.terms import LAMPS, PAGE
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
    )  # fmt: skip


@room.get("/<name>", needs=Can.DUTIES_READ)
def show(name: str) -> ResponseReturnValue:
    found = queries.runs(name, before=query_int("before", 0) or None)
    return page(
        "duties/show.html", line=services.board([_duty(name)], now=now())[0], runs=found[:PAGE], lamps=LAMPS,
        older=found[PAGE - 1].id if len(found) > PAGE else None, heart=queries.heard(now()),
    )  # fmt: skip


@room.post("/<name>/run", needs=Can.DUTIES_RUN, endpoint="run")
def ask(name: str) -> ResponseReturnValue:
    services.ask(_duty(name), by=me(), now=now())
    return done(url_for("duties.show", name=name), message="已排队，半分钟内开始执行")


def _duty(name: str) -> Duty:
    return next((duty for duty in duties() if duty.name == name), None) or abort(404)
