"""What the desk shows beside its numbers: the day's plan, what a phase brings forward, the machine, and where to go."""

import re
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from portal.audit import services as trail
from portal.desk import services as desk
from portal.ground.can import Can
from portal.ground.clock import SHANGHAI, StoppedClock
from portal.ground.db import db, writing
from portal.ground.declare import Probe, Reading, duties, offers
from tests.cast import Cast
from tests.conftest import a_visitor
from tests.desk.test_desk import fill
from tests.pledges import ways


def shown(house: Flask, cast: Cast, login: str, now: datetime) -> desk.Desk:
    with house.test_request_context():
        return desk.desk(cast[login], now, limit=8)


def at(month: int, day: int, hour: int = 10, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "first", "above"),
    [
        pytest.param(at(3, 31), ["还没签", "责任书签订率"], True, id="R5·阶段一先看签约"),
        pytest.param(at(6, 15), ["已到期没换签", "还没签"], True, id="R13·阶段二先看滞后"),
        pytest.param(at(11, 25), ["已到期没换签", "今天到期"], False, id="R14·阶段三先看到期"),
    ],
)
def test_a_phase_brings_its_own_forward(house: Flask, cast: Cast, now: datetime, first: list[str], above: bool) -> None:
    ways.a_shop(now)
    found = shown(house, cast, "leader", now)
    labels = [card.label for card, _figure in found.figures]
    assert labels[:2] == first
    assert found.progress_above is above


@pytest.mark.parametrize(
    ("now", "title", "second", "word"),
    [
        (at(11, 25), "今天上班", "下一个休息日 11月28日", "工作日"),
        (at(11, 28), "今天休息", "11月30日上班；工作日的期限不算今天", "休息日"),
        (at(10, 1), "今天休息（国庆节）", "10月8日上班；工作日的期限不算今天", "休息日"),
        (at(10, 10), "今天上班（国庆节调休）", "下一个休息日 10月11日", "工作日"),
    ],
)
def test_the_plan_says_what_kind_of_day_it_is(
    house: Flask, cast: Cast, now: datetime, title: str, second: str, word: str
) -> None:
    """For everybody, the calendar first: a day off is no day of a limit (rules 4)."""
    for login in ("grid", "volunteer", "auditor"):
        line = shown(house, cast, login, now).plans[0]
        assert (line.title, line.second, line.word) == (title, second, word)


def test_the_keepers_plan_is_the_days_duties(house: Flask, cast: Cast) -> None:
    early, evening = shown(house, cast, "admin", at(11, 25, 1)), shown(house, cast, "admin", at(11, 25, 20))
    named = {line.title: line.word for line in early.plans}
    assert (named["每夜备份"], named["留痕封存"]) == ("没到", "没办")
    assert {line.title: line.word for line in evening.plans}["每夜备份"] == "没办"
    assert "每夜备份" not in {line.title for line in shown(house, cast, "office", at(11, 25)).plans}


def test_the_hour_of_a_duty_is_the_schedulers(house: Flask) -> None:
    """Plain arithmetic agrees with the scheduler's cron for every duty, over five weeks and a month's first day."""
    from portal.duties.rules import hour_on, next_due

    start = date(2026, 11, 20)
    for duty in duties():
        if not duty.cron.split()[1].isdigit():
            assert hour_on(duty.cron, start) is None
            continue
        for place in range(35):
            day = start + timedelta(days=place)
            midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
            due = next_due(duty.cron, now=midnight - timedelta(seconds=2))
            assert hour_on(duty.cron, day) == (due if due and due.date() == day else None), (duty.name, day)


