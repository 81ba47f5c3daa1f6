"""Whose shops, and where: the base of every list and every lookup."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from portal.areas.queries import Place, Tree
from portal.areas.queries import places as tree
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.merchants.models import Shop, WaitingSheet

__all__ = ["Place", "Tree", "reachable", "tree", "visible_to", "waiting_sheet", "within"]


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


def visible_to(actor: Actor, *keys: Can) -> Select[Shop]:
    """Shops within reach of the actor's key, of any one of several; what is outside is 404."""
    return select(Shop).where(or_(*(within(actor, key) for key in keys or (Can.MERCHANTS_READ,))))


def waiting_sheet(actor: Actor, number: int) -> Select[WaitingSheet]:
    """An uploaded sheet; it belongs to whoever uploaded it."""
    return select(WaitingSheet).where(WaitingSheet.id == number, WaitingSheet.person_id == actor.id)


def reachable(ids: Iterable[int], actor: Actor) -> list[int]:
    """Those of the ids that are visible to the actor."""
    return list(db.session.scalars(visible_to(actor).with_only_columns(Shop.id).where(Shop.id.in_(list(ids)))))
