"""Throttles: failures counted in the database, so that every worker sees them (rules 6, Login).

A door asks `waiting` before it tries, and after a failure (once its own work is rolled back) calls `failed`.
"""

from datetime import datetime, timedelta

from sqlalchemy import Integer, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Moment, db


class Failure(db.Model):
    """One failure: what was tried (a keyed digest, never the value), and when."""

    __tablename__ = "ground_failures"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    scope: Mapped[str] = mapped_column(String(96), index=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)


def failures(scope: str, *, within: timedelta, now: datetime) -> int:
    """Count the failures of `scope` in the last `within`."""
    times = db.session.scalars(select(Failure.at).where(Failure.scope == scope, Failure.at > now - within))
    return len(list(times))


def forget(*, before: datetime) -> int:
    """Drop failures older than every window that asks for them; return how many."""
    gone = db.session.execute(delete(Failure).where(Failure.at < before))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def waiting(scope: str, *, limit: int, within: timedelta, now: datetime) -> timedelta | None:
    """Return how long `scope` still has to wait, None when it may try.

    After `limit` failures within `within` it waits until the oldest of the last `limit` has aged out.
    """
    times = sorted(
        db.session.scalars(select(Failure.at).where(Failure.scope == scope, Failure.at > now - within)),
        reverse=True,
    )
    return None if len(times) < limit else times[limit - 1] + within - now


def failed(scope: str, *, now: datetime, forget: timedelta = timedelta(days=1)) -> None:
    """Write a failure down, and drop what is older than `forget`, whoever failed: the table stays small."""
    db.session.execute(delete(Failure).where(Failure.at < now - forget))
    db.session.add(Failure(scope=scope, at=now))


def forgive(scope: str) -> None:
    """Forget the failures of `scope`, after a success."""
    db.session.execute(delete(Failure).where(Failure.scope == scope))
