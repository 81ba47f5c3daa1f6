"""Reminders under load: what a quiet tick costs with 10,000 and with 1,000,000 notes on file, and what pages and the
inbox feel of 10,000 notes that become due at once. `python -m bench.reminders` measures these alone and prints them.

Method: an office with its own rules and one more, whose things are the bench's. Of the notes on file 1,000 are open,
the others have been over for up to a year. Quiet ticks are those of minutes in which nothing is due, each committed;
their time is the median. Pages are asked by wrk from 8 clients while nothing else happens, and again while a thread as
nice as the clockwork writes the 10,000.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from sqlalchemy import event, func, insert, literal, select, text

from bench import load
from portal import create_app
from portal.accounts.models import Person
from portal.accounts.terms import PersonState
from portal.duties.terms import LOOK, NICE
from portal.ground.db import db, writing
from portal.ground.declare import Owed, ReminderRule, Whom
from portal.reminders import jobs
from portal.reminders.models import Note
from portal.reminders.terms import Channel, NoteState, Origin

FEW, MANY = 10_000, 1_000_000
OPEN = 1_000
DUE = 10_000
TICKS = 60
RULE = "bench.things"
MINUTE = timedelta(minutes=1)
PAGES = {"shop list": "/merchants/", "inbox": "/reminders/"}
SECONDS = int(os.environ.get("BENCH_SECONDS", "6"))


class Things:
    """What the bench's own rule looks at."""

    def __init__(self) -> None:
        self.due: list[Owed] = []

    def find(self, since: datetime, now: datetime) -> Sequence[Owed]:
        return [one for one in self.due if since < one.at <= now]

    def still(self, subjects: Sequence[str], _now: datetime) -> Collection[str]:
        return subjects

    def offer(self, app: Flask) -> int:
        """Let the house have one rule more; returns how many it has."""
        offers = app.extensions["offers"]
        rule = ReminderRule(RULE, "测速", "测速", "测速", self.find, still=self.still, at_once=True, through_quiet=True)
        app.extensions["offers"] = replace(offers, reminders=[*offers.reminders, rule])
        return len(offers.reminders) + 1


def people() -> list[int]:
    found = select(Person.id).where(Person.state == PersonState.ACTIVE).order_by(Person.id)
    return list(db.session.scalars(found))


def _line(number: int, person_id: int, now: datetime) -> dict[str, Any]:
    """A note on file: open for the first of them, over for the others."""
    over = number >= OPEN
    at = now - timedelta(minutes=37 * (number % 14_000) + 1)
    return {
        "rule": RULE, "subject": f"on file:{number}", "slot": "1", "person_id": person_id, "channel": Channel.INBOX,
        "origin": Origin.RULE, "title": "某某店铺的责任书还有 7 天到期", "second": "富民路 128 号",
        "why": "提前 7 天提醒", "url": "/merchants/",
        "lamp": "soon", "word": "剩 7 天", "owed_at": at, "written_at": at, "deliver_at": at,
        "by_at": at, "late": False, "state": NoteState.SETTLED if over else NoteState.OPEN,
        "closed_at": at if over else None, "ended_at": at if over else None, "read_at": at if over else None,
    }  # fmt: skip


def put_on_file(now: datetime) -> None:
    """Write the first 10,000 notes."""
    held = people()
    lines = [_line(number, held[number % len(held)], now) for number in range(FEW)]
    db.session.execute(insert(Note), lines)
    _analyzed()


@contextmanager
def without_indexes() -> Iterator[None]:
    """Take the indexes off the notes meanwhile: a million rows are soon written then."""
    indexes = sorted(Note.__table__.indexes, key=lambda one: str(one.name))
    for one in indexes:
        one.drop(db.session.connection())
    db.session.commit()
    yield
    for one in indexes:
        one.create(db.session.connection())
    db.session.commit()


def multiply() -> None:
    """Copy what is over until 1,000,000 notes stand."""
    names = [column.name for column in Note.__table__.columns if column.name != "id"]
    top = db.session.scalar(select(func.max(Note.id)))
    missing, copy = MANY - (db.session.scalar(select(func.count()).select_from(Note)) or 0), 0
    while missing > 0:
        copy += 1
        columns = [
            Note.subject.concat(literal(f":{copy}")) if name == "subject" else getattr(Note, name) for name in names
        ]
        if db.engine.dialect.name == "postgresql":  # copies point where their originals do: that need not be looked up
            db.session.execute(text("SET LOCAL session_replication_role = replica"))
        originals = select(*columns).where(Note.id <= top, Note.rule == RULE, Note.state == NoteState.SETTLED)
        written = db.session.execute(insert(Note).from_select(names, originals.limit(missing)))
        missing -= written.rowcount  # type: ignore[attr-defined]
        db.session.commit()


def _analyzed() -> None:
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "ANALYZE"))


@contextmanager
def sent() -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent meanwhile, but savepoints, which look nothing up."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def tick(now: datetime) -> tuple[float, int]:
    """One tick as the clock does it; seconds, and how many notes it wrote or ended."""
    began = time.perf_counter()
    written = jobs.tick(now=now)
    db.session.commit()
    return time.perf_counter() - began, written


def settled(now: datetime) -> datetime:
    """Go on by minutes until twenty of them were quiet: what the office owes anyway is out of the way then."""
    quiet = 0
    while quiet < 20:
        quiet = 0 if tick(now)[1] else quiet + 1
        now += MINUTE
    return now


def quiet(now: datetime) -> tuple[float, int, datetime]:
    """Milliseconds of a quiet tick, its statements at most, and the minute after the last."""
    now = settled(now)
    took, most = [], 0
    for _ in range(TICKS):
        with sent() as statements:
            seconds, written = tick(now)
        if written:
            raise RuntimeError("a tick that was to find nothing has written")
        took.append(1000 * seconds)
        most = max(most, len(statements))
        now += MINUTE
    return statistics.median(took), most, now


