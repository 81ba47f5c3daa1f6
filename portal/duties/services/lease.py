"""The lease: one process at a time runs the duties (house.md section 4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from portal.duties.models import Lease, Run
from portal.duties.terms import LEASE, RunState
from portal.ground.db import db


@dataclass
class Watch:
    """What a process knows of the lease: the counter it saw, and since when by its own monotonic time (seconds)."""

    holder: str
    counter: int | None = None
    since: float = 0.0
    holding: bool = False
    patience: timedelta = LEASE


def take(watch: Watch, *, monotonic: float, now: datetime) -> bool:
    """Hold the lease, or take it over from one whose counter has stood still for too long; tells whether it is held.

    Nothing is taken by looking at clocks of others: two that try at once are told apart by one UPDATE that must change
    exactly one row.
    """
    row = db.session.execute(select(Lease.holder, Lease.counter).where(Lease.id == 1)).one_or_none()
    if row is None:
        watch.holding = _first(watch, now)
        return watch.holding
    holder, counter = row
    if holder == watch.holder:
        watch.holding = True
        return True
    watch.holding = False
    if counter != watch.counter:
        watch.counter, watch.since = counter, monotonic
        return False
    if monotonic - watch.since < watch.patience.total_seconds():
        return False
    taken = update(Lease).where(Lease.id == 1, Lease.holder == holder, Lease.counter == counter)
    changed = db.session.execute(taken.values(holder=watch.holder, counter=counter + 1, beat_at=now))
    watch.holding = changed.rowcount == 1  # type: ignore[attr-defined]
    return watch.holding


def _first(watch: Watch, now: datetime) -> bool:
    try:
        with db.session.begin_nested():
            db.session.execute(insert(Lease).values(id=1, holder=watch.holder, counter=1, beat_at=now))
    except IntegrityError:
        return False
    return True


def beat(holder: str, *, now: datetime) -> bool:
    """Say that the holder lives; False when somebody else holds the lease by now."""
    changed = db.session.execute(
        update(Lease).where(Lease.id == 1, Lease.holder == holder).values(counter=Lease.counter + 1, beat_at=now)
    )
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def give_up(holder: str) -> None:
    """Let go of the lease at an orderly end, so that the next one need not wait: the counter stays, the name goes."""
    db.session.execute(update(Lease).where(Lease.id == 1, Lease.holder == holder).values(holder=""))


def lost(holder: str) -> int:
    """Mark runs that are not this holder's and have not ended as cut off; they are taken up again. Returns how many."""
    changed = db.session.execute(
        update(Run).where(Run.state == RunState.RUNNING, Run.token != holder).values(state=RunState.LOST)
    )
    return int(changed.rowcount)  # type: ignore[attr-defined]
