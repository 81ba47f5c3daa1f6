"""Tables of the pledge: versions of its text, identity checks, pledges, and how they ended."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Authority, Person
from portal.ground.db import Labelled, Moment, db
from portal.ground.sealed import Sealed, SealedRow
from portal.merchants.models import Shop, ShopFile, Tenure
from portal.papers.models import Paper
from portal.pledges.terms import Method, PledgeState, Proof, Signer


class Template(db.Model):
    """One version of the pledge's text. It is never changed: editing makes the next version.

    `effective_from` None keeps a text in stock: it is a base for new versions and never signed itself.
    """

    __tablename__ = "pledges_templates"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(40))
    effective_from: Mapped[date | None]
    wording: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(120), default="")
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)


class IdentityCheck(SealedRow, db.Model):
    """已核对身份: who came, what they showed, who looked, and under which authority the code was issued.

    One for every signing code; no copy of a document is kept (rules 6). The signer's name is sealed, and
    emptied when the code lapsed unused.
    """

    __tablename__ = "pledges_checks"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("kiosk_codes.id"), unique=True)
    tenure_id: Mapped[int] = mapped_column(ForeignKey("merchants_tenures.id"), index=True)
    signer: Mapped[Signer] = mapped_column(Labelled(Signer))
    signer_name_sealed: Mapped[str | None] = mapped_column(Text)
    proof: Mapped[Proof] = mapped_column(Labelled(Proof))
    checked_by_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"))
    checked_by_title: Mapped[str] = mapped_column(String(80))
    authority_id: Mapped[int] = mapped_column(ForeignKey("accounts_authorities.id"))
    checked_at: Mapped[datetime] = mapped_column(Moment)
    signer_name = Sealed("signer_name")
    checked_by: Mapped[Person] = relationship()
    authority: Mapped[Authority] = relationship()


class Pledge(SealedRow, db.Model):
    """One signed pledge: what was agreed, by whom, for how long, and the proof of the signature.

    `terms`, `area` and `parties` are snapshots; names and telephone of private persons stand sealed in `persons`
    (JSON). `until_on` is exclusive. `state` serves lists and is set by services alone, together with an `Ending`.
    """

    __tablename__ = "pledges_pledges"
    __table_args__ = (
        CheckConstraint("until_on > starts_on", name="ordered"),
        CheckConstraint("state <> 'live' OR confirmed_at IS NOT NULL", name="live_confirmed"),
        CheckConstraint("state <> 'waiting' OR confirmed_at IS NULL", name="waiting_open"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmer"),
        Index(
            "uq_pledges_pledges_open", "tenure_id", "state", unique=True,
            sqlite_where=text("state IN ('live', 'waiting')"), postgresql_where=text("state IN ('live', 'waiting')"),
        ),
        Index("ix_pledges_pledges_shop_id_state", "shop_id", "state", "until_on"),
        Index("ix_pledges_pledges_state_until_on", "state", "until_on"),
        Index("ix_pledges_pledges_signed_at_id", "signed_at", "id"),
        Index("ix_pledges_pledges_state_id", "state", "id"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    tenure_id: Mapped[int] = mapped_column(ForeignKey("merchants_tenures.id"), index=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("merchants_shops.id"))
    template_id: Mapped[int] = mapped_column(ForeignKey("pledges_templates.id"))
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    area: Mapped[dict[str, Any]] = mapped_column(JSON)
    parties: Mapped[dict[str, Any]] = mapped_column(JSON)
    persons_sealed: Mapped[str | None] = mapped_column(Text)
    starts_on: Mapped[date]
    until_on: Mapped[date]
    method: Mapped[Method] = mapped_column(Labelled(Method))
    signed_at: Mapped[datetime] = mapped_column(Moment)
    signer: Mapped[Signer] = mapped_column(Labelled(Signer))
    proof: Mapped[Proof] = mapped_column(Labelled(Proof))
    strokes: Mapped[list[Any] | None] = mapped_column(JSON)
    strokes_sha: Mapped[str | None] = mapped_column(String(64))
    evidence_sha: Mapped[str] = mapped_column(String(64))
    witness_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_authorities.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    code_id: Mapped[int | None] = mapped_column(ForeignKey("kiosk_codes.id"), unique=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("kiosk_devices.id"))
    journey_id: Mapped[str | None] = mapped_column(String(36), unique=True)  # journeys are purged: no foreign key
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers_papers.id"), unique=True)
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("merchants_files.id"))  # of a pledge signed on paper
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("pledges_pledges.id"))
    state: Mapped[PledgeState] = mapped_column(Labelled(PledgeState))
    reckoned_with: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    persons = Sealed("persons")
    shop: Mapped[Shop] = relationship()
    tenure: Mapped[Tenure] = relationship()
    template: Mapped[Template] = relationship()
    paper: Mapped[Paper] = relationship()
    scan: Mapped[ShopFile | None] = relationship()
    witness: Mapped[Person | None] = relationship(foreign_keys=[witness_id])
    confirmed_by: Mapped[Person | None] = relationship(foreign_keys=[confirmed_by_id])
    authority: Mapped[Authority | None] = relationship()


class Ending(db.Model):
    """How a pledge ended: 已换签, 已解除 or 已作废; when, by whom, why. One a pledge at most."""

    __tablename__ = "pledges_endings"
    __table_args__ = (CheckConstraint("state IN ('renewed', 'ended', 'void')", name="state"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    pledge_id: Mapped[int] = mapped_column(ForeignKey("pledges_pledges.id"), unique=True)
    state: Mapped[PledgeState] = mapped_column(Labelled(PledgeState))
    ended_at: Mapped[datetime] = mapped_column(Moment)
    ended_by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(200))
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("pledges_pledges.id"))
    pledge: Mapped[Pledge] = relationship(foreign_keys=[pledge_id])


class Voiding(db.Model):
    """作废: asked by one, decided by another (rules 1, states). One open request a pledge at most."""

    __tablename__ = "pledges_voidings"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (agreed IS NULL)", name="answered"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two"),
        Index(
            "uq_pledges_voidings_open", "pledge_id", unique=True,
            sqlite_where=text("decided_at IS NULL"), postgresql_where=text("decided_at IS NULL"),
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    pledge_id: Mapped[int] = mapped_column(ForeignKey("pledges_pledges.id"), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    agreed: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(String(200), default="")
    pledge: Mapped[Pledge] = relationship()
    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])


class Tally(db.Model):
    """Kept counts of one grid: pledges by what lists show of them, shops by the column they fall into (I13)."""

    __tablename__ = "pledges_tallies"
    grid_id: Mapped[int] = mapped_column(ForeignKey("areas_areas.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)  # todo | shop
    word: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int]
    counted_at: Mapped[datetime] = mapped_column(Moment)