def scans(now: datetime) -> int:
    """How many steps of a quiet tick go through all notes (asked of SQLite, which tells)."""
    with sent() as statements:
        tick(now)
    raw = db.session.connection().connection.driver_connection
    plans = [raw.execute(f"EXPLAIN QUERY PLAN {one}", values) for one, values in statements if "notes" in one]
    db.session.rollback()
    return sum(row[3].startswith("SCAN reminders_notes") for plan in plans for row in plan)


def due_at_once(things: Things, now: datetime, slot: str) -> float:
    """Let 10,000 things become due, spread over everybody; seconds until their notes stand in the inbox."""
    held = people()
    things.due = [
        Owed(f"due:{number}", slot, now, Whom(person_id=held[number % len(held)]), "某某店铺的责任书今天到期",
             "富民路 128 号", "/merchants/")
        for number in range(DUE)
    ]  # fmt: skip
    seconds, written = tick(now)
    stand = select(func.count()).where(Note.rule == RULE, Note.slot == slot, Note.closed_at.is_(None))
    if written < DUE or db.session.scalar(stand.where(Note.deliver_at <= now)) != DUE:
        raise RuntimeError(f"{written} notes instead of {DUE}")
    db.session.rollback()
    return seconds


def pages(things: Things, now: datetime, port: int, cookies: dict[str, str]) -> tuple[float, dict[str, Any]]:
    """Each page while nothing happens and while 10,000 notes are written, again and again as long as it is asked; and
    how long these took at most."""
    app, found, took = current_app._get_current_object(), {}, []  # type: ignore[attr-defined]

    def write(at: datetime) -> None:
        with app.app_context():
            writing.set(True)
            took.append(due_at_once(things, at, f"{at:%d %H:%M}"))
            db.session.remove()

    with ThreadPoolExecutor(1, initializer=os.nice, initargs=(NICE,)) as clockwork, ThreadPoolExecutor(1) as clients:
        clockwork.submit(write, now).result()  # so that everything is warm
        for name, path in PAGES.items():
            url, cookie = f"http://127.0.0.1:{port}{path}", cookies[path]
            load.pages(url, cookie=cookie, seconds=1)
            alone = load.pages(url, cookie=cookie, seconds=SECONDS)
            asking = clients.submit(load.pages, url, cookie=cookie, seconds=SECONDS)
            while not asking.done():
                now += MINUTE
                clockwork.submit(write, now).result()
            found[name] = {"alone": asdict(alone), "meanwhile": asdict(asking.result())}
    return max(took), found


def measure(environment: dict[str, str], serve: Any, cookie_of: Any, port: int = 8605) -> dict[str, Any]:
    """Measure one office; `serve` starts the web beside, `cookie_of` logs in and opens a page there."""
    os.environ.update(environment)
    app = create_app()
    with app.app_context():
        token = writing.set(True)
        things = Things()
        rules = things.offer(app)
        now = current_app.extensions["clock"].now() + timedelta(days=1)
        now = now.replace(hour=10, minute=0, second=0, microsecond=0)
        put_on_file(now)
        few, lookups, now = quiet(now)
        with without_indexes():
            multiply()
        _analyzed()
        many, more, now = quiet(now)
        found = {
            "engine": db.engine.dialect.name, "rules": rules, "lookups": max(lookups, more), "few_ms": few,
            "many_ms": many, "scans": scans(now) if db.engine.dialect.name == "sqlite" else None,
        }  # fmt: skip
        with serve("wsgi:app", port, environment):
            cookies = {path: cookie_of(port, path) for path in PAGES.values()}
            found["due_s"], found["pages"] = pages(things, now + MINUTE, port, cookies)
        writing.reset(token)
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    return found


def lines(results: Sequence[dict[str, Any]]) -> list[str]:
    """Return the figures as sentences."""
    said = []
    for one in results:
        scanned = "" if one["scans"] is None else f" ({one['scans']} of them through all notes)"
        felt = "; ".join(
            f"{name} p99 {two['alone']['p99_ms']:.0f} ms alone, {two['meanwhile']['p99_ms']:.0f} ms meanwhile "
            f"({two['meanwhile']['p99_ms'] / two['alone']['p99_ms']:.1f} times, at most 2; {two['meanwhile']['wrong']} "
            "wrong answers)"
            for name, two in one["pages"].items()
        )
        said += [
            f"Reminders on {one['engine']}: a tick that finds nothing sends {one['lookups']} statements for "
            f"{one['rules']} rules{scanned} (at most {one['rules'] + 5}), and takes {one['few_ms']:.1f} ms with "
            f"{FEW:,} notes on file, {one['many_ms']:.1f} ms with {MANY:,} ({one['many_ms'] / one['few_ms']:.2f} "
            f"times, at most 1.5). {DUE:,} that are due at once are in the inbox {one['due_s']:.1f} s after the look "
            f"that finds them, of which there is one every {LOOK.total_seconds():.0f} s (at most a minute): {felt}.",
            "",
        ]
    return said


def main() -> None:
    """Measure reminders alone, in an office of its own on each engine."""
    from bench import measure as bench
    from tests.postgres import running

    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder, running(durable=True) as cluster:
        for engine, url in {"sqlite": "", "postgresql": cluster.url(cluster.create("reminders"))}.items():
            environment = {"PORTAL_INSTANCE": str(Path(folder) / engine), "DATABASE_URL": url}
            bench.build(environment, 1_000)
            print(*lines([measure(environment, bench.gunicorn, bench.cookie)]), flush=True)


if __name__ == "__main__":
    main()
