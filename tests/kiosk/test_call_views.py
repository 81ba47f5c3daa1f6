"""Doors of 叫工作人员: at the machine without JavaScript, at the staff's end, and who is named for a machine."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.kiosk.models import Attendant, Call
from tests.conftest import Visitor, a_visitor
from tests.kiosk.ground import a_device
from tests.places.streets import person_id
from tests.trail import told


@pytest.fixture
def machine(site: Flask, clock: StoppedClock) -> Iterator[Visitor]:
    """A browser without JavaScript that is an enrolled machine in 明月社区."""
    with site.app_context():
        token = writing.set(True)
        _device, secret = a_device(clock.now())
        db.session.commit()
        writing.reset(token)
    visitor = a_visitor(site)
    visitor.client.set_cookie("kiosk", secret)
    yield visitor


def count(site: Flask, kind: type[Call] | type[Attendant]) -> int:
    with site.app_context():
        writing.set(False)
        found = db.session.scalar(select(func.count()).select_from(kind)) or 0
        db.session.rollback()
    return found


def text(answer: object) -> str:
    return str(answer.get_data(as_text=True))  # type: ignore[attr-defined]


def test_called_answered_and_the_machine_says_so(machine: Visitor, site: Flask, clock: StoppedClock) -> None:
    shown = text(machine.get("/kiosk/help"))
    assert "请找工作人员" in shown and "进门左手 2 号窗口" in shown and 'action="/kiosk/help"' in shown
    answer = machine.post("/kiosk/help")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kiosk/help")
    machine.post("/kiosk/help")  # pressed twice
    assert count(site, Call) == 1
    shown = text(machine.get("/kiosk/help"))
    assert "已叫工作人员，请稍等" in shown and "进门左手 2 号窗口" in shown and "023-74512345" in shown
    staff = a_visitor(site).sign_in("staff")
    assert "大厅一号机有人在叫工作人员" in text(staff.get("/kiosks"))
    assert "1 条没看" in text(staff.get("/reminders/bell")), "at once, before any tick"
    clock.tick(timedelta(minutes=3))
    page = text(staff.get("/kiosks/calls"))
    assert "大厅一号机" in page and "3 分钟" in page and "我去" in page
    answer = staff.post("/kiosks/calls/1/answer")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kiosks/calls")
    assert staff.post("/kiosks/calls/1/answer").status_code == 303  # pressed twice
    page = text(staff.get("/kiosks/calls"))
    assert "现在没有人叫" in page and "周敏（演示）去了" in page and "3 分钟后" in page
    assert "工作人员马上到" in text(machine.get("/kiosk/help"))
    assert [line[0] for line in told(site, "kiosk.answer")] == ["周敏（演示）"]


def test_the_later_of_two_reads_who_went(machine: Visitor, site: Flask) -> None:
    machine.post("/kiosk/help")
    a_visitor(site).sign_in("staff").post("/kiosks/calls/1/answer")
    answer = a_visitor(site).sign_in("secretary").post("/kiosks/calls/1/answer")
    assert answer.status_code == 409 and "周敏（演示）已经去了" in text(answer)


def test_called_too_often(machine: Visitor, site: Flask) -> None:
    staff = a_visitor(site).sign_in("staff")
    for number in range(1, 7):
        machine.post("/kiosk/help")
        staff.post(f"/kiosks/calls/{number}/answer")
    answer = machine.post("/kiosk/help")
    assert answer.headers["Location"] == "/kiosk/help?often=1"
    assert "直接过去找" in text(machine.get("/kiosk/help?often=1"))
    assert count(site, Call) == 6


def test_whose_business_it_is(machine: Visitor, site: Flask) -> None:
    machine.post("/kiosk/help")
    for login in ("village", "grid", "auditor"):
        other = a_visitor(site).sign_in(login)
        assert "现在没有人叫" in text(other.get("/kiosks/calls"))
        assert other.post("/kiosks/calls/1/answer").status_code == 404
    assert "/login" in a_visitor(site).get("/kiosks/calls").headers["Location"]
    assert machine.get("/kiosks/calls").status_code == 403
    assert a_visitor(site).sign_in("staff").get("/kiosks/calls/1/answer").status_code == 405
    assert a_visitor(site).sign_in("staff").post("/kiosk/help").status_code == 403


def test_every_screen_has_the_button(machine: Visitor) -> None:
    for url in ("/kiosk", "/kiosk/check", "/kiosk/help"):
        shown = text(machine.get(url))
        assert '<form method="post" action="/kiosk/help">' in shown and "data-call" in shown


def test_who_comes_is_said_and_can_be_named(machine: Visitor, site: Flask) -> None:
    keeper = a_visitor(site).sign_in("staff")
    page = text(keeper.get("/kiosks/1"))
    assert "没有点名，提醒明月社区的社区工作人员：周敏（演示）" in page
    assert "李网格（演示）（明月社区一网格 · 网格员）" in page and "村干部（演示）" not in page
    grid = str(person_id(site, "grid"))
    assert keeper.post("/kiosks/1/attendants", {"person": ""}).status_code == 422
    assert keeper.post("/kiosks/1/attendants", {"person": str(person_id(site, "village"))}).status_code == 422
    assert keeper.post("/kiosks/1/attendants", {"person": grid}).status_code == 303
    assert keeper.post("/kiosks/1/attendants", {"person": grid}).status_code == 422  # pressed twice
    assert count(site, Attendant) == 1
    assert "没有点名" not in text(keeper.get("/kiosks/1"))
    machine.post("/kiosk/help")
    assert "我去" in text(a_visitor(site).sign_in("grid").get("/kiosks/calls"))
    assert keeper.post(f"/kiosks/1/attendants/{grid}/removal").status_code == 303
    assert keeper.post(f"/kiosks/1/attendants/{grid}/removal").status_code == 404
    assert "没有点名" in text(keeper.get("/kiosks/1"))


def test_only_keepers_of_the_machine_name_anybody(machine: Visitor, site: Flask) -> None:
    village = a_visitor(site).sign_in("village")
    assert village.post("/kiosks/1/attendants", {"person": "1"}).status_code == 404
    assert a_visitor(site).sign_in("grid").post("/kiosks/1/attendants", {"person": "1"}).status_code == 403


def test_a_hall_that_somebody_else_serves(machine: Visitor, site: Flask) -> None:
    admin = a_visitor(site).sign_in("admin")
    admin.post("/areas/", {"kind": "section", "name": "便民服务中心", "code": "", "community": "", "area_type": ""})
    page = text(admin.get("/kiosks/1"))
    assert "便民服务中心" in page
    edition = page.split('name="edition"')[1].split('value="')[1].split('"')[0]
    with site.app_context():
        number = db.session.execute(db.text("SELECT id FROM areas_areas WHERE code = 'K01'")).scalar_one()
    form = {"name": "大厅一号机", "staff_at": "大厅", "staff_phone": "", "edition": edition, "hall_id": str(number)}
    assert admin.post("/kiosks/1", form).status_code == 303
    assert "便民服务中心也没有科室承办，先提醒科室（演示）。请点一个人的名" in text(admin.get("/kiosks/1"))
    assert admin.post("/kiosks/1", {**form, "hall_id": "9999"}).status_code == 422
