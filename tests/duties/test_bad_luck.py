"""What goes wrong, on both databases: deaths, long duties, clocks that were wrong, two who press at once."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from portal.clockwork import DUTIES
from portal.duties import services
from portal.duties.commands import TAKES, Clockwork
from portal.duties.models import Lease, Run
from portal.duties.terms import CUT_OFF_MOST, GIVEN_UP, OPEN_STATES, RunState
from portal.ground.db import db, writing
from portal.ground.declare import Duty
from portal.ground.errors import Refused
from tests.cast import Cast
from tests.duties.test_services import HOLDER, OTHER, a_duty, look, race, runs
from tests.trail import lines

QUICK = 50.0


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def states(name: str) -> list[RunState]:
    """Nothing is held after a look: on SQLite it would keep the others from writing."""
    found = list(db.session.scalars(select(Run.state).where(Run.duty == name).order_by(Run.id)))
    db.session.rollback()
    return found


def lease() -> tuple[str, int]:
    """Who holds it, and its counter."""
    holder, counter = db.session.execute(select(Lease.holder, Lease.counter)).one()
    db.session.rollback()
    return holder, counter


@contextmanager
def at_work(house: Flask, *table: Duty) -> Iterator[Clockwork]:
    """A clockwork of this process, without the loop that waits for signals."""
    clockwork = Clockwork(house, table, quick=QUICK)
    db.session.rollback()  # nothing is held while others write
    clockwork.scheduler.start()
    clockwork.see()
    try:
        yield clockwork
    finally:
        if clockwork.scheduler.running:
            clockwork.end()


def test_each_duty_has_one_lane_and_each_minutes_its_own() -> None:
    lanes = services.lanes(DUTIES)
    assert sorted(duty.name for lane in lanes.values() for duty in lane) == sorted(duty.name for duty in DUTIES)
    for lane, duties in lanes.items():
        minutes = [duty.name for duty in duties if duty.cron.startswith("* ")]
        assert minutes == ([lane] if lane else []), "what is due each minute waits for nobody"
    assert "reminders.tick" in lanes and len(lanes[""]) > 1


def test_a_long_duty_holds_up_neither_the_minute_nor_the_beat_nor_an_orderly_end(house: Flask, now: datetime) -> None:
    may_end = Event()
    long = a_duty(lambda *, now: int(may_end.wait(20)))
    minute = Duty("tests.minute", "每分钟", "* * * * *", lambda *, now: 1, "测试用")
    with at_work(house, long, minute) as clockwork:
        until(lambda: states("tests.minute") == [RunState.DONE])
        until(lambda: states("tests.count") == [RunState.RUNNING])
        beaten = lease()[1]
        until(lambda: lease()[1] > beaten)
        clockwork.look("")
        assert states("tests.count") == [RunState.RUNNING], "its own lane waits for it, and does not call it cut off"
        ending = Thread(target=clockwork.end)
        ending.start()
        beaten = lease()[1]
        until(lambda: lease()[1] > beaten + 1)
        assert lease()[0] == clockwork.watch.holder, "it is not let go of while it works"
        may_end.set()
        ending.join(20)
    assert states("tests.count") == [RunState.DONE] and lease()[0] == ""


def test_whoever_has_lost_the_lease_begins_nothing(house: Flask, now: datetime) -> None:
    with at_work(house, a_duty()) as clockwork:
        until(lambda: states("tests.count") == [RunState.DONE])
        db.session.execute(db.update(Lease).values(holder=OTHER))
        db.session.commit()
        house.extensions["clock"].tick(timedelta(minutes=10))
        clockwork.look("")
        assert not clockwork.watch.holding and states("tests.count") == [RunState.DONE]


def test_a_database_that_is_busy_too_long_ends_no_clockwork(
    site: Flask, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """On SQLite a transaction that cannot begin comes straight from the driver: it is a trouble like every other."""
    with site.app_context(), closing(sqlite3.connect(site.config["INSTANCE"] / "portal.sqlite3")) as other:
        event.listen(db.engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout=20"))
        other.execute("BEGIN IMMEDIATE")
        clockwork = Clockwork(site, [a_duty()], quick=QUICK)
        clockwork.see()
        clockwork.see()
        assert TAKES not in capsys.readouterr().out
        assert [record.levelname for record in caplog.records] == ["ERROR"], "it is told once, not at every look"
        other.rollback()
        clockwork.see()
        assert TAKES in capsys.readouterr().out
        other.execute("BEGIN IMMEDIATE")
        clockwork.look("")
        assert [record.levelname for record in caplog.records] == ["ERROR"] * 2
        other.rollback()
        clockwork.look("")
        writing.set(True)
        assert states("tests.count") == [RunState.DONE]


def test_what_was_let_go_of_is_taken_at_once(house: Flask, now: datetime) -> None:
    second = services.Watch(OTHER)
    assert services.take(services.Watch(HOLDER), monotonic=0, now=now)
    assert not services.take(second, monotonic=0, now=now)
    services.give_up(OTHER)
    assert db.session.get_one(Lease, 1).holder == HOLDER, "nobody gives up what is not theirs"
    services.give_up(HOLDER)
    assert services.take(second, monotonic=0.1, now=now), "nobody waits for one that has ended in order"


def test_many_take_what_was_let_go_of_and_one_gets_it(house: Flask, now: datetime) -> None:
    services.take(services.Watch(HOLDER), monotonic=0, now=now)
    services.give_up(HOLDER)
    db.session.commit()
    assert race(house, lambda number: services.take(services.Watch(str(number)), monotonic=0, now=now)) == 1


def cut_off(now: datetime) -> None:
    """One more process dies over the duty."""
    ((duty, at, row),) = services.due([a_duty()], now=now)
    assert services.begin(duty, due_at=at, row=row, token=HOLDER, now=now)
    db.session.commit()
    assert services.lost({"tests.count"}, now=now) == 1
    db.session.commit()


def test_what_kills_its_process_is_given_up_until_its_next_time(house: Flask, now: datetime) -> None:
    for _ in range(CUT_OFF_MOST - 1):
        cut_off(now)
    assert [(run.state, run.cut_off) for run in runs()] == [(RunState.LOST, CUT_OFF_MOST - 1)]
    cut_off(now)
    (run,) = runs()
    assert (run.state, run.error, run.ended_at) == (RunState.FAILED, GIVEN_UP, now)
    (told,) = [line for line in lines() if line.action == "duties.fail"]
    assert told.subject == "duty:tests.count"
    assert look(a_duty(), now + timedelta(minutes=9)) == 0, "this due time is over"
    assert look(a_duty(), now + timedelta(minutes=10)) == 1, "the next one is done as ever"


def test_what_was_cut_off_waits_until_the_others_are_done(house: Flask, now: datetime) -> None:
    cut_off(now)
    other = Duty("tests.other", "另一项", "*/10 * * * *", lambda *, now: 1, "测试用")
    assert [duty.name for duty, _at, _row in services.due([a_duty(), other], now=now)] == ["tests.other", "tests.count"]


def test_only_those_of_a_lane_are_called_cut_off(house: Flask, now: datetime) -> None:
    services.begin(a_duty(), due_at=now, row=None, token=HOLDER, now=now)
    assert services.lost({"tests.other"}, now=now) == 0
    assert [run.state for run in runs()] == [RunState.RUNNING]


def test_tidy_keeps_the_run_from_which_the_next_due_time_is_reckoned(house: Flask, now: datetime) -> None:
    monthly = a_duty(cron="0 5 1 * *")
    assert look(monthly, now) == 1
    (by_clock,) = runs()
    by_clock.changed = 0
    services.ask(monthly, by=Cast.load(now)["admin"], now=now + timedelta(days=1))
    db.session.commit()
    later = now + timedelta(days=2)
    look(monthly, later)
    by_clock.started_at = by_clock.ended_at = now - timedelta(days=8)
    db.session.commit()
    services.tidy(now=later)
    db.session.commit()
    assert services.due([monthly], now=later) == [], "1 November was done, and is not due a second time"


def test_a_clock_that_was_ahead_and_is_right_again_holds_up_nothing(house: Flask, now: datetime) -> None:
    next_year = now + timedelta(days=400)
    assert look(a_duty(), next_year) == 1
    assert look(a_duty(), now) == 1, "today's work is done today"
    assert look(a_duty(), now) == 0
    assert services.set_back(services.board([a_duty()], now=now), now=now) is None, "the newest run is today's"
    assert look(a_duty(), next_year) == 0, "its due time was done already, and is done once"
    assert look(a_duty(), next_year + timedelta(minutes=10)) == 1


def test_a_clock_that_was_set_back_is_known_by_the_newest_run(house: Flask, now: datetime) -> None:
    look(a_duty(), now)
    board = services.board([a_duty()], now=now)
    assert services.set_back(board, now=now - timedelta(minutes=4)) is None, "small corrections are no matter"
    assert services.set_back(board, now=now - timedelta(minutes=6)) == now


def test_many_press_at_once_and_one_run_waits(house: Flask, cast: Cast, now: datetime) -> None:
    admin = cast["admin"]
    db.session.remove()

    def ask(number: int) -> bool:
        try:
            services.ask(a_duty(), by=admin, now=now + timedelta(seconds=number))
        except Refused:
            return False
        return True

    assert race(house, ask) == 1
    assert len(runs()) == 1 and len([line for line in lines() if line.action == "duties.ask"]) == 1


def test_many_press_at_once_without_the_key_and_many_wait(house: Flask, cast: Cast, now: datetime) -> None:
    """The negative control: look whether one waits, then ask; the key that allows one open run a duty is gone."""
    db.session.execute(text("DROP INDEX uq_duties_runs_open"))
    db.session.commit()
    db.session.remove()

    def ask(number: int) -> bool:
        waits = db.session.scalar(select(Run.id).where(Run.duty == "tests.count", Run.state.in_(OPEN_STATES)))
        db.session.commit()
        time.sleep(0.05)
        if waits is None:
            db.session.add(Run(duty="tests.count", due_at=now + timedelta(seconds=number), state=RunState.WAITING))
            db.session.flush()
        return waits is None

    assert race(house, ask) > 1


def test_asking_meets_a_run_that_goes_on(house: Flask, cast: Cast, now: datetime) -> None:
    services.begin(a_duty(), due_at=now, row=None, token=HOLDER, now=now)
    db.session.commit()
    with pytest.raises(Refused, match="正在执行"):
        services.ask(a_duty(), by=cast["admin"], now=now)
    assert services.begin(a_duty(), due_at=now + timedelta(minutes=10), row=None, token=OTHER, now=now) is None
