"""The lease: one process at a time runs the duties (house.md section 4); what the one before left half-done."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from portal.duties import queries
from portal.duties.models import Lease, Run
from portal.duties.services.failing import note_failure
from portal.duties.terms import CUT_OFF_MOST, GIVEN_UP, LEASE, RunState
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
    """Hold the lease: one that was let go at once, one whose counter has stood still for too long; tells whether it is
    held.

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
    if holder:
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


def lost(names: Collection[str], *, now: datetime) -> int:
    """Mark these duties' runs that are going on as cut off, so that they are taken up again; returns how many.

    For whoever holds the lease and runs none of them: they were begun by a process that is gone, or their end could
    not be written. What was cut off time and again is given up as failed until its next due time.
    """
    cut = [run for run in db.session.scalars(queries.open_runs()) if run.duty in names]
    cut = [run for run in cut if run.state is RunState.RUNNING]
    for run in cut:
        given_up = run.cut_off + 1 >= CUT_OFF_MOST
        values = {"state": RunState.LOST, "cut_off": run.cut_off + 1}
        if given_up:
            values = {**values, "state": RunState.FAILED, "ended_at": now, "error": GIVEN_UP}
            note_failure(run.duty, run=run.id, error=GIVEN_UP, now=now)
        db.session.execute(update(Run).where(Run.id == run.id, Run.state == RunState.RUNNING).values(**values))
    return len(cut)
