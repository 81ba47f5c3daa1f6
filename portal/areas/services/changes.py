"""One area at a time: entered, renamed, given another type, closed, taken into use again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.areas import rules
from portal.areas.models import Area
from portal.areas.services.keeping import hold, note, words_of
from portal.areas.services.numbers import passed_over
from portal.areas.services.tree import standing, whole
from portal.areas.terms import AreaKind, AreaRow, AreaType, EventKind
from portal.audit.services import record
from portal.ground import marks
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.declare import AreaUse, offers
from portal.ground.errors import Refused


def add(
    *, name: str, kind: AreaKind, code: str = "", community: str = "", area_type: AreaType | None = None, by: Actor,
    now: datetime,
) -> Area:  # fmt: skip
    """Enter an area; where it belongs follows from its code. `Refused` names the field that is wrong.

    Without a code a grid gets the next one of its `community` (a code), and a section the next of the office.
    """
    there = whole()
    code = code or rules.next_code(kind, [*there, *passed_over()], community)
    row = AreaRow(0, code, name, kind, area_type)
    if code in there:
        held = there[code]
        closed = "，已经撤销；要再用请到它的页面恢复" if held.closed_at else ""
        raise Refused(f"编号 {code} 已经是{held.name}{closed}，请换一个。", field="code")
    _refuse(row, standing(there))
    parent = there.get(rules.parent_code(row)) or next(one for one in there.values() if one.kind is AreaKind.OFFICE)
    area = Area(code=code, name=name, kind=kind, area_type=area_type, parent=parent)
    try:
        with db.session.begin_nested():
            db.session.add(area)
    except IntegrityError:  # a colleague took the code at this very instant
        raise Refused(f"编号 {code} 刚被别人用了，请换一个。", field="code") from None
    marks.bump("areas")
    note(area, EventKind.CREATED, by=by, now=now)
    record("areas.add", f"area:{area.id}", by=by, now=now, code=code, kind=kind.value)
    return area


def edit(
    area: Area, *, name: str, kind: AreaKind, area_type: AreaType | None, version: int, by: Actor, now: datetime
) -> bool:
    """Rename an area, make a village a community, give a grid another type (R1); code and place stay for good.

    Returns whether anything changed. The line on its file says what was and what is, and from when.
    """
    hold(area, version=version)
    if area.closed_at is not None:
        raise Refused("已经撤销的不能改，请先恢复。")
    words = words_of(area, name=name, kind=kind, area_type=area_type)
    if not words:
        return False
    if area.kind is not AreaKind.OFFICE:
        _refuse(AreaRow(0, area.code, name, kind, area_type), standing(whole()))
    before = [label for label, was, is_ in (
        ("name", area.name, name), ("kind", area.kind, kind), ("area_type", area.area_type, area_type),
    ) if was != is_]  # fmt: skip
    retyped = before == ["area_type"]
    area.name, area.kind, area.area_type = name, kind, area_type
    marks.bump("areas")
    note(area, EventKind.RETYPED if retyped else EventKind.EDITED, words, by=by, now=now)
    record("areas.edit", f"area:{area.id}", by=by, now=now, code=area.code, fields=before)
    db.session.flush()
    return True


def uses(area: Area, *, now: datetime) -> list[tuple[str, str, int]]:
    """What stands in an area and keeps it from being closed: (label, unit, count), those that there are."""
    inner = "科室、社区和村" if area.kind is AreaKind.OFFICE else "网格"
    children = select(Area.id).where(Area.parent_id == area.id, Area.closed_at.is_(None))
    found = [(inner, "个", len(db.session.scalars(children).all()))]
    found += [(one.label, one.unit, one.count(area.id, now)) for one in _asked()]
    return [one for one in found if one[2]]


def _asked() -> Sequence[AreaUse]:
    return sorted(offers().area_uses, key=lambda one: one.order)


def close(area: Area, *, reason: str, version: int, by: Actor, now: datetime) -> None:
    """Close an area: nothing new is put there. `Refused` while anything stands in it; its history stays."""
    hold(area, version=version)
    if area.closed_at is not None:
        raise Refused("已经撤销了。")
    if refusal := rules.closing_refusal(area.kind, uses(area, now=now)):
        raise Refused(refusal)
    area.closed_at, area.closed_by = now, by.name
    marks.bump("areas")
    note(area, EventKind.CLOSED, reason, by=by, now=now)
    record("areas.close", f"area:{area.id}", by=by, now=now, code=area.code, reason=reason)
    db.session.flush()


def reopen(area: Area, *, reason: str, version: int, by: Actor, now: datetime) -> None:
    """Take a closed area into use again. `Refused` while its community is closed, or another has its name."""
    hold(area, version=version)
    if area.closed_at is None:
        raise Refused("现在就在用，不用恢复。")
    same = select(Area.id).where(
        Area.parent_id == area.parent_id, Area.name == area.name, Area.id != area.id, Area.closed_at.is_(None)
    )
    refusal = rules.reopening_refusal(
        parent_closed=bool(area.parent and area.parent.closed_at), parent=area.parent.name if area.parent else "",
        name_taken=db.session.scalar(same.limit(1)) is not None, name=area.name,
    )  # fmt: skip
    if refusal:
        raise Refused(refusal)
    area.closed_at = area.closed_by = None
    marks.bump("areas")
    note(area, EventKind.REOPENED, reason, by=by, now=now)
    record("areas.reopen", f"area:{area.id}", by=by, now=now, code=area.code, reason=reason)
    db.session.flush()


def _refuse(row: AreaRow, there: dict[str, rules.Standing]) -> None:
    [(_number, found)] = rules.flaws([row], there)
    if found:
        raise Refused(found[0].why, field=found[0].key)
