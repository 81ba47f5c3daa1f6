"""系统状态: what each room's probes say, the copies, the drills."""

import logging

from flask.typing import ResponseReturnValue

from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.declare import Probe, Reading, offers
from portal.upkeep import queries, services
from portal.upkeep.terms import in_size
from portal.web import Room, me, now, page

room = Room("upkeep", __name__, url="/upkeep")
log = logging.getLogger(__name__)
ORDER = {"late": 0, "soon": 1, "held": 2, "fine": 3}


@room.get("/", needs=Can.UPKEEP_READ)
def index() -> ResponseReturnValue:
    probes = sorted((one for one in offers().probes if me().may(one.needs)), key=lambda one: one.order)
    readings = [(one, _read(one)) for one in probes]
    return page(
        "upkeep/index.html", readings=readings, copies=services.copies(), folder=services.folder(),
        drills=db.session.scalars(queries.drills()).all(), in_size=in_size,
        red=sum(reading.lamp == "late" for _one, reading in readings),
    )  # fmt: skip


def _read(probe: Probe) -> Reading:
    """One probe that fails says so; the others are shown all the same."""
    try:
        return probe.read(now())
    except Exception as error:
        log.exception("probe %s", probe.key)
        return Reading("late", "查不出来", f"{type(error).__name__}", "请把服务器日志交给维护人员。")
