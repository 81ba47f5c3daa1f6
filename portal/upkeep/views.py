"""系统状态: what each room's probes say, the copies, the drills."""

from typing import NamedTuple

from flask import request
from flask.typing import ResponseReturnValue

from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.declare import Probe, Reading, offers, readings
from portal.upkeep import queries, services
from portal.upkeep.terms import COPIES_SHOWN, in_size
from portal.web import Room, me, now, page

room = Room("upkeep", __name__, url="/upkeep")


class Line(NamedTuple):
    """A probe and what it read."""

    probe: Probe
    reading: Reading


@room.get("/", needs=Can.UPKEEP_READ)
def index() -> ResponseReturnValue:
    probes = sorted((one for one in offers().probes if me().may(one.needs)), key=lambda one: one.order)
    lines, copies = [Line(*found) for found in readings(probes, now())], services.copies()
    shown = len(copies) if "all" in request.args else COPIES_SHOWN
    return page(
        "upkeep/index.html", lines=lines, copies=copies[:shown], count=len(copies), unreadable=services.unreadable(),
        second=_second(), staying=services.retention(), folder=services.folder(), engine_words=services.engine_words,
        drills=db.session.scalars(queries.drills()).all(), in_size=in_size,
        lamps={lamp: sum(line.reading.lamp == lamp for line in lines) for lamp in ("late", "soon")},
    )  # fmt: skip


def _second() -> dict[str, bool] | None:
    """The copies of the second place by name, and whether they hold; None where there is no such place."""
    where = services.second_folder()
    return None if where is None else {copy.name: copy.sound for copy in services.copies(where)}
