"""Who sits in which area, for the pages of the tree: names by role, grids without a grid worker (R3)."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from flask import url_for
from sqlalchemy import Date, Integer, Select, bindparam, func, or_, select

from portal.accounts.models import Person, PersonRole
from portal.accounts.terms import ROLES, PersonState
from portal.areas.queries import places
from portal.areas.terms import AreaKind
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import rows
from portal.ground.declare import Cell, Chapter


class Seat(NamedTuple):
    """Somebody who holds a role in an area; not `active` while the account is locked."""

    role: str
    person_id: int
    name: str
    active: bool


@cache
def _seats() -> Select[int, str, int, str, bool]:
    day = bindparam("day", type_=Date())
    return (
        select(PersonRole.area_id, PersonRole.role, Person.id, Person.name, Person.state == PersonState.ACTIVE)
        .join(Person, Person.id == PersonRole.person_id)
        .where(
            PersonRole.area_id.in_(bindparam("areas", expanding=True)),
            PersonRole.from_on <= day,
            or_(PersonRole.until_on.is_(None), PersonRole.until_on > day),
            Person.state != PersonState.LEFT,
        )
        .order_by(PersonRole.from_on, PersonRole.id)
    )


def seats(area_ids: Sequence[int], *, on: date) -> dict[int, list[Seat]]:
    """Area → who holds a role there on a day, the longest first, in one query. Locked accounts are among them: whoever
    is on leave still sits there."""
    found: dict[int, list[Seat]] = {}
    for area_id, *seat in rows(_seats(), {"areas": list(area_ids), "day": on}):
        found.setdefault(area_id, []).append(Seat._make(seat))
    return found


@cache
def _standing() -> Select[int]:
    """The statement of `standing_in`, made once: also those who will begin."""
    area, day = bindparam("area", type_=Integer()), bindparam("day", type_=Date())
    return (
        select(func.count(func.distinct(PersonRole.person_id)))
        .join(Person, Person.id == PersonRole.person_id)
        .where(PersonRole.area_id == area, or_(PersonRole.until_on.is_(None), PersonRole.until_on > day))
        .where(Person.state != PersonState.LEFT)
    )


def standing_in(area_id: int, now: datetime) -> int:
    """How many people hold a role in the area itself today, or will: they keep it from being closed."""
    return rows(_standing(), {"area": area_id, "day": now.date()})[0][0]


#: Whom an area cannot do without, by its kind: the role, and the word where it is vacant.
NEEDED = {
    AreaKind.GRID: ("grid_worker", "缺网格员"),
    AreaKind.COMMUNITY: ("secretary", "缺书记"),
    AreaKind.VILLAGE: ("secretary", "缺书记"),
}
NAMED_MOST = 2


def seat_cells(area_ids: Sequence[int], now: datetime) -> dict[int, Cell]:
    """What the tree shows of people: whoever leads an area by name, or that nobody does; one query for a page."""
    held, tree = seats(area_ids, on=now.date()), places()
    return {one: _cell(tree.by_id[one].kind, held.get(one, ())) for one in area_ids}


def _cell(kind: AreaKind, sitting: Sequence[Seat]) -> Cell:
    people = len({one.person_id for one in sitting})
    if kind is AreaKind.OFFICE:
        return Cell(f"{people} 人")
    role, vacant = NEEDED.get(kind, ("section", ""))
    leading = list(dict.fromkeys(one.name for one in sitting if one.role == role))
    more = f"共 {people} 人" if people > 1 else ""
    if not leading and vacant:
        return Cell(vacant, more, lamp="soon", icon="user-question")
    words = "、".join(leading[:NAMED_MOST]) + ("等" if len(leading) > NAMED_MOST else "")
    return Cell(words or "还没有人", more)


def seat_chapter(area_id: int, actor: Actor, now: datetime) -> Chapter:
    """Who sits in an area, by role, for its file page; a lamp where whoever it needs is missing."""
    sitting = seats([area_id], on=now.date()).get(area_id, [])
    place, known = places().by_id[area_id], actor.may(Can.PEOPLE_READ)
    order = {role: number for number, role in enumerate(ROLES)}
    facts = [
        (ROLES[one.role].label, Cell(one.name, url=_page(one.person_id) if known else ""))
        for one in sorted(sitting, key=lambda one: order.get(one.role, 99))
    ]
    role, vacant = NEEDED.get(place.kind, ("", ""))
    missing = bool(vacant) and not place.closed and not any(one.role == role for one in sitting)
    return Chapter("人员", Cell(vacant, lamp="soon", icon="user-question") if missing else None, facts)


def _page(person_id: int) -> str:
    return url_for("accounts.people.show", id=person_id)
