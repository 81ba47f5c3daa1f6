"""The kiosk's steps through its doors, as a browser without JavaScript walks them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.kiosk import services as kiosk
from portal.kiosk.models import Device, Journey
from portal.merchants.models import Shop
from portal.papers.models import Paper
from portal.pledges import services
from portal.pledges.models import Pledge
from portal.pledges.terms import PLAN_WORDING, Proof, Signer
from tests.cast import Cast
from tests.conftest import Visitor, a_visitor
from tests.pledges import ways


class Machine(Visitor):
    """A kiosk: a browser that holds a device's cookie."""

    def __init__(self, site: Flask, clock: StoppedClock, name: str = "大厅一号机"):
        a_visitor(site)
        super().__init__(site)
        self.clock = clock
        with office(site):
            machine = ways.a_machine(clock.now(), name=name)
            digits = kiosk.issue_enrolment(db.session.get_one(Device, machine.id), by=machine, now=clock.now())
        assert self.post("/kiosk/enrol", {"code": digits}).status_code == 303

    def press(self, step: str, **fields: Any) -> Any:
        """Fill the form of the present page in and send it."""
        page = self.get(f"/kiosk/pledge/{step}").get_data(as_text=True)
        return self.post(f"/kiosk/pledge/{step}", {**hidden(page), **fields})

    def begin(self, digits: str) -> None:
        assert self.post("/kiosk/code", {"code": digits}).headers["Location"].endswith("/kiosk/pledge/shop")

    def to_the_glass(self, digits: str, signer: str = "owner") -> None:
        self.begin(digits)
        for step, fields in (("shop", {}), ("terms", {}), ("signer", {"signer": signer})):
            assert self.press(step, **fields).status_code == 303


