"""Lists of streets: born filtered, narrowed and ordered in the database; fifty rows are read, and no more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Date, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.models import Person, PersonRole
from portal.areas.models import Area
from portal.areas.queries import Tree
from portal.areas.terms import AreaKind
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db, rows
from portal.ground.fields.finding import hit, search_pieces
from portal.ground.paging import Page, paged
from portal.places.models import Street, StreetGrid
from portal.places.queries.reach import READ, running_through, within
from portal.places.terms import KEEPING_ROLES, Listing, StreetKind

_SEAT, _THROUGH, _GRID = aliased(Area), aliased(StreetGrid), aliased(Area)
#: A seat is near a street: in the office, in a section, in a community that it runs through or in one of its grids.
NEAR = or_(
    _SEAT.kind.in_((AreaKind.OFFICE, AreaKind.SECTION)),
    exists()
    .where(_THROUGH.street_id == Street.id, _GRID.id == _THROUGH.grid_id)
    .where(_GRID.parent_id.in_((_SEAT.id, _SEAT.parent_id)))
    .correlate(Street, _SEAT),
)


def answering(on: date | BindParameter[date], *, roles: Collection[str] = KEEPING_ROLES) -> ColumnElement[bool]:
    """The condition that a street's keeper holds near it, on a day, a role that keeps streets (or one of these);
    without a keeper it is false. As `rules.keeper_refusal` says it, but that who is locked, on leave perhaps, goes on.

    By the index of people's roles: one step a street.
    """
    good = (PersonRole.from_on <= on, or_(PersonRole.until_on.is_(None), PersonRole.until_on > on))
    held = (PersonRole.person_id == Street.keeper_id, PersonRole.role.in_(roles), _SEAT.id == PersonRole.area_id)
    return exists().where(*held, *good, NEAR).correlate(Street)


#: What a row of the list shows; made once, since making a statement costs as much as running it.
ROWS = (
    select(
        Street.id, Street.name, Street.code, Street.kind, Street.area_type, Street.runs_from, Street.runs_to,
        Street.length_m, Street.closed_at, Person.name, answering(bindparam("day", type_=Date())),
    )
    .outerjoin(Person, Person.id == Street.keeper_id)
    .where(Street.id.in_(bindparam("ids", expanding=True)))
)  # fmt: skip
GRIDS = select(StreetGrid.street_id, StreetGrid.grid_id).where(
    StreetGrid.street_id.in_(bindparam("ids", expanding=True))
)


class Line(NamedTuple):
    """A row of the list, as the template shows it: a tuple, which templates unpack quickly; `keeper` answers."""

    id: int
    name: str
    hit: tuple[int, int] | None
    code: str
    ends: str
    kind: str
    type: str
    community: str
    grids: str
    keeper: str
    closed: bool


@dataclass(frozen=True)
class Wanted:
    """A list that somebody asked for, ready to be read."""

    where: tuple[ColumnElement[bool], ...]
    pieces: tuple[str, ...]
    on: date

    def ids(self) -> Select[int]:
        """Ids in the order of codes, the best hit first."""
        found = select(Street.id).where(*self.where)
        return found.order_by(*(_rank(self.pieces[0]) if self.pieces else ()), Street.code)


def nobody(on: date) -> ColumnElement[bool]:
    """The condition that nobody answers for a street in use (R3): whoever keeps none near it on the day does not."""
    return and_(Street.closed_at.is_(None), ~answering(on))


def kept_by_others(on: date) -> ColumnElement[bool]:
    """The condition that an alley is answered for, and by nobody who is a grid worker on the day (R3)."""
    alley = (Street.closed_at.is_(None), Street.kind == StreetKind.ALLEY)
    return and_(*alley, answering(on), ~answering(on, roles=("grid_worker",)))


def wanted(listing: Listing, *, actor: Actor, tree: Tree, on: date, key: Can = READ) -> Wanted:
    """Turn what was asked for into conditions within the actor's reach."""
    pieces = tuple(search_pieces(listing.words))
    where = [within(actor, key, tree=tree), _viewed(listing.view, on)]
    if listing.communities or listing.grids:
        where.append(running_through(_asked(listing, tree)))
    if listing.kinds:
        where.append(Street.kind.in_(listing.kinds))
    if listing.types:
        where.append(Street.area_type.in_(listing.types))
    return Wanted((*where, *map(_found, pieces)), pieces, on)


def _viewed(view: str, on: date) -> ColumnElement[bool]:
    if view == "closed":
        return Street.closed_at.is_not(None)
    if view == "nobody":
        return nobody(on)
    if view == "others":
        return kept_by_others(on)
    if view == "alleys":
        return and_(Street.closed_at.is_(None), Street.kind == StreetKind.ALLEY)
    return Street.closed_at.is_(None)


def _asked(listing: Listing, tree: Tree) -> frozenset[int]:
    """The grids of the communities and grids that were ticked; both narrow."""
    return frozenset(
        grid.id
        for grid in tree.grids
        if (not listing.communities or tree.by_id[grid.parent or 0].code in listing.communities)
        and (not listing.grids or grid.code in listing.grids)
    )


def _found(piece: str) -> ColumnElement[bool]:
    """A piece in what a street is found by, in its ends, or in what its keeper is found by."""
    keepers = select(Person.id).where(Person.words.contains(piece, autoescape=True))
    named = (Street.words, Street.runs_from, Street.runs_to)
    return or_(*(one.contains(piece, autoescape=True) for one in named), Street.keeper_id.in_(keepers))


