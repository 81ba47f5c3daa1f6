"""Who answers for a street: given, passed on, taken back; each a dated record, one at a time (R3)."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.terms import ROLES, PersonState
from portal.areas.queries import Tree, places
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
    if refusal := _refusal(street, person, posts=_posts(person, now), tree=places()):
        raise Refused(refusal, field="person")
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
    vacant = queries.visible_to(actor, Can.PLACES_KEEP).where(queries.nobody(now.date()))
    vacant = vacant.order_by(Street.code).limit(ALLOT_MOST)
    streets = db.session.scalars(vacant).all()
    named = _named(streets, now)
    people = {one.id: one for one in db.session.scalars(accounts.by_ids(sorted(set(named.values()))))}
    return [Allotted(one, people[named[one.id]]) for one in streets if one.id in named]


def _named(streets: Sequence[Street], now: datetime) -> dict[int, int]:
    """Street → whoever its grids name."""
    grids = {one.id: frozenset(part.grid_id for part in one.grids) for one in streets}
    sitting = accounts.seats(sorted(frozenset().union(*grids.values())), on=now.date())
    workers = {
        grid: frozenset(one.person_id for one in seats if one.role == "grid_worker" and _fits(one, grid, (grid,)))
        for grid, seats in sitting.items()
    }
    return rules.allotted(grids.items(), workers)


def _fits(seat: accounts.Seat, area: int, near: Container[int]) -> bool:
    """Whether whoever sits in an area may answer for a street with these areas round it."""
    return rules.keeper_refusal(seat.name, active=seat.active, posts=[(seat.role, area)], near=near) is None


class Candidate(NamedTuple):
    """Somebody who may answer for a street, and why they are proposed: 明月社区一网格 · 网格员."""

    person_id: int
    name: str
    post: str


def candidates(grids: Iterable[int], *, tree: Tree, on: date) -> dict[str, list[Candidate]]:
    """Who may answer for a street that runs through these grids, the nearest first: the grids' own workers, others of
    their communities, the office's people. One query."""
    own = frozenset(grids)
    near, far = tree.around(own), {tree.office.id, *(one.id for one in tree.sections)}
    order = {area: place for place, area in enumerate(tree.by_id)}
    sitting = accounts.seats(sorted(near), on=on)
    groups: dict[str, list[Candidate]] = {"本网格的网格员": [], "同社区的": [], "街道的": []}
    seen: set[int] = set()
    for title, areas in (("本网格的网格员", own), ("同社区的", near - far), ("街道的", far)):
        for area in sorted(areas, key=order.__getitem__):
            for seat in sitting.get(area, ()):
                if seat.person_id in seen or not _fits(seat, area, near):
                    continue
                seen.add(seat.person_id)
                post = f"{tree.full_name(tree.by_id[area])} · {ROLES[seat.role].label}"
                groups[title].append(Candidate(seat.person_id, seat.name, post))
    return {title: found for title, found in groups.items() if found}


def allot(streets: Mapping[int, int], *, by: Actor, now: datetime) -> int:
    """Give streets that nobody answers for to those whom the grids name: street → person; returns how many.

    What is no longer so (somebody answers meanwhile, the grid has another worker) is left out. One line of the trail.
    """
    vacant = queries.visible_to(by, Can.PLACES_KEEP).where(Street.id.in_(sorted(streets)), queries.nobody(now.date()))
    found = db.session.scalars(vacant.order_by(Street.id)).all()
    named = _named(found, now)
    people = {one.id: one for one in db.session.scalars(accounts.by_ids(sorted(set(named.values()))))}
    given = 0
    for street in found:
        if named.get(street.id) != streets[street.id]:
            continue
        before = street.keeper_id  # nobody, or somebody without a role
        hold(street)
        if street.keeper_id == before and street.closed_at is None:
            put_keeper(street, people[named[street.id]], reason="按网格落实", by=by, now=now)
            given += 1
    if given:
        record("places.allot", "streets", by=by, now=now, count=given)
    db.session.flush()
    return given


def hand_over(*, giver: int, taker: int, by: Actor, now: datetime) -> int:
    """Give every street that somebody answers for to somebody else; returns how many. `Refused`: one of them lies where
    the taker may not answer for it."""
    person, tree = db.session.get_one(Person, taker), places()
    posts = _posts(person, now)
    streets = db.session.scalars(queries.held_by(giver)).all()
    for street in streets:
        hold(street)
        if refusal := _refusal(street, person, posts=posts, tree=tree):
            raise Refused(f"{street.code} {street.name}：{refusal}")
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


def _posts(person: Person, now: datetime) -> list[tuple[str, int]]:
    """The roles that somebody holds today, each with its area."""
    return [(one.role, one.area_id) for one in accounts.current_roles(person.id, on=now.date())]


def _refusal(street: Street, person: Person, *, posts: Collection[tuple[str, int]], tree: Tree) -> str | None:
    near = tree.around(one.grid_id for one in street.grids)
    return rules.keeper_refusal(person.name, active=person.state is PersonState.ACTIVE, posts=posts, near=near)
