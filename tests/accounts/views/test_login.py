"""Logging in and out as a browser does it (rules 6; SEC-1, SEC-2)."""

import re
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from typing import Any

import argon2
import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import event, select
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.accounts.models import Login
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from tests import trail
from tests.cast import PASSWORD
from tests.conftest import Visitor, a_visitor


def cookie(visitor: Visitor) -> str:
    found = visitor.client.get_cookie("portal")
    assert found is not None
    return found.value


def inside(visitor: Visitor) -> dict[str, Any]:
    """What the signed cookie holds."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(visitor.app)
    assert serializer is not None
    found: dict[str, Any] = serializer.loads(cookie(visitor))
    return found


def is_in(visitor: Visitor, **headers: str) -> bool:
    return bool(visitor.get("/account", headers=headers).status_code == 200)


def text(answer: Any) -> str:
    found: str = answer.get_data(as_text=True)
    return found


def test_works(visitor: Visitor) -> None:
    answer = visitor.post("/login", {"login": " Staff ", "password": PASSWORD})
    assert answer.status_code == 303
    assert is_in(visitor)


def test_the_first_page_is_the_rails_first_entry(site: Flask) -> None:
    assert a_visitor(site).post("/login", {"login": "auditor", "password": PASSWORD}).location == "/desk/"
    assert a_visitor(site).post("/login", {"login": "volunteer", "password": PASSWORD}).location == "/desk/"


def test_the_login_page(visitor: Visitor) -> None:
    answer = visitor.get("/login")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<form class="sheet" method="post" action="/login"' in text(answer)


def test_who_is_in_needs_no_login_page(staff: Visitor) -> None:
    assert staff.get("/login").status_code == 303


@pytest.mark.parametrize(("field", "value"), [("login", ""), ("password", ""), ("login", "a" * 65)])
def test_bad_input(visitor: Visitor, field: str, value: str) -> None:
    answer = visitor.post("/login", {"login": "staff", "password": PASSWORD, field: value})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text(answer)


def test_get_where_post_belongs(staff: Visitor) -> None:
    assert staff.get("/logout").status_code == 405
    assert staff.get("/switch").status_code == 405


def test_what_was_typed_stays_but_the_password(visitor: Visitor) -> None:
    answer = text(visitor.post("/login", {"login": "staff", "password": "Wrong-7316"}))
    assert 'value="staff"' in answer
    assert "Wrong-7316" not in answer


def test_sec_1_lock_after_five(site: Flask, clock: StoppedClock) -> None:
    visitor = a_visitor(site)
    pages = [visitor.post("/login", {"login": "staff", "password": "Wrong-7316"}) for _ in range(5)]
    assert [page.status_code for page in pages] == [422] * 5
    assert "还可再试 4 次" in text(pages[0]) and "10:15" in text(pages[4])
    shut = visitor.post("/login", {"login": "staff", "password": PASSWORD})
    assert shut.status_code == 429
    assert "10:15" in text(shut)
    elsewhere = visitor.post(
        "/login", {"login": "staff", "password": PASSWORD}, environ_overrides={"REMOTE_ADDR": "10.9.9.9"}
    )
    assert elsewhere.status_code == 303
    clock.tick(timedelta(minutes=15))
    assert a_visitor(site).post("/login", {"login": "staff", "password": PASSWORD}).status_code == 303
    assert [result for _who, _what, result, _details in trail.told(site, "accounts.login")] == [
        *["failed"] * 5, *["ok"] * 2,
    ]  # fmt: skip


def test_a_try_at_a_shut_door_writes_nothing(site: Flask, sqlite_url: str) -> None:
    """It is answered while somebody else holds the write lock."""
    visitor = a_visitor(site)
    for _ in range(6):
        visitor.post("/login", {"login": "staff", "password": "Wrong-7316"})
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        answer = visitor.post("/login", {"login": "staff", "password": "Wrong-7316"})
        other.rollback()
    assert answer.status_code == 429 and time.monotonic() - began < 5, "busy_timeout is 15 seconds"


def test_an_unknown_account_is_told_the_same(site: Flask) -> None:
    def said(login: str) -> list[tuple[int, str]]:
        visitor = a_visitor(site)
        answers = [visitor.post("/login", {"login": login, "password": "Wrong-7316"}) for _ in range(6)]
        words = [re.sub(r'csrf_token" value="[^"]*|X-CSRFToken[^}]*', "", text(one)) for one in answers]
        typed = f'value="{login}"'
        return [(one.status_code, word.replace(typed, "")) for one, word in zip(answers, words, strict=True)]

    assert said("staff") == said("nosuch")


def test_an_unknown_account_takes_as_long(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash is verified for every try, whether there is an account or not."""
    seen: list[str] = []
    verify = argon2.PasswordHasher.verify

    def spy(hasher: argon2.PasswordHasher, kept: str, given: str) -> bool:
        seen.append(kept[:20])
        return verify(hasher, kept, given)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", spy)
    for login in ("staff", "nosuch"):
        a_visitor(site).post("/login", {"login": login, "password": "Wrong-7316"})
    assert len(seen) == 2
    assert seen[0] == seen[1], "with the same cost"


