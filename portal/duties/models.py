"""Tables of the clockwork: every run of a duty, and the lease under which one process runs them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.duties.terms import RunState
from portal.ground.db import Labelled, Moment, db


class Run(db.Model):
    """One run of a duty: due, started, ended, how many things it changed, or why it failed.

    (duty, due_at) is once for all: a due time that was run is not run again. `asked_by` is whoever pressed 立即执行.
    """

    __tablename__ = "duties_runs"
    __table_args__ = (
        UniqueConstraint("duty", "due_at"),
        CheckConstraint("(state = 'waiting') = (started_at IS NULL)", name="started"),
        Index("ix_duties_runs_duty_id", "duty", "id"),
        Index("ix_duties_runs_ended_at", "ended_at", sqlite_where=text("state = 'failed'"),
              postgresql_where=text("state = 'failed'")),
        Index("ix_duties_runs_open", "state", sqlite_where=text("state IN ('waiting', 'running', 'lost')"),
              postgresql_where=text("state IN ('waiting', 'running', 'lost')")),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    duty: Mapped[str] = mapped_column(String(48))
    due_at: Mapped[datetime] = mapped_column(Moment)
    asked_by: Mapped[str] = mapped_column(String(64), default="")
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    changed: Mapped[int] = mapped_column(default=0)
    state: Mapped[RunState] = mapped_column(Labelled(RunState))
    error: Mapped[str] = mapped_column(String(500), default="")
    token: Mapped[str] = mapped_column(String(32), default="")


class Lease(db.Model):
    """Who runs the duties: one row. The counter moves as long as the holder lives; others watch it by their own
    monotonic time, since clocks of machines differ."""

    __tablename__ = "duties_lease"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    counter: Mapped[int]
    beat_at: Mapped[datetime] = mapped_column(Moment)
