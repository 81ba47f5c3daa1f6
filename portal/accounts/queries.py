"""Reading people: the actor that a person is, and the authority under which somebody confirms."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Authority, Person, PersonRole
from portal.accounts.terms import ROLES
from portal.areas.models import Area
from portal.areas.terms import AreaKind
from portal.ground.actor import EVERYWHERE, NOWHERE, Actor, Reach
from portal.ground.can import Can
from portal.ground.db import db


def by_login(login: str) -> Select[tuple[Person]]:
    """The person with this account name."""
    return select(Person).where(Person.login == login)


def reach_of(kind: AreaKind, area_id: int) -> Reach:
    """Return what a grant within an area reaches."""
    if kind is AreaKind.OFFICE:
        return EVERYWHERE
    if kind is AreaKind.GRID:
        return Reach(grids=frozenset({area_id}))
    return Reach(communities=frozenset({area_id}))


def current_roles(person_id: int, *, on: date) -> list[Row[tuple[str, int, AreaKind, str]]]:
    """The roles that are good on a day: (role, area id, kind, area name)."""
    return list(
        db.session.execute(
            select(PersonRole.role, Area.id, Area.kind, Area.name)
            .join(Area, Area.id == PersonRole.area_id)
            .where(
                PersonRole.person_id == person_id,
                PersonRole.from_on <= on,
                or_(PersonRole.until_on.is_(None), PersonRole.until_on > on),
            )
            .order_by(PersonRole.id)
        )
    )


def actor_of(person: Person, *, on: date, address: str = "") -> Actor:
    """Return the actor that a person is on a day: keys with their reach, added up over all roles."""
    roles = current_roles(person.id, on=on)
    reaches: defaultdict[Can, Reach] = defaultdict(lambda: NOWHERE)
    for role, area_id, kind, _name in roles:
        for key in ROLES[role].keys:
            reaches[key] |= reach_of(kind, area_id)
    return Actor("person", person.id, person.name, _title(roles), dict(reaches), address)


def _title(roles: Iterable[Row[tuple[str, int, AreaKind, str]]]) -> str:
    """明月社区 · 社区工作人员"""
    return "；".join(f"{name} · {ROLES[role].label}" for role, _area, _kind, name in roles)


def authority(person_id: int, *, area: Area, on: date, key: Can = Can.PLEDGES_CONFIRM) -> Authority | None:
    """Return the authority under which a person may confirm for 甲方 in a grid on a day (rules 10), None without."""
    within = [area.id, area.parent_id, area.parent.parent_id if area.parent else None]
    return db.session.scalars(
        select(Authority)
        .where(
            Authority.person_id == person_id,
            Authority.key == key.value,
            Authority.area_id.in_([one for one in within if one is not None]),
            Authority.from_on <= on,
            Authority.until_on > on,
        )
        .options(joinedload(Authority.area))
        .order_by(Authority.from_on.desc(), Authority.id.desc())
        .limit(1)
    ).first()
