"""Slow work holds no transaction (house.md 4): while a sheet is read or written, another writer gets through."""

import io
import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg
import pytest
from flask import Flask
from openpyxl import load_workbook

from portal import create_app
from portal.ground.clock import StoppedClock
from portal.ground.db import db
from portal.ground.sheets.check import check_rows
from portal.ground.sheets.read import read_sheet
from portal.ground.sheets.waiting import CHANGED_SINCE
from portal.ground.sheets.write import write_xlsx
from portal.web.door import _door
from tests.accounts import test_people_sheets as people
from tests.areas import pages as areas
from tests.areas.pages import hidden, text
from tests.conftest import Visitor, a_visitor, settings
from tests.merchants import test_sheets as merchants
from tests.places import streets
from tests.trail import told
from tests.worktime.test_sheets import csv, rows_of_2027

#: room → who keeps it, the address of its sheets, a sheet that can be entered.
ROOMS: dict[str, tuple[str, str, Callable[[], bytes], str]] = {
    "merchants": ("staff", "/merchants/sheets", lambda: merchants.book(merchants.ROW), "表.xlsx"),
    "people": ("admin", "/people/sheets", lambda: people.book(people.ROW), "表.xlsx"),
    "areas": ("admin", "/areas/sheets", lambda: areas.book(("XQ", "新桥社区", "社区", None)), "表.xlsx"),
    "places": ("staff", "/places/sheets", lambda: streets.book(streets.row()), "表.xlsx"),
    "worktime": ("office", "/worktime/sheets", lambda: csv(rows_of_2027()), "表.csv"),
}


@pytest.fixture
def portal_(instance: Path, database_url: str, clock: StoppedClock) -> Iterator[tuple[Flask, str]]:
    """The application on both databases without a context, and the address of the database."""
    app = create_app(settings(instance, database_url), clock=clock)
    yield app, database_url
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def another_writes(url: str) -> bool:
    """Whether another process could write this very moment, without waiting."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)) as raw:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            raw.execute("ROLLBACK")
        return True
    with closing(psycopg.connect(url.replace("postgresql+psycopg", "postgresql"))) as raw:
        asked = (  # of this database alone: other tests write in theirs
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE d.datname = current_database() AND l.relation > 0"
            " AND l.mode IN ('RowExclusiveLock', 'ExclusiveLock')"
        )
        row = raw.execute(asked).fetchone()
        return row is not None and row[0] == 0


@contextmanager
def meanwhile(deed: Callable[[str], None]) -> Iterator[None]:
    """Do something each time that a sheet is read, its cells are checked, or one is written."""
    slow = {read_sheet.__code__: "read", check_rows.__code__: "checked", write_xlsx.__code__: "written"}

    def look(frame: FrameType, event: str, _given: Any) -> None:
        if event == "call" and frame.f_code in slow:
            sys.setprofile(None)
            deed(slow[frame.f_code])
            sys.setprofile(look)

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(None)


@contextmanager
def watched(url: str) -> Iterator[list[tuple[str, bool]]]:
    """Note when sheets are read, checked and written, and whether another could write meanwhile."""
    seen: list[tuple[str, bool]] = []
    with meanwhile(lambda step: seen.append((step, another_writes(url)))):
        yield seen


def send(visitor: Visitor, door: str, data: bytes, name: str) -> Any:
    return visitor.post(door, {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


@pytest.mark.parametrize("room", ROOMS)
def test_no_sheet_is_read_while_others_wait_to_write(portal_: tuple[Flask, str], room: str) -> None:
    """Upload, answers, faults and entry (house.md 4)."""
    app, url = portal_
    who, door, made, name = ROOMS[room]
    visitor = a_visitor(app).sign_in(who)
    with watched(url) as seen:
        answer = send(visitor, door, made(), name)
    assert answer.status_code == 303, text(answer)
    assert seen == [("read", True), ("checked", True)]
    sheet, free = str(answer.headers["Location"]), {("read", True), ("checked", True)}
    with watched(url) as seen:
        assert visitor.post(f"{sheet}/answers", {"version": "1"}).status_code == 303
        assert visitor.post(f"{sheet}/faults").status_code == 200
        assert visitor.htmx("post", f"{sheet}/answers", "sheet-preview", {"version": "0"}).status_code == 409
        page = text(visitor.get(sheet))
        assert visitor.post(f"{sheet}/entry", {"seen": hidden(page, "seen")}).status_code == 303
    assert set(seen) == free | {("written", True)} and seen.count(("read", True)) == 5
    assert 'name="seen"' not in text(visitor.get(sheet)), "it is entered"


def test_a_door_that_begins_writing_holds_the_others_up(site: Flask, sqlite_url: str) -> None:
    """The negative control: the same view behind a door that takes the lock at once."""
    view = site.view_functions["merchants.keep"]
    site.view_functions["merchants.keep"] = _door(view.__wrapped__, view.needs, begins_reading=False)
    who, door, made, name = ROOMS["merchants"]
    visitor = a_visitor(site).sign_in(who)
    with watched(sqlite_url) as seen:
        assert send(visitor, door, made(), name).status_code == 303
    assert seen == [("read", False), ("checked", False)]


@pytest.mark.parametrize("room", ROOMS)
def test_answers_given_while_the_sheet_is_read_are_not_passed_over(portal_: tuple[Flask, str], room: str) -> None:
    """The same clerk, in another window: entry is refused, and the sheet waits with the newer answer."""
    app, _url = portal_
    who, door, made, name = ROOMS[room]
    here, there = a_visitor(app).sign_in(who), a_visitor(app).sign_in(who)
    sheet = str(send(here, door, made(), name).headers["Location"])
    given: list[int] = []

    def answer(step: str) -> None:
        if step == "read":
            with ThreadPoolExecutor(1) as other:
                sent = {"version": "1", "skip": "2"}
                given.append(other.submit(there.post, f"{sheet}/answers", sent).result().status_code)

    seen = hidden(text(here.get(sheet)), "seen")
    with meanwhile(answer):
        refused = here.post(f"{sheet}/entry", {"seen": seen})
    assert given == [303]
    assert (refused.status_code, CHANGED_SINCE in text(refused)) == (409, True)
    assert "跳过的行" in text(here.get(sheet)), "nothing is entered, the answer stands"


@pytest.mark.parametrize(
    ("who", "door", "action"),
    [
        ("staff", "/merchants/export", "merchants.export"),
        ("admin", "/people/export", "accounts.export"),
        ("admin", "/areas/export", "areas.export"),
        ("staff", "/places/export", "places.export"),
    ],
)
def test_no_export_is_written_while_others_wait(portal_: tuple[Flask, str], who: str, door: str, action: str) -> None:
    """And what was searched for stands in its head, and on the page that asks, without the whole telephone."""
    app, url = portal_
    visitor, there = a_visitor(app).sign_in(who), door.removesuffix("export")
    visitor.get(f"{there}?q=13812345678")
    sent = {"q": "13812345678"}  # the tree of areas exports from its own page
    if door != "/areas/export":
        page = text(visitor.get(door))
        assert "13812345678" not in page
        assert visitor.get(f"{there}?last=1").location.endswith("?q=13812345678"), "and the way back is known"
        sent = {"sought": hidden(page, "sought")}
    with watched(url) as seen:
        answer = visitor.post(door, sent)
    assert seen == [("written", True)]
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
    flat = " ".join(str(cell) for row in rows for cell in row)
    assert "找“138****5678”" in flat and "13812345678" not in flat
    assert [said["count"] for *_who, said in told(app, action)] == [len(rows) - 4]
