"""Next year's calendar is asked for: a reminder a week from 1 November on, a desk line, a probe; duties, demo."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask, url_for
from sqlalchemy import event, select

from portal.accounts.models import Person
from portal.ground.actor import Actor
from portal.ground.clock import SHANGHAI
from portal.ground.config import ROOT
from portal.ground.db import db
from portal.ground.declare import Tasks
from portal.reminders.models import Note
from portal.start import DemoContext
from portal.worktime import demo, jobs, queries, services
from portal.worktime.offers import OFFERS
from tests.reminders.offered import notes, offered, open_notes, tick
from tests.worktime.test_services import PAPER, empty, of_2027

CLERK = Actor("person", 5, "专项（演示）")
(RULE,) = OFFERS.reminders
(PROBE,) = OFFERS.probes
(TASKS,) = OFFERS.tasks


def on(month: int, day: int, hour: int = 10, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def asking(house: Flask) -> Iterator[Flask]:
    """The house with this one rule, within a request as ticks are."""
    offered(house, RULE)
    with house.test_request_context():
        yield house


def told() -> list[Note]:
    return notes(rule=RULE.name)


def test_a_word_a_week_from_november_on_until_the_calendar_is_there(asking: Flask) -> None:
    """I6: exactly one open word to 专项办, a newer week in the older one's place; none once the year is published."""
    at = on(10, 28)
    tick(at)
    while at < on(11, 26):
        at += timedelta(hours=6)
        tick(at)
    assert [note.slot for note in told()] == ["2026-W44", "2026-W45", "2026-W46", "2026-W47", "2026-W48"]
    (one,) = open_notes(rule=RULE.name)
    office = db.session.scalar(select(Person.id).where(Person.login == "office"))
    assert (one.subject, one.person_id, one.url) == ("calendar:2027", office, url_for("worktime.upload"))
    assert one.title == "导入 2027 年的工作日历"
    assert one.until_at == on(12, 23, 0), "from that day on general matters need it"
    assert one.second == "12月23日起交办的一般事项就要用到"
    services.publish(2027, of_2027(), source=PAPER, seen=1, by=CLERK, now=at)
    db.session.commit()
    for _ in range(12):
        at += timedelta(days=1)
        tick(at)
    assert not open_notes(rule=RULE.name)
    assert len(told()) == 5, "nothing more is said"


def test_a_look_between_turns_asks_nothing(asking: Flask) -> None:
    """Most ticks cost this rule no query at all."""
    seen: list[str] = []

    def note(*given: object) -> None:
        seen.append(str(given[2]))

    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert RULE.find(on(11, 25, 9), on(11, 25, 10)) == []
        assert RULE.find(on(7, 1, 9), on(7, 1, 10)) == []
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert not seen


def test_a_year_that_has_begun_without_a_calendar_goes_on_being_asked_for(asking: Flask) -> None:
    found = RULE.find(on(1, 3, year=2027), on(1, 5, year=2027))
    assert [(one.subject, one.slot) for one in found] == [("calendar:2027", "2027-W01")]
    assert RULE.still is not None
    assert RULE.still(["calendar:2026", "calendar:2027"], on(1, 5, year=2027)) == {"calendar:2027"}


@pytest.mark.parametrize(
    ("now", "lamp", "advice"),
    [
        pytest.param(on(10, 31), "fine", "", id="还不到时候"),
        pytest.param(on(11, 1), "soon", "请专项办导入 2027 年的日历。", id="11 月 1 日起"),
        pytest.param(on(12, 23), "late", "请专项办导入 2027 年的日历。", id="已经要用了"),
        pytest.param(on(1, 2, year=2027), "late", "请专项办导入 2027 年的日历。", id="到了年初"),
    ],
)
def test_the_probe(asking: Flask, now: datetime, lamp: str, advice: str) -> None:
    reading = PROBE.read(now)
    assert (reading.lamp, reading.text, reading.second, reading.advice) == (
        lamp, "到 2026 年底", "2027—2029 年暂估", advice,
    )  # fmt: skip


def test_the_probe_of_an_empty_office(asking: Flask) -> None:
    empty()
    assert (PROBE.read(on(11, 25)).lamp, PROBE.read(on(11, 25)).text) == ("late", "一年也没有")


def test_the_desks_line(asking: Flask) -> None:
    found = TASKS.read(CLERK, on(11, 25), 8)
    assert (found.count, found.late, [(line.lamp, line.word, line.until_at) for line in found.lines]) == (
        1, 0, [("fine", "剩 28 天", on(12, 23, 0))],
    )  # fmt: skip
    assert [line.lamp for line in TASKS.read(CLERK, on(12, 18), 8).lines] == ["soon"]
    assert [line.word for line in TASKS.read(CLERK, on(12, 24), 8).lines] == ["逾期"]
    assert TASKS.read(CLERK, on(12, 24), 8).late == 1
    assert TASKS.read(CLERK, on(10, 1), 8) == Tasks([], 0, 0)


def test_duties_and_the_demonstration_are_harmless_to_repeat(house: Flask, now: datetime) -> None:
    assert jobs.sweep_sheets(now=now) == 0
    jobs.keep(now=now)
    db.session.commit()
    before = queries.version()
    assert jobs.keep(now=now) == 0
    demo.build(DemoContext(now))
    assert queries.version() == before + 2
    day = date(2026, 12, 9)
    assert [line.day.name for line in queries.day_history(day)] == ["", "停电检修", ""]
    assert queries.workdays().is_workday(day), "announced and called off"
    assert jobs.keep(now=now) == 0, "the office's own version stays"


def test_web_workers_carry_neither_package() -> None:
    """`holidays` and chinese_calendar are loaded by the duty alone."""
    script = "import sys, portal; print('holidays' in sys.modules, 'chinese_calendar' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
