"""Tables of the trail: its lines and its head.

The database itself refuses UPDATE, DELETE, REPLACE and TRUNCATE on the lines (triggers in the migration).
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.terms import Result
from portal.ground.db import Labelled, Moment, db


class TrailLine(db.Model):
    """One deed. `details` is canonical JSON of codes, counts and keyed digests, never of sealed data."""

    __tablename__ = "audit_lines"
    __table_args__ = (
        Index("ix_audit_lines_subject_seq", "subject", "seq"),
        Index("ix_audit_lines_action_seq", "action", "seq"),
        Index("ix_audit_lines_actor_seq", "actor_kind", "actor_id", "seq"),
        Index("ix_audit_lines_at", "at"),
    )
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    actor_kind: Mapped[str] = mapped_column(String(12))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(45))
    action: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str] = mapped_column(String(64))
    result: Mapped[Result] = mapped_column(Labelled(Result))
    details: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class TrailHead(db.Model):
    """The newest line's number and hash: one row, locked by whoever appends."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
