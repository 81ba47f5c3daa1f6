"""The list of people: born filtered, searched, filtered, paged, exported."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import event

from portal.accounts import services
from portal.ground.actor import SYSTEM
from portal.ground.db import db, writing
from tests.accounts.views.people import person_id, text
from tests.cast import PEOPLE, Cast
from tests.conftest import NOON, Visitor, a_visitor
from tests.trail import told


@contextmanager
def counted(site: Flask) -> Iterator[list[str]]:
    """The statements that the database is asked."""
    asked: list[str] = []

    def listen(*args: object) -> None:
        asked.append(str(args[2]))

    with site.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", listen)
    yield asked
    event.remove(engine, "before_cursor_execute", listen)


def crowd(site: Flask, number: int) -> None:
    """More people, each a grid worker of MY-02."""
    with site.app_context():
        writing.set(True)
        area = Cast.load(NOON).areas["MY-02"]
        for one in range(number):
            secret = services.OneTime("x", "$argon2id$x")
            new = {"login": f"worker{one:03}", "name": "王芳", "phone": "13812345678", "secret": secret}
            person = services.add(**new, by=SYSTEM, now=NOON)
            services.give_role(person, role="grid_worker", area=area, from_on=NOON.date(), by=SYSTEM, now=NOON)
        db.session.commit()


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    return visitor.sign_in("admin")


def test_the_whole_office(admin: Visitor) -> None:
    page = text(admin.get("/people/"))
    assert "16 人" in page and "全街道" in page
    assert all(login in page for login, *_ in PEOPLE)
    assert re.search(r'href="/people/" aria-current="page"', page), "the rail says where one is"


def test_born_filtered(site: Flask, staff: Visitor) -> None:
    page = text(staff.get("/people/"))
    assert "李网格（演示）" in page and "村干部（演示）" not in page and "领导（演示）" not in page
    assert "/people/new" not in page and "/people/export" not in page


def test_search_as_a_fragment(admin: Visitor) -> None:
    page = text(admin.htmx("get", "/people/?q=zm", "people-table"))
    assert page.lstrip().startswith('<div class="list" id="people-table">')
    assert "<mark>周敏</mark>" in page and "对上 1 人" in page


@pytest.mark.parametrize(
    ("asked", "there", "not_there"),
    [
        ("role=grid_worker", "李网格", "周敏"),
        ("area=MY", "李网格", "村干部"),
        ("area=MY&role=secretary", "书记（演示）", "李网格"),
        ("view=left", "这一类现在没有人", "周敏"),
        ("role=king&view=none", "周敏", "这些条件下没有人"),
        ("q=nobody", "没有对上“nobody”的人", "周敏"),
        ("area=SB-01&role=leader", "这些条件下没有人", "周敏"),
        ("page=99", "周敏", "第 99"),
        ("page=²&size=x", "周敏", "故障"),
    ],
)
def test_filters_in_the_address(admin: Visitor, asked: str, there: str, not_there: str) -> None:
    answer = admin.get(f"/people/?{asked}")
    table = text(answer).partition('id="people-table"')[2]
    assert answer.status_code == 200
    assert there in table and not_there not in table


def test_pages_cost_the_same(site: Flask, admin: Visitor) -> None:
    admin.get("/people/")
    with counted(site) as few:
        admin.get("/people/?q=wangfang")
    crowd(site, 60)
    with counted(site) as many:
        page = text(admin.get("/people/?q=wangfang"))
    assert "第 1 / 2 页，共 60 人" in page
    assert len(many) <= len(few) + 3 <= 12, many
    assert len(many) <= 11
    with counted(site) as next_page:
        admin.get("/people/?q=wangfang&page=2")
    assert len(next_page) == len(many)


def test_telephones_are_masked(site: Flask, admin: Visitor) -> None:
    crowd(site, 1)
    page = text(admin.get("/people/?q=wangfang"))
    assert "138****5678" in page and "13812345678" not in page


def test_the_list_is_remembered(admin: Visitor, site: Flask) -> None:
    admin.get("/people/?role=grid_worker")
    assert "/people/?role=grid_worker" in text(admin.get(f"/people/{person_id(site, 'grid')}"))


def test_export(site: Flask, admin: Visitor) -> None:
    crowd(site, 1)
    admin.get("/people/?role=grid_worker")
    assert "导出 2 人" in text(admin.get("/people/export"))
    assert text(admin.htmx("get", "/people/export", "asked")).lstrip().startswith('<div id="asked">')
    answer = admin.post("/people/export", {"role": "grid_worker"})
    assert answer.status_code == 200 and "%E4%BA%BA%E5%91%98" in answer.headers["Content-Disposition"]
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
    flat = [str(cell) for row in rows for cell in row if cell is not None]
    assert {"李网格（演示）", "worker000", "138****5678", "MY-02", "网格员"} <= set(flat)
    assert "13812345678" not in flat
    assert flat[:2] == ["人员名单", "条件：角色：网格员；共 2 人"]
    assert flat[2].endswith("系统（演示） 导出")
    [(who, subject, result, details)] = told(site, "accounts.export")
    assert (who, subject, result, details["count"]) == ("系统（演示）", "people", "ok", 2)


@pytest.mark.parametrize("login", ["staff", "security", "office"])
def test_export_needs_its_key(site: Flask, login: str) -> None:
    visitor = a_visitor(site).sign_in(login)
    assert visitor.get("/people/export").status_code == 403
    assert visitor.post("/people/export").status_code == 403


@pytest.mark.parametrize("login", ["grid", "leader", "auditor", "volunteer"])
def test_without_the_key_403(site: Flask, login: str) -> None:
    assert a_visitor(site).sign_in(login).get("/people/").status_code == 403


def test_a_stranger_goes_to_the_login(visitor: Visitor) -> None:
    answer = visitor.get("/people/?q=x")
    assert answer.status_code == 303 and "/login" in answer.location
