"""Reading the tree."""

from collections.abc import Sequence

from sqlalchemy import Select, case, or_, select, true
from sqlalchemy.orm import joinedload

from portal.areas.models import Area
from portal.areas.terms import PARTS, AreaKind
from portal.ground.actor import Actor
from portal.ground.can import Can


def office() -> Select[Area]:
    """The root of the tree."""
    return select(Area).where(Area.kind == AreaKind.OFFICE)


def communities(actor: Actor, key: Can) -> Select[Area]:
    """Communities and villages within the reach of the actor's key, in the order of their codes.

    A grid's reach shows the grid's own community.
    """
    reach = actor.reach(key)
    within = or_(Area.id.in_(reach.communities), Area.id.in_(select(Area.parent_id).where(Area.id.in_(reach.grids))))
    return select(Area).where(Area.kind.in_(PARTS), true() if reach.everything else within).order_by(Area.code)


def grids(actor: Actor, key: Can) -> Select[Area]:
    """Grids within the reach of the actor's key, in the order of their codes."""
    reach = actor.reach(key)
    within = or_(Area.id.in_(reach.grids), Area.parent_id.in_(reach.communities))
    return select(Area).where(Area.kind == AreaKind.GRID, true() if reach.everything else within).order_by(Area.code)


def by_codes(codes: Sequence[str]) -> Select[Area]:
    """Areas by their codes."""
    return select(Area).where(Area.code.in_(codes))


def tree() -> Select[Area]:
    """Every area with its parent, in the order of the codes; the office first."""
    return (
        select(Area)
        .options(joinedload(Area.parent))
        .order_by(case((Area.kind == AreaKind.OFFICE, 0), else_=1), Area.code)
    )
