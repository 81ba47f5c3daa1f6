"""Lists of people: born filtered, narrowed and ordered in the database; fifty rows are read, and no more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    or_,
    select,
    true,
)

from portal.accounts.models import Person, PersonRole, Proposal
from portal.accounts.terms import ROLES, VIEWS, Listing, PersonState, ProposalState
from portal.areas.models import Area
from portal.areas.queries import Place, Tree
from portal.areas.terms import AreaKind
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import Moment, db, rows
from portal.ground.fields.finding import hit, search_pieces
from portal.ground.fields.masks import masked_telephone
from portal.ground.paging import Page, paged
from portal.ground.sealed import shown

PHONE = f"{Person.__tablename__}.phone"
#: What a row of the list shows; made once, since making a statement costs as much as running it.
ROWS = select(
    Person.id, Person.login, Person.name, Person.state, Person.phone_sealed, Person.seal_ref, Person.last_login_at
).where(Person.id.in_(bindparam("ids", expanding=True)))
#: Posts of a page's people that are good or will be, in the order in which they were given.
POSTS = (
    select(PersonRole.person_id, PersonRole.role, Area.name, Area.parent_id, Area.kind, PersonRole.from_on)
    .join(Area, Area.id == PersonRole.area_id)
    .where(PersonRole.person_id.in_(bindparam("ids", expanding=True)))
    .where(or_(PersonRole.until_on.is_(None), PersonRole.until_on > bindparam("day", type_=Date())))
    .order_by(PersonRole.id)
)


#: Roles that wait to be granted to a page's people.
ASKED = (
    select(Proposal.person_id, Proposal.role, Area.name, Area.parent_id, Area.kind)
    .join(Area, Area.id == Proposal.area_id)
    .where(Proposal.person_id.in_(bindparam("ids", expanding=True)), Proposal.state == ProposalState.WAITING)
    .order_by(Proposal.id)
)


class Post(NamedTuple):
    """A role that somebody holds or will hold, in words; `since` where it has not begun, `asked` where it waits to be
    granted."""

    role: str
    place: str
    since: date | None
    asked: bool = False


class Line(NamedTuple):
    """A row of the list, as the template shows it: a tuple, which templates unpack quickly."""

    id: int
    login: str
    name: str
    hit: tuple[int, int] | None
    phone: str
    state: PersonState
    last_login_at: datetime | None
    posts: Sequence[Post]


@dataclass(frozen=True)
class Wanted:
    """A list that somebody asked for, ready to be read."""

    where: tuple[ColumnElement[bool], ...]
    pieces: tuple[str, ...]

    def ids(self) -> Select[int]:
        """Ids in the order of account names, the best hit first."""
        found = select(Person.id).where(*self.where)
        return found.order_by(*(_rank(self.pieces[0]) if self.pieces else ()), Person.login)


def current(on: date) -> ColumnElement[bool]:
    """The condition that a role is good on a day."""
    return and_(PersonRole.from_on <= on, or_(PersonRole.until_on.is_(None), PersonRole.until_on > on))


def place_name(place: Place | None, tree: Tree) -> str:
    """An area as a list names it: a grid with its community."""
    if place is None:
        return ""
    above = tree.by_id.get(place.parent or 0)
    return f"{above.name}{place.name}" if above and place.kind is AreaKind.GRID else place.name


def within(actor: Actor, key: Can, *, tree: Tree, on: date) -> ColumnElement[bool]:
    """The condition that somebody is within the reach of the actor's key: by a role that is good on the day."""
    reach = actor.reach(key)
    if reach.everything:
        return true()
    areas = {grid.id for grid in tree.grids_within(actor, key)} | reach.communities | reach.grids
    return _seated_in(areas, on=on) if areas else false()


def visible_to(actor: Actor, *, tree: Tree, on: date, key: Can = Can.PEOPLE_READ) -> Select[Person]:
    """People within reach of the actor's key; who is outside is 404."""
    return select(Person).where(within(actor, key, tree=tree, on=on))


