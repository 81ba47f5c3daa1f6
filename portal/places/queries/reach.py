"""Whose streets: the base of every list and every lookup. A street stands in each grid that it runs through."""

from sqlalchemy import ColumnElement, Select, exists, false, select, true
from sqlalchemy.orm import joinedload, selectinload

from portal.areas.queries import Tree, places
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.places.models import Street, StreetGrid, WaitingSheet

READ, KEEP = Can.PLACES_READ, Can.PLACES_KEEP


def grids_of(actor: Actor, key: Can, tree: Tree) -> frozenset[int]:
    """The grids within the reach of the actor's key."""
    return frozenset(grid.id for grid in tree.grids_within(actor, key))


def within(actor: Actor, key: Can = READ, *, tree: Tree | None = None) -> ColumnElement[bool]:
    """The condition that a street runs through the reach of the actor's key."""
    if actor.reach(key).everything:
        return true()
    return running_through(grids_of(actor, key, tree or places()))


def running_through(grids: frozenset[int]) -> ColumnElement[bool]:
    """The condition that a street runs through one of these grids."""
    if not grids:
        return false()
    return exists().where(StreetGrid.street_id == Street.id, StreetGrid.grid_id.in_(sorted(grids)))


def visible_to(actor: Actor, key: Can = READ, *, tree: Tree | None = None) -> Select[Street]:
    """Streets within reach of the actor's key, with their grids and keeper; what is outside is 404."""
    found = select(Street).where(within(actor, key, tree=tree))
    return found.options(selectinload(Street.grids), joinedload(Street.keeper))


def waiting_sheet(actor: Actor, number: int) -> Select[WaitingSheet]:
    """An uploaded sheet; it belongs to whoever uploaded it."""
    return select(WaitingSheet).where(WaitingSheet.id == number, WaitingSheet.person_id == actor.id)


def held(number: int) -> Select[Street]:
    """One street, so that nobody else changes it until this transaction ends."""
    return select(Street).where(Street.id == number).with_for_update(of=Street)
