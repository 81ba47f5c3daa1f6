"""Tables of the shop file: shops, their tenures, what happened to them, tallies, and sheets that wait."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.areas.models import Area
from portal.ground.db import Labelled, Moment, db
from portal.ground.sealed import Sealed, SealedRow
from portal.ground.sheets.waiting import WaitingRow
from portal.merchants.terms import EventKind, ShopState, Trade


def _metres(centimetres: int | None) -> Decimal | None:
    return None if centimetres is None else Decimal(centimetres) / 100


class Shop(SealedRow, db.Model):
    """One shop front. Lengths are whole centimetres; `frontage_m` and `depth_m` give metres (Decimal).

    `address_key` is street and door in one comparable form; the operator stands in the current tenure.
    """

    __tablename__ = "merchants_shops"
    __table_args__ = (
        CheckConstraint("NOT (unlicensed AND uscc IS NOT NULL)", name="licence"),
        CheckConstraint("frontage_cm IS NULL OR frontage_cm > 0", name="frontage"),
        CheckConstraint("depth_cm IS NULL OR depth_cm > 0", name="depth"),
        Index("ix_merchants_shops_community_id_number", "community_id", "number"),
        Index("ix_merchants_shops_grid_id_number", "grid_id", "number"),
        Index("ix_merchants_shops_state_number", "state", "number"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    sign_name: Mapped[str] = mapped_column(String(60))
    licence_name: Mapped[str] = mapped_column(String(80), default="")
    uscc: Mapped[str | None] = mapped_column(String(18), index=True)
    unlicensed: Mapped[bool] = mapped_column(default=False)
    trade: Mapped[Trade] = mapped_column(Labelled(Trade))
    trade_detail: Mapped[str] = mapped_column(String(20), default="")
    street: Mapped[str] = mapped_column(String(40))
    door_no: Mapped[str] = mapped_column(String(30))
    address_key: Mapped[str] = mapped_column(String(80), index=True)
    segment: Mapped[str] = mapped_column(String(40), default="")
    community_id: Mapped[int] = mapped_column(ForeignKey("areas_areas.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("areas_areas.id"))
    frontage_cm: Mapped[int | None]
    depth_cm: Mapped[int | None]
    bounds_east: Mapped[str] = mapped_column(String(40), default="")
    bounds_west: Mapped[str] = mapped_column(String(40), default="")
    bounds_south: Mapped[str] = mapped_column(String(40), default="")
    bounds_north: Mapped[str] = mapped_column(String(40), default="")
    responsible_name: Mapped[str] = mapped_column(String(40), default="")
    phone_sealed: Mapped[str | None] = mapped_column(Text)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    phone_tail: Mapped[str | None] = mapped_column(String(64), index=True)
    landlord_name: Mapped[str] = mapped_column(String(40), default="")
    landlord_phone_sealed: Mapped[str | None] = mapped_column(Text)
    state: Mapped[ShopState] = mapped_column(Labelled(ShopState), default=ShopState.OPEN)
    hours: Mapped[str] = mapped_column(String(40), default="")
    bins: Mapped[int | None]
    photo: Mapped[str | None] = mapped_column(String(64))
    remark: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(Moment)
    updated_by: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    phone = Sealed("phone", index=True, tail=True)
    landlord_phone = Sealed("landlord_phone")
    community: Mapped[Area] = relationship(foreign_keys=[community_id])
    grid: Mapped[Area] = relationship(foreign_keys=[grid_id])
    tenures: Mapped[list["Tenure"]] = relationship(back_populates="shop", order_by="Tenure.id")
    words: Mapped["ShopWords | None"] = relationship(cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": version}

    @property
    def address(self) -> str:
        """桂花巷 7 号"""
        return f"{self.street} {self.door_no}".strip()

    @property
    def frontage_m(self) -> Decimal | None:
        """Width of the front in metres."""
        return _metres(self.frontage_cm)

    @property
    def depth_m(self) -> Decimal | None:
        """Depth of the area of responsibility in metres."""
        return _metres(self.depth_cm)


class ShopWords(db.Model):
    """What a shop is found by, apart from the wide row so that a search reads little: lower-cased text,
    name, number, address and every reading of the name in pinyin and initials, one a line."""

    __tablename__ = "merchants_words"
    __table_args__ = (
        Index(
            "ix_merchants_words_text", "text", postgresql_using="gin", postgresql_ops={"text": "gin_trgm_ops"},
            # Few are entered and many are sought: no list of newcomers that each search reads to its end.
            postgresql_with={"fastupdate": "off"}, info={"only": "postgresql"},
        ),
    )  # fmt: skip
    shop_id: Mapped[int] = mapped_column(ForeignKey("merchants_shops.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class Tenure(db.Model):
    """Shop × operator × from–until (exclusive): owns pledges, stars and plaques. One is current at most."""

    __tablename__ = "merchants_tenures"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="ordered"),
        Index(
            "uq_merchants_tenures_current", "shop_id", unique=True,
            sqlite_where=text("until_on IS NULL"), postgresql_where=text("until_on IS NULL"),
        ),
        Index("ix_merchants_tenures_shop_id_from_on", "shop_id", "from_on"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("merchants_shops.id"))
    operator_name: Mapped[str] = mapped_column(String(40))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(String(200), default="")
    opened_by: Mapped[str] = mapped_column(String(64))
    ended_by: Mapped[str | None] = mapped_column(String(64))
    shop: Mapped[Shop] = relationship(back_populates="tenures")

    @property
    def subject(self) -> str:
        """tenure:17, as papers, codes and the trail name it."""
        return f"tenure:{self.id}"


class ShopEvent(db.Model):
    """A line of the shop's own timeline: what, who, when. No telephone and no whole name stands in it."""

    __tablename__ = "merchants_events"
    __table_args__ = (Index("ix_merchants_events_shop_id_at", "shop_id", "at"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("merchants_shops.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[EventKind] = mapped_column(Labelled(EventKind))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(String(300), default="")
    by: Mapped[str] = mapped_column(String(64))
    shop: Mapped[Shop] = relationship()


class ShopFile(db.Model):
    """An attachment of a shop's file: a picture or a PDF in the file store."""

    __tablename__ = "merchants_files"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("merchants_shops.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    sha: Mapped[str] = mapped_column(String(64))
    media: Mapped[str] = mapped_column(String(40))
    added_at: Mapped[datetime] = mapped_column(Moment)
    added_by: Mapped[str] = mapped_column(String(64))


class OldFile(db.Model):
    """An attachment was taken off the file: when, by whom, why. Its row and its bytes stay."""

    __tablename__ = "merchants_old_files"
    file_id: Mapped[int] = mapped_column(ForeignKey("merchants_files.id"), primary_key=True, autoincrement=False)
    detached_at: Mapped[datetime] = mapped_column(Moment)
    detached_by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(60))


class OldPhoto(db.Model):
    """A 门头照 that a newer one has taken the place of; its bytes stay."""

    __tablename__ = "merchants_old_photos"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("merchants_shops.id"), index=True)
    sha: Mapped[str] = mapped_column(String(64))
    replaced_at: Mapped[datetime] = mapped_column(Moment)
    replaced_by: Mapped[str] = mapped_column(String(64))


class Sequence(db.Model):
    """The last shop number given in a community; numbers are never used again."""

    __tablename__ = "merchants_sequences"
    community_id: Mapped[int] = mapped_column(ForeignKey("areas_areas.id"), primary_key=True)
    last: Mapped[int]


class OldSequence(db.Model):
    """The last number given in a community (its code) that an older copy of the office does not know: whoever enters
    it anew after a restore goes on behind."""

    __tablename__ = "merchants_old_sequences"
    community: Mapped[str] = mapped_column(String(12), primary_key=True)
    last: Mapped[int]


class Tally(db.Model):
    """How many shops stand in a grid, by state and trade: kept with every change, so that lists need not count."""

    __tablename__ = "merchants_tallies"
    grid_id: Mapped[int] = mapped_column(ForeignKey("areas_areas.id"), primary_key=True)
    state: Mapped[ShopState] = mapped_column(Labelled(ShopState), primary_key=True)
    trade: Mapped[Trade] = mapped_column(Labelled(Trade), primary_key=True)
    count: Mapped[int]


class WaitingSheet(WaitingRow, db.Model):
    """An uploaded sheet between preview and import."""

    __tablename__ = "merchants_sheets"
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"), index=True)
