"""What every change of an area needs: one at a time, the version that the keeper saw, a line on the area's file."""

from datetime import datetime

from portal.areas import queries
from portal.areas.models import Area, AreaEvent
from portal.areas.terms import STALE, AreaKind, AreaType, EventKind
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused


def hold(area: Area, *, version: int) -> None:
    """Let one at a time change an area. `Refused` when the keeper's form is older than the file."""
    db.session.flush()
    db.session.scalars(queries.held(area.id).execution_options(populate_existing=True)).one()
    if area.version != version:
        raise Refused(STALE)


def note(area: Area, kind: EventKind, words: str = "", *, by: Actor, now: datetime) -> None:
    """Write a line on the area's file."""
    db.session.add(AreaEvent(area=area, at=now, kind=kind, text=words[:300], by=by.name))


def words_of(area: Area, *, name: str, kind: AreaKind, area_type: AreaType | None) -> str:
    """What would change, in words: 名称 东二网格 → 二网格; empty when nothing would."""
    told = [
        ("名称", area.name, name),
        ("类别", area.kind.label, kind.label),
        ("区域类型", _label(area.area_type), _label(area_type)),
    ]
    return "；".join(f"{word} {before} → {after}" for word, before, after in told if before != after)


def _label(area_type: AreaType | None) -> str:
    return area_type.label if area_type else ""
