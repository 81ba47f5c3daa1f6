"""The clockwork's part of the demonstration office: a week of runs, one night that went wrong and was mended."""

from datetime import datetime, timedelta
from typing import Any

from portal.duties import services
from portal.duties.models import Run
from portal.duties.terms import RunState
from portal.ground.db import db
from portal.ground.declare import Duty, duties

WEEK = timedelta(days=6)
#: Runs of one duty that are made up at most; a duty of every minute has its last half hour.
MOST = 30
#: Copies are real in the demonstration: their runs are those that the clockwork does.
REAL = "upkeep."
BROKEN, NIGHTS_AGO = "accounts.forget", 3
ERROR = "数据库没有回应或正忙，下次到点再办（OperationalError: database is locked）"
MENDED_BY = "系统管理员（演示）"


def build(ctx: Any) -> None:
    """Enter the runs. The newest due time of each duty is left open: the clockwork makes up for it when it starts."""
    entries = [run for duty in duties() if not duty.name.startswith(REAL) for run in _runs(duty, ctx)]
    entries.sort(key=_begun)
    db.session.add_all(entries)


def _begun(run: Run) -> datetime:
    return run.started_at or run.due_at


def _runs(duty: Duty, ctx: Any) -> list[Run]:
    since = ctx.now - (timedelta(minutes=MOST) if services.lane_of(duty) else WEEK)
    past = services.past(duty, since=since, now=ctx.now)[:-1]
    runs = [_run(duty.name, at, ctx) for at in past[-MOST:]]
    if duty.name == BROKEN and len(runs) >= NIGHTS_AGO:
        night = runs[-NIGHTS_AGO]
        night.state, night.changed, night.error = RunState.FAILED, 0, ERROR
        night.ended_at = night.due_at + timedelta(seconds=17)
        asked = night.due_at.replace(hour=8, minute=36, second=12)
        runs.append(_run(duty.name, asked, ctx, asked_by=MENDED_BY))
    return runs


def _run(name: str, at: datetime, ctx: Any, asked_by: str = "") -> Run:
    """A run that was begun within a look and took a moment."""
    started = at + timedelta(seconds=ctx.random.randint(1, 19))
    took = timedelta(milliseconds=ctx.random.randint(20, 2600))
    changed = ctx.random.choice((0, 0, 0, 1, 2, 5)) if asked_by == "" else 7
    return Run(
        duty=name, due_at=at, asked_by=asked_by, started_at=started, ended_at=started + took, changed=changed,
        state=RunState.DONE,
    )  # fmt: skip
