"""Reading upkeep: the record of drills."""

from sqlalchemy import Select, select

from portal.upkeep.models import Drill


def drills(limit: int = 10) -> Select[Drill]:
    """The newest drills."""
    return select(Drill).order_by(Drill.at.desc(), Drill.id.desc()).limit(limit)
