"""收邮件, 提醒邮件 with both lists, 系统状态's line, and `flask mail`."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from portal.accounts.models import Person
from portal.ground.clock import StoppedClock
from portal.ground.config import MAIL
from portal.ground.db import db, writing
from portal.reminders.models import Mail
from portal.reminders.offers import OFFERS
from portal.reminders.terms import MailState
from tests.conftest import Visitor, a_visitor
from tests.postbox import Postbox
from tests.reminders.test_mail import configure
from tests.trail import told

STATES = (MailState.UNKNOWN, MailState.REFUSED, MailState.REFUSED, MailState.WAITING, MailState.TAKEN)
SENDING, CLOSURE = "/reminders/mails/{}/sending", "/reminders/mails/{}/closure"


@pytest.fixture
def box() -> Iterator[Postbox]:
    box = Postbox().start()
    yield box
    box.stop()


@pytest.fixture
def lists(site: Flask, clock: StoppedClock, box: Postbox) -> dict[str, list[int]]:
    """Mails of every state: their numbers by state."""
    configure(site, box)
    found: dict[str, list[int]] = {}
    with site.app_context():
        writing.set(True)
        person = db.session.scalars(select(Person).where(Person.login == "staff")).one()
        for number, state in enumerate(STATES):
            at = clock.now() - timedelta(minutes=number)
            mail = Mail(
                person_id=person.id, slot=str(number), message_id=f"<{number}@x>", until_at=at, came=3, waiting=4,
                overdue=0, written_at=at, asked_at=at, state=state, tries=2, answer=f"收件人：550 <no> {number}",
                answered_at=at, try_at=at if state is MailState.WAITING else None,
            )  # fmt: skip
            db.session.add(mail)
            db.session.flush()
            found.setdefault(state.value, []).append(mail.id)
        db.session.commit()
        db.session.remove()
    return found


@pytest.fixture
def admin(site: Flask) -> Visitor:
    return a_visitor(site).sign_in("admin")


def states(site: Flask) -> list[str]:
    with site.app_context():
        writing.set(False)
        found = [mail.state.value for mail in db.session.scalars(select(Mail).order_by(Mail.id))]
        db.session.rollback()
    return found


def page(visitor: Visitor, url: str = "/reminders/mails") -> str:
    return str(visitor.get(url).get_data(as_text=True))


def test_both_lists_say_who_what_and_why(admin: Visitor, lists: dict[str, list[int]]) -> None:
    shown = page(admin)
    assert shown.index("不明 1 封") < shown.index("被拒绝 2 封")
    assert "今天发出 1 封，1 封等着发" in shown
    assert shown.count("周敏（演示）</a>") == 3 and "550 &lt;no&gt; 0" in shown
    assert shown.count(">再发一次</button>") == 3 and shown.count(">已处理</button>") == 3


def test_the_lists_cost_the_same_with_many(site: Flask, admin: Visitor, lists: dict[str, list[int]]) -> None:
    page(admin)
    few = asked(site, admin)
    with site.app_context():
        writing.set(True)
        one = db.session.get_one(Mail, lists["refused"][0])
        for number in range(60):
            db.session.add(
                Mail(
                    person_id=one.person_id, slot=f"more {number}", message_id=f"<{number}@more>",
                    until_at=one.until_at, came=1, waiting=1, overdue=0, written_at=one.until_at, asked_at=one.until_at,
                    state=MailState.REFUSED, tries=1, answer="550", answered_at=one.until_at,
                )
            )  # fmt: skip
        db.session.commit()
        db.session.remove()
    many = asked(site, admin)
    assert few == many
    assert page(admin).count('class="both"') == 51 and "这里是最近 50 封" in page(admin)


def asked(site: Flask, visitor: Visitor) -> int:
    """How many statements the page sends."""
    sent: list[str] = []

    def note(*args: Any) -> None:
        sent.append(args[2])

    with site.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        page(visitor)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(sent)


def test_sending_again_and_closing(site: Flask, admin: Visitor, lists: dict[str, list[int]]) -> None:
    (unknown,), (first, second) = lists["unknown"], lists["refused"]
    assert admin.post(SENDING.format(unknown)).status_code == 303
    assert admin.post(CLOSURE.format(first)).status_code == 303
    assert states(site) == ["waiting", "closed", "refused", "waiting", "taken"]
    for url in (SENDING.format(unknown), CLOSURE.format(first), SENDING.format(lists["taken"][0])):
        answer = admin.post(url)
        assert answer.status_code == 409 and "处理过了" in answer.get_data(as_text=True)
    assert admin.post(SENDING.format(9999)).status_code == 404
    assert admin.get(SENDING.format(second)).status_code == 405
    assert [line[1] for line in told(site, "reminders.mail_again")] == [f"mail:{unknown}"]


def test_all_at_once(site: Flask, admin: Visitor, clock: StoppedClock, lists: dict[str, list[int]]) -> None:
    shown = page(admin)
    seen = re.search(r'name="seen" value="([^"]+)"', shown)
    assert seen and "全部再发一次" in shown and "全部已处理" in shown
    assert admin.post("/reminders/mails/closure", {"state": "taken", "seen": seen[1]}).status_code == 422
    assert admin.post("/reminders/mails/closure", {"state": "unknown", "seen": seen[1]}).status_code == 303
    assert admin.post("/reminders/mails/sending", {"seen": seen[1]}).status_code == 303
    assert admin.post("/reminders/mails/sending", {"seen": seen[1]}).status_code == 303
    assert states(site) == ["closed", "waiting", "waiting", "waiting", "taken"]
    assert "没有不明的邮件" in page(admin) and "没有被拒绝的邮件" in page(admin)
    assert [line[3] for line in told(site, "reminders.mail_again")] == [{"was": "refused", "count": 2}]


@pytest.mark.parametrize("login", ["staff", "office", "auditor", "leader"])
def test_nobody_else_has_these_lists(site: Flask, lists: dict[str, list[int]], login: str) -> None:
    visitor = a_visitor(site).sign_in(login)
    assert visitor.get("/reminders/mails").status_code == 403
    assert visitor.post(SENDING.format(lists["unknown"][0])).status_code == 403
    assert visitor.post("/reminders/mails/closure", {"state": "refused"}).status_code == 403


def test_what_one_wants(site: Flask, staff: Visitor, box: Postbox) -> None:
    assert "没有启用邮件" in page(staff, "/reminders/mail")
    configure(site, box)
    shown = page(staff, "/reminders/mail")
    assert "没有登记邮箱" in shown and 'reminders.mail"' not in shown
    assert shown.count(" checked") == len(offered_to(site)) and "照街道的设置</button>" not in shown
    assert staff.post("/reminders/mail", {"rule": "duties.failed"}).status_code == 303
    shown = page(staff, "/reminders/mail")
    assert shown.count(" checked") == 1 and "照街道的设置</button>" in shown
    assert staff.post("/reminders/mail/reset").status_code == 303
    assert page(staff, "/reminders/mail").count(" checked") == len(offered_to(site))
    assert "收邮件" in page(staff, "/reminders/rules")


def offered_to(site: Flask) -> list[str]:
    return [rule.name for rule in site.extensions["offers"].reminders if rule.name != "reminders.mail"]


def test_one_sees_the_own_address_masked(site: Flask, staff: Visitor) -> None:
    with site.app_context():
        writing.set(True)
        db.session.scalars(select(Person).where(Person.login == "staff")).one().mail = "zhoumin@guixi.lan"
        db.session.commit()
        db.session.remove()
    assert "z***@guixi.lan" in page(staff, "/reminders/mail")


# 系统状态 ---------------------------------------------------------------------------------------------------


def reading(site: Flask, clock: StoppedClock) -> tuple[str, str]:
    (probe,) = OFFERS.probes
    with site.test_request_context():
        writing.set(False)
        found = probe.read(clock.now())
        db.session.rollback()
    return found.lamp, found.text


def test_how_mail_stands(site: Flask, clock: StoppedClock, lists: dict[str, list[int]], admin: Visitor) -> None:
    assert reading(site, clock) == ("late", "1 封不明、2 封被拒绝")
    assert '<a class="name" href="/reminders/mails">1 封不明、2 封被拒绝</a>' in page(admin, "/upkeep/")
    other = page(a_visitor(site).sign_in("office"), "/upkeep/")
    assert "1 封不明、2 封被拒绝" in other and "/reminders/mails" not in other, "no way that is shut"
    for state in ("unknown", "refused"):
        admin.post("/reminders/mails/closure", {"state": state, "seen": clock.now().isoformat(timespec="microseconds")})
    assert reading(site, clock) == ("fine", "今天发出 1 封")
    clock.tick(timedelta(hours=2))
    assert reading(site, clock)[0] == "soon"
    site.config["ADDRESS"] = ""
    assert reading(site, clock) == ("late", "没有配好")
    site.config["MAIL"] = dict.fromkeys(MAIL, "")
    assert reading(site, clock) == ("held", "没有启用")


# the command line -------------------------------------------------------------------------------------------


def test_a_trial_mail(site: Flask, box: Postbox) -> None:
    run = site.test_cli_runner().invoke
    assert "PORTAL_MAIL_HOST is not set" in run(args=["mail", "test", "z@guixi.lan"]).output
    configure(site, box)
    said = run(args=["mail", "test", "z@guixi.lan"])
    assert said.exit_code == 0 and "taken by the server" in said.output
    assert [letter.to for letter in box.letters] == [["z@guixi.lan"]]
    assert str(box.letters[0].mail["Subject"]) == "桂溪人居：测试邮件"
    said = run(args=["mail", "test", "z@guixi.lan, y@guixi.lan"])
    assert said.exit_code == 1 and "一个邮箱" in said.output
    box.recipient = "550 nobody here"
    said = run(args=["mail", "test", "z@guixi.lan"])
    assert said.exit_code == 1 and "refused for good: 收件人：550 nobody here" in said.output
    configure(site, box, **{"from": ""})
    assert "PORTAL_MAIL_FROM" in run(args=["mail", "test", "z@guixi.lan"]).output


def test_the_list_names_nobody(site: Flask, lists: dict[str, list[int]]) -> None:
    said = site.test_cli_runner().invoke(args=["mail", "list"]).output
    assert said.count("refused ") == 2 and said.count("unknown ") == 1 and "周敏" not in said
