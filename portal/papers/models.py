"""Tables of papers: the register, the dated changes of a paper's standing, the number series."""

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.ground.db import Labelled, Moment, db
from portal.papers.terms import Standing


class Paper(db.Model):
    """A paper: its number and 查验码, its evidence, and the hashes of its two files (I9).

    `evidence` is the canonical text and `evidence_sha` the 摘要 that the paper prints; `previous_sha` links it to the
    paper before it in the same series. `sealed_sha` names the file in the store; until the paper is made it is empty.
    """

    __tablename__ = "papers_papers"
    __table_args__ = (
        CheckConstraint("valid_until > valid_from", name="term"),
        CheckConstraint(
            "(sealed_sha IS NULL) = (unsealed_sha IS NULL) AND (sealed_sha IS NULL) = (issued_at IS NULL)", name="made"
        ),
        Index("ix_papers_papers_subject_standing", "subject", "standing"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    number: Mapped[str] = mapped_column(String(64), unique=True)
    check_code: Mapped[str] = mapped_column(String(12), unique=True)
    subject: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(64))
    standing: Mapped[Standing] = mapped_column(Labelled(Standing))
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    evidence: Mapped[str] = mapped_column(Text)
    evidence_sha: Mapped[str] = mapped_column(String(64), unique=True)
    evidence_sm3: Mapped[str] = mapped_column(String(64))
    previous_sha: Mapped[str] = mapped_column(String(64))
    unsealed_sha: Mapped[str | None] = mapped_column(String(64))
    sealed_sha: Mapped[str | None] = mapped_column(String(64), unique=True)
    requested_at: Mapped[datetime] = mapped_column(Moment)
    issued_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)
    standings: Mapped[list["PaperStanding"]] = relationship(order_by="PaperStanding.id", back_populates="paper")

    @property
    def last_day(self) -> date:
        """The last day of its term: `valid_until` is exclusive."""
        return self.valid_until - timedelta(days=1)


class PaperStanding(db.Model):
    """A change of standing: from, to, when, by whom, why. Never edited."""

    __tablename__ = "papers_standings"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers_papers.id"), index=True)
    before: Mapped[Standing | None] = mapped_column(Labelled(Standing))
    after: Mapped[Standing] = mapped_column(Labelled(Standing))
    changed_at: Mapped[datetime] = mapped_column(Moment)
    changed_by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(200))
    paper: Mapped[Paper] = relationship(back_populates="standings")


class NumberSeries(db.Model):
    """The last number of a series in a year, and the digest of the evidence that was registered last under it."""

    __tablename__ = "papers_numbers"
    __table_args__ = (UniqueConstraint("series", "year"), CheckConstraint("last > 0", name="counts"))
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    series: Mapped[str] = mapped_column(String(24))
    year: Mapped[int]
    last: Mapped[int]
    last_sha: Mapped[str] = mapped_column(String(64), default="", server_default="")
