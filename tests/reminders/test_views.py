"""The inbox, the bell, and what one does there; other people's notes do not exist."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.ground.declare import Owed, ReminderRule, Whom, offers
from portal.reminders import jobs
from portal.reminders.models import Note
from tests.cast import Cast
from tests.conftest import Visitor, a_visitor
from tests.trail import told


@pytest.fixture
def noted(site: Flask, clock: StoppedClock) -> StoppedClock:
    """Three notes for 周敏: one overdue, one for this week, one later."""
    with site.app_context():
        writing.set(True)
        staff = Cast.load(clock.now()).people["staff"].id
        at = clock.now() - timedelta(minutes=5)
        owed = [
            Owed(f"shop:{days}", "1", at, Whom(person_id=staff), f"第 {days} 件事", "到了该办的时候", "/merchants/",
                 until_at=clock.now() + timedelta(days=days))
            for days in (-2, 3, 20)
        ]  # fmt: skip

        def find(since: object, now: object) -> list[Owed]:
            return owed if since < at <= now else []  # type: ignore[operator]

        rule = ReminderRule("tests.things", "要办的事", "到时候提醒", "测试", find, at_once=True)
        offers().reminders.append(rule)  # type: ignore[attr-defined]
        try:
            jobs.tick(now=clock.now())
        finally:
            offers().reminders.remove(rule)  # type: ignore[attr-defined]
        db.session.commit()
        db.session.remove()
    return clock


def page(visitor: Visitor, url: str = "/reminders/") -> str:
    return str(visitor.get(url).get_data(as_text=True))


def ids(visitor: Visitor) -> list[str]:
    return re.findall(r"/reminders/(\d+)/opening", page(visitor))


def test_groups_lamps_and_the_bell(noted: StoppedClock, staff: Visitor) -> None:
    shown = page(staff)
    assert [shown.index(word) for word in ("今天 <small>", "本周 <small>", "以后 <small>")] == sorted(
        shown.index(word) for word in ("今天 <small>", "本周 <small>", "以后 <small>")
    )
    assert "逾期" in shown and "3 条没看" in page(staff, "/merchants/")
    assert "3 条没看" in staff.htmx("get", "/reminders/bell", "bell").get_data(as_text=True)
    assert "3 条没看" not in page(a_visitor(staff.app).sign_in("grid"), "/merchants/")


def test_opening_leads_on_and_is_read(noted: StoppedClock, staff: Visitor) -> None:
    answer = staff.post(f"/reminders/{ids(staff)[0]}/opening")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/merchants/")
    assert "2 条没看" in page(staff)


def test_known_put_off_put_back_and_pressed_twice(site: Flask, noted: StoppedClock, staff: Visitor) -> None:
    first, second, third = ids(staff)
    for _ in range(2):
        assert staff.post(f"/reminders/{first}/acknowledgement").status_code == 303
        assert staff.post(f"/reminders/{second}/snooze", {"choice": "hour"}).status_code == 303
    assert ids(staff) == [third]
    assert staff.post(f"/reminders/{third}/snooze", {"choice": "nonsense"}).status_code == 422
    fragment = staff.htmx("post", f"/reminders/{third}/acknowledgement", "inbox").get_data(as_text=True)
    assert fragment.lstrip().startswith('<section class="sheet" id="inbox"') and "没有要办的提醒" in fragment
    assert "已知悉" in page(staff, "/reminders/earlier")
    assert staff.post(f"/reminders/{first}/return").status_code == 303
    assert ids(staff) == [first]
    noted.tick(timedelta(minutes=29))
    staff.get("/account")
    noted.tick(timedelta(minutes=29))
    staff.get("/account")
    noted.tick(timedelta(minutes=5))
    assert sorted(ids(staff)) == sorted([first, second]), "an hour later it stands there again"
    assert [line[1] for line in told(site, "reminders.acknowledge")] == [f"reminder:{first}", f"reminder:{third}"]


def test_all_known_and_walking(noted: StoppedClock, staff: Visitor) -> None:
    assert "第 1 条 / 共 3 条" in page(staff, "/reminders/next")
    assert "第 3 条 / 共 3 条" in page(staff, "/reminders/next?at=99")
    seen = re.search(r'name="seen" value="([^"]+)"', page(staff))
    assert seen
    for nonsense in ("", "99999999999", "2026-11-25", "2026-11-25T10:00:00", "0001-01-01T00:00:00.000000+23:59"):
        assert staff.post("/reminders/acknowledgement", {"seen": nonsense}).status_code == 409
    earlier = (noted.now() - timedelta(days=9)).isoformat(timespec="microseconds")
    assert staff.post("/reminders/acknowledgement", {"seen": earlier}).status_code == 303
    assert len(ids(staff)) == 3, "what came after the page was made stays"
    assert staff.post("/reminders/acknowledgement", {"seen": seen[1]}).status_code == 303
    assert "都办完了" in page(staff, "/reminders/next") and ids(staff) == []


def test_handing_over(site: Flask, noted: StoppedClock, staff: Visitor) -> None:
    note = ids(staff)[0]
    asked = page(staff, f"/reminders/{note}/handover")
    taker = re.search(r'<option value="(\d+)">李网格（演示）', asked)
    assert taker
    assert staff.post(f"/reminders/{note}/handover", {"taker": "99999"}).status_code == 409
    assert staff.post(f"/reminders/{note}/handover", {"taker": taker[1]}).status_code == 303
    assert len(ids(staff)) == 2
    assert "同事转交" in page(a_visitor(site).sign_in("grid"))


def test_others_notes_do_not_exist(site: Flask, noted: StoppedClock, staff: Visitor) -> None:
    note = ids(staff)[0]
    other = a_visitor(site).sign_in("grid")
    assert ids(other) == [] and "没有要办的提醒" in page(other)
    for deed in ("opening", "acknowledgement", "snooze", "return", "handover"):
        assert other.post(f"/reminders/{note}/{deed}", {"choice": "hour"}).status_code == 404
    assert a_visitor(site).get("/reminders/").status_code == 303
    assert other.client.put("/reminders/").status_code == 405


def test_the_rules_in_words(staff: Visitor) -> None:
    shown = page(staff, "/reminders/rules")
    assert "08:30" in shown and "定时任务出错" in shown


def test_polling_keeps_no_login_alive(noted: StoppedClock, staff: Visitor) -> None:
    for _ in range(4):
        noted.tick(timedelta(minutes=9))
        answer = staff.client.get(
            "/reminders/bell", headers={"X-Polling": "1", "HX-Request": "true", "HX-Target": "bell"}
        )
    assert answer.status_code == 401, "36 minutes of the bell alone"


def test_notes_stand_once(site: Flask, noted: StoppedClock) -> None:
    with site.app_context():
        writing.set(False)
        assert db.session.scalar(db.select(db.func.count(Note.id))) == 3
        db.session.rollback()
