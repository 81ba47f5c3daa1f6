"""Demonstration areas: twelve communities and villages with sixty grids, of all four types of the plan (R1), and the
office's sections beside them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.areas.models import Area, AreaEvent
from portal.areas.terms import AreaKind, AreaType, EventKind
from portal.ground.db import db

BEGUN = timedelta(days=460)
KEY, BACK, FRINGE, RURAL = AreaType.KEY, AreaType.BACKSTREET, AreaType.FRINGE, AreaType.RURAL

#: Code, name, kind, the types of its grids in order. Names are invented for the demonstration.
PARTS: list[tuple[str, str, AreaKind, tuple[AreaType, ...]]] = [
    ("MY", "明月社区", AreaKind.COMMUNITY, (KEY, KEY, KEY, BACK, BACK, BACK)),
    ("MD", "牡丹社区", AreaKind.COMMUNITY, (KEY, KEY, KEY, BACK, BACK, BACK)),
    ("GH", "桂花社区", AreaKind.COMMUNITY, (KEY, KEY, BACK, BACK, BACK)),
    ("XF", "学府社区", AreaKind.COMMUNITY, (KEY, KEY, BACK, BACK, BACK)),
    ("BM", "北门社区", AreaKind.COMMUNITY, (KEY, BACK, BACK, BACK, BACK)),
    ("JS", "金山社区", AreaKind.COMMUNITY, (KEY, BACK, BACK, FRINGE, FRINGE)),
    ("XQ", "新桥社区", AreaKind.COMMUNITY, (KEY, BACK, BACK, BACK, FRINGE)),
    ("GY", "果园社区", AreaKind.COMMUNITY, (KEY, BACK, BACK, FRINGE, FRINGE)),
    ("SP", "松坪社区", AreaKind.COMMUNITY, (BACK, BACK, FRINGE, FRINGE, FRINGE)),
    ("SB", "石坝村", AreaKind.VILLAGE, (FRINGE, FRINGE, RURAL, RURAL, RURAL)),
    ("ZL", "竹林村", AreaKind.VILLAGE, (FRINGE, RURAL, RURAL, RURAL)),
    ("QX", "清溪村", AreaKind.VILLAGE, (RURAL, RURAL, RURAL, RURAL)),
]
NAMES = "一二三四五六"
#: Sections, as a street office of the county has them.
SECTIONS = (
    "党政办公室", "党的建设办公室", "经济发展办公室", "民生服务办公室", "平安法治办公室", "规划建设管理环保办公室",
    "综合行政执法大队", "便民服务中心", "产业发展服务中心", "应急管理和社会事务服务中心",
)  # fmt: skip


def build(ctx: Any) -> None:
    """Plant communities, villages, grids and sections below the office that the starting data planted."""
    office = db.session.scalars(select(Area).where(Area.kind == AreaKind.OFFICE)).one()
    for code, name, kind, types in PARTS:
        part = Area(code=code, name=name, kind=kind, parent=office)
        db.session.add(part)
        for number, area_type in enumerate(types, 1):
            label = f"{NAMES[number - 1]}网格"
            db.session.add(
                Area(code=f"{code}-{number:02d}", name=label, kind=AreaKind.GRID, area_type=area_type, parent=part)
            )
    for number, name in enumerate(SECTIONS, 1):
        db.session.add(Area(code=f"K{number:02d}", name=name, kind=AreaKind.SECTION, parent=office))
    db.session.flush()
    for area in db.session.scalars(select(Area).where(Area.kind != AreaKind.OFFICE)):
        db.session.add(AreaEvent(area=area, at=ctx.now - BEGUN, kind=EventKind.IMPORTED, by=ctx.by.name))
