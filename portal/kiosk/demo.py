"""Demonstration machines: in the hall, at a counter, on the way to the shops. A browser is enrolled by hand."""

from typing import Any

from sqlalchemy import select

from portal.areas.models import Area
from portal.ground.db import db
from portal.kiosk.models import Device
from portal.kiosk.terms import DeviceKind

#: Name, kind, code of the area, where the staff are.
MACHINES = [
    ("大厅一号机（演示）", DeviceKind.HALL, "GX", "进门左手 2 号窗口"),
    ("明月社区手写板（演示）", DeviceKind.COUNTER, "MY", "就在您面前的窗口"),
    ("明月社区入户平板（演示）", DeviceKind.VISIT, "MY", "陪您来的网格员"),
]


def build(context: Any) -> None:
    """Enter the machines; they wait for their enrolment."""
    areas = {area.code: area.id for area in db.session.scalars(select(Area))}
    for name, kind, where, staff_at in MACHINES:
        db.session.add(
            Device(
                name=name, kind=kind, area_id=areas[where], staff_at=staff_at, staff_phone="",
                added_at=context.now, added_by="系统管理员（演示）",
            )
        )  # fmt: skip
