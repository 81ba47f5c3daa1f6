"""One street's file: who has answered for it, what happened to its file."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Integer, Row, Select, bindparam, func, select
from sqlalchemy.orm import selectinload

from portal.accounts.models import Person
from portal.accounts.terms import PersonState
from portal.areas.queries import Tree
from portal.ground.db import db, rows
from portal.places.models import Keeping, Street, StreetEvent, StreetGrid
from portal.places.models import Sequence as GivenLast
from portal.places.queries.listing import answering
from portal.places.terms import EventKind, StreetKind

_STREET = bindparam("street_id", type_=Integer())
_EVENTS = (
    select(StreetEvent.at, StreetEvent.kind, StreetEvent.text, StreetEvent.by)
    .where(StreetEvent.street_id == _STREET)
    .order_by(StreetEvent.at.desc(), StreetEvent.id.desc())
    .limit(100)
)
_KEEPINGS = (
    select(
        Person.id,
        Person.name,
        Keeping.since_at,
        Keeping.given_by,
        Keeping.until_at,
        Keeping.ended_by,
        Keeping.reason,
        Keeping.end_reason,
    )
    .join(Person, Person.id == Keeping.person_id)
    .where(Keeping.street_id == _STREET)
    .order_by(Keeping.since_at.desc(), Keeping.id.desc())
)


class Kept(NamedTuple):
    """Somebody's time with a street."""

    person_id: int
    name: str
    since_at: datetime
    given_by: str
    until_at: datetime | None
    ended_by: str | None
    reason: str
    end_reason: str


def events(street_id: int) -> Sequence[Row[datetime, EventKind, str, str]]:
    """What happened to a street's file, the newest first, a hundred lines at most: (at, kind, text, by)."""
    return rows(_EVENTS, {"street_id": street_id})


def keepings(street_id: int) -> list[Kept]:
    """Who answers for a street and who did, the newest first."""
    return [Kept(*row) for row in rows(_KEEPINGS, {"street_id": street_id})]


def held_by(person_id: int) -> Select[Street]:
    """The streets that somebody answers for now, with their grids."""
    held = select(Street).where(Street.keeper_id == person_id).order_by(Street.id)
    return held.options(selectinload(Street.grids))


def count_held(person_id: int) -> int:
    """How many streets somebody answers for now."""
    return db.session.scalar(select(func.count()).where(Street.keeper_id == person_id)) or 0


def answers(street_id: int, *, on: date) -> bool:
    """Whether somebody answers for a street on a day: its keeper still counts (R3)."""
    return bool(db.session.scalar(select(answering(on)).where(Street.id == street_id)))


def logins(people: Iterable[int]) -> dict[int, str]:
    """Person → account."""
    return {row[0]: row[1] for row in rows(select(Person.id, Person.login).where(Person.id.in_(sorted(people))))}


def person(person_id: int) -> Select[Person]:
    """Somebody who can log in."""
    return select(Person).where(Person.id == person_id, Person.state == PersonState.ACTIVE)


class Part(NamedTuple):
    """How far a community or grid is: streets in use, those that nobody answers for; alleys likewise (R3)."""

    streets: int
    nobody: int
    alleys: int
    alleys_nobody: int


def coverage(tree: Tree, grids: Iterable[int], *, on: date) -> dict[int, Part]:
    """Area → how far it is on a day, for grids and their communities, in one query. A street of two grids counts in
    each, and once in their community."""
    wanted = sorted(grids)
    found = (
        select(StreetGrid.grid_id, Street.id, Street.kind, answering(on))
        .join(Street, Street.id == StreetGrid.street_id)
        .where(Street.closed_at.is_(None), StreetGrid.grid_id.in_(wanted))
    )
    gathered: dict[int, dict[int, tuple[bool, bool]]] = {}
    for grid, street, kind, answers in rows(found):
        facts = (kind is StreetKind.ALLEY, not answers)
        for area in (grid, tree.by_id[grid].parent or 0):
            gathered.setdefault(area, {})[street] = facts
    return {
        area: Part(
            len(streets),
            sum(nobody for _alley, nobody in streets.values()),
            sum(alley for alley, _nobody in streets.values()),
            sum(alley and nobody for alley, nobody in streets.values()),
        )
        for area, streets in gathered.items()
    }


def codes_used() -> dict[str, int]:
    """The last number that a street got: {"street": 86}."""
    return dict(rows(select(GivenLast.name, GivenLast.last)))
