"""A form that came too late: the login died while somebody typed, and what was typed comes back."""

import base64
import html
import re
import secrets
import zlib
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from portal.ground.clock import StoppedClock
from tests.cast import PASSWORD
from tests.conftest import Visitor, a_visitor

TYPED = {"sign": "建新路<早餐>店", "notes": "第一行\n第二行", "phone": "13600007810"}
OWN = {"Origin": "http://localhost", "Referer": "http://localhost/merchants/new"}


def text(answer: Any) -> str:
    found: str = answer.get_data(as_text=True)
    return found


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def unpacked(carried: str) -> str:
    """What somebody reads in the hidden field who knows how it is packed, without any key."""
    body = carried.lstrip(".").split(".")[0]
    raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    return (zlib.decompress(raw) if carried.startswith(".") else raw).decode()


def target(site: Flask) -> str:
    """A door of the staff that takes a form."""
    with site.test_request_context():
        return next(
            rule.rule
            for rule in site.url_map.iter_rules()
            if rule.endpoint.startswith("merchants.") and "POST" in (rule.methods or ()) and not rule.arguments
        )


def test_what_was_typed_comes_back(site: Flask, staff: Visitor, clock: StoppedClock) -> None:
    url = target(site)
    clock.tick(timedelta(minutes=31))
    late = staff.post(url, TYPED, headers=OWN)
    assert late.status_code == 401
    assert "没有存上" in text(late)
    assert late.headers["Cache-Control"] == "no-store"
    assert not re.search("早餐|7810", text(late) + unpacked(hidden(text(late))["carried"])), "it travels sealed"
    login = {"login": "staff", "password": PASSWORD, "carried": hidden(text(late))["carried"]}
    back = staff.post("/login?next=/merchants/new", login)
    assert back.status_code == 200
    assert "周敏（演示）" in text(back) and f'action="{url}"' in text(back)
    kept = hidden(text(back))
    assert {name: kept[name] for name in TYPED} == TYPED
    again = staff.client.post(url, data={"csrf_token": kept["csrf_token"], **TYPED})
    assert again.status_code not in (400, 401), "its token is good"


def test_a_wrong_password_loses_nothing(site: Flask, staff: Visitor, clock: StoppedClock) -> None:
    clock.tick(timedelta(minutes=31))
    carried = hidden(text(staff.post(target(site), TYPED, headers=OWN)))["carried"]
    wrong = staff.post("/login", {"login": "staff", "password": "Wrong-7316", "carried": carried})
    assert hidden(text(wrong))["carried"] == carried


def test_a_cookie_that_is_gone_altogether(site: Flask, visitor: Visitor) -> None:
    """The browser was closed: no session, so no CSRF token either."""
    late = visitor.client.post(target(site), data=TYPED, headers=OWN)
    assert late.status_code == 401
    assert hidden(text(late))["carried"]


def test_a_token_of_the_session_before(site: Flask, staff: Visitor) -> None:
    """Logged in anew in another tab: the old tab's form has an old token, and is offered again."""
    answer = staff.client.post(target(site), data={"csrf_token": "old", **TYPED}, headers=OWN)
    assert answer.status_code == 409
    assert hidden(text(answer))["sign"] == TYPED["sign"]


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
def test_a_foreign_form_is_never_brought_back(site: Flask, staff: Visitor, clock: StoppedClock, origin: str) -> None:
    clock.tick(timedelta(minutes=31))
    headers = {"Origin": origin} if origin else {}
    answer = staff.post(target(site), TYPED, headers=headers)
    assert answer.status_code == 303
    token = staff.client.post(target(site), data={"csrf_token": "x", **TYPED}, headers=headers)
    assert token.status_code == 400


def test_another_person_does_not_see_it(site: Flask, staff: Visitor, clock: StoppedClock) -> None:
    clock.tick(timedelta(minutes=31))
    carried = hidden(text(staff.post(target(site), TYPED, headers=OWN)))["carried"]
    answer = staff.post("/login", {"login": "village", "password": PASSWORD, "carried": carried})
    assert answer.status_code == 303


@pytest.mark.parametrize("spoil", ["cut", "old"])
def test_what_is_not_ours_is_not_opened(site: Flask, staff: Visitor, clock: StoppedClock, spoil: str) -> None:
    clock.tick(timedelta(minutes=31))
    carried = hidden(text(staff.post(target(site), TYPED, headers=OWN)))["carried"]
    if spoil == "cut":
        carried = carried[:-1] + ("A" if carried[-1] != "A" else "B")
    else:
        carried = "WyJ4Il0.aaaa.bbbb"
    assert staff.post("/login", {"login": "staff", "password": PASSWORD, "carried": carried}).status_code == 303


def test_passwords_and_codes_do_not_travel(site: Flask, staff: Visitor, clock: StoppedClock) -> None:
    clock.tick(timedelta(minutes=31))
    fields = {"current": PASSWORD, "new": "Yulan-7316", "again": "Yulan-7316"}
    assert staff.post("/account/password", fields, headers=OWN).status_code == 303


def test_a_form_of_a_megabyte_goes_the_plain_way(site: Flask, visitor: Visitor) -> None:
    answer = visitor.post(target(site), {"notes": secrets.token_hex(300_000)}, headers=OWN)
    assert answer.status_code == 303
    assert a_visitor(site).get("/login").status_code == 200


def test_a_signature_never_travels(site: Flask, visitor: Visitor) -> None:
    """A machine that was retired while somebody signed leads to the login page with nothing in it."""
    answer = visitor.post("/kiosk/pledge/signature", {"strokes": "[[[1,2,3]]]", "key": "k"}, headers=OWN)
    assert answer.status_code == 303