def test_nobody_waits_for_a_hash(site: Flask, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a password is checked, another connection may write."""
    free: list[bool] = []
    verify = argon2.PasswordHasher.verify

    def spy(hasher: argon2.PasswordHasher, kept: str, given: str) -> bool:
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.rollback()
        free.append(True)
        return verify(hasher, kept, given)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", spy)
    visitor = a_visitor(site)
    assert visitor.post("/login", {"login": "staff", "password": PASSWORD}).status_code == 303
    change = {"current": PASSWORD, "new": "Yulan-7316", "again": "Yulan-7316"}
    assert visitor.post("/account/password", change).status_code == 303
    assert len(free) >= 3


def test_the_cookie(site: Flask, visitor: Visitor) -> None:
    answer = visitor.post("/login", {"login": "staff", "password": PASSWORD})
    flags = answer.headers["Set-Cookie"]
    assert "HttpOnly" in flags and "SameSite=Lax" in flags and "Secure" not in flags
    site.config["SESSION_COOKIE_SECURE"] = True
    again = a_visitor(site)
    again.client.get("/csrf-for-tests", base_url="https://localhost")
    token = again.client.get("/csrf-for-tests", base_url="https://localhost").get_data(as_text=True)
    headers = {"Referer": "https://localhost/login"}
    fields = {"csrf_token": token, "login": "staff", "password": PASSWORD}
    secure = again.client.post("/login", data=fields, base_url="https://localhost", headers=headers)
    assert "Secure" in secure.headers["Set-Cookie"]


def test_login_rotates_the_session(visitor: Visitor) -> None:
    visitor.sign_in("staff")
    first = inside(visitor)
    visitor.post("/logout")
    visitor.token()
    planted = inside(visitor)
    visitor.sign_in("staff")
    second = inside(visitor)
    assert first["key"] != second["key"]
    assert planted["csrf_token"] != second.get("csrf_token")


@pytest.mark.parametrize(("login", "minutes"), [("staff", 30), ("admin", 15), ("auditor", 15), ("security", 15)])
def test_idle(site: Flask, clock: StoppedClock, login: str, minutes: int) -> None:
    visitor = a_visitor(site).sign_in(login)
    for _ in range(3):
        clock.tick(timedelta(minutes=minutes) - timedelta(seconds=1))
        assert is_in(visitor)
    clock.tick(timedelta(minutes=minutes))
    assert not is_in(visitor)


def test_polling_is_no_activity(staff: Visitor, clock: StoppedClock) -> None:
    for _ in range(2):
        clock.tick(timedelta(minutes=14))
        assert is_in(staff, **{"X-Polling": "1"})
    clock.tick(timedelta(minutes=2))
    assert not is_in(staff)


def test_staying_is_activity(staff: Visitor, clock: StoppedClock) -> None:
    clock.tick(timedelta(minutes=29))
    assert staff.post("/account/stay").status_code == 204
    clock.tick(timedelta(minutes=29))
    assert is_in(staff)


def test_twelve_hours_are_the_end(staff: Visitor, clock: StoppedClock) -> None:
    for _ in range(35):
        clock.tick(timedelta(minutes=20))
        assert is_in(staff)
    clock.tick(timedelta(minutes=20))
    assert not is_in(staff)


def test_the_page_knows_the_limit(site: Flask) -> None:
    assert 'data-seconds="1800"' in text(a_visitor(site).sign_in("staff").get("/account"))
    assert 'data-seconds="900"' in text(a_visitor(site).sign_in("admin").get("/account"))


def test_a_dead_session_leads_to_login_and_back(staff: Visitor, clock: StoppedClock) -> None:
    clock.tick(timedelta(minutes=31))
    answer = staff.get("/account?a=1")
    assert answer.status_code == 303
    assert answer.location == "/login?next=/account?a%3D1&over=1"
    assert "好一会儿没有操作" in text(staff.get(answer.location))
    back = staff.post(answer.location, {"login": "staff", "password": PASSWORD})
    assert back.location == "/account?a=1"


def test_sec_2_htmx_with_a_dead_session(staff: Visitor, clock: StoppedClock) -> None:
    clock.tick(timedelta(minutes=31))
    headers = {"HX-Request": "true", "HX-Target": "shop-table", "HX-Current-URL": "http://localhost/account?q=a"}
    for answer in (staff.client.get("/account", headers=headers), staff.post("/account/stay", headers=headers)):
        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"] == "/login?next=/account?q%3Da&over=1"
        assert text(answer) == "", "never a login page inside a fragment"


def test_a_foreign_current_url_leads_nowhere(visitor: Visitor) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://evil.example/account"}
    assert visitor.client.get("/account", headers=headers).headers["HX-Redirect"] == "/login"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "/account\r\nX: y",
        "javascript:alert(1)", "/nowhere", "/logout", "/static/app.css", "/login", "account", "/trail/",
        "/%2f%2fevil.example", "/\t/evil.example",
    ],
)  # fmt: skip
def test_next_leads_only_where_this_person_may_go(visitor: Visitor, target: str) -> None:
    answer = visitor.client.post(
        "/login",
        query_string={"next": target},
        data={"csrf_token": visitor.token(), "login": "volunteer", "password": PASSWORD},
    )
    assert answer.location == "/desk/", "the volunteer's first page"


def test_logout_ends_every_copy_of_the_cookie(site: Flask, staff: Visitor) -> None:
    copy = a_visitor(site)
    copy.client.set_cookie("portal", cookie(staff))
    assert is_in(copy)
    assert staff.post("/logout").location == "/login"
    assert not is_in(staff)
    assert not is_in(copy)
    assert trail.told(site, "accounts.logout") == [("周敏（演示）", "person:10", "ok", {})]


def test_all_sessions_out(site: Flask, staff: Visitor) -> None:
    other, stranger = a_visitor(site).sign_in("staff"), a_visitor(site).sign_in("village")
    assert staff.post("/account/sessions-end").location == "/login"
    assert [is_in(one) for one in (staff, other, stranger)] == [False, False, True]


def test_a_forged_cookie_opens_nothing(site: Flask, staff: Visitor) -> None:
    good = cookie(staff)
    for forged in (good[:-2] + "AA", "", "x.y.z"):
        visitor = a_visitor(site)
        visitor.client.set_cookie("portal", forged)
        assert not is_in(visitor)


def test_who_is_locked_or_leaves_is_out_at_once(site: Flask, staff: Visitor) -> None:
    result = site.test_cli_runner().invoke(args=["people", "leave", "staff"])
    assert result.exit_code == 0, result.output
    assert not is_in(staff)


def test_switching_keeps_the_page_that_the_next_may_see(site: Flask, staff: Visitor) -> None:
    answer = staff.post("/switch", {"next": "/account?a=1"})
    assert answer.location == "/login?next=/account?a%3D1"
    assert not is_in(staff), "the one before is out at once"
    back = staff.post(answer.location, {"login": "village", "password": PASSWORD})
    assert back.location == "/account?a=1"
    assert "村干部（演示）" in text(staff.get("/account"))


def test_switching_drops_a_page_without_the_key(site: Flask) -> None:
    visitor = a_visitor(site).sign_in("auditor")
    answer = visitor.post("/switch", {"next": "/trail/"})
    assert visitor.post(answer.location, {"login": "volunteer", "password": PASSWORD}).location == "/desk/"


def test_switching_drops_a_row_out_of_reach(site: Flask) -> None:
    visitor = a_visitor(site).sign_in("auditor")
    answer = visitor.post("/switch", {"next": "/trail/99999"})
    arrived = visitor.post(answer.location, {"login": "auditor", "password": PASSWORD})
    assert arrived.location == "/trail/99999"
    gone = visitor.get(arrived.location)
    assert (gone.status_code, gone.location) == (303, "/start")
    assert "不在您的管辖范围" in text(visitor.get("/account"))
    assert visitor.get("/trail/99999").status_code == 404, "later it is what it is"


def test_a_login_over_a_living_session_ends_it(site: Flask, staff: Visitor) -> None:
    copy = a_visitor(site)
    copy.client.set_cookie("portal", cookie(staff))
    staff.sign_in("village")
    assert not is_in(copy)


def test_knowing_who_is_there_costs_one_query(site: Flask, staff: Visitor) -> None:
    asked: list[str] = []
    with site.app_context():
        engine = db.engine

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    assert staff.post("/account/stay").status_code == 204  # the settings are read, once a process
    event.listen(engine, "before_cursor_execute", note)
    assert staff.post("/account/stay").status_code == 204
    event.remove(engine, "before_cursor_execute", note)
    reading = [one for one in asked if one.lstrip().upper().startswith("SELECT")]
    assert len(reading) == 1, reading


def test_a_get_writes_nothing(site: Flask, staff: Visitor) -> None:
    with site.app_context():
        writing.set(False)
        before = len(trail.lines())
    staff.get("/account")
    staff.get("/login")
    with site.app_context():
        assert len(trail.lines()) == before


def test_a_login_that_was_not_kept_leaves_no_session(site: Flask) -> None:
    """The disk is full at the commit: the page says so, and the browser holds no cookie that passes any door."""

    def full(_connection: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    visitor = a_visitor(site)
    token = {"login": "staff", "password": PASSWORD, "csrf_token": visitor.token()}
    with site.app_context():
        engine = db.engine
    event.listen(engine, "commit", full)
    try:
        answer = visitor.client.post("/login", data=token)
    finally:
        event.remove(engine, "commit", full)
    assert answer.status_code == 503 and "磁盘满了" in text(answer)
    assert "_user_id" not in (inside(visitor) if visitor.client.get_cookie("portal") else {})
    assert not is_in(visitor)
    assert visitor.sign_in("staff") and is_in(visitor)


def test_an_address_longer_than_any_is_cut(site: Flask) -> None:
    """Behind a proxy the address is a header: whatever it says, somebody can log in and columns hold it."""
    site.wsgi_app = ProxyFix(site.wsgi_app, 1)  # type: ignore[method-assign]
    visitor = a_visitor(site)
    far = {"headers": {"X-Forwarded-For": "9" * 300}}
    assert visitor.post("/login", {"login": "staff", "password": "Wrong-7316"}, **far).status_code == 422
    assert visitor.post("/login", {"login": "staff", "password": PASSWORD}, **far).status_code == 303
    assert visitor.get("/account", **far).status_code == 200
    with site.app_context():
        assert {len(at) for at in db.session.scalars(select(Login.address))} == {45}
