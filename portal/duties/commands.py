"""`flask clockwork` drives the duties; `flask duties …` shows them and runs one by hand.

APScheduler only says "look now" and "say that you live"; what is due is reckoned from the database and our clock.
"""

import os
import secrets
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from types import FrameType

import click
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from portal.duties import jobs, queries, services
from portal.duties.models import Run
from portal.duties.terms import BEAT, BY_COMMAND, LEASE, LOOK, NICE, WATCH, RunState
from portal.ground import running
from portal.ground.actor import SYSTEM
from portal.ground.clock import FileClock
from portal.ground.db import db, writing
from portal.ground.declare import Duty, duties
from portal.ground.errors import Refused

group = AppGroup("duties", help="Scheduled duties.")
STANDS_BY = "另一个进程正在办定时任务，这一个在旁候着；那边停了，一分钟内由这一个接着办。"
TAKES = "定时任务由这个进程办。"
LOSES = "定时任务已由另一个进程接手，这一个在旁候着。"


class Clockwork:
    """One process that runs the duties while it holds the lease, and waits beside another that does.

    Each lane of duties is a line of its own, in a thread of its own; beside them it goes on beating, however long one
    takes.
    """

    def __init__(self, app: Flask, table: Sequence[Duty], *, quick: float = 1.0):
        self.app = app
        self.clock = app.extensions["clock"].now
        self.quick = quick
        self.watch = services.Watch(secrets.token_hex(8), patience=LEASE / quick)
        self.stop = threading.Event()
        self.parent = os.getppid()
        self.lanes = services.lanes(table)
        self.busy = {lane: threading.Lock() for lane in self.lanes}
        self.beaten, self.said, self.troubled = 0.0, "", False
        timing = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self.scheduler = BackgroundScheduler(job_defaults=timing, executors=self._executors())
        self.scheduler.add_job(self.see, "interval", seconds=WATCH.total_seconds() / quick)

    def _executors(self) -> dict[str, dict[str, object]]:
        return {"default": {"type": "threadpool", "max_workers": 2 * len(self.lanes) + 2}}

    def serve(self) -> None:
        """Look and beat until somebody says stop, or the process that began us is gone."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told)
        for lane in self.lanes:
            self.scheduler.add_job(self.look, "interval", seconds=LOOK.total_seconds() / self.quick, args=[lane])
        self.see()
        self.scheduler.start()
        while not self.stop.wait(1.0):
            if os.environ.get("PORTAL_CHILD") and os.getppid() != self.parent:
                break
        self.end()

    def one(self, duty: Duty, run_id: int) -> Run:
        """See one run done: by the clockwork that holds the lease, or here when nobody does. Returns it as it ended."""
        self.scheduler.start()
        try:
            while (run := self._ended(run_id)) is None:
                self.see()
                self.look(services.lane_of(duty))
                time.sleep(0.2 if self.watch.holding else 1.0)
            return run
        finally:
            self.end()

    def _ended(self, run_id: int) -> Run | None:
        run = db.session.get_one(Run, run_id, populate_existing=True)
        ended = run.state in (RunState.DONE, RunState.FAILED)
        db.session.rollback()  # no transaction is held while others work
        return run if ended else None

    def end(self) -> None:
        """Let what goes on come to its end, beating all the while, and let go of the lease."""
        self.stop.set()
        for lock in self.busy.values():
            lock.acquire()
        self.scheduler.shutdown()
        self._with_database(lambda: services.give_up(self.watch.holder))

    def _told(self, _number: int, _frame: FrameType | None) -> None:
        self.stop.set()

    def _say(self, words: str) -> None:
        if words != self.said:
            self.said = words
            click.echo(words)

    def see(self) -> None:
        """Say that we live, or see whether the lease is to be had; whoever gets it looks at once."""
        self._with_database(self._see)

    def _see(self) -> None:
        if self.watch.holding:
            if time.monotonic() - self.beaten >= BEAT.total_seconds() / self.quick:
                self._beat()
            return
        if services.take(self.watch, monotonic=time.monotonic(), now=self.clock()):
            db.session.commit()
            self.beaten = time.monotonic()
            self._say(TAKES)
            for lane in self.lanes:
                self.scheduler.add_job(self.look, args=[lane])
        elif self.said != LOSES:
            self._say(STANDS_BY)

    def _beat(self) -> bool:
        self.watch.holding = services.beat(self.watch.holder, now=self.clock())
        self.beaten = time.monotonic()
        if not self.watch.holding:
            self._say(LOSES)
        return self.watch.holding

    def look(self, lane: str) -> None:
        """Do what is due in a lane, unless that is going on already."""
        if self.stop.is_set() or not self.watch.holding or not self.busy[lane].acquire(blocking=False):
            return
        try:
            self._with_database(lambda: self._look(self.lanes[lane]))
        finally:
            self.busy[lane].release()

    def _look(self, table: Sequence[Duty]) -> None:
        """A beat goes into each transaction that begins something: whoever has lost the lease begins nothing."""
        if not self._beat():
            return
        services.lost({duty.name for duty in table}, now=self.clock())
        found = services.due(table, now=self.clock())
        db.session.commit()
        for duty, due_at, row in found:
            if self.stop.is_set() or not self._beat():
                return
            jobs.run(duty, due_at=due_at, row=row, token=self.watch.holder, now=self.clock(), clock=self.clock)

    def _with_database(self, deed: Callable[[], None]) -> None:
        with self.app.app_context():
            writing.set(True)
            try:
                deed()
                db.session.commit()
                self.troubled = False
            except (
                SQLAlchemyError,
                sqlite3.Error,
            ) as trouble:  # a transaction that cannot begin: straight from the driver
                db.session.rollback()
                if not self.troubled:
                    self.app.logger.error("the clockwork's database does not answer, it is asked again: %s", trouble)
                self.troubled = True


def _die_at(commit: int) -> None:
    """For tests: the process is killed before its n-th commit, as a power cut would."""
    seen = [0]

    @event.listens_for(Engine, "commit")
    def count(_connection: object) -> None:
        seen[0] += 1
        if seen[0] == commit:
            os.kill(os.getpid(), signal.SIGKILL)


def _quick(app: Flask) -> float:
    """How much quicker than real the clockwork runs: tests alone, with a clock of their own, may say so."""
    quick, die_at = os.environ.get("PORTAL_CLOCKWORK_QUICK"), os.environ.get("PORTAL_DIE_AT_COMMIT")
    if (quick or die_at) and not isinstance(app.extensions["clock"], FileClock):
        raise click.ClickException("PORTAL_CLOCKWORK_QUICK and PORTAL_DIE_AT_COMMIT are for tests only")
    if die_at:
        _die_at(int(die_at))
    return float(quick or 1)


def _hold(app: Flask) -> None:
    """Nobody brings a copy back under a process that runs duties."""
    try:
        running.hold(app.config["INSTANCE"])
    except RuntimeError as restoring:
        raise click.ClickException(str(restoring)) from None


@click.command("clockwork")
@with_appcontext
def clockwork() -> None:
    """Run the scheduled duties: one process beside the web, a second one stands by."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    quick = _quick(app)
    _hold(app)
    os.nice(NICE)
    Clockwork(app, duties(), quick=quick).serve()


