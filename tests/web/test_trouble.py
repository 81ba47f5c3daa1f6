"""Bad luck: a busy or full database is said in Chinese, with nothing half-done and no traceback."""

import sqlite3
from contextlib import closing

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from portal.ground.db import db
from tests.conftest import Visitor


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


@pytest.mark.parametrize("url", ["/nowhere", "/merchants/999999", "/trail/"])
def test_a_wrong_address_is_a_clear_page(staff: Visitor, url: str) -> None:
    answer = staff.get(url)
    assert answer.status_code in {403, 404}
    assert "Traceback" not in answer.get_data(as_text=True)
