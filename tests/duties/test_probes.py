"""What 系统状态 says of the clockwork and of its duties, on both databases."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask

from portal.clockwork import DUTIES
from portal.duties import services
from portal.duties.models import Run
from portal.duties.terms import LONG, SILENT, RunState
from portal.ground.db import db
from portal.ground.declare import Reading, offers

FORGET = "accounts.forget"
SECOND = timedelta(seconds=1)


@pytest.fixture
def page(house: Flask) -> Iterator[None]:
    """Probes are read within a request."""
    with house.test_request_context():
        yield


def reading(key: str, now: datetime) -> Reading:
    return next(probe for probe in offers().probes if probe.key == key).read(now)


def beaten(now: datetime) -> None:
    services.take(services.Watch("x"), monotonic=0, now=now)
    services.beat("x", now=now)


def a_run(due_at: datetime, state: RunState = RunState.DONE, name: str = FORGET) -> Run:
    ended = due_at + SECOND if state in (RunState.DONE, RunState.FAILED) else None
    run = Run(duty=name, due_at=due_at, started_at=due_at, ended_at=ended, state=state)
    db.session.add(run)
    db.session.flush()
    return run


def test_a_clockwork_that_never_ran_or_fell_silent(page: None, now: datetime) -> None:
    assert reading("clockwork", now).text == "还没有运行过"
    beaten(now)
    found = reading("clockwork", now + SILENT)
    assert (found.lamp, found.text) == ("fine", "正常") and found.url == "/duties/"
    found = reading("clockwork", now + SILENT + SECOND)
    assert (found.lamp, found.second) == ("late", "定时任务停了") and "script/server" in found.advice


def test_a_silent_clockwork_whose_clock_stood_ahead(page: None, now: datetime) -> None:
    beaten(now)
    found = reading("clockwork", now - SILENT - SECOND)
    assert found.lamp == "late" and "校准时间" in found.advice


def test_a_clock_that_was_set_back_while_it_lives(page: None, now: datetime) -> None:
    beaten(now)
    a_run(now + timedelta(minutes=20))
    found = reading("clockwork", now)
    assert (found.lamp, found.text, found.second) == ("soon", "时钟拨回过", "已经按 今天 10:20 办过")


def test_a_duty_that_goes_on_for_too_long(page: None, now: datetime) -> None:
    a_run(now, RunState.RUNNING)
    beaten(now + LONG)
    assert reading("clockwork", now + LONG).lamp == "fine"
    found = reading("clockwork", now + LONG + SECOND)
    assert (found.lamp, found.text) == ("soon", "有一项办得太久") and "清登录记录" in found.second


def test_the_newest_outcome_of_each_duty_counts(page: None, now: datetime) -> None:
    assert (reading("duties", now).lamp, reading("duties", now).second) == ("fine", f"共 {len(DUTIES)} 项")
    a_run(now, RunState.FAILED)
    a_run(now, RunState.FAILED, "audit.anchor")
    a_run(now, RunState.FAILED, "gone.long-ago")
    found = reading("duties", now)
    assert (found.lamp, found.text, found.second) == ("late", "2 项出错", "留痕封存、清登录记录")
    a_run(now + SECOND)
    going = a_run(now + SECOND, RunState.RUNNING, "audit.anchor")
    assert reading("duties", now).second == "留痕封存", "what goes on has not mended anything yet"
    going.state, going.ended_at = RunState.DONE, now + SECOND
    db.session.flush()
    assert reading("duties", now).lamp == "fine"
