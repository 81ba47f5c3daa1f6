"""系统状态: what each room's probes say, the copies, the drills."""

import logging
from typing import NamedTuple

from flask import request
from flask.typing import ResponseReturnValue

from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.declare import Probe, Reading, offers
from portal.upkeep import queries, services
from portal.upkeep.terms import COPIES_SHOWN, in_size
from portal.web import Room, me, now, page

room = Room("upkeep", __name__, url="/upkeep")
log = logging.getLogger(__name__)


class Line(NamedTuple):
    """A probe and what it read."""

    probe: Probe
    reading: Reading


@room.get("/", needs=Can.UPKEEP_READ)
def index() -> ResponseReturnValue:
    probes = sorted((one for one in offers().probes if me().may(one.needs)), key=lambda one: one.order)
    lines, copies = [Line(probe, _read(probe)) for probe in probes], services.copies()
    shown = len(copies) if "all" in request.args else COPIES_SHOWN
    return page(
        "upkeep/index.html", lines=lines, copies=copies[:shown], count=len(copies), unreadable=services.unreadable(),
        second=_second(), staying=services.retention(), folder=services.folder(), engine_words=services.engine_words,
        drills=db.session.scalars(queries.drills()).all(), in_size=in_size,
        lamps={lamp: sum(line.reading.lamp == lamp for line in lines) for lamp in ("late", "soon")},
    )  # fmt: skip


def _read(probe: Probe) -> Reading:
    """One probe that fails says so; the others are shown all the same."""
    try:
        with db.session.begin_nested():
            return probe.read(now())
    except Exception as error:
        log.exception("probe %s", probe.key)
        return Reading("late", "查不出来", type(error).__name__, "请把服务器日志交给维护人员。")


def _second() -> dict[str, bool] | None:
    """The copies of the second place by name, and whether they hold; None where there is no such place."""
    where = services.second_folder()
    return None if where is None else {copy.name: copy.sound for copy in services.copies(where)}
