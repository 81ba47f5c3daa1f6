"""To whom a note can be handed: colleagues within reach who may open the door that it leads to."""

from collections import defaultdict
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Date, Select, bindparam, or_, select

from portal.accounts.models import Person, PersonRole
from portal.accounts.terms import ROLES, PersonState, roles_with
from portal.areas.models import Area
from portal.ground.can import Can
from portal.ground.db import rows


class Colleague(NamedTuple):
    """Somebody who can take a note over, with their posts in words."""

    id: int
    name: str
    posts: str


@cache
def _seats() -> Select[*tuple[Any, ...]]:
    day = bindparam("day", type_=Date())
    return (
        select(Person.id, Person.name, PersonRole.role, Area.id, Area.parent_id, Area.name)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .join(Area, Area.id == PersonRole.area_id)
        .where(
            Person.state == PersonState.ACTIVE,
            PersonRole.from_on <= day,
            or_(PersonRole.until_on.is_(None), PersonRole.until_on > day),
        )
        .order_by(Person.login, PersonRole.id)
    )


@cache
def _above() -> Select[int, int | None]:
    return select(Area.id, Area.parent_id)


def colleagues(person_id: int, *, on: date, key: Can | None, area_id: int | None) -> list[Colleague]:
    """Colleagues in use whose `key` reaches an area on a day: of the same community, of the office for whoever sits
    there. None is no area in particular.

    Two queries; the office's people reach everybody.
    """
    able = roles_with(*filter(None, [key]))
    above = {row.id: row.parent_id for row in rows(_above())}
    own: set[int] = set()
    found: defaultdict[tuple[int, str], list[tuple[str, int, str]]] = defaultdict(list)
    for number, name, role, seat_id, _parent, area in rows(_seats(), {"day": on}):
        if number == person_id:
            own.add(_community(seat_id, above))
        elif role in able and (area_id is None or seat_id in _way(area_id, above)):
            found[number, name].append((role, seat_id, area))
    office = {area for area, parent in above.items() if parent is None}
    return [
        Colleague(number, name, "；".join(f"{area} · {ROLES[role].label}" for role, _area_id, area in seats))
        for (number, name), seats in found.items()
        if own & office or any(_community(area_id, above) in own for _role, area_id, _area in seats)
    ]


def _way(area_id: int, above: dict[int, int | None]) -> list[int]:
    """The area and those above it, up to the office."""
    way: list[int] = []
    place: int | None = area_id
    while place is not None:
        way.append(place)
        place = above.get(place)
    return way


def _community(area_id: int, above: dict[int, int | None]) -> int:
    """The community of a grid, else the area itself."""
    parent = above.get(area_id)
    return parent if parent is not None and above.get(parent) is not None else area_id
