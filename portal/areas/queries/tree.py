"""The tree as every room reads it: rows within reach, and the whole of it kept by a process."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, case, or_, select, true
from sqlalchemy.orm import joinedload

from portal.areas.models import Area
from portal.areas.terms import PARTS, AreaKind, AreaType
from portal.ground import marks
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db


def office() -> Select[Area]:
    """The root of the tree."""
    return select(Area).where(Area.kind == AreaKind.OFFICE)


def communities(actor: Actor, key: Can) -> Select[Area]:
    """Communities and villages within the reach of the actor's key, in the order of their codes.

    A grid's reach shows the grid's own community.
    """
    reach = actor.reach(key)
    within = or_(Area.id.in_(reach.communities), Area.id.in_(select(Area.parent_id).where(Area.id.in_(reach.grids))))
    wanted = select(Area).where(Area.kind.in_(PARTS), Area.closed_at.is_(None), true() if reach.everything else within)
    return wanted.order_by(Area.code)


def grids(actor: Actor, key: Can) -> Select[Area]:
    """Grids within the reach of the actor's key, in the order of their codes."""
    reach = actor.reach(key)
    within = or_(Area.id.in_(reach.grids), Area.parent_id.in_(reach.communities))
    wanted = select(Area).where(Area.kind == AreaKind.GRID, Area.closed_at.is_(None))
    return wanted.where(true() if reach.everything else within).order_by(Area.code)


def by_codes(codes: Sequence[str]) -> Select[Area]:
    """Areas in use by their codes."""
    return select(Area).where(Area.code.in_(codes), Area.closed_at.is_(None))


def tree() -> Select[Area]:
    """Every area with its parent, in the order of the codes; the office first. Closed ones are among them."""
    return (
        select(Area)
        .options(joinedload(Area.parent))
        .order_by(case((Area.kind == AreaKind.OFFICE, 0), else_=1), Area.code)
    )


#: What has ground of its own: the office and its sections work for the whole.
_GROUND = (*PARTS, AreaKind.GRID)


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the tree of areas, as lists need it."""

    id: int
    parent: int | None
    kind: AreaKind
    code: str
    name: str
    type: AreaType | None
    closed: bool = False


class Tree:
    """The whole tree of areas, read in one query: names for rows, options for filters, codes for sheets.

    `by_id` also knows the closed ones, since old rows name them; everything else knows those in use alone.
    """

    def __init__(self, places: Iterable[Place]):
        self.by_id = {place.id: place for place in places}
        self.by_code = {place.code: place for place in self.by_id.values() if not place.closed}
        self.grids = [place for place in self.by_code.values() if place.kind is AreaKind.GRID]
        self.communities = [place for place in self.by_code.values() if place.kind in PARTS]
        self.sections = [place for place in self.by_code.values() if place.kind is AreaKind.SECTION]

    @property
    def office(self) -> Place:
        """The root."""
        return next(place for place in self.by_code.values() if place.parent is None)

    def grids_within(self, actor: Actor, key: Can) -> list[Place]:
        """Grids within the reach of the actor's key, in the order of their codes."""
        reach = actor.reach(key)
        return [grid for grid in self.grids if reach.covers(community=grid.parent, grid=grid.id)]

    def communities_within(self, actor: Actor, key: Can) -> list[Place]:
        """Communities of the grids within reach."""
        wanted = {grid.parent for grid in self.grids_within(actor, key)}
        return [place for place in self.communities if place.id in wanted]

    def community_of(self, grid_id: int) -> Place:
        """The community of a grid."""
        return self.by_id[self.by_id[grid_id].parent or 0]

    def around(self, areas: Iterable[int]) -> frozenset[int]:
        """Where those sit who are near these areas: their communities with all grids, the office, its sections."""
        named = [self.by_id[one] for one in areas]
        homes = {one.parent if one.kind is AreaKind.GRID else one.id for one in named if one.kind in _GROUND}
        near = {one.id for one in self.by_code.values() if one.id in homes or one.parent in homes}
        return frozenset({*near, self.office.id, *(one.id for one in self.sections)})

    def full_name(self, place: Place) -> str:
        """An area as it is named away from its community: 明月社区一网格."""
        return f"{self.community_of(place.id).name}{place.name}" if place.kind is AreaKind.GRID else place.name


PLACES = select(
    Area.id, Area.parent_id, Area.kind, Area.code, Area.name, Area.area_type, Area.closed_at.is_not(None)
).order_by(Area.code)


def places() -> Tree:
    """Return the tree of areas, in the order of codes; read once, until somebody changes an area."""
    return marks.kept("areas", _places)


def _places() -> Tree:
    return Tree(Place(*row) for row in db.session.execute(PLACES))
