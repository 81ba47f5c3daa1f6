"""I6: exactly once in the inbox, whatever the ticks: at any times, killed between any two writes, two at once, after
days of downtime, under a clock that steps back."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier, Event
from time import sleep
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from portal.ground.db import db, writing
from portal.ground.declare import Owed, Whom
from portal.reminders import jobs, services
from portal.reminders.models import Mark, Note
from portal.reminders.services import ticking
from portal.reminders.terms import OVERLAP
from tests.cast import Cast
from tests.reminders.offered import World, notes, offered, tick

MINUTE = timedelta(minutes=1)

PASS = st.tuples(st.just("pass"), st.integers(0, 3 * 24 * 60))
BACK = st.tuples(st.just("back"), st.integers(1, 600))
THING = st.tuples(st.just("thing"), st.integers(0, int(OVERLAP.total_seconds()) - 1), st.sampled_from("abc"))
DONE = st.tuples(st.just("done"), st.sampled_from("abc"))
TICK = st.tuples(st.just("tick"), st.none() | st.integers(0, 3))
TWO = st.tuples(st.just("two"), st.integers(0, 90))


@dataclass
class Model:
    """What must be true in the end, reckoned without the engine: every thing that was not done before the first look
    that could see it has one note, and none has two."""

    world: World
    at: datetime
    slots: Iterator[int] = field(default_factory=lambda: count(1))
    must: dict[tuple[str, str], Owed] = field(default_factory=dict)

    def thing(self, lag: int, subject: str, whom: Whom) -> None:
        self.world.done.discard(subject)
        owed = self.world.owe(subject, self.at - timedelta(seconds=lag), str(next(self.slots)), whom)
        self.must[owed.subject, owed.slot] = owed

    def done(self, subject: str) -> None:
        self.world.done.add(subject)
        self.world.things = [one for one in self.world.things if one.subject != subject]
        self.must = {key: one for key, one in self.must.items() if one.subject != subject}


def killed_after(commits: int | None, now: datetime) -> None:
    """A tick whose process is gone after so many commits; None is one that ends well."""
    for place, _written in enumerate(services.tick(now=now)):
        if place == commits:
            break
        db.session.commit()
    else:
        db.session.commit()
    db.session.rollback()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(PASS | BACK | THING | THING | DONE | TICK | TICK | TWO, max_size=25), still=st.booleans())
def test_exactly_once(
    house: Flask, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch, steps: list[tuple], still: bool
) -> None:
    monkeypatch.setattr(ticking, "CHUNK", 2)
    db.session.execute(delete(Note))
    db.session.execute(delete(Mark))
    db.session.commit()
    world = World()
    offered(house, world.rule(still=world.still if still else None))
    model = Model(world, now)
    grid = Whom(role="grid_worker", area_id=cast.areas["MY-01"].id)
    tick(now)
    for what, *words in steps:
        if what == "pass":
            model.at += timedelta(minutes=words[0])
        elif what == "back":
            model.at -= timedelta(minutes=words[0])
            tick(model.at)
        elif what == "thing":
            model.thing(*words, whom=grid)
        elif what == "done":
            model.done(words[0])
            services.settle(subject=words[0], now=model.at)
            db.session.commit()
        elif what == "tick":
            killed_after(words[0], model.at)
        else:
            killed_after(1, model.at + timedelta(seconds=words[0]))
            tick(model.at)
    model.at = max([model.at, *(one.at for one in world.things)])  # whatever the clock did, time goes on
    tick(model.at + MINUTE)
    written = [(one.subject, one.slot) for one in notes()]
    assert len(written) == len(set(written)), "nothing twice"
    assert set(model.must) <= set(written), "nothing forgotten"
    assert {one.person_id for one in notes()} <= {cast.people["grid"].id}
    if still:
        for place in range(2):
            tick(model.at + (2 + place) * MINUTE)
    alive = {(one.subject, one.slot) for one in notes() if one.ended_at is None}
    newest = dict(sorted(model.must, key=lambda key: (model.must[key].at, int(key[1]))))
    assert set(newest.items()) <= alive, "the newest turn of what is not done stands"
    assert {subject for subject, _slot in alive} <= {subject for subject, _slot in model.must}, "what is done is over"


def two_at_once(app: Flask, now: datetime) -> int:
    """Two clockworks look at once, their clocks a little apart; how many notes both have written."""
    gate = Barrier(2)

    def look(lag: int) -> int:
        with app.app_context():
            token = writing.set(True)
            try:
                gate.wait()
                written = 0
                for count_ in services.tick(now=now + timedelta(seconds=lag)):
                    db.session.commit()
                    written += count_
                return written
            finally:
                db.session.remove()
                writing.reset(token)

    with ThreadPoolExecutor(2) as threads:
        return sum(threads.map(look, (0, 30)))


@pytest.mark.parametrize("round_", range(5))
def test_two_at_once_write_once(house: Flask, cast: Cast, now: datetime, round_: int) -> None:
    world = World()
    offered(house, world.rule())
    for number in range(40):
        world.owe(f"a:{number}", now)
    db.session.rollback()
    assert two_at_once(house, now) == 40
    assert len(notes()) == 40


def test_without_the_key_two_at_once_write_twice(house: Flask, cast: Cast, now: datetime) -> None:
    """The negative control: turns that are named anew at each look share no key, and the marks alone do not help."""

    world = World()

    def restless(since: datetime, now: datetime) -> list[Owed]:
        return [replace(one, slot=uuid4().hex) for one in world.find(since, now)]

    offered(house, world.rule(find=restless))
    for number in range(40):
        world.owe(f"a:{number}", now)
    db.session.rollback()
    assert two_at_once(house, now) == 80


def test_a_long_list_lets_others_write(
    house: Flask, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one writes at a time, whoever wants to comes in between two pieces, and does not wait for the last."""
    monkeypatch.setattr(ticking, "CHUNK", 20)
    monkeypatch.setattr(jobs, "PIECE", 20)
    world, second = World(), Event()

    def still(subjects: Sequence[str], _now: datetime) -> Sequence[str]:
        if not second.is_set():  # asked in the transaction of each piece but the first
            db.session.connection()
            second.set()
            sleep(0.5)  # whoever waits for so long asks every tenth of a second alone
        return subjects

    offered(house, world.rule(still=still))
    for number in range(400):
        world.owe(f"a:{number:03}", now)
    db.session.rollback()

    def press() -> int:
        second.wait(60)
        with house.app_context():
            token = writing.set(True)
            stood = db.session.scalar(select(func.count(Note.id)))
            db.session.remove()
            writing.reset(token)
            return stood or 0

    with ThreadPoolExecutor(1) as threads:
        pressed = threads.submit(press)
        assert tick(now) == 400
        assert pressed.result() <= 80, "it comes in at the first, or at a second or third asking"
