"""Bad luck: a busy or full database is said in Chinese, with nothing half-done and no traceback."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from time import sleep

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from portal.ground.config import ROOT
from portal.ground.db import db
from portal.web.security import ADDRESS_MOST
from tests.conftest import Visitor, a_visitor


def test_a_busy_database_says_so(site: Flask, staff: Visitor) -> None:
    """Another process holds the write lock for longer than a door waits."""

    @event.listens_for(Engine, "connect")
    def impatient(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")

    try:
        with site.app_context():
            db.engine.dispose()
        path = site.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = staff.post("/account/sessions-end")
            other.rollback()
    finally:
        event.remove(Engine, "connect", impatient)
    assert answer.status_code == 503
    assert "系统正忙" in answer.get_data(as_text=True)
    assert staff.get("/account").status_code == 200, "nothing was done"


@contextmanager
def gunicorn(instance: Path, *options: str) -> Iterator[int]:
    """A real server without nginx on an instance folder; yields its port. (werkzeug's own reads on by itself.)"""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "portal:create_app()", "--bind", f"127.0.0.1:{port}", "--log-level",
               "error", *options]  # fmt: skip
    surroundings = {**os.environ, "PORTAL_INSTANCE": str(instance), "FLASK_APP": "wsgi", "PORTAL_CLOCKWORK": "none"}
    server = subprocess.Popen(command, env=surroundings, cwd=ROOT)
    try:
        for _ in range(600):
            with suppress(OSError), closing(HTTPConnection("127.0.0.1", port, timeout=20)) as browser:
                browser.request("GET", "/healthz")
                if browser.getresponse().status == 200:
                    break
            sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def posted(port: int, length: int, *, multipart: bool) -> tuple[int, str]:
    """Post `length` bytes as a browser does that sends all before it listens; return status and page."""
    kind = "multipart/form-data; boundary=edge" if multipart else "application/x-www-form-urlencoded"
    opening = b'--edge\r\nContent-Disposition: form-data; name="login"\r\n\r\n' if multipart else b"login="
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as browser:
        browser.putrequest("POST", "/login")
        browser.putheader("Content-Type", kind)
        browser.putheader("Content-Length", str(length))
        browser.endheaders(opening)
        for start in range(len(opening), length, 1 << 16):
            browser.send(b"a" * min(1 << 16, length - start))
        answer = browser.getresponse()
        return answer.status, answer.read().decode()


@pytest.mark.parametrize(
    ("length", "multipart"), [(13 << 20, True), (24 << 20, False), (5 << 20, True)],
    ids=["a large file", "larger", "one long field"],
)  # fmt: skip
def test_a_body_that_is_too_large_gets_its_page(site: Flask, length: int, multipart: bool) -> None:
    """Without nginx: the server reads on, so that the browser shows the page and no "connection reset"."""
    with gunicorn(site.config["INSTANCE"]) as port:
        status, page = posted(port, length, multipart=multipart)
    assert status == 413 and "上传的文件太大" in page


@pytest.mark.slow
def test_an_address_that_is_too_long_gets_its_page(site: Flask) -> None:
    """The server's own answer is in English, and it would give it from 4,094 bytes on."""
    with (
        gunicorn(site.config["INSTANCE"], "--config", "script/serving.py") as port,
        closing(HTTPConnection("127.0.0.1", port, timeout=20)) as browser,
    ):
        browser.request("GET", "/login?q=" + "a" * 8000)
        answer = browser.getresponse()
        assert answer.status == 414 and "网址太长" in answer.read().decode()


@pytest.mark.parametrize("login", ["", "staff"])
def test_how_long_an_address_may_be(site: Flask, login: str) -> None:
    visitor = a_visitor(site).sign_in(login) if login else a_visitor(site)
    url = "/check?q=".ljust(ADDRESS_MOST, "a")
    assert visitor.get(url).status_code == 200
    answer = visitor.get(url + "a")
    assert answer.status_code == 414 and "从菜单重新进" in answer.get_data(as_text=True)


@pytest.mark.parametrize(("url", "status"), [("/nowhere", 404), ("/merchants/999999", 404), ("/trail/", 403)])
def test_a_wrong_address_is_a_clear_page(staff: Visitor, url: str, status: int) -> None:
    answer = staff.get(url)
    assert answer.status_code == status
    assert "Traceback" not in answer.get_data(as_text=True)
