"""Writing the trail on both databases: the guard in the database itself (SEC-4), order, rollback, many writers."""

import json
import multiprocessing
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal import create_app
from portal.audit import queries
from portal.audit.models import TrailHead, TrailLine
from portal.audit.services import record, refuse, verify
from portal.audit.terms import ACTIONS, GENESIS, SUBJECTS, Result, TrailFilter
from portal.ground.actor import SYSTEM, Actor
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from tests import trail
from tests.conftest import NOON, settings

CLERK = Actor("person", 7, "周敏（演示）", address="10.1.2.3")


def write(count: int, now: datetime, **but: Any) -> None:
    for number in range(count):
        record(**{"action": "merchants.edit", "subject": f"shop:{number}", "by": CLERK, "now": now, **but})
    db.session.commit()


def test_a_deed_is_written_with_its_transaction(house: Flask, now: datetime) -> None:
    record("merchants.edit", "shop:1", by=CLERK, now=now, fields=["店招"])
    db.session.commit()
    [line] = trail.lines()
    assert (line.seq, line.previous_hash, line.at, line.actor_name) == (1, GENESIS, now, "周敏（演示）")
    assert trail.details(line) == {"fields": ["店招"]}
    assert queries.head() == (1, line.hash)
    assert queries.newest_at() == now


def test_what_is_rolled_back_never_happened(house: Flask, now: datetime) -> None:
    record("merchants.edit", "shop:1", by=CLERK, now=now)
    db.session.rollback()
    write(1, now, subject="shop:2")
    assert [line.subject for line in trail.lines()] == ["shop:2"]


def test_an_inner_rollback_keeps_the_outer_deed(house: Flask, now: datetime) -> None:
    record("merchants.edit", "shop:1", by=CLERK, now=now)
    inner = db.session.begin_nested()
    record("merchants.edit", "shop:2", by=CLERK, now=now)
    inner.rollback()
    with db.session.begin_nested():
        record("merchants.edit", "shop:3", by=CLERK, now=now)
    db.session.commit()
    assert [line.subject for line in trail.lines()] == ["shop:1", "shop:3"]


def test_a_refused_right(house: Flask, now: datetime) -> None:
    refuse(CLERK, "merchants.edit", now)
    db.session.commit()
    [line] = trail.lines("web.refuse")
    assert (line.subject, line.result) == ("door:merchants.edit", Result.REFUSED)


FORBIDDEN = [
    pytest.param("UPDATE audit_lines SET subject = 'x' WHERE seq = 1", id="UPDATE"),
    pytest.param("UPDATE audit_lines SET seq = seq", id="UPDATE of nothing"),
    pytest.param("DELETE FROM audit_lines WHERE seq = 1", id="DELETE"),
    pytest.param("DELETE FROM audit_lines", id="DELETE of all"),
    pytest.param("DELETE FROM audit_head", id="DELETE of the head"),
    pytest.param("UPDATE audit_head SET seq = 1", id="the head set back"),
]
ROW = "SELECT seq, at, actor_kind, actor_id, 'other', address, action, subject, result, details, previous_hash, {}"
COLUMNS = "seq, at, actor_kind, actor_id, actor_name, address, action, subject, result, details, previous_hash, hash"
ON_SQLITE = [
    f"REPLACE INTO audit_lines ({COLUMNS}) {ROW.format('hash')} FROM audit_lines WHERE seq = 1",
    f"INSERT OR REPLACE INTO audit_lines ({COLUMNS}) {ROW.format(repr('f' * 64))} FROM audit_lines WHERE seq = 2",
    f"INSERT INTO audit_lines ({COLUMNS}) {ROW.format('hash')} FROM audit_lines WHERE seq = 1 "
    "ON CONFLICT (seq) DO UPDATE SET actor_name = 'other'",
    "UPDATE OR REPLACE audit_lines SET seq = 1 WHERE seq = 2",
]
ON_POSTGRESQL = [
    "TRUNCATE audit_lines",
    "TRUNCATE audit_lines, audit_head CASCADE",
    "TRUNCATE audit_head",
    f"INSERT INTO audit_lines ({COLUMNS}) {ROW.format('hash')} FROM audit_lines WHERE seq = 1 "
    "ON CONFLICT (seq) DO UPDATE SET actor_name = 'other'",
    "MERGE INTO audit_lines a USING audit_head h ON a.seq = h.seq WHEN MATCHED THEN DELETE",
]


