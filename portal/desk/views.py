"""Doors of the desk: today, the sheet to print, and one search over all rooms."""

from flask import request
from flask.typing import ResponseReturnValue

from portal.desk import services
from portal.desk.terms import TASKS, TASKS_PRINTED, WORDS_MOST
from portal.web import SIGNED_IN, Room, me, now, page

room = Room("desk", __name__)


@room.get("/desk/", needs=SIGNED_IN)
def index() -> ResponseReturnValue:
    return page("desk/index.html", desk=services.desk(me(), now(), limit=TASKS))


@room.get("/desk/print", needs=SIGNED_IN, endpoint="print")
def print_sheet() -> ResponseReturnValue:
    """今日单: the same day on paper."""
    return page("desk/print.html", desk=services.desk(me(), now(), limit=TASKS_PRINTED))


@room.get("/search", needs=SIGNED_IN)
def search() -> ResponseReturnValue:
    words = request.args.get("q", "").strip()[:WORDS_MOST]
    return page("desk/search.html", swap={"found": "desk/_found.html"}, words=words, found=services.found(me(), words))
