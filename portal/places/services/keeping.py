"""Who answers for a street: given, passed on, taken back; each a dated record, one at a time (R3)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.terms import PersonState
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.places import queries, rules
from portal.places.models import Keeping, Street
from portal.places.services.streets import hold
from portal.places.terms import ALLOT_MOST, STALE


def assign(
    street: Street, person: Person, *, reason: str = "", version: int | None = None, by: Actor, now: datetime
) -> None:
    """Make somebody answer for a street from now on; whoever did before is released in the same instant."""
    hold(street, version=version)
    if street.closed_at is not None:
        raise Refused("已经撤销的路段不用定责任人。")
    if street.keeper_id == person.id:
        raise Refused(f"{person.name}现在就是责任人。", field="person")
    _refuse(person, now)
    before = put_keeper(street, person, reason=reason, by=by, now=now)
    record(
        "places.assign", f"street:{street.id}", by=by, now=now, code=street.code, keeper=person.login, was=before,
        reason=reason,
    )  # fmt: skip
    db.session.flush()


def release(street: Street, *, reason: str, version: int, by: Actor, now: datetime) -> None:
    """Take a street from whoever answers for it; nobody does from now on."""
    hold(street, version=version)
    if street.keeper_id is None:
        raise Refused("现在没有责任人。")
    before = _end(street, reason=reason, by=by, now=now)
    street.keeper_id = None
    record("places.release", f"street:{street.id}", by=by, now=now, code=street.code, was=before, reason=reason)
    db.session.flush()


class Allotted(NamedTuple):
    """A street that nobody answers for, and who would by its grids."""

    street: Street
    person: Person


def allotment(actor: Actor, *, now: datetime) -> list[Allotted]:
    """The streets within reach that nobody answers for and whose grids have one grid worker between them (R3)."""
    vacant = queries.visible_to(actor, Can.PLACES_KEEP).where(queries.nobody()).order_by(Street.code).limit(ALLOT_MOST)
    streets = db.session.scalars(vacant).all()
    named = _named(streets, now)
    people = {one.id: one for one in db.session.scalars(accounts.by_ids(sorted(set(named.values()))))}
    return [Allotted(one, people[named[one.id]]) for one in streets if one.id in named]


def _named(streets: Sequence[Street], now: datetime) -> dict[int, int]:
    """Street → whoever its grids name."""
    grids = {one.id: frozenset(part.grid_id for part in one.grids) for one in streets}
    return rules.allotted(grids.items(), queries.workers(frozenset().union(*grids.values()), on=now.date()))


def allot(streets: Mapping[int, int], *, by: Actor, now: datetime) -> int:
    """Give streets that nobody answers for to those whom the grids name: street → person; returns how many.

    What is no longer so (somebody answers meanwhile, the grid has another worker) is left out. One line of the trail.
    """
    vacant = queries.visible_to(by, Can.PLACES_KEEP).where(Street.id.in_(sorted(streets)), queries.nobody())
    found = db.session.scalars(vacant.order_by(Street.id)).all()
    named = _named(found, now)
    people = {one.id: one for one in db.session.scalars(accounts.by_ids(sorted(set(named.values()))))}
    given = 0
    for street in found:
        if named.get(street.id) != streets[street.id]:
            continue
        hold(street)
        if street.keeper_id is None and street.closed_at is None:
            put_keeper(street, people[named[street.id]], reason="按网格落实", by=by, now=now)
            given += 1
    if given:
        record("places.allot", "streets", by=by, now=now, count=given)
    db.session.flush()
    return given


def hand_over(*, giver: int, taker: int, by: Actor, now: datetime) -> int:
    """Give every street that somebody answers for to somebody else; returns how many."""
    person = db.session.get_one(Person, taker)
    streets = db.session.scalars(queries.held_by(giver)).all()
    for street in streets:
        hold(street)
        put_keeper(street, person, reason="交接", by=by, now=now)
    if streets:
        record("places.hand_over", f"person:{giver}", by=by, now=now, count=len(streets), keeper=person.login)
    db.session.flush()
    return len(streets)


def put_keeper(street: Street, person: Person, *, reason: str, by: Actor, now: datetime) -> str:
    """End what goes on and begin anew, without a line of the trail; returns the account of whoever answered before."""
    before = _end(street, reason=reason, by=by, now=now) if street.keeper_id is not None else ""
    street.keeper_id, street.updated_at, street.updated_by = person.id, now, by.name
    try:
        with db.session.begin_nested():
            db.session.add(
                Keeping(street_id=street.id, person_id=person.id, since_at=now, given_by=by.name, reason=reason)
            )
    except IntegrityError:  # a colleague gave it to somebody at this very instant
        raise Refused(STALE) from None
    return before


def _end(street: Street, *, reason: str, by: Actor, now: datetime) -> str:
    keeping = db.session.scalars(
        select(Keeping).where(Keeping.street_id == street.id, Keeping.until_at.is_(None))
    ).one()
    keeping.until_at, keeping.ended_by = max(now, keeping.since_at), by.name
    keeping.end_reason = reason
    db.session.flush()
    return keeping.person.login


def _refuse(person: Person, now: datetime) -> None:
    seated = bool(accounts.current_roles(person.id, on=now.date()))
    if refusal := rules.keeper_refusal(person.name, active=person.state is PersonState.ACTIVE, seated=seated):
        raise Refused(refusal, field="person")
