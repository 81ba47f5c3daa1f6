"""Tables of the clockwork: every run of a duty, and the lease under which one process runs them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.duties.terms import RunState
from portal.ground.db import Labelled, Moment, db

#: Conditions of partial indexes: queries say them in the same letters, since SQLite compares no bound values with them.
OPEN = "state IN ('waiting', 'running', 'lost')"
FAILED = "state = 'failed'"


class Run(db.Model):
    """One run of a duty: due, started, ended, how many things it changed, or why it failed.

    (duty, due_at) is once for all: a due time that was run is not run again. A duty has one open run at most, whoever
    begins it or asks for it. `asked_by` is whoever pressed 立即执行; `cut_off` counts the processes that died over it.
    """

    __tablename__ = "duties_runs"
    __table_args__ = (
        UniqueConstraint("duty", "due_at"),
        CheckConstraint("(state = 'waiting') = (started_at IS NULL)", name="started"),
        Index("ix_duties_runs_duty_id", "duty", "id"),
        Index("ix_duties_runs_ended_at", "ended_at", sqlite_where=text(FAILED), postgresql_where=text(FAILED)),
        Index("uq_duties_runs_open", "duty", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
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
    cut_off: Mapped[int] = mapped_column(default=0, server_default="0")


class Lease(db.Model):
    """Who runs the duties: one row. The counter moves as long as the holder lives; others watch it by their own
    monotonic time, since clocks of machines differ."""

    __tablename__ = "duties_lease"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    counter: Mapped[int]
    beat_at: Mapped[datetime] = mapped_column(Moment)