def test_the_auditor_sees_the_days_lines_and_whether_the_chain_holds(house: Flask, cast: Cast, now: datetime) -> None:
    """Nothing kept: said. Kept and whole: fine. A kept head that the trail does not hold: red."""
    with house.test_request_context():
        trail.record("accounts.login", "person:1", by=cast["staff"], now=now)
        db.session.commit()
    found = shown(house, cast, "auditor", now)
    assert {card.label: figure.number for card, figure in found.figures} == {
        "提醒没办": "0", "今天的留痕": "1", "今天被拒的": "0",
    }  # fmt: skip
    assert [(probe.label, reading.lamp) for probe, reading in found.readings] == [("留痕封存", "soon")]
    trail.anchor(now=now)
    [(_probe, reading)] = shown(house, cast, "auditor", now).readings
    assert (reading.lamp, reading.text, reading.second) == ("fine", "对得上", "11月25日封存的第 1 行")
    [(_probe, reading)] = shown(house, cast, "auditor", now + timedelta(days=3)).readings
    assert (reading.lamp, reading.text) == ("soon", "3 天没有封存")
    trail.anchors_file().write_text(f"2026-11-25 1:{'0' * 64}\n", "utf8")
    [(_probe, reading)] = shown(house, cast, "auditor", now).readings
    assert (reading.lamp, reading.text) == ("late", "对不上")


def test_a_probe_that_fails_takes_no_desk_with_it(house: Flask, cast: Cast, now: datetime) -> None:
    def fails(_now: datetime) -> Reading:
        db.session.execute(db.text("SELECT nothing FROM nowhere"))
        raise AssertionError("not reached")

    house.extensions["offers"] += type(offers())(probes=[Probe("broken", "坏了的", "clock", fails, 1, Can.TRAIL_READ)])
    found = shown(house, cast, "auditor", now)
    assert next((probe.label, reading.text) for probe, reading in found.readings) == ("坏了的", "查不出来")
    assert len(found.figures) == 3
    assert next((probe.label, reading.text) for probe, reading in found.readings[1:]) == ("留痕封存", "还没有封存过")


def test_the_machine_is_on_the_desk_of_whoever_looks_after_it(house: Flask, cast: Cast, now: datetime) -> None:
    """专项办 may read 系统状态, and has its own work on its desk."""
    assert cast["office"].may(Can.UPKEEP_READ)
    office, admin = shown(house, cast, "office", now), shown(house, cast, "admin", now)
    assert (list(office.readings), office.fine) == ([], 0)
    assert len(admin.readings) + admin.fine > 5


@pytest.mark.parametrize("login", ["volunteer", "leader_volunteer", "market", "auditor", "security"])
def test_a_desk_without_work_is_no_dead_end(office: Flask, clock: StoppedClock, login: str) -> None:
    """It says that nothing waits, and leads to everything that this person may open; each link opens."""
    fill(office, clock.now(), 2)
    visitor = a_visitor(office).sign_in(login)
    page = visitor.get("/desk/").get_data(as_text=True).split("<main", 1)[1]
    assert "现在没有要办的事" in page and "今天的安排" in page
    doors = re.findall(r'<li><a href="([^"]+)">', page.split('class="doors"', 1)[1].split("</ul>", 1)[0])
    assert {"/reminders/", "/me"} <= {door.rstrip("?") for door in doors} or len(doors) >= 3
    assert [visitor.get(door).status_code for door in doors] == [200] * len(doors)
    assert "/desk/" not in doors


def test_what_is_cut_is_said(office: Flask, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the screen and on paper: how many of how many; the paper names the list of each number."""
    monkeypatch.setattr("portal.desk.views.TASKS", 3)
    monkeypatch.setattr("portal.desk.views.TASKS_PRINTED", 5)
    monkeypatch.setattr("portal.desk.services.BARS", 1)
    fill(office, clock.now(), 12)
    with office.app_context():
        writing.set(True)
        ways.a_shop(clock.now(), grid="MY-02")
        db.session.commit()
        db.session.remove()
    visitor = a_visitor(office).sign_in("staff")
    page, printed = (visitor.get(url).get_data(as_text=True) for url in ("/desk/", "/desk/print"))
    assert "共 9 件，先列 3 件" in page and "先列最少的 1 个，另有 1 个" in page
    assert printed.count("<td>□</td>") == 5
    assert "按时限先印 5 件，另有 4 件没有印" in printed and "另有 1 个没有印" in printed
    for name in ("责任书 · 待我确认", "商户 · 还没签", "提醒 · 提醒没办"):
        assert f">{name}</a>" in printed
