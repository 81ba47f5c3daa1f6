"""`flask clockwork` drives the duties; `flask duties …` shows them and runs one by hand.

APScheduler only says "look now" and "say that you live"; what is due is reckoned from the database and our clock.
"""

import os
import secrets
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

import click
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from portal.duties import jobs, services
from portal.duties.terms import BEAT, LEASE, LOOK
from portal.ground import running
from portal.ground.clock import FileClock
from portal.ground.db import db, writing
from portal.ground.declare import duties

group = AppGroup("duties", help="Scheduled duties.")


class Clockwork:
    """One process that runs the duties while it holds the lease, and waits beside another that does."""

    def __init__(self, app: Flask, *, quick: float = 1.0):
        self.app = app
        self.quick = quick
        self.watch = services.Watch(secrets.token_hex(8), patience=LEASE / quick)
        self.stop = threading.Event()
        self.parent = os.getppid()

    def serve(self) -> None:
        """Look and beat until somebody says stop, or the process that began us is gone."""
        scheduler = BackgroundScheduler(job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1})
        scheduler.add_job(self.look, "interval", seconds=LOOK.total_seconds() / self.quick)
        scheduler.add_job(self.beat, "interval", seconds=BEAT.total_seconds() / self.quick)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told)
        self.look()
        scheduler.start()
        while not self.stop.wait(1.0):
            if os.environ.get("PORTAL_CHILD") and os.getppid() != self.parent:
                break
        scheduler.shutdown(wait=True)
        self._with_database(lambda: services.give_up(self.watch.holder))

    def _told(self, _number: int, _frame: FrameType | None) -> None:
        self.stop.set()

    def beat(self) -> None:
        """Say that we live."""
        if self.watch.holding:
            self._with_database(self._beat)

    def _beat(self) -> None:
        self.watch.holding = services.beat(self.watch.holder, now=self.app.extensions["clock"].now())

    def look(self) -> None:
        """See whether the lease is ours, and do what is due."""
        self._with_database(self._look)

    def _look(self) -> None:
        clock, held = self.app.extensions["clock"], self.watch.holding
        holding = services.take(self.watch, monotonic=time.monotonic(), now=clock.now())
        if holding and not held:
            services.lost(self.watch.holder)
        db.session.commit()
        if not holding:
            return
        found = services.due(duties(), now=clock.now())
        db.session.rollback()
        for duty, due_at, row in found:
            if self.stop.is_set() or not self.watch.holding:
                return
            jobs.run(duty, due_at=due_at, row=row, token=self.watch.holder, now=clock.now(), clock=clock.now)

    def _with_database(self, deed: Callable[[], None]) -> None:
        with self.app.app_context():
            writing.set(True)
            try:
                deed()
                db.session.commit()
            except SQLAlchemyError:
                db.session.rollback()
                self.app.logger.exception("clockwork: the database does not answer; it is asked again")


def _die_at(commit: int) -> None:
    """For tests: the process is killed before its n-th commit, as a power cut would."""
    seen = [0]

    @event.listens_for(Engine, "commit")
    def count(_connection: object) -> None:
        seen[0] += 1
        if seen[0] == commit:
            os.kill(os.getpid(), signal.SIGKILL)


@click.command("clockwork")
@with_appcontext
def clockwork() -> None:
    """Run the scheduled duties: one process beside the web, a second one stands by."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    tests = isinstance(app.extensions["clock"], FileClock)
    quick, die_at = os.environ.get("PORTAL_CLOCKWORK_QUICK"), os.environ.get("PORTAL_DIE_AT_COMMIT")
    if (quick or die_at) and not tests:
        raise click.ClickException("PORTAL_CLOCKWORK_QUICK and PORTAL_DIE_AT_COMMIT are for tests only")
    if die_at:
        _die_at(int(die_at))
    try:
        running.hold(app.config["INSTANCE"])
    except RuntimeError as restoring:
        raise click.ClickException(str(restoring)) from None
    Clockwork(app, quick=float(quick or 1)).serve()


@group.command("list")
def list_all() -> None:
    """Print every duty, when it runs, and its newest run."""
    now = current_app.extensions["clock"].now()
    for line in services.board(duties(), now=now):
        state = f"{line.run.state.value} {line.run.due_at:%Y-%m-%d %H:%M}" if line.run else "never"
        click.echo(f"{line.duty.name:28} {line.duty.cron:16} {state}")


@group.command("run")
@click.argument("name")
def run(name: str) -> None:
    """Run one duty now, in this process; its run is written down like every other."""
    duty = next((one for one in duties() if one.name == name), None)
    if duty is None:
        raise click.ClickException(f"no duty is called {name}")
    clock = current_app.extensions["clock"].now
    now = clock()
    jobs.run(duty, due_at=now, row=None, token=secrets.token_hex(8), now=now, clock=clock)
    line = services.board([duty], now=now)[0]
    if line.run and line.run.error:
        raise click.ClickException(line.run.error)
    click.echo(f"done, changed: {line.run.changed if line.run else 0}")


COMMANDS = (group, clockwork)