class office:
    """A context of the office's own, for setting the stage; nothing stays open around the machine's requests."""

    def __init__(self, site: Flask):
        self.site = site

    def __enter__(self) -> None:
        self.context = self.site.app_context()
        self.context.push()
        writing.set(True)

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            db.session.commit()
        self.context.pop()


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form that leads on."""
    form = page.split('id="agree"', 1)[1].split("</form>", 1)[0]
    pairs = (one.split('"') for one in form.split('<input type="hidden" name=')[1:])
    return {parts[1]: parts[3] for parts in pairs if parts[1] != "csrf_token"}


@pytest.fixture
def stage(site: Flask, clock: StoppedClock) -> Iterator[tuple[Machine, str, int]]:
    """A machine, a code for a shop of 明月社区, and the shop."""
    with office(site):
        services.sow_templates(clock.now())
        shop = ways.a_shop(clock.now())
        issued = ways.a_code(shop, by=Cast.load(clock.now())["staff"], now=clock.now())
        digits, shop_id = issued.digits, shop.id
    yield Machine(site, clock), digits, shop_id


def signed(site: Flask) -> int:
    with site.app_context():
        return db.session.scalar(select(func.count(Pledge.id))) or 0


INK = json.dumps(ways.ink())


def test_six_steps_lead_to_a_pledge_and_its_paper(site: Flask, stage: tuple[Machine, str, int]) -> None:
    machine, digits, _shop = stage
    machine.to_the_glass(digits)
    answer = machine.press("signature", strokes=INK)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kiosk/pledge/done")
    page = machine.get("/kiosk/pledge/done").get_data(as_text=True)
    assert "桂三包〔2026〕第0001号" in page and "第 <b>6</b> 步" in page
    with site.app_context():
        paper = db.session.scalars(select(Paper)).one()
        paper_id, code = paper.id, paper.check_code
    assert f'action="/papers/{paper_id}/issue"' in page and code in page
    assert "有效" in machine.get(f"/check/{code}").get_data(as_text=True)


def test_what_the_screens_show_is_masked(stage: tuple[Machine, str, int]) -> None:
    machine, digits, _shop = stage
    machine.begin(digits)
    for step, fields in (("shop", {}), ("terms", {}), ("signer", {"signer": "owner"}), ("signature", {"strokes": INK})):
        page = machine.get(f"/kiosk/pledge/{step}")
        assert page.headers["Cache-Control"] == "no-store"
        text = page.get_data(as_text=True)
        assert "何桂兰" not in text and "13812345678" not in text
        machine.press(step, **fields)
    assert "何桂兰" not in machine.get("/kiosk/pledge/done").get_data(as_text=True)


def test_no_step_can_be_skipped(site: Flask, stage: tuple[Machine, str, int]) -> None:
    machine, digits, _shop = stage
    machine.begin(digits)
    for step in ("terms", "signer", "signature", "done"):
        assert machine.get(f"/kiosk/pledge/{step}").headers["Location"] == "/kiosk/pledge/shop"
    fields = hidden(machine.get("/kiosk/pledge/shop").get_data(as_text=True))
    for step, number in (("terms", "3"), ("signer", "4"), ("signature", "5")):
        answer = machine.post(f"/kiosk/pledge/{step}", {**fields, "step": number, "signer": "owner", "strokes": INK})
        assert answer.headers["Location"] == "/kiosk/pledge/shop"
    assert signed(site) == 0


def test_a_double_tap_passes_no_screen_unseen(stage: tuple[Machine, str, int]) -> None:
    machine, digits, _shop = stage
    machine.begin(digits)
    fields = hidden(machine.get("/kiosk/pledge/shop").get_data(as_text=True))
    taps = [machine.post("/kiosk/pledge/shop", fields).headers["Location"] for _ in range(3)]
    assert taps == ["/kiosk/pledge/terms"] * 3


def test_back_is_one_step_and_nothing_goes_back_after_signing(site: Flask, stage: tuple[Machine, str, int]) -> None:
    machine, digits, _shop = stage
    machine.to_the_glass(digits)
    fields = hidden(machine.get("/kiosk/pledge/signature").get_data(as_text=True))
    assert machine.post("/kiosk/pledge/back", fields).headers["Location"] == "/kiosk/pledge/signer"
    assert machine.post("/kiosk/pledge/back", fields).headers["Location"] == "/kiosk/pledge/signer"
    machine.press("signer", signer="owner")
    machine.press("signature", strokes=INK)
    for step in ("shop", "terms", "signer", "signature"):
        assert machine.get(f"/kiosk/pledge/{step}").headers["Location"] == "/kiosk/pledge/done"
    assert machine.post("/kiosk/pledge/back", {**fields, "step": "6"}).headers["Location"] == "/kiosk/pledge/done"
    assert signed(site) == 1


def test_pledge_2_pressed_again(site: Flask, stage: tuple[Machine, str, int]) -> None:
    """PLEDGE-2: the last press sent again and again is one record, and leads to the same receipt."""
    machine, digits, _shop = stage
    machine.to_the_glass(digits)
    fields = hidden(machine.get("/kiosk/pledge/signature").get_data(as_text=True))
    answers = [machine.post("/kiosk/pledge/signature", {**fields, "strokes": INK}) for _ in range(3)]
    assert [one.headers["Location"] for one in answers] == ["/kiosk/pledge/done"] * 3
    assert signed(site) == 1
    machine.post("/kiosk/reset")
    answer = machine.post("/kiosk/pledge/signature", {**fields, "strokes": INK})
    assert answer.headers["Location"] == "/kiosk" and signed(site) == 1
    assert "已经签好" in machine.get("/kiosk").get_data(as_text=True)


@pytest.mark.parametrize(
    ("strokes", "sentence"),
    [
        pytest.param("", "还没有签名", id="PLEDGE-1·blank"),
        pytest.param("[[[5,5,0]]]", "签名太短", id="PLEDGE-1·a dot"),
        pytest.param("[[[NaN,5,0]]]", "没有传完整", id="not a number"),
        pytest.param(json.dumps([[[n % 900, n % 300, n] for n in range(20_001)]]), "太多", id="too much"),
    ],
)
def test_bad_ink_is_422_and_the_journey_goes_on(
    site: Flask, stage: tuple[Machine, str, int], strokes: str, sentence: str
) -> None:
    machine, digits, _shop = stage
    machine.to_the_glass(digits)
    answer = machine.press("signature", strokes=strokes)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert signed(site) == 0
    assert machine.press("signature", strokes=INK).status_code == 303 and signed(site) == 1


def test_another_person_needs_a_new_code(stage: tuple[Machine, str, int]) -> None:
    machine, digits, _shop = stage
    machine.begin(digits)
    machine.press("shop")
    machine.press("terms")
    answer = machine.press("signer", signer="clerk")
    assert answer.status_code == 422 and "重新发签约码" in answer.get_data(as_text=True)
    assert machine.press("signer").status_code == 422


def test_who_signs_for_the_owner_is_named_on_the_paper(site: Flask, clock: StoppedClock) -> None:
    with office(site):
        services.sow_templates(clock.now())
        digits = ways.a_code(
            ways.a_shop(clock.now()), by=Cast.load(clock.now())["grid"], now=clock.now(), signer=Signer.FAMILY,
            signer_name="周国强", proof=Proof.HOUSEHOLD,
        ).digits  # fmt: skip
    machine = Machine(site, clock)
    machine.to_the_glass(digits, signer="family")
    assert machine.press("signature", strokes=INK).status_code == 303
    with site.app_context():
        pledge = db.session.scalars(select(Pledge)).one()
        assert (pledge.signer, services.persons_of(pledge)["signer"]) == (Signer.FAMILY, "周国强")
        assert "户口簿" in pledge.paper.evidence and "周国强" in pledge.paper.evidence


def test_a_silent_journey_is_over(stage: tuple[Machine, str, int]) -> None:
    machine, digits, _shop = stage
    machine.to_the_glass(digits)
    fields = hidden(machine.get("/kiosk/pledge/signature").get_data(as_text=True))
    machine.clock.tick(timedelta(minutes=5))
    answer = machine.post("/kiosk/pledge/signature", {**fields, "strokes": INK})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kiosk")
    assert "已经结束" in machine.get("/kiosk").get_data(as_text=True)


def test_a_code_made_void_at_the_last_moment(site: Flask, stage: tuple[Machine, str, int]) -> None:
    machine, digits, shop_id = stage
    machine.to_the_glass(digits)
    with office(site):
        shop = db.session.get_one(Shop, shop_id)
        ways.a_code(shop, by=Cast.load(machine.clock.now())["staff"], now=machine.clock.now())
    answer = machine.press("signature", strokes=INK)
    assert answer.status_code == 409 and "重发" in answer.get_data(as_text=True) and signed(site) == 0


def test_a_shop_changed_meanwhile_is_shown_again(site: Flask, stage: tuple[Machine, str, int]) -> None:
    machine, digits, shop_id = stage
    machine.begin(digits)
    fields = hidden(machine.get("/kiosk/pledge/shop").get_data(as_text=True))
    with office(site):
        db.session.get_one(Shop, shop_id).frontage_cm = 900
    assert machine.post("/kiosk/pledge/shop", fields).headers["Location"] == "/kiosk/pledge/shop"


def test_a_new_text_is_read_before_it_is_signed(site: Flask, stage: tuple[Machine, str, int]) -> None:
    machine, digits, _shop = stage
    machine.begin(digits)
    machine.press("shop")
    fields = hidden(machine.get("/kiosk/pledge/terms").get_data(as_text=True))
    with office(site):
        now, by = machine.clock.now(), Cast.load(machine.clock.now())["office"]
        services.add_template(PLAN_WORDING, name="方案文本", effective_from=now.date(), base=2, note="", by=by, now=now)
    assert machine.post("/kiosk/pledge/terms", fields).headers["Location"] == "/kiosk/pledge/terms"
    assert machine.press("terms").headers["Location"] == "/kiosk/pledge/signer"


def test_pledge_5_a_machine_opens_nothing_of_the_office(site: Flask, stage: tuple[Machine, str, int]) -> None:
    """PLEDGE-5: every door that needs a person's key is 403 to a machine, on its own journey too."""
    machine, digits, _shop = stage
    machine.to_the_glass(digits)
    for url in ("/pledges", "/pledges/1", "/pledges/templates", "/pledges/shops/1/code", "/merchants/", "/merchants/1"):
        assert machine.get(url).status_code == 403, url
    assert machine.post("/pledges/shops/1/code").status_code == 403


def test_a_stranger_is_no_machine(site: Flask, stage: tuple[Machine, str, int]) -> None:
    stranger = a_visitor(site)
    for step in ("shop", "terms", "signer", "signature", "done"):
        answer = stranger.get(f"/kiosk/pledge/{step}")
        assert (answer.status_code, answer.location) == (303, f"/login?next=/kiosk/pledge/{step}")


def test_another_machine_sees_nothing_of_this_journey(site: Flask, stage: tuple[Machine, str, int]) -> None:
    machine, digits, _shop = stage
    machine.to_the_glass(digits)
    fields = hidden(machine.get("/kiosk/pledge/signature").get_data(as_text=True))
    other = Machine(site, machine.clock, name="窗口二号")
    assert other.get("/kiosk/pledge/signature").headers["Location"] == "/kiosk"
    answer = other.post("/kiosk/pledge/signature", {**fields, "strokes": INK})
    assert answer.headers["Location"] == "/kiosk" and signed(site) == 0
    with site.app_context():
        assert db.session.scalar(select(func.count(Journey.id))) == 1
