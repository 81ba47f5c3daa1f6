"""What is due, and the row of its run: claimed before the work, and what came of it after."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.duties import queries, rules
from portal.duties.models import Run
from portal.duties.terms import ERROR_MOST, KEPT, RunState
from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.ground.declare import Duty
from portal.ground.errors import Refused

#: Runs that changed nothing are kept for a week: a duty of every minute makes ten thousand of them.
IDLE_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Claim:
    """A run that this process may do: its row, and the token that its result must bear."""

    run_id: int
    token: str


def due(table: Iterable[Duty], *, now: datetime) -> list[tuple[Duty, datetime, int | None]]:
    """Return what is to be done at `now`: (duty, due time, row that waits or was cut off).

    What was missed while nothing ran is due once, with its newest due time.
    """
    duties = {duty.name: duty for duty in table}
    found: list[tuple[Duty, datetime, int | None]] = []
    waiting = list(db.session.scalars(queries.open_runs()))
    for run in waiting:
        if run.state is not RunState.RUNNING and run.duty in duties:
            found.append((duties[run.duty], run.due_at, run.id))
    busy = {run.duty for run in waiting}
    for duty in duties.values():
        if duty.name in busy:
            continue
        at = rules.newest_due(duty.cron, after=queries.newest_due(duty.name), now=now)
        if at is not None:
            found.append((duty, at, None))
    return found


def begin(duty: Duty, *, due_at: datetime, row: int | None, token: str, now: datetime) -> Claim | None:
    """Claim a run; None when somebody else was quicker: (duty, due_at) is unique, an open row changes once."""
    if row is not None:
        claimed = update(Run).where(Run.id == row, Run.state.in_([RunState.WAITING, RunState.LOST]))
        changed = db.session.execute(claimed.values(state=RunState.RUNNING, started_at=now, token=token))
        return Claim(row, token) if changed.rowcount == 1 else None  # type: ignore[attr-defined]
    run = Run(duty=duty.name, due_at=due_at, started_at=now, state=RunState.RUNNING, token=token)
    try:
        with db.session.begin_nested():
            db.session.add(run)
    except IntegrityError:
        return None
    return Claim(run.id, token)


def end(claim: Claim, *, changed: int, error: str, now: datetime) -> None:
    """Write what came of a run. `Refused` when it is no longer this process's: the result comes too late."""
    state = RunState.FAILED if error else RunState.DONE
    written = db.session.execute(
        update(Run)
        .where(Run.id == claim.run_id, Run.token == claim.token, Run.state == RunState.RUNNING)
        .values(state=state, ended_at=now, changed=changed, error=error[:ERROR_MOST])
    )
    if written.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这次执行已由另一个进程接手，结果没有记下。")
    if error:
        name = db.session.scalar(select(Run.duty).where(Run.id == claim.run_id))
        record("duties.fail", f"duty:{name}", by=SYSTEM, now=now, run=claim.run_id, because=error[:ERROR_MOST])


def tidy(*, now: datetime) -> int:
    """Drop old runs, and after a week those that changed nothing; of each duty the newest stays."""
    newest = select(func.max(Run.id)).group_by(Run.duty).scalar_subquery()
    idle = (Run.state == RunState.DONE) & (Run.changed == 0) & (Run.ended_at < now - IDLE_KEPT)
    gone = db.session.execute(delete(Run).where(idle | (Run.ended_at < now - KEPT), Run.id.not_in(newest)))
    return int(gone.rowcount)  # type: ignore[attr-defined]