@group.command("list")
def list_all() -> None:
    """Print every duty, when it runs, and its newest run."""
    now = current_app.extensions["clock"].now()
    for line in services.board(duties(), now=now):
        state = f"{line.run.state.value} {line.run.due_at:%Y-%m-%d %H:%M}" if line.run else "never"
        click.echo(f"{line.duty.name:28} {line.duty.cron:16} {state}")


def _wanted(duty: Duty, now: datetime) -> int:
    """Return the run that is wanted: a new one, or the one that waits, goes on or was cut off already."""
    try:
        wanted = services.ask(duty, by=replace(SYSTEM, name=BY_COMMAND), now=now)
    except Refused as refused:
        db.session.rollback()
        found = db.session.scalars(queries.open_runs().where(Run.duty == duty.name)).first()
        if found is None:
            raise click.ClickException(refused.sentence) from None
        wanted = found
    run_id = wanted.id
    db.session.commit()
    return run_id


@group.command("run")
@click.argument("name")
def run(name: str) -> None:
    """Run one duty now: by the clockwork where one lives, else here. Its run is written down like every other."""
    duty = next((one for one in duties() if one.name == name), None)
    if duty is None:
        raise click.ClickException(f"no duty is called {name}")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    quick = _quick(app)
    _hold(app)
    run_id = _wanted(duty, app.extensions["clock"].now())
    ended = Clockwork(app, [duty], quick=quick).one(duty, run_id)
    if ended.error:
        raise click.ClickException(ended.error)
    click.echo(f"done, changed: {ended.changed}")


COMMANDS = (group, clockwork)