def refused(statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert verify().whole


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_sec_4_the_database_refuses(house: Flask, now: datetime, statement: str) -> None:
    write(3, now)
    refused(statement)
    assert verify().count == 3


def test_sec_4_by_whatever_way_the_engine_has(house: Flask, now: datetime) -> None:
    write(3, now)
    for statement in ON_SQLITE if db.engine.dialect.name == "sqlite" else ON_POSTGRESQL:
        refused(statement)
    assert verify().count == 3


def test_sec_4_replace_on_a_connection_without_our_pragmas(site: Flask, sqlite_url: str, now: datetime) -> None:
    """A foreign tool opens the file with SQLite's defaults: recursive triggers are off, REPLACE fires no DELETE."""
    import sqlite3

    with site.app_context():
        writing.set(True)
        write(3, now)
    raw = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    for statement in ON_SQLITE:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute(statement)
        raw.rollback()
    raw.close()
    with site.app_context():
        assert verify().count == 3


def test_the_head_stands_before_the_first_line(house: Flask) -> None:
    assert db.session.execute(select(TrailHead.seq, TrailHead.hash)).all() == [(0, GENESIS)]


# --- many writers ---------------------------------------------------------------------------------------------------


def a_writer(app: Flask, worker: int, deeds: int, now: datetime) -> None:
    """Write deeds, each in a transaction of its own, some of two lines, some rolled back."""
    with app.app_context():
        writing.set(True)
        for number in range(deeds):
            record("merchants.edit", f"shop:{worker}", by=CLERK, now=now, number=number)
            if number % 5 == 4:
                db.session.rollback()
                continue
            if number % 3 == 0:
                record("merchants.reveal", f"shop:{worker}", by=CLERK, now=now, number=number)
            db.session.commit()
        db.session.remove()


def written(workers: int, deeds: int) -> int:
    kept = [number for number in range(deeds) if number % 5 != 4]
    return workers * (len(kept) + sum(number % 3 == 0 for number in kept))


def in_a_process(instance: Path, url: str, worker: int, deeds: int) -> None:
    app = create_app(settings(instance, url), clock=StoppedClock(NOON))
    a_writer(app, worker, deeds, NOON)
    with app.app_context():
        db.engine.dispose()


def test_threads_write_one_chain(house: Flask, now: datetime) -> None:
    db.session.remove()
    threads = [threading.Thread(target=a_writer, args=(house, n, 10, now)) for n in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    found = verify()
    assert (found.whole, found.count) == (True, written(12, 10))


def test_processes_write_one_chain(house: Flask, instance: Path, database_url: str) -> None:
    db.session.remove()
    start = multiprocessing.get_context("spawn")
    workers = [start.Process(target=in_a_process, args=(instance, database_url, n, 15)) for n in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert [one.exitcode for one in workers] == [0] * 4
    found = verify()
    assert (found.whole, found.count) == (True, written(4, 15))


def link_without_the_lock(app: Flask, gate: threading.Barrier, failures: list[str]) -> None:
    """What the chain would be without the head's lock: read the head, then append."""
    with app.app_context():
        writing.set(False)
        seq, _digest = queries.head()
        db.session.rollback()
        gate.wait()
        writing.set(True)
        try:
            db.session.execute(
                text(
                    f"INSERT INTO audit_lines ({COLUMNS}) VALUES (:seq, :at, 'system', NULL, 'x', '', 'x', 'x', 'ok', "
                    "'{}', :previous, :hash)"
                ),
                {"seq": seq + 1, "at": str(NOON.replace(tzinfo=None)), "previous": GENESIS, "hash": f"{id(gate):064x}"},
            )
            db.session.commit()
        except DBAPIError as error:
            failures.append(str(error))
        db.session.remove()


def test_without_the_lock_writers_collide(house: Flask) -> None:
    """Negative control: the same race without the guard leaves writers with nothing."""
    db.session.remove()
    gate, failures = threading.Barrier(6), list[str]()
    threads = [threading.Thread(target=link_without_the_lock, args=(house, gate, failures)) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(failures) == 5


# --- reading --------------------------------------------------------------------------------------------------------


def seqs(**conditions: str) -> list[int]:
    return [line.seq for line in queries.stretch(TrailFilter(**conditions)).lines]


def test_conditions(house: Flask, now: datetime) -> None:
    write(1, now, subject="shop:17")
    write(1, now, subject="shop:170", result=Result.REFUSED)
    write(1, now + timedelta(days=1), action="merchants.reveal", by=SYSTEM)
    write(1, now, by=Actor("person", 8, "100%_甲（演示）"), subject="trail")
    assert seqs() == [4, 3, 2, 1]
    assert seqs(subject="shop:17") == [1]
    assert seqs(subject="shop") == [3, 2, 1]
    assert seqs(subject="trail") == [4]
    assert seqs(action="merchants.reveal") == [3]
    assert seqs(result="refused") == [2]
    assert seqs(person="周敏") == [2, 1]
    assert seqs(person="%_") == [4], "signs of LIKE are plain text"
    assert seqs(since="2026-11-26") == [3]
    assert seqs(until="2026-11-25") == [4, 2, 1]
    assert seqs(since="2026-11-25", until="2026-11-25", person="周敏") == [2, 1]


def test_midnight_belongs_to_the_day_in_shanghai(house: Flask, now: datetime) -> None:
    midnight = now.replace(hour=0, minute=0)
    write(1, midnight - timedelta(microseconds=1))
    write(1, midnight)
    assert seqs(since="2026-11-25") == [2]
    assert seqs(until="2026-11-24") == [1]


def walk(start: queries.Stretch, size: int) -> Sequence[int]:
    found = [line.seq for line in start.lines]
    while start.older:
        start = queries.stretch(TrailFilter(), before=start.older, size=size)
        found += [line.seq for line in start.lines]
    return found


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 30])
def test_pages_miss_nothing_and_repeat_nothing(house: Flask, now: datetime, count: int) -> None:
    write(count, now)
    newest = queries.stretch(TrailFilter(), size=10)
    assert newest.newer is None
    assert walk(newest, 10) == list(range(count, 0, -1))


def test_back_to_the_newer_page(house: Flask, now: datetime) -> None:
    write(30, now)
    last = queries.stretch(TrailFilter(), before=11, size=10)
    assert (last.lines[0].seq, last.lines[-1].seq, last.older) == (10, 1, None)
    middle = queries.stretch(TrailFilter(), after=last.newer, size=10)
    assert (middle.lines[0].seq, middle.lines[-1].seq) == (20, 11)
    newest = queries.stretch(TrailFilter(), after=middle.newer, size=10)
    assert (newest.lines[0].seq, newest.newer) == (30, None)


def test_details_are_canonical(house: Flask, now: datetime) -> None:
    record("merchants.edit", "shop:1", by=CLERK, now=now, b=1, a=["é", "𠮷"])
    db.session.commit()
    assert db.session.scalar(select(TrailLine.details)) == '{"a":["é","𠮷"],"b":1}'
    assert json.loads(trail.lines()[0].details)["b"] == 1
    assert db.session.scalar(select(func.count()).select_from(TrailLine)) == 1


def test_every_word_is_chinese() -> None:
    assert all(word and not word.isascii() for word in (*ACTIONS.values(), *SUBJECTS.values()))
