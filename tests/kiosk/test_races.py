"""Races with real threads and real connections, on both databases; each with a negative control."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import create_app
from portal.ground.actor import Actor
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.kiosk import queries, services
from portal.kiosk.models import Code, Device, Journey
from tests.conftest import settings
from tests.kiosk.ground import a_code, a_device, device_actor, person

THREADS = 8


def race(app: Flask, deed: Callable[[Barrier], bool]) -> int:
    """Let `deed` run in threads of its own at once; count those that succeeded."""
    gate = Barrier(THREADS)

    def run(_number: int) -> bool:
        with app.app_context():
            token = writing.set(True)
            try:
                done = deed(gate)
                db.session.commit()
                return done
            finally:
                db.session.remove()
                writing.reset(token)

    with ThreadPoolExecutor(THREADS) as threads:
        return sum(threads.map(run, range(THREADS)))


def a_started_journey(clock: StoppedClock) -> tuple[int, Actor]:
    device, _token = a_device(clock.now())
    by = device_actor(device)
    journey = services.start_journey(a_code(clock.now()), by=by, now=clock.now())
    assert isinstance(journey, Journey)
    code_id = journey.code_id
    db.session.commit()
    db.session.remove()
    return code_id, by


def test_one_of_many_gets_a_name(house: Flask, clock: StoppedClock) -> None:
    """The same name for several machines at once: one has it, the others read a sentence."""
    ids = [a_device(clock.now(), f"{number} 号机")[0].id for number in range(THREADS)]
    by, waiting = person("admin", clock.now()), iter(ids)
    db.session.commit()
    db.session.remove()

    def rename(gate: Barrier) -> bool:
        device = db.session.get_one(Device, next(waiting))
        edition = device.edition
        db.session.rollback()
        gate.wait()
        try:
            services.edit_device(
                db.session.get_one(Device, device.id), name="大厅一号机", staff_at="窗口", staff_phone="", seen=edition,
                by=by, now=clock.now(),
            )  # fmt: skip
        except Refused as refused:
            assert "大厅一号机" in refused.sentence
            db.session.rollback()
            return False
        return True

    assert race(house, rename) == 1


def test_one_of_many_edits_a_machine(house: Flask, clock: StoppedClock) -> None:
    device = a_device(clock.now())[0]
    device_id, edition, by = device.id, device.edition, person("admin", clock.now())
    names = iter(f"改名 {number}" for number in range(THREADS))
    db.session.commit()
    db.session.remove()

    def rename(gate: Barrier) -> bool:
        name = next(names)
        gate.wait()
        try:
            services.edit_device(
                db.session.get_one(Device, device_id), name=name, staff_at="窗口", staff_phone="", seen=edition,
                by=by, now=clock.now(),
            )  # fmt: skip
        except Refused as refused:
            assert refused.sentence == "他人已先修改，请刷新"
            db.session.rollback()
            return False
        return True

    assert race(house, rename) == 1


def test_a_code_is_claimed_by_one_of_many(house: Flask, clock: StoppedClock) -> None:
    code_id, by = a_started_journey(clock)

    def claim(gate: Barrier) -> bool:
        gate.wait()
        try:
            services.claim(code_id, by=by, now=clock.now())
        except Refused:
            return False
        return True

    assert race(house, claim) == 1


def test_without_the_guard_many_would_claim_it(house: Flask, clock: StoppedClock) -> None:
    """The negative control: a look before the write is no guard."""
    code_id, _by = a_started_journey(clock)

    def claim(gate: Barrier) -> bool:
        writing.set(False)
        free = db.session.scalar(select(Code.used_at).where(Code.id == code_id)) is None
        db.session.rollback()
        gate.wait()
        writing.set(True)
        if free:
            db.session.execute(update(Code).where(Code.id == code_id).values(used_at=clock.now()))
        return free

    assert race(house, claim) > 1


def test_codes_issued_at_once_leave_one_live_for_the_subject(house: Flask, clock: StoppedClock) -> None:
    def issue(gate: Barrier) -> bool:
        gate.wait()
        return bool(a_code(clock.now()))

    assert race(house, issue) == THREADS
    live = select(Code).where(Code.used_at.is_(None), Code.cancelled_at.is_(None))
    assert len(db.session.scalars(live).all()) == 1


def test_presses_at_once_leave_one_open_journey(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    by, digits = device_actor(device), a_code(clock.now())
    db.session.commit()
    db.session.remove()

    def start(gate: Barrier) -> bool:
        gate.wait()
        return isinstance(services.start_journey(digits, by=by, now=clock.now()), Journey)

    assert race(house, start) == THREADS
    assert len(db.session.scalars(select(Journey).where(Journey.ended_at.is_(None))).all()) == 1


def test_a_second_tap_at_the_same_time_moves_once(house: Flask, clock: StoppedClock) -> None:
    _code, by = a_started_journey(clock)

    def tap(gate: Barrier) -> bool:
        journey = queries.journey_of(by, clock.now()) if house.config["POSTGRES"] else None
        gate.wait()
        journey = journey or queries.journey_of(by, clock.now())
        assert journey is not None
        return services.move(journey, at=2, to=3, now=clock.now())

    house.config["POSTGRES"] = db.engine.dialect.name == "postgresql"
    db.session.remove()
    assert race(house, tap) == 1


@pytest.fixture
def other(house: Flask, database_url: str, instance: Path, clock: StoppedClock) -> Flask:
    """A second worker on the same database."""
    return create_app(settings(instance, database_url), clock=clock)


def test_wrong_codes_count_across_workers(house: Flask, other: Flask, clock: StoppedClock) -> None:
    device, token = a_device(clock.now())
    digits = a_code(clock.now())
    db.session.commit()
    device_id = device.id
    db.session.remove()
    wrong = f"{(int(digits) + 1) % 1_000_000:06d}"
    house.config["WTF_CSRF_ENABLED"] = other.config["WTF_CSRF_ENABLED"] = False
    clients = [app.test_client() for app in (house, other)]
    for client in clients:
        client.set_cookie("kiosk", token)
    answers = [clients[number % 2].post("/kiosk/code", data={"code": wrong}) for number in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "还可以再试 1 次" in answers[3].get_data(as_text=True)
    assert clients[1].post("/kiosk/code", data={"code": digits}).status_code == 429
    with other.app_context():
        assert services.throttled("code", device_id, now=clock.now()) is not None
        for engine in db.engines.values():
            engine.dispose()
