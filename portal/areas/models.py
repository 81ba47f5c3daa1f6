"""The tree of areas, what happened to each, and sheets that wait."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.areas.terms import AreaKind, AreaType, EventKind, found_by
from portal.ground.db import Labelled, Moment, db
from portal.ground.sheets.waiting import WaitingRow


class Area(db.Model):
    """A node: the street office, a community or village, a grid, a section. Grids have an area type (R1).

    `code`: two capitals for a community (`MY`), community and number for a grid (`MY-02`), K and number for a section
    (`K03`), `GX` for the office. A code stays for good: shops and pledges bear it. `words` is what it is found by; it
    follows name and code. `closed_at` since the area is no longer in use.
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
    words: Mapped[str | None] = mapped_column(Text, deferred=True)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    parent: Mapped["Area | None"] = relationship(remote_side=[id])
    __mapper_args__ = {"version_id_col": version}

    @validates("name", "code")
    def _called(self, key: str, text: str) -> str:
        said = {"name": self.name, "code": self.code, key: text}
        if said["name"] and said["code"]:
            self.words = found_by(said["name"], said["code"])
        return text


class AreaEvent(db.Model):
    """A line of an area's own timeline: what, who, when."""

    __tablename__ = "areas_events"
    __table_args__ = (Index("ix_areas_events_area_id_at", "area_id", "at"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas_areas.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[EventKind] = mapped_column(Labelled(EventKind))
    text: Mapped[str] = mapped_column(String(300), default="")
    by: Mapped[str] = mapped_column(String(64))
    area: Mapped[Area] = relationship()


class OldSequence(db.Model):
    """The highest number of a kind of codes (`MY-`, `K`) that an older copy of the office does not know: who enters an
    area after a restore without saying its code goes on behind."""

    __tablename__ = "areas_old_sequences"
    head: Mapped[str] = mapped_column(String(12), primary_key=True)
    last: Mapped[int]


class WaitingSheet(WaitingRow, db.Model):
    """An uploaded sheet of areas between preview and import; `person_id` is whoever uploaded it (accounts stand
    above)."""

    __tablename__ = "areas_sheets"
    person_id: Mapped[int] = mapped_column(index=True)
