"""What is due, and the row of its run: claimed before the work, and what came of it after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from portal.duties import queries, rules
from portal.duties.models import Run
from portal.duties.services.failing import note_failure
from portal.duties.terms import ERROR_MOST, KEPT, RunState
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


def lane_of(duty: Duty) -> str:
    """The lane in which a duty waits."""
    return rules.lane(duty.name, duty.cron)


def lanes(table: Iterable[Duty]) -> Mapping[str, Sequence[Duty]]:
    """The table by lane, each in the table's order."""
    found: dict[str, list[Duty]] = {}
    for duty in table:
        found.setdefault(lane_of(duty), []).append(duty)
    return found


def past(duty: Duty, *, since: datetime, now: datetime) -> list[datetime]:
    """The times at which a duty was due in (since, now]."""
    return list(rules.times(duty.cron, after=since, now=now))


def due(table: Iterable[Duty], *, now: datetime) -> list[tuple[Duty, datetime, int | None]]:
    """Return what is to be done at `now`: (duty, due time, row that waits or was cut off).

    What was missed while nothing ran is due once, with its newest due time. What was cut off comes last, so that a duty
    that kills its process holds up no other.
    """
    duties = {duty.name: duty for duty in table}
    found: list[tuple[Duty, datetime, int | None]] = []
    waiting = list(db.session.scalars(queries.open_runs()))
    for run in waiting:
        if run.state is not RunState.RUNNING and run.duty in duties:
            found.append((duties[run.duty], run.due_at, run.id))
    busy = {run.duty for run in waiting}
    free = {name: duty for name, duty in duties.items() if name not in busy}
    ran = queries.newest_due(free, now=now)
    for duty in free.values():
        at = rules.newest_due(duty.cron, after=ran[duty.name], now=now)
        if at is not None:
            found.append((duty, at, None))
    cut_off = {run.id for run in waiting if run.state is RunState.LOST}
    return sorted(found, key=lambda one: one[2] in cut_off)


def begin(duty: Duty, *, due_at: datetime, row: int | None, token: str, now: datetime) -> Claim | None:
    """Claim a run; None when somebody else was quicker: (duty, due_at) is unique, a duty has one open run, and an open
    row changes once.
    """
    if row is not None:
        claimed = update(Run).where(Run.id == row, Run.state.in_([RunState.WAITING, RunState.LOST]))
        changed = db.session.execute(claimed.values(state=RunState.RUNNING, started_at=now, token=token))
        return Claim(row, token) if changed.rowcount == 1 else None  # type: ignore[attr-defined]
    values = {"duty": duty.name, "due_at": due_at, "started_at": now, "state": RunState.RUNNING, "token": token}
    connection = db.session.connection()
    run_id = connection.scalar(_beginning(connection.dialect.name), values)
    return None if run_id is None else Claim(run_id, token)


@cache
def _beginning(dialect: str) -> Any:
    """The statement that writes a run, unless one stands there already."""
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(cast(Table, Run.__table__))
    return insert.on_conflict_do_nothing().returning(Run.id)


def end(claim: Claim, *, changed: int, error: str, now: datetime) -> None:
    """Write what came of a run. `Refused` when it is no longer this process's: the result comes too late."""
    state = RunState.FAILED if error else RunState.DONE
    values = {"run_id": claim.run_id, "of_token": claim.token, "state": state, "ended_at": now, "changed": changed}
    written = db.session.execute(_ending(), values | {"error": error[:ERROR_MOST]})
    if written.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这次执行已由另一个进程接手，结果没有记下。")
    if error:
        duty = db.session.scalars(select(Run.duty).where(Run.id == claim.run_id)).one()
        note_failure(duty, run=claim.run_id, error=error, now=now)


@cache
def _ending() -> Update:
    own = (Run.id == bindparam("run_id"), Run.token == bindparam("of_token"), Run.state == RunState.RUNNING)
    return (
        update(Run)
        .where(*own)
        .values({name: bindparam(name) for name in ("state", "ended_at", "changed", "error")})
        .execution_options(synchronize_session=False)
    )


def tidy(*, now: datetime) -> int:
    """Drop old runs, and after a week those that changed nothing.

    Of each duty the newest stays, and the newest by the clock: from that its next due time is reckoned.
    """
    newest = select(func.max(Run.id)).group_by(Run.duty).scalar_subquery()
    other = aliased(Run)
    by_clock = select(func.max(other.due_at)).where(
        other.duty == Run.duty, other.asked_by == "", other.due_at <= now
    )  # fmt: skip
    needless = or_(Run.asked_by != "", Run.due_at.is_distinct_from(by_clock.correlate(Run).scalar_subquery()))
    idle = (Run.state == RunState.DONE) & (Run.changed == 0) & (Run.ended_at < now - IDLE_KEPT)
    gone = db.session.execute(delete(Run).where(idle | (Run.ended_at < now - KEPT), Run.id.not_in(newest), needless))
    return int(gone.rowcount)  # type: ignore[attr-defined]
