"""Who holds which role where on a day, and who is reminded when a grid is vacant (rules 10)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import NamedTuple

from sqlalchemy import Date, Select, bindparam, or_, select

from portal.accounts.models import Person, PersonRole
from portal.accounts.terms import PersonState
from portal.areas.models import Area
from portal.ground.db import db


class Holder(NamedTuple):
    """Somebody in use who holds a role in an area."""

    role: str
    area_id: int
    person_id: int


@cache
def _holders() -> Select[str, int, int]:
    """The statement of `holders`, made once."""
    day = bindparam("day", type_=Date())
    return (
        select(PersonRole.role, PersonRole.area_id, PersonRole.person_id)
        .join(Person, Person.id == PersonRole.person_id)
        .where(
            Person.state == PersonState.ACTIVE,
            PersonRole.from_on <= day,
            or_(PersonRole.until_on.is_(None), PersonRole.until_on > day),
        )
        .order_by(PersonRole.person_id, PersonRole.id)
    )


def holders(*, on: date) -> list[Holder]:
    """Every role that is good on a day and whose holder is in use: (role, area, person), in one query."""
    return [Holder(*row) for row in db.session.execute(_holders(), {"day": on})]


class Seated:
    """Who sits where on a day, and who is reminded when nobody does. Pure; made by `seated`.

    `above` gives each area's parent, None for the office.
    """

    def __init__(self, held: Iterable[Holder], above: Mapping[int, int | None]):
        self._above = above
        self._office = next((area for area, parent in above.items() if parent is None), None)
        found: defaultdict[tuple[str, int], dict[int, None]] = defaultdict(dict)
        self._people: set[int] = set()
        for role, area_id, person_id in held:
            found[role, area_id][person_id] = None
            self._people.add(person_id)
        self._found = {place: tuple(people) for place, people in found.items()}

    def in_use(self, person_id: int) -> bool:
        """Whether somebody is in use and holds a role somewhere."""
        return person_id in self._people

    def holding(self, role: str, area_id: int | None = None) -> tuple[int, ...]:
        """Who holds the role in the area itself (without an area: in the office)."""
        place = self._office if area_id is None else area_id
        return () if place is None else self._found.get((role, place), ())

    def reminded(self, role: str, area_id: int | None = None) -> tuple[int, ...]:
        """Who is reminded for a role in an area; empty only where 专项办 is vacant too.

        Whoever holds the role there, or nearest above (a grid's community, the office); a vacant one falls to the
        community's secretary, and from there to 专项办 (rules 10, Reckoned in working days).
        """
        way = self._way(area_id)
        chain = [(one, place) for one in (role, "secretary", "campaign_office") for place in way]
        return next((found for place in chain if (found := self._found.get(place, ()))), ())

    def _way(self, area_id: int | None) -> list[int]:
        """The area and those above it, up to the office."""
        way: list[int] = []
        place = self._office if area_id is None else area_id
        while place is not None:
            way.append(place)
            place = self._above.get(place)
        if self._office is not None and self._office not in way:
            way.append(self._office)  # an area that is not known
        return way


@cache
def _above() -> Select[int, int]:
    """The statement of the areas' parents, made once."""
    return select(Area.id, Area.parent_id)


def seated(*, on: date) -> Seated:
    """Return who sits where on a day, in two queries."""
    return Seated(holders(on=on), {row.id: row.parent_id for row in db.session.execute(_above())})
