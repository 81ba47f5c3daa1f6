"""A tick that finds nothing costs at most (rules + 5) look-ups, each by an index, however many notes are on file."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from portal.ground.db import db
from portal.ground.declare import Escalation, offers
from portal.reminders import queries, services
from portal.reminders.terms import NoteState
from tests.cast import Cast
from tests.reminders.offered import World, notes, offered, tick

MINUTE = timedelta(minutes=1)


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent meanwhile, with their parameters; savepoints look nothing up."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def plans(sent: list[tuple[str, Any]]) -> list[str]:
    """How SQLite goes about the statements that touch the notes."""
    lines = []
    for statement, parameters in sent:
        if "reminders_notes" in statement:
            raw = db.session.connection().connection.driver_connection
            lines += [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    return lines


@pytest.fixture
def crowded(house: Flask, cast: Cast, now: datetime) -> World:
    """An office with notes on file: most of them long over, some open, for rules that lower rooms settle."""
    world = World()
    offered(house, *(world.rule(f"test.{n}", still=world.still, escalation=Escalation(99 * MINUTE, "secretary"))
                     for n in range(5)))  # fmt: skip
    for number in range(300):
        world.owe(f"a:{number}", now)
    tick(now)
    world.things.clear()
    over = now - timedelta(days=30)
    for note in notes()[:1400]:
        note.state, note.closed_at, note.ended_at, note.escalate_at = NoteState.SETTLED, over, over, None
        note.deliver_at = over
    db.session.commit()
    return world


def test_a_tick_that_finds_nothing(house: Flask, crowded: World, now: datetime) -> None:
    crowded.asked = 0
    with asked() as sent:
        assert tick(now + MINUTE) == 0
    finds = crowded.asked
    assert finds == 5
    assert len(sent) + finds + 1 <= 5 + 5, "the rules' own look-ups and one question whether things are done"
    if db.engine.dialect.name == "sqlite":
        assert plans(sent)
        assert not [line for line in plans(sent) if line.startswith("SCAN")]


def test_the_offered_rules_look_up_nothing_between_days(house: Flask, cast: Cast, now: datetime) -> None:
    rules = offers().reminders
    tick(now)
    with asked() as sent:
        tick(now + 5 * MINUTE)
    assert len(sent) <= len(rules) + 5, [statement for statement, _parameters in sent]


#: What a quiet tick sends: the marks; the rules that look in every minute (failed duties, calls, the age of the copy);
#: what one rule has open, and whether that is done; what is to be passed on; the marks again.
QUIET = 8


def test_a_quiet_tick_sends_the_same_few_statements(house: Flask, cast: Cast, now: datetime) -> None:
    tick(now)
    for minute in range(3, 3 + 2 * len(offers().reminders)):
        with asked() as sent:
            assert tick(now + minute * MINUTE) == 0
        assert len(sent) <= QUIET, [statement for statement, _parameters in sent]


@pytest.mark.parametrize("asks", ["unread", "open_count", "inbox", "open_ids", "earlier", "earlier_count", "digest"])
def test_the_inbox_is_read_by_its_indexes(house: Flask, crowded: World, cast: Cast, now: datetime, asks: str) -> None:
    person, at = cast.people["office"].id, now + timedelta(days=1)
    wants: dict[str, dict[str, Any]] = {
        "inbox": {"first": 0, "most": 51}, "open_ids": {"most": 500}, "earlier": {"first": 0, "most": 51},
        "digest": {"since": now, "until": at},
    }  # fmt: skip
    with asked() as sent:
        found = getattr(queries, asks)(person, now=at, **wants.get(asks, {}))
    expected = {"unread": 100, "open_count": 100, "earlier_count": 1400}
    assert found == expected.get(asks, found)
    assert len(sent) == 1
    if db.engine.dialect.name == "sqlite":
        lines = plans(sent)
        assert not [line for line in lines if "SCAN reminders_notes" in line or "TEMP B-TREE" in line], lines
        wanted = {"earlier": "earlier", "earlier_count": "earlier", "digest": "deliver_at_person_id"}
        assert any(f"ix_reminders_notes_{wanted.get(asks, 'inbox')}" in line for line in lines), lines


def test_settling_looks_at_one_index(house: Flask, crowded: World, now: datetime) -> None:
    with asked() as sent:
        assert services.settle(subject="a:299", now=now) == 1
    if db.engine.dialect.name == "sqlite":
        assert all("ix_reminders_notes_subject" in line for line in plans(sent))
