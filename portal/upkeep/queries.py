"""Reading upkeep: the record of drills."""

from sqlalchemy import Select, select

from portal.upkeep.models import Drill
from portal.upkeep.terms import DRILLS_SHOWN


def drills(limit: int = DRILLS_SHOWN) -> Select[Drill]:
    """The newest drills."""
    return select(Drill).order_by(Drill.at.desc(), Drill.id.desc()).limit(limit)
