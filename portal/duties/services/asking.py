"""What people see of duties and ask of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.duties import queries, rules
from portal.duties.models import Run
from portal.duties.terms import OPEN_STATES, RunState
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.declare import Duty
from portal.ground.errors import Refused


@dataclass(frozen=True)
class Line:
    """A duty on 定时任务: when it runs, in words, when next, and its newest run."""

    duty: Duty
    words: str
    next_at: datetime | None
    run: Run | None

    @property
    def busy(self) -> bool:
        """Whether a run waits or is going on."""
        return self.run is not None and self.run.state in OPEN_STATES


def board(table: Iterable[Duty], *, now: datetime) -> list[Line]:
    """Return every duty with its newest run; one query."""
    duties = list(table)
    newest = queries.newest([duty.name for duty in duties]) if duties else {}
    return [
        Line(duty, rules.in_words(duty.cron), rules.next_due(duty.cron, now=now), newest.get(duty.name))
        for duty in duties
    ]


def todays(table: Iterable[Duty], *, now: datetime) -> list[tuple[datetime, Duty, RunState | None]]:
    """The duties that have an hour of their own and are due today, and how today's run stands; one query."""
    due = [(at, duty) for duty in table if (at := rules.hour_on(duty.cron, now.date()))]
    newest = queries.newest([duty.name for _at, duty in due]) if due else {}
    states = {name: run.state for name, run in newest.items() if run.due_at.date() == now.date()}
    return [(at, duty, states.get(duty.name)) for at, duty in due]


def set_back(lines: Iterable[Line], *, now: datetime) -> datetime | None:
    """The latest due time that was run and lies ahead of us, where the server's clock has been set back; else None."""
    return rules.set_back([line.run.due_at for line in lines if line.run], now=now)


def failures(since: datetime, until: datetime) -> list[queries.Failure]:
    """Runs that failed in (since, until] and of which the system administrator is told."""
    return [run for run in queries.failed(since, until) if rules.tells(run.ended_at, run.before)]


def ask(duty: Duty, *, by: Actor, now: datetime) -> Run:
    """Ask for a run now; the clockwork does it at its next look. `Refused` while one waits or is going on: what is seen
    here is told in its words, and a duty has one open run at most, whoever presses at once.
    """
    for open_run in db.session.scalars(queries.open_runs()):
        if open_run.duty == duty.name:
            raise Refused(f"“{duty.label}”{open_run.state.label}，不用再按。")
    run = Run(duty=duty.name, due_at=now, asked_by=by.name, state=RunState.WAITING)
    try:
        with db.session.begin_nested():
            db.session.add(run)
    except IntegrityError:
        raise Refused(f"“{duty.label}”已经在排队，不用再按。") from None
    record("duties.ask", f"duty:{duty.name}", by=by, now=now, run=run.id)
    return run