def _rank(piece: str) -> tuple[ColumnElement[Any], ...]:
    """Order of hits: the name or code itself, one that begins so, a reading that does, the rest."""
    return (
        case(
            (Street.words.contains(f"\n{piece}\n", autoescape=True), 0),
            (Street.words.startswith(f"\n{piece}", autoescape=True), 1),
            (Street.words.contains(f"\n{piece}", autoescape=True), 2),
            (Street.words.contains(piece, autoescape=True), 3),
            else_=4,
        ),
    )


def listed(want: Wanted, *, number: int, size: int, tree: Tree) -> Page[Line]:
    """Read page `number`."""
    return paged(
        want.ids(), lambda ids: lines(ids, pieces=want.pieces, tree=tree, on=want.on), number=number, size=size
    )


def first(want: Wanted, limit: int, *, tree: Tree) -> list[Line]:
    """The best `limit` streets of a list, uncounted."""
    return lines([row[0] for row in rows(want.ids().limit(limit))], pieces=want.pieces, tree=tree, on=want.on)


def lines(ids: Sequence[int], *, pieces: Sequence[str] = (), tree: Tree, on: date) -> list[Line]:
    """The rows of a list, in the order of `ids`: two queries."""
    if not ids:
        return []
    through = grids_by_street(ids)
    by_id = {row[0]: _line(row, through.get(row[0], ()), pieces, tree) for row in rows(ROWS, {"ids": ids, "day": on})}
    return [by_id[one] for one in ids if one in by_id]


def grids_by_street(ids: Sequence[int]) -> dict[int, list[int]]:
    """Street → the grids that it runs through, in one query."""
    found: dict[int, list[int]] = {}
    for street, grid in rows(GRIDS, {"ids": list(ids)}):
        found.setdefault(street, []).append(grid)
    return found


def _line(row: Any, grids: Sequence[int], pieces: Sequence[str], tree: Tree) -> Line:
    number, name, code, kind, area_type, runs_from, runs_to, length, closed_at, keeper, answers = row
    found = hit(name, pieces) if pieces else None
    parts = area_words(grids, tree)
    homes, inner = [community for community, _grids in parts], [grid for _home, some in parts for grid in some]
    return Line(
        number, name, found, code, ends_words(runs_from, runs_to, length), kind.label, area_type.label,
        "、".join(homes), "、".join(inner), keeper if answers else "", closed_at is not None,
    )  # fmt: skip


def area_words(grids: Sequence[int], tree: Tree) -> list[tuple[str, list[str]]]:
    """The grids of a street in words, by community: [(明月社区, [一网格, 二网格])]."""
    found: dict[str, list[str]] = {}
    for grid in sorted((tree.by_id[one] for one in grids), key=lambda one: one.code):
        found.setdefault(tree.community_of(grid.id).name, []).append(grid.name)
    return list(found.items())


def ends_words(runs_from: str, runs_to: str, length: int | None) -> str:
    """文庙巷口 — 城墙巷，320 米"""
    ends = " — ".join(one for one in (runs_from, runs_to) if one)
    return "，".join(one for one in (ends, f"{length:,} 米" if length else "") if one)


def how_many(want: Wanted) -> int:
    """How many streets the list holds, exactly."""
    return db.session.scalar(select(func.count()).select_from(want.ids().order_by(None).subquery())) or 0


def tallies(actor: Actor, *, tree: Tree, on: date) -> dict[str, int]:
    """How many streets each view holds within reach, and how many alleys nobody answers for: in one query."""
    open_ = Street.closed_at.is_(None)
    alley = and_(open_, Street.kind == StreetKind.ALLEY)
    wanted_ = {
        "": open_, "alleys": alley, "nobody": nobody(on), "others": kept_by_others(on),
        "closed": Street.closed_at.is_not(None), "alleys_nobody": and_(alley, nobody(on)),
    }  # fmt: skip
    sums = [func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in wanted_.values()]
    [found] = rows(select(*sums).where(within(actor, tree=tree)))
    return {name: int(count) for name, count in zip(wanted_, found, strict=True)}


@cache
def _vacancies() -> Select[int, int, int]:
    """The statement of `vacancies` for a whole office, made once: desks ask it."""
    free = ~answering(bindparam("day", type_=Date()))
    alleys = and_(free, Street.kind == StreetKind.ALLEY)
    sums = [func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in (free, alleys)]
    return select(func.count(), *sums).where(Street.closed_at.is_(None))


def vacancies(actor: Actor, *, tree: Tree, on: date) -> tuple[int, int, int]:
    """Streets in use within reach, those that nobody answers for (R3), and how many of these are alleys."""
    [(streets, free, alleys)] = rows(_vacancies().where(within(actor, tree=tree)), {"day": on})
    return int(streets), int(free), int(alleys)


def names(actor: Actor, key: Can, *, tree: Tree, most: int = 500) -> list[str]:
    """The names of streets in use within the reach of a key: what a form may propose."""
    found = select(Street.name).where(Street.closed_at.is_(None), within(actor, key, tree=tree))
    return [row[0] for row in rows(found.distinct().order_by(Street.name).limit(most))]
