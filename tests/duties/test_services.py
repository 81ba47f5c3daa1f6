"""Runs and the lease, on both databases: once each, whoever tries; what is late is refused by its token."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.clockwork import DUTIES
from portal.duties import jobs, queries, services
from portal.duties.models import Lease, Run
from portal.duties.terms import LEASE, RunState
from portal.ground.db import db, writing
from portal.ground.declare import Duty
from portal.ground.errors import Refused
from tests.cast import Cast
from tests.trail import lines

HOLDER, OTHER = "a" * 16, "b" * 16


def a_duty(job: Callable[..., int] | None = None, cron: str = "*/10 * * * *") -> Duty:
    return Duty("tests.count", "数数", cron, job or (lambda *, now: 3), "测试用")


def runs() -> list[Run]:
    return list(db.session.scalars(select(Run).order_by(Run.id)))


def look(duty: Duty, now: datetime, holder: str = HOLDER) -> int:
    found = services.due([duty], now=now)
    return sum(
        jobs.run(one, due_at=at, row=row, token=holder, now=now, clock=lambda: now + timedelta(seconds=2))
        for one, at, row in found
    )


def test_a_run_says_what_it_did_and_is_not_done_twice(house: Flask, now: datetime) -> None:
    assert [look(a_duty(), now), look(a_duty(), now)] == [1, 0]
    (run,) = runs()
    assert (run.due_at, run.changed, run.state, run.error) == (now, 3, RunState.DONE, "")
    assert run.ended_at == now + timedelta(seconds=2)
    assert look(a_duty(), now + timedelta(minutes=9)) == 0
    assert look(a_duty(), now + timedelta(days=3)) == 1, "three days missed are one run"
    assert look(a_duty(), now + timedelta(minutes=5)) == 0, "the clock stepped back: what was run stays run"


def test_a_duty_that_fails_is_told_and_the_next_time_it_runs_again(house: Flask, now: datetime) -> None:
    def broken(*, now: datetime) -> int:
        db.session.add(Lease(id=7, holder="x", counter=1, beat_at=now))
        raise Refused("磁盘满了")

    def faulty(*, now: datetime) -> int:
        raise ZeroDivisionError("by zero")

    look(a_duty(broken), now)
    look(a_duty(faulty), now + timedelta(minutes=10))
    assert [run.error for run in runs()] == ["磁盘满了", "程序出错（ZeroDivisionError: by zero）"]
    assert db.session.get(Lease, 7) is None, "nothing of a failed run is kept"
    assert queries.still_failed(["tests.count"]) == {"tests.count"}
    assert [line.action for line in lines()][-2:] == ["duties.fail", "duties.fail"]
    look(a_duty(), now + timedelta(minutes=20))
    assert queries.still_failed(["tests.count"]) == set()
    assert len(queries.failed(now - timedelta(days=1), now + timedelta(days=1))) == 2


def failing(words: str) -> Callable[..., int]:
    def job(*, now: datetime) -> int:
        raise Refused(words)

    return job


def test_the_trail_tells_of_the_beginning_not_of_each_run(house: Flask, now: datetime) -> None:
    """A duty of ten minutes that fails for two days is two lines: it began, and after a day it failed otherwise."""

    def told() -> list[str]:
        return [json.loads(line.details)["because"] for line in lines() if line.action == "duties.fail"]

    for step in range(0, 2 * 144, 24):
        look(a_duty(failing("磁盘满了")), now + timedelta(minutes=10 * step))
    assert told() == ["磁盘满了"]
    later = now + timedelta(days=2)
    for step, words in enumerate(("没有接上", "磁盘满了", "没有接上", "第 1 次", "第 2 次")):
        look(a_duty(failing(words)), later + timedelta(minutes=10 * step))
    assert told() == ["磁盘满了", "没有接上"], "one other way a day, whatever each says"
    assert look(a_duty(), later + timedelta(minutes=50)) == 1
    look(a_duty(failing("没有接上")), later + timedelta(minutes=60))
    assert len(told()) == 2, "well for ten minutes only"
    assert look(a_duty(), later + timedelta(minutes=70)) == 1
    look(a_duty(failing("没有接上")), later + timedelta(hours=3))
    assert told() == ["磁盘满了", "没有接上", "没有接上"], "it was well, and begins anew"
    assert len(queries.failed(now - timedelta(days=1), now + timedelta(days=9))) == 12 + 5 + 2, "each run is kept"


def test_asking_for_a_run(house: Flask, cast: Cast, now: datetime) -> None:
    later = now + timedelta(minutes=5)
    look(a_duty(), now)
    asked = services.ask(a_duty(), by=cast["admin"], now=later)
    db.session.commit()
    with pytest.raises(Refused, match="等着执行"):
        services.ask(a_duty(), by=cast["admin"], now=later)
    assert look(a_duty(), later) == 1
    db.session.refresh(asked)
    assert (asked.state, asked.asked_by) == (RunState.DONE, "系统（演示）")
    assert look(a_duty(), now + timedelta(minutes=10)) == 1, "the clock's own time is not used up by asking"


def test_what_was_cut_off_is_taken_up_and_a_late_result_is_refused(house: Flask, now: datetime) -> None:
    claim = services.begin(a_duty(), due_at=now, row=None, token=HOLDER, now=now)
    db.session.commit()
    assert claim is not None
    assert services.begin(a_duty(), due_at=now, row=None, token=OTHER, now=now) is None
    assert look(a_duty(), now, OTHER) == 0, "while it runs nobody else begins it"
    assert services.lost({"tests.count"}, now=now) == 1
    db.session.commit()
    assert look(a_duty(), now, OTHER) == 1
    with pytest.raises(Refused, match="另一个进程"):
        services.end(claim, changed=9, error="", now=now)
    db.session.rollback()
    assert [(run.changed, run.token) for run in runs()] == [(3, OTHER)]


def test_a_lease_is_taken_over_by_monotonic_time_alone(house: Flask, now: datetime) -> None:
    first, second = services.Watch(HOLDER), services.Watch(OTHER)
    assert services.take(first, monotonic=0, now=now)
    patience = LEASE.total_seconds()
    assert not services.take(second, monotonic=1000, now=now + timedelta(days=1)), "clocks of others prove nothing"
    assert services.beat(HOLDER, now=now)
    assert not services.take(second, monotonic=1000 + patience, now=now), "the counter has moved"
    assert not services.take(second, monotonic=1000 + 2 * patience - 1, now=now)
    assert services.take(second, monotonic=1000 + 2 * patience, now=now)
    assert not services.beat(HOLDER, now=now) and not services.take(first, monotonic=5000, now=now)
    services.give_up(OTHER)
    assert db.session.get_one(Lease, 1).holder == ""


def race(house: Flask, deed: Callable[[int], bool], many: int = 8) -> int:
    """How many of `many` threads did it."""
    gate, won = Barrier(many), []

    def one(number: int) -> None:
        with house.app_context():
            writing.set(True)
            gate.wait()
            try:
                if deed(number):
                    won.append(number)
                db.session.commit()
            finally:
                db.session.remove()

    threads = [Thread(target=one, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(won)


def test_many_take_a_silent_lease_and_one_gets_it(house: Flask, now: datetime) -> None:
    services.take(services.Watch(HOLDER), monotonic=0, now=now)
    db.session.commit()
    db.session.remove()

    def take(number: int) -> bool:
        return services.take(services.Watch(str(number), counter=1, since=-999), monotonic=0, now=now)

    assert race(house, take) == 1

    def without_guard(number: int) -> bool:
        """The negative control: look, then take, and trust what was seen."""
        seen = db.session.scalar(select(Lease.counter).where(Lease.id == 1))
        db.session.commit()
        changed = db.session.execute(update(Lease).where(Lease.id == 1).values(holder=str(number)))
        return seen is not None and changed.rowcount == 1  # type: ignore[attr-defined]

    assert race(house, without_guard) > 1


def test_many_begin_the_same_due_time_and_one_does(house: Flask, now: datetime) -> None:
    db.session.remove()

    def begin(number: int) -> bool:
        return services.begin(a_duty(), due_at=now, row=None, token=str(number), now=now) is not None

    assert race(house, begin) == 1


def test_old_runs_go_and_the_newest_stays(house: Flask, now: datetime) -> None:
    for days in (500, 30, 20, 10, 0):
        at = now - timedelta(days=days)
        changed = 5 if days == 20 else 0
        db.session.add(
            Run(duty="tests.count", due_at=at, started_at=at, ended_at=at, state=RunState.DONE, changed=changed)
        )
    db.session.flush()
    assert services.tidy(now=now) == 3
    assert [(now - run.due_at).days for run in runs()] == [20, 0]


def test_every_duty_of_the_house_runs_on_an_office_at_rest(house: Flask, cast: Cast, now: datetime) -> None:
    for duty in DUTIES:
        jobs.run(duty, due_at=now, row=None, token=HOLDER, now=now, clock=lambda: now)
    assert {run.duty: run.error for run in runs() if run.error} == {}
    assert len(runs()) == len(DUTIES)
