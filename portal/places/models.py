"""Tables of places: streets, the grids that they run through, who has answered for them, and sheets that wait."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.accounts.models import Person
from portal.areas.terms import AreaType
from portal.ground.db import Labelled, Moment, db
from portal.ground.sheets.waiting import WaitingRow
from portal.places.terms import EventKind, StreetKind, found_by


class Street(db.Model):
    """A street or alley, or the piece of it that one person answers for.

    `keeper_id` is the person of its current keeping, for lists; the keepings alone tell since when, and who before.
    `words` is what it is found by; it follows name and code.
    """

    __tablename__ = "places_streets"
    __table_args__ = (
        CheckConstraint("length_m IS NULL OR length_m > 0", name="length"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        Index("ix_places_streets_name", "name"),
        Index("ix_places_streets_keeper_id", "keeper_id"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[StreetKind] = mapped_column(Labelled(StreetKind))
    area_type: Mapped[AreaType] = mapped_column(Labelled(AreaType))
    runs_from: Mapped[str] = mapped_column(String(60), default="")
    runs_to: Mapped[str] = mapped_column(String(60), default="")
    length_m: Mapped[int | None]
    remark: Mapped[str] = mapped_column(String(200), default="")
    keeper_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))
    words: Mapped[str] = mapped_column(Text, deferred=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(Moment)
    updated_by: Mapped[str] = mapped_column(String(64))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    keeper: Mapped[Person | None] = relationship()
    grids: Mapped[list["StreetGrid"]] = relationship(cascade="all, delete-orphan", order_by="StreetGrid.grid_id")
    __mapper_args__ = {"version_id_col": version}

    @validates("name", "code")
    def _called(self, key: str, text: str) -> str:
        said = {"name": self.name, "code": self.code, key: text}
        if said["name"] and said["code"]:
            self.words = found_by(said["name"], said["code"])
        return text


class StreetGrid(db.Model):
    """A grid that a street runs through."""

    __tablename__ = "places_street_grids"
    street_id: Mapped[int] = mapped_column(ForeignKey("places_streets.id", ondelete="CASCADE"), primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("areas_areas.id"), primary_key=True, index=True)


class Keeping(db.Model):
    """Somebody answers for a street, from an instant until (exclusive) another; one at a time (R3)."""

    __tablename__ = "places_keepings"
    __table_args__ = (
        CheckConstraint("(until_at IS NULL) = (ended_by IS NULL)", name="ended"),
        CheckConstraint("until_at IS NULL OR until_at >= since_at", name="ordered"),
        Index(
            "uq_places_keepings_current", "street_id", unique=True,
            sqlite_where=text("until_at IS NULL"), postgresql_where=text("until_at IS NULL"),
        ),
        Index("ix_places_keepings_street_id_since_at", "street_id", "since_at"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    street_id: Mapped[int] = mapped_column(ForeignKey("places_streets.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"), index=True)
    since_at: Mapped[datetime] = mapped_column(Moment)
    given_by: Mapped[str] = mapped_column(String(64))
    until_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(120), default="")
    end_reason: Mapped[str] = mapped_column(String(120), default="")
    person: Mapped[Person] = relationship()


class StreetEvent(db.Model):
    """A line of a street's own timeline about its file; who answers for it stands in the keepings."""

    __tablename__ = "places_events"
    __table_args__ = (Index("ix_places_events_street_id_at", "street_id", "at"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    street_id: Mapped[int] = mapped_column(ForeignKey("places_streets.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[EventKind] = mapped_column(Labelled(EventKind))
    text: Mapped[str] = mapped_column(String(300), default="")
    by: Mapped[str] = mapped_column(String(64))
    street: Mapped[Street] = relationship()


class Sequence(db.Model):
    """The last number that a street got; numbers are never used again. One row, `name` "street"."""

    __tablename__ = "places_sequences"
    name: Mapped[str] = mapped_column(String(12), primary_key=True)
    last: Mapped[int]


class WaitingSheet(WaitingRow, db.Model):
    """An uploaded sheet of streets between preview and import."""

    __tablename__ = "places_sheets"
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"), index=True)
