"""Doors of the machine and of its keepers: works · key · stranger · wrong state · bad input; PLEDGE-5."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit.models import TrailLine
from portal.ground.can import Can
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.kiosk.models import Device, Journey
from portal.papers import services as papers
from portal.pledges import services as pledges
from tests.conftest import Visitor, a_visitor
from tests.house.test_walk import address, rules
from tests.kiosk.ground import a_device, a_shop, a_signing_code


@pytest.fixture
def machine(site: Flask, clock: StoppedClock) -> Iterator[Visitor]:
    """A browser without JavaScript that is an enrolled machine."""
    with site.app_context():
        token = writing.set(True)
        pledges.sow_templates(clock.now())
        papers.make_authority(now=clock.now())
        _device, secret = a_device(clock.now())
        db.session.commit()
        writing.reset(token)
    visitor = a_visitor(site)
    visitor.client.set_cookie("kiosk", secret)
    yield visitor


def code(site: Flask, clock: StoppedClock, number: str = "GX-MY-0142") -> str:
    with site.app_context():
        token = writing.set(True)
        digits = a_signing_code(a_shop(clock.now(), number), clock.now())
        db.session.commit()
        writing.reset(token)
    return digits


def journey(site: Flask) -> Journey:
    with site.app_context():
        newest = select(Journey).order_by(Journey.ended_at.is_not(None), Journey.touched_at.desc()).limit(1)
        return db.session.scalars(newest).one()


def hidden(machine: Visitor, site: Flask, seen: int = 1) -> dict[str, object]:
    now = journey(site)
    return {"step": now.step, "key": now.key, "seen": seen}


def test_the_way_without_javascript_to_the_glass(machine: Visitor, site: Flask, clock: StoppedClock) -> None:
    assert machine.post("/kiosk/code", {"code": code(site, clock)}).headers["Location"] == "/kiosk/pledge/shop"
    for step, url in enumerate(["/kiosk/pledge/shop", "/kiosk/pledge/terms", "/kiosk/pledge/signer"], 2):
        shown = machine.get(url)
        assert shown.status_code == 200 and "no-store" in shown.headers["Cache-Control"]
        assert f"第 <b>{step}</b> 步" in shown.get_data(as_text=True)
        answer = machine.post(url, {**hidden(machine, site), "signer": "owner"})
        assert answer.status_code == 303, answer.get_data(as_text=True)
    glass = machine.get("/kiosk/pledge/signature").get_data(as_text=True)
    assert "改签纸质责任书" in glass and "王*" in glass and "王小英" not in glass and "13812345678" not in glass


def test_full_width_digits_and_blanks_are_understood(machine: Visitor, site: Flask, clock: StoppedClock) -> None:
    digits = code(site, clock)
    typed = " ".join(chr(ord(sign) + 0xFEE0) for sign in digits)
    assert machine.post("/kiosk/code", {"code": typed}).status_code == 303


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "一二三四五六", "12345a", "0" * 5000, "٣٣٣٣٣٣"])
def test_nonsense_is_422_with_a_sentence_and_costs_no_try(machine: Visitor, typed: str) -> None:
    for _ in range(6):
        answer = machine.post("/kiosk/code", {"code": typed})
        assert answer.status_code == 422 and 'role="alert"' in answer.get_data(as_text=True)


def test_a_shops_label_finds_the_shop_and_still_asks_for_the_code(machine: Visitor) -> None:
    answer = machine.post("/kiosk/code", {"code": "http://portal.test/s/GX-MY-0142"})
    assert answer.status_code == 200 and "扫到店铺 GX-MY-0142" in answer.get_data(as_text=True)


def test_five_wrong_codes_and_it_waits_whatever_comes_next(machine: Visitor, site: Flask, clock: StoppedClock) -> None:
    digits = code(site, clock)
    wrong = f"{(int(digits) + 1) % 1_000_000:06d}"
    for left in (4, 3, 2, 1, 0):
        shown = machine.post("/kiosk/code", {"code": wrong})
        assert shown.status_code == 422
        assert (f"还可以再试 {left} 次" if left else "先停几分钟") in shown.get_data(as_text=True)
    assert machine.post("/kiosk/code", {"code": digits}).status_code == 429
    clock.tick(timedelta(minutes=15))
    assert machine.post("/kiosk/code", {"code": digits}).status_code == 303


def test_an_expired_code_says_so(machine: Visitor, site: Flask, clock: StoppedClock) -> None:
    digits = code(site, clock)
    clock.tick(timedelta(minutes=30))
    assert "过了有效时间" in machine.post("/kiosk/code", {"code": digits}).get_data(as_text=True)


def test_pledge_5_a_device_may_open_no_staff_page(machine: Visitor, site: Flask) -> None:
    """PLEDGE-5: kiosk account GET any staff URL → 403; its own doors and the public ones open."""
    wrong = []
    for rule in rules(site):
        needs = site.view_functions[rule.endpoint].needs
        keys = needs if isinstance(needs, tuple) else (needs,)
        if "GET" not in (rule.methods or ()):
            continue
        status = machine.get(address(rule)).status_code
        own = needs is None or Can.KIOSK_SIGN in keys
        if (status == 403) is own or status >= 500:
            wrong.append(f"{rule.rule}: {status}")
    assert not wrong, wrong
    with site.app_context():
        refused = db.session.scalars(select(TrailLine).where(TrailLine.action == "web.refuse")).all()
    assert refused and {line.actor_kind for line in refused} == {"device"}


def test_a_device_posts_to_no_staff_door(machine: Visitor, site: Flask) -> None:
    for rule in rules(site):
        needs = site.view_functions[rule.endpoint].needs
        keys = needs if isinstance(needs, tuple) else (needs,)
        if "POST" in (rule.methods or ()) and needs is not None and Can.KIOSK_SIGN not in keys:
            assert machine.post(address(rule)).status_code == 403, rule.rule


def test_no_address_of_the_machine_holds_an_id(site: Flask) -> None:
    for rule in rules(site):
        needs = site.view_functions[rule.endpoint].needs
        if rule.rule.startswith("/kiosk") and not rule.rule.startswith("/kiosks") and needs is not None:
            assert not rule.arguments, rule.rule


def test_another_journeys_key_and_a_stale_step_move_nothing(machine: Visitor, site: Flask, clock: StoppedClock) -> None:
    machine.post("/kiosk/code", {"code": code(site, clock)})
    old = hidden(machine, site)
    machine.post("/kiosk/reset")
    machine.post("/kiosk/code", {"code": code(site, clock, "GX-MY-0143")})
    assert machine.post("/kiosk/pledge/shop", old).headers["Location"] == "/kiosk/pledge/shop"
    fresh = hidden(machine, site)
    assert machine.post("/kiosk/pledge/shop", fresh).headers["Location"] == "/kiosk/pledge/terms"
    assert machine.post("/kiosk/pledge/shop", fresh).headers["Location"] == "/kiosk/pledge/terms"
    assert journey(site).step == 3


def test_a_screen_ahead_leads_to_the_present_one(machine: Visitor, site: Flask, clock: StoppedClock) -> None:
    machine.post("/kiosk/code", {"code": code(site, clock)})
    for ahead in ("terms", "signer", "signature", "done"):
        assert machine.get(f"/kiosk/pledge/{ahead}").headers["Location"] == "/kiosk/pledge/shop"


def test_reset_forgets_and_the_screens_are_gone(machine: Visitor, site: Flask, clock: StoppedClock) -> None:
    machine.post("/kiosk/code", {"code": code(site, clock)})
    with machine.client.session_transaction() as session:
        before = session["csrf_token"]
    assert machine.post("/kiosk/reset").headers["Location"] == "/kiosk"
    with machine.client.session_transaction() as session:
        assert session.get("csrf_token") != before and set(session) <= {"csrf_token"}
    assert machine.get("/kiosk/pledge/shop").headers["Location"] == "/kiosk"
    ended = journey(site)
    assert ended.ended_at is not None and ended.draft == {}


def test_five_minutes_of_silence_lead_back_to_the_start(machine: Visitor, site: Flask, clock: StoppedClock) -> None:
    machine.post("/kiosk/code", {"code": code(site, clock)})
    clock.tick(timedelta(minutes=4))
    assert machine.post("/kiosk/pulse", {"here": "1"}).status_code == 204
    clock.tick(timedelta(minutes=4))
    machine.post("/kiosk/pulse")  # the machine alone is nobody
    assert machine.get("/kiosk/pledge/shop").status_code == 200
    clock.tick(timedelta(minutes=1))
    assert machine.get("/kiosk/pledge/shop").headers["Location"] == "/kiosk"


def test_a_refusal_is_said_in_the_machines_own_frame(machine: Visitor, site: Flask, clock: StoppedClock) -> None:
    """An operator who changed meanwhile: 409, the sentence, and the way back, on the kiosk's screen."""
    machine.post("/kiosk/code", {"code": code(site, clock)})
    machine.post("/kiosk/pledge/shop", hidden(machine, site))
    with site.app_context():
        token = writing.set(True)
        db.session.execute(db.text("UPDATE merchants_tenures SET until_on = '2026-11-25'"))
        db.session.commit()
        writing.reset(token)
    shown = machine.get("/kiosk/pledge/terms")
    assert shown.status_code == 409
    assert 'id="screen"' in shown.get_data(as_text=True) and "经营者已经变更" in shown.get_data(as_text=True)