def _seated_in(areas: Iterable[int], *, on: date, roles: Sequence[str] = ()) -> ColumnElement[bool]:
    seat = [PersonRole.person_id == Person.id, current(on), PersonRole.area_id.in_(sorted(areas))]
    return exists().where(*seat, *([PersonRole.role.in_(roles)] if roles else ()))


def without_role(on: date) -> ColumnElement[bool]:
    """The condition that somebody in use holds no role, today or later."""
    standing = exists().where(
        PersonRole.person_id == Person.id, or_(PersonRole.until_on.is_(None), PersonRole.until_on > on)
    )
    return and_(Person.state != PersonState.LEFT, ~standing)


def wanted(listing: Listing, *, actor: Actor, tree: Tree, on: date, key: Can = Can.PEOPLE_READ) -> Wanted:
    """Turn what was asked for into conditions within the actor's reach."""
    pieces = tuple(search_pieces(listing.words))
    where = [within(actor, key, tree=tree, on=on)]
    if state := VIEWS.get(listing.view, VIEWS[""])[1]:
        where.append(Person.state == state)
    if listing.view == "bare":
        where.append(without_role(on))
    if listing.areas:
        where.append(_seated_in(_below(listing.areas, tree), on=on, roles=listing.roles))
    elif listing.roles:
        seat = exists().where(PersonRole.person_id == Person.id, current(on), PersonRole.role.in_(listing.roles))
        where.append(seat)
    return Wanted((*where, *(_found(piece) for piece in pieces)), pieces)


def _below(codes: Sequence[str], tree: Tree) -> set[int]:
    """The areas of these codes, a community with its grids; the office is the office itself."""
    own = {tree.by_code[code].id for code in codes if code in tree.by_code}
    return own | {grid.id for grid in tree.grids if grid.parent in own}


def _found(piece: str) -> ColumnElement[bool]:
    return or_(
        Person.words.contains(piece, autoescape=True),
        Person.login.contains(piece, autoescape=True),
        and_(Person.words.is_(None), Person.name.contains(piece, autoescape=True)),
    )


def _rank(piece: str) -> tuple[ColumnElement[Any], ...]:
    """Order of hits: the account itself, a name or reading that begins so, an account that does, the rest."""
    return (
        case(
            (Person.login == piece, 0),
            (Person.words.startswith(f"\n{piece}", autoescape=True), 1),
            (Person.words.contains(f"\n{piece}", autoescape=True), 2),
            (Person.login.startswith(piece, autoescape=True), 3),
            else_=4,
        ),
    )


def tallies(actor: Actor, *, tree: Tree, on: date) -> dict[str, int]:
    """How many people each view holds, in one query."""
    bare = func.sum(case((without_role(on), 1), else_=0))
    found = select(Person.state, func.count(), bare).where(within(actor, Can.PEOPLE_READ, tree=tree, on=on))
    counted = [(state, count, int(without or 0)) for state, count, without in rows(found.group_by(Person.state))]
    by_state = {state.value: count for state, count, _without in counted}
    whole = {"": sum(by_state.values()), "bare": sum(without for _state, _count, without in counted)}
    return {**{view: by_state.get(state.value, 0) for view, (_word, state) in VIEWS.items() if state}, **whole}


def listed(want: Wanted, *, number: int, size: int, tree: Tree, on: date) -> Page[Line]:
    """Read page `number`."""
    return paged(want.ids(), lambda ids: lines(ids, pieces=want.pieces, tree=tree, on=on), number=number, size=size)


def lines(ids: Sequence[int], *, pieces: Sequence[str] = (), tree: Tree, on: date) -> list[Line]:
    """The rows of a list, in the order of `ids`: three queries."""
    if not ids:
        return []
    held = posts_of(ids, tree=tree, on=on)
    by_id = {row[0]: _line(row, pieces, held.get(row[0], ())) for row in rows(ROWS, {"ids": ids})}
    return [by_id[one] for one in ids if one in by_id]


