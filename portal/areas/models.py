"""The tree of areas."""

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.areas.terms import AreaKind, AreaType
from portal.ground.db import Labelled, db


class Area(db.Model):
    """A node: the street office, a community or village, a grid. Grids have an area type (R1).

    `code`: two capitals for a community (`MY`), community and number for a grid (`MY-02`), `GX` for the office.
    """

    __tablename__ = "areas_areas"
    __table_args__ = (
        CheckConstraint("(kind = 'office') = (parent_id IS NULL)", name="root"),
        CheckConstraint("(kind = 'grid') = (area_type IS NOT NULL)", name="typed"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas_areas.id"), index=True)
    kind: Mapped[AreaKind] = mapped_column(Labelled(AreaKind))
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    area_type: Mapped[AreaType | None] = mapped_column(Labelled(AreaType))
    parent: Mapped["Area | None"] = relationship(remote_side=[id])