def test_a_page_from_before_the_wipe_is_answered_on_the_machine(machine: Visitor) -> None:
    machine.get("/kiosk")
    late = machine.client.post("/kiosk/code", data={"code": "123456", "csrf_token": "of somebody else"})
    assert late.status_code == 400
    assert 'id="screen"' in late.get_data(as_text=True) and "请按“重来”" in late.get_data(as_text=True)


def test_help_says_where_the_staff_are_and_leads_back(machine: Visitor, site: Flask, clock: StoppedClock) -> None:
    assert "进门左手 2 号窗口" in machine.get("/kiosk/help").get_data(as_text=True)
    machine.post("/kiosk/code", {"code": code(site, clock)})
    assert 'href="/kiosk/pledge/shop"' in machine.get("/kiosk/help").get_data(as_text=True)


def test_checking_a_paper_at_the_machine(machine: Visitor) -> None:
    assert machine.get("/kiosk/check").status_code == 200
    assert machine.get("/kiosk/check?code=12").status_code == 422
    assert machine.get("/kiosk/check?code=0000-0000-00").status_code == 404


def test_a_stranger_sees_that_the_machine_is_not_enrolled(site: Flask) -> None:
    visitor = a_visitor(site)
    assert "还没有登记" in visitor.get("/kiosk").get_data(as_text=True)
    visitor.client.set_cookie("kiosk", "an old token")
    assert "已停用" in visitor.get("/kiosk").get_data(as_text=True)
    assert visitor.get("/kiosk/pledge/shop").status_code == 303