def posts_of(ids: Sequence[int], *, tree: Tree, on: date) -> dict[int, list[Post]]:
    """Person → the roles that are good on a day or will be, and those that wait to be granted: two queries."""
    held: dict[int, list[Post]] = {}

    def place(name: str, parent: int | None, kind: AreaKind) -> str:
        above = tree.by_id.get(parent or 0)
        return f"{above.name}{name}" if above and kind is AreaKind.GRID else name

    for person_id, role, area, parent, kind, from_on in rows(POSTS, {"ids": ids, "day": on}):
        since = from_on if from_on > on else None
        held.setdefault(person_id, []).append(Post(ROLES[role].label, place(area, parent, kind), since))
    for person_id, role, area, parent, kind in rows(ASKED, {"ids": ids}):
        held.setdefault(person_id, []).append(Post(ROLES[role].label, place(area, parent, kind), None, asked=True))
    return held


def _line(row: Any, pieces: Sequence[str], posts: Sequence[Post]) -> Line:
    number, login, name, state, sealed, ref, last = row
    phone = masked_telephone(shown(sealed, where=PHONE, ref=ref)) if sealed else ""
    return Line(number, login, name, hit(name, pieces) if pieces else None, phone, state, last, posts)


def how_many(want: Wanted) -> int:
    """How many people the list holds, exactly."""
    return db.session.scalar(select(func.count()).select_from(want.ids().order_by(None).subquery())) or 0


def first(want: Wanted, limit: int, *, tree: Tree, on: date) -> list[Line]:
    """The best `limit` people of a list, uncounted."""
    ids = [row[0] for row in rows(want.ids().limit(limit))]
    return lines(ids, pieces=want.pieces, tree=tree, on=on)


@cache
def _waiting() -> Select[int, datetime | None]:
    oldest = func.min(Proposal.proposed_at, type_=Moment())
    return select(func.count(Proposal.id), oldest).where(Proposal.state == ProposalState.WAITING)


def waiting_since() -> tuple[int, datetime | None]:
    """How many roles wait for 安全管理员, and since when the oldest does."""
    count, oldest = rows(_waiting())[0]
    return count, oldest


def waiting_count() -> int:
    """How many roles wait for 安全管理员."""
    return waiting_since()[0]


@cache
def _takers() -> Select[int, str, str, int]:
    day = bindparam("day", type_=Date())
    return (
        select(Person.id, Person.name, PersonRole.role, PersonRole.area_id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.state == PersonState.ACTIVE, Person.id != bindparam("but", type_=Integer()))
        .where(PersonRole.from_on <= day, or_(PersonRole.until_on.is_(None), PersonRole.until_on > day))
        .order_by(Person.login, PersonRole.id)
    )


class Taker(NamedTuple):
    """Somebody who may take over: who, and every post of theirs: (role, area), the oldest first."""

    id: int
    name: str
    posts: tuple[tuple[str, int], ...]


def takers(*, but: int, on: date) -> list[Taker]:
    """Everybody in use who has a role on a day, one line each: who may take over from `but`."""
    found: dict[int, Taker] = {}
    for person_id, name, role, area_id in rows(_takers(), {"but": but, "day": on}):
        known = found.get(person_id, Taker(person_id, name, ()))
        found[person_id] = known._replace(posts=(*known.posts, (role, area_id)))
    return list(found.values())


@cache
def _sat() -> Select[int, date | None]:
    begun = PersonRole.from_on <= bindparam("day", type_=Date())
    return select(PersonRole.area_id, PersonRole.until_on).where(
        PersonRole.person_id == bindparam("person_id", type_=Integer()), begun
    )


def around(person_id: int, *, tree: Tree, on: date) -> frozenset[int]:
    """Where those sit who are near somebody: the communities in which they hold a role on a day (without any: held the
    last one), with their grids, the office and its sections. One query."""
    sat = rows(_sat(), {"person_id": person_id, "day": on})
    now = [area for area, until in sat if until is None or until > on]
    last = max((until for _area, until in sat if until is not None), default=None)
    return tree.around(now or [area for area, until in sat if until == last])
