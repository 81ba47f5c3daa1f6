"""Changing one's password, and the change that is forced (rules 6, Password)."""

from typing import Any

import pytest
from flask import Flask

from tests.cast import PASSWORD
from tests.conftest import Visitor, a_visitor

NEW = "Yulan-7316"


def text(answer: Any) -> str:
    found: str = answer.get_data(as_text=True)
    return found


def change(visitor: Visitor, **but: str) -> Any:
    return visitor.post("/account/password", {"current": PASSWORD, "new": NEW, "again": NEW, **but})


def told_to_change(site: Flask, login: str = "staff") -> tuple[Visitor, str]:
    """Somebody who holds a one-time password, and has logged in with it."""
    said = site.test_cli_runner().invoke(args=["people", "password", login]).output
    secret = said.split()[-1]
    visitor = a_visitor(site)
    assert visitor.post("/login", {"login": login, "password": secret}).status_code == 303
    return visitor, secret


def test_works(site: Flask, staff: Visitor) -> None:
    other = a_visitor(site).sign_in("staff")
    assert change(staff).location == "/start"
    assert staff.get("/account").status_code == 200, "this session goes on"
    assert other.get("/account").status_code == 303, "all others end"
    assert a_visitor(site).post("/login", {"login": "staff", "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("but", "said"),
    [
        pytest.param({"current": "Wrong-7316"}, "现在的密码不正确", id="wrong present one"),
        pytest.param({"current": ""}, "请填现在的密码", id="no present one"),
        pytest.param({"again": "Yulan-7317"}, "两遍新密码不一样", id="typed differently"),
        pytest.param({"new": "yulan", "again": "yulan"}, "至少 8 位", id="weak"),
        pytest.param({"new": PASSWORD, "again": PASSWORD}, "最近用过", id="the same again"),
        pytest.param({"new": "", "again": ""}, "请填新密码", id="no new one"),
    ],
)
def test_bad_input(staff: Visitor, but: dict[str, str], said: str) -> None:
    answer = change(staff, **but)
    assert answer.status_code == 422
    assert said in text(answer)
    assert 'aria-invalid="true"' in text(answer)


def test_stranger_to_login(visitor: Visitor) -> None:
    assert "/login" in visitor.get("/account/password").location


def test_five_wrong_present_ones(staff: Visitor) -> None:
    for _ in range(5):
        change(staff, current="Wrong-7316")
    assert "错得太多" in text(change(staff))


def test_a_forced_change_blocks_every_door(site: Flask) -> None:
    visitor, _secret = told_to_change(site)
    free = {"accounts.password", "accounts.submit_password", "accounts.logout"}
    for rule in site.url_map.iter_rules():
        needs = getattr(site.view_functions[rule.endpoint], "needs", None)
        if needs is None or rule.endpoint in free:
            continue
        url = rule.rule
        for name in rule.arguments:
            for written in (f"<int:{name}>", f"<path:{name}>", f"<{name}>"):
                url = url.replace(written, "1")
        answer = visitor.post(url) if "POST" in (rule.methods or ()) else visitor.get(url)
        assert (answer.status_code, answer.location) == (303, "/account/password"), rule


def test_a_forced_change_for_htmx(site: Flask) -> None:
    visitor, _secret = told_to_change(site)
    answer = visitor.htmx("get", "/account", "anything")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/account/password")


def test_at_a_public_door_they_are_nobody(site: Flask) -> None:
    visitor, _secret = told_to_change(site)
    answer = visitor.get("/check")
    assert answer.status_code == 200
    assert "周敏" not in text(answer)


def test_a_forced_change_ends_with_the_change(site: Flask) -> None:
    visitor, secret = told_to_change(site)
    assert "先换成自己的密码" in text(visitor.get("/account/password"))
    assert change(visitor, current=secret).status_code == 303
    assert visitor.get("/account").status_code == 200


def test_a_forced_change_may_be_left_by_logging_out(site: Flask) -> None:
    visitor, _secret = told_to_change(site)
    assert visitor.post("/logout").location == "/login"