def test_staff_enter_a_machine_and_enrol_it(site: Flask, clock: StoppedClock) -> None:
    keeper, browser = a_visitor(site).sign_in("staff"), a_visitor(site)
    assert keeper.get("/kiosks").status_code == 200
    with site.app_context():
        area = db.session.execute(db.text("SELECT id FROM areas_areas WHERE code = 'MY'")).scalar_one()
    form = {"name": "窗口手写板", "kind": "counter", "area_id": str(area), "staff_at": "2 号窗口"}
    form["staff_phone"] = "023 74512345"
    answer = keeper.post("/kiosks", form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    show = answer.headers["Location"]
    again = keeper.post("/kiosks", form)
    assert again.status_code == 422 and "请换个名字" in again.get_data(as_text=True)
    page = keeper.post(f"{show}/enrolment").get_data(as_text=True)
    digits = page.split('class="big-code">')[1].split("</b>")[0]
    enrolled = browser.post("/kiosk/enrol", {"code": digits})
    assert enrolled.status_code == 303
    cookie = enrolled.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "请输入签约码" in browser.get("/kiosk").get_data(as_text=True)
    assert browser.post("/kiosk/enrol", {"code": digits}).status_code == 422
    assert keeper.post(f"{show}/retirement").status_code == 303
    assert "已停用" in browser.get("/kiosk").get_data(as_text=True)
    assert keeper.post(f"{show}/retirement").status_code == 409


def test_two_keepers_of_a_machine(machine: Visitor, site: Flask) -> None:
    """The later one is told; a pulse or an enrolment in between disturbs nobody."""
    keeper = a_visitor(site).sign_in("staff")
    with site.app_context():
        device = db.session.scalars(select(Device)).one()
        url, edition = f"/kiosks/{device.id}", device.edition
    assert f'value="{edition}"' in keeper.get(url).get_data(as_text=True)
    machine.get("/kiosk")
    form = {"name": "大厅一号机", "staff_at": "3 号窗口", "staff_phone": "", "edition": edition}
    assert keeper.post(f"{url}/enrolment").status_code == 200
    assert keeper.post(url, form).status_code == 303
    late = keeper.post(url, {**form, "staff_at": "4 号窗口"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409 and "他人已先修改，请刷新。您填的还在下面" in page
    assert 'value="4 号窗口"' in page and f'value="{edition}"' in page, "what was typed, and not the newer edition"
    assert keeper.post(url, {**form, "edition": ""}).status_code == 409
    with site.app_context():
        assert db.session.scalars(select(Device)).one().staff_at == "3 号窗口"


def test_an_address_longer_than_any_is_cut(site: Flask) -> None:
    """Behind a proxy the address is a header, and a header may say anything."""
    browser = a_visitor(site)
    far = {"environ_overrides": {"REMOTE_ADDR": "9" * 300}}
    assert browser.post("/kiosk/enrol", {"code": "00000000"}, **far).status_code == 422


def test_a_keeper_sees_the_machines_within_reach_alone(machine: Visitor, site: Flask) -> None:
    village = a_visitor(site).sign_in("village")
    assert "大厅一号机" not in village.get("/kiosks").get_data(as_text=True)
    with site.app_context():
        device = db.session.scalars(select(Device)).one().id
    assert village.get(f"/kiosks/{device}").status_code == 404
    assert village.post(f"/kiosks/{device}/enrolment").status_code == 404
    assert a_visitor(site).sign_in("leader").get("/kiosks").status_code == 403


def test_wrong_enrolment_codes_are_throttled_by_address(site: Flask) -> None:
    browser = a_visitor(site)
    answers = [browser.post("/kiosk/enrol", {"code": "00000000"}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_purge_is_a_command_and_harmless_twice(site: Flask, machine: Visitor, clock: StoppedClock) -> None:
    machine.post("/kiosk/code", {"code": code(site, clock)})
    clock.tick(timedelta(minutes=6))
    runner = site.test_cli_runner()
    assert runner.invoke(args=["kiosk", "purge"]).output == "1 journeys ended or dropped\n"
    assert runner.invoke(args=["kiosk", "purge"]).output == "0 journeys ended or dropped\n"
