"""Whose shops, and where: the base of every list and every lookup."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from portal.areas.models import Area
from portal.areas.terms import AreaKind, AreaType
from portal.ground import marks
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.merchants.models import Shop, WaitingSheet


def within(actor: Actor, key: Can = Can.MERCHANTS_READ) -> ColumnElement[bool]:
    """The condition that a shop stands within the reach of the actor's key."""
    reach = actor.reach(key)
    if reach.everything:
        return true()
    parts: list[ColumnElement[bool]] = []
    if reach.communities:
        parts.append(Shop.community_id.in_(sorted(reach.communities)))
    if reach.grids:
        parts.append(Shop.grid_id.in_(sorted(reach.grids)))
    return or_(*parts) if parts else false()


def visible_to(actor: Actor, key: Can = Can.MERCHANTS_READ) -> Select[Shop]:
    """Shops within reach of the actor's key; what is outside is 404."""
    return select(Shop).where(within(actor, key))


def waiting_sheet(actor: Actor, number: int) -> Select[WaitingSheet]:
    """An uploaded sheet; it belongs to whoever uploaded it."""
    return select(WaitingSheet).where(WaitingSheet.id == number, WaitingSheet.person_id == actor.id)


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the tree of areas, as lists need it."""

    id: int
    parent: int | None
    kind: AreaKind
    code: str
    name: str
    type: AreaType | None


class Tree:
    """The whole tree of areas, read in one query: names for rows, options for filters, codes for sheets."""

    def __init__(self, places: Iterable[Place]):
        self.by_id = {place.id: place for place in places}
        self.by_code = {place.code: place for place in self.by_id.values()}
        self.grids = [place for place in self.by_id.values() if place.kind is AreaKind.GRID]
        self.communities = [p for p in self.by_id.values() if p.kind in (AreaKind.COMMUNITY, AreaKind.VILLAGE)]

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


PLACES = select(Area.id, Area.parent_id, Area.kind, Area.code, Area.name, Area.area_type).order_by(Area.code)


def tree() -> Tree:
    """Return the tree of areas, in the order of codes; read once, until somebody changes an area."""
    return marks.kept("areas", _read)


def _read() -> Tree:
    return Tree(Place(*row) for row in db.session.execute(PLACES))


def reachable(ids: Iterable[int], actor: Actor) -> list[int]:
    """Those of the ids that are visible to the actor."""
    return list(db.session.scalars(visible_to(actor).with_only_columns(Shop.id).where(Shop.id.in_(list(ids)))))
