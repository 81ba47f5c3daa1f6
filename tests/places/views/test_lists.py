"""Doors of the list of streets: works, filters, fragment, whose rows, queries, coverage (R3), export, the notice."""

import io
import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from openpyxl import load_workbook

from tests.areas.pages import text
from tests.conftest import Visitor, a_visitor
from tests.merchants.views.test_lists import queries_of
from tests.places.streets import id_of, person_id, planted
from tests.trail import told


def visit(site: Flask, login: str) -> Visitor:
    return a_visitor(site).sign_in(login)


def test_works(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, {"keeper": "grid"}, {"name": "水塔巷"}, {"name": "坝口路", "grids": ("SB-01",)})
    page = text(staff.get("/places/"))
    assert "桂花巷" in page and "李网格（演示）" in page and "明月大道口 — 老井巷，320 米" in page
    assert "坝口路" not in page
    assert "还有 1 条路段没有责任人，其中背街小巷 1 条" in page and "按网格一次落实" in page
    assert "定责任人" in page


def test_who_may_only_look(site: Flask, now: datetime) -> None:
    planted(site, now)
    page = text(visit(site, "grid").get("/places/"))
    assert "桂花巷" in page and "无责任人" in page
    assert "登记路段" not in page and "定责任人" not in page and "按网格一次落实" not in page


def test_filters_in_the_address_bar_without_javascript(site: Flask, now: datetime) -> None:
    planted(site, now, {"keeper": "grid"}, {"name": "水塔巷", "grids": ("MY-02",)})
    leader = visit(site, "leader")
    page = text(leader.get("/places/?grid=MY-02&kind=alley&q=stx"))
    assert "<mark>水塔巷</mark>" in page and "桂花巷" not in page and "对上 1 条" in page
    page = text(leader.get("/places/?view=nobody"))
    assert "水塔巷" in page and "桂花巷" not in page


def test_fragment_only(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now)
    answer = staff.htmx("get", "/places/?q=ghx", "street-table")
    assert text(answer).lstrip().startswith('<div class="list" id="street-table">')
    assert "HX-Target" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "url", ["?page=99&size=7", "?view=x&kind=y&grid=ZZ", "?q=" + quote("%_\\' OR 1=1 --" * 9), "?page=-1"]
)
def test_nonsense_in_the_address_is_no_trouble(site: Flask, staff: Visitor, now: datetime, url: str) -> None:
    planted(site, now)
    assert staff.get(f"/places/{url}").status_code == 200


def test_empty_says_what_fills_it(site: Flask, staff: Visitor, now: datetime) -> None:
    assert "导入路段" in text(staff.get("/places/"))
    assert "请社区工作人员登记" in text(visit(site, "leader").get("/places/"))
    planted(site, now, {"keeper": "grid"})
    assert "换个写法" in text(staff.get("/places/?q=zzzz"))
    assert "每条路段都有责任人" in text(staff.get("/places/?view=nobody"))
    assert "去掉一个条件" in text(staff.get("/places/?kind=main"))


def test_queries_are_constant(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, {"keeper": "grid"})
    queries_of(staff, "/places/")
    one, _ = queries_of(staff, "/places/")
    planted(site, now, *({"name": f"{n}号巷", "grids": ("MY-01", "MY-02")} for n in range(40)))
    many, weight = queries_of(staff, "/places/")
    assert one == many <= 9
    assert weight < 60_000


def test_stranger_and_role_without_key(site: Flask) -> None:
    assert "/login" in a_visitor(site).get("/places/").headers["Location"]
    for door in ("/places/", "/places/coverage", "/places/notice"):
        assert visit(site, "auditor").get(door).status_code == 403
    leader = visit(site, "leader")
    for door in ("/places/export", "/places/new", "/places/allotment", "/places/sheets/new"):
        assert leader.get(door).status_code == 403
    for door in ("/places/export", "/places/", "/places/allotment", "/places/sheets"):
        assert leader.post(door).status_code == 403


def test_r3_coverage_reaches_zero(site: Flask, now: datetime) -> None:
    office = visit(site, "office")
    planted(site, now, {}, {"name": "坝口路", "grids": ("SB-01",), "keeper": "village"})
    page = text(office.get("/places/coverage"))
    assert "无责任人的巷道" in page and "每条背街小巷" in page
    assert 'href="/places/?community=MY&amp;view=nobody&amp;kind=alley"' in page
    assert "<b>1<small>条</small></b><em>背街小巷共 2 条" in page
    assert office.post("/places/allotment", {"street": f"1-{person_id(site, 'grid')}"}).status_code == 303
    page = text(office.get("/places/coverage"))
    assert "<b>0<small>条</small></b><em>背街小巷共 2 条" in page and "community=MY&amp;view=nobody" not in page


def test_export_asks_then_answers_and_is_in_the_trail(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, {"keeper": "grid"}, {"name": "水塔巷", "grids": ("MY-02",)})
    staff.get("/places/?grid=MY-01")
    asked = text(staff.get("/places/export"))
    assert "导出 1 条路段" in asked and "网格：明月社区一网格" in asked
    assert text(staff.htmx("get", "/places/export", "asked")).lstrip().startswith('<div id="asked">')
    answer = staff.post("/places/export", {"grid": "MY-01"})
    assert "attachment" in answer.headers["Content-Disposition"]
    sheet: Any = load_workbook(io.BytesIO(answer.data)).active
    rows = [[cell.value for cell in one] for one in sheet.iter_rows()]
    assert rows[4][:6] == ["L0001", "桂花巷", "背街小巷", "背街小巷", "MY-01", "grid"]
    assert "周敏（演示） 导出" in str(rows[2][0])
    assert told(site, "places.export")[-1][3]["count"] == 1


def test_the_notice_to_hang(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, {"keeper": "grid"}, {"name": "水塔巷", "grids": ("MY-02",)})
    staff.get("/places/")
    page = text(staff.get("/places/notice"))
    assert "路段责任人公示表" in page and "李网格（演示）" in page and "暂无" in page and "2 条" in page
    assert told(site, "places.print") == []
    assert "data-print-now" in text(staff.post("/places/notice"))
    assert told(site, "places.print") == [("周敏（演示）", "streets", "ok", {"count": 2})]


def test_the_notice_prints_the_list_that_was_shown(site: Flask, staff: Visitor, now: datetime) -> None:
    """Its conditions travel in the form: another tab may look at another list in between."""
    planted(site, now, {"keeper": "grid"}, {"name": "水塔巷", "grids": ("MY-02",)})
    staff.get("/places/?view=nobody&q=水塔")
    asked = sent_by(text(staff.get("/places/notice")))
    staff.get("/places/")
    assert set(asked) == {"view", "sought"} and asked["view"] == "nobody"
    page = text(staff.post("/places/notice", asked))
    assert "水塔巷" in page and "桂花巷" not in page and "1 条" in page
    assert told(site, "places.print")[-1][3] == {"count": 1}


def sent_by(page: str) -> dict[str, str]:
    """What the form of 打印 carries beside its token."""
    (form,) = re.findall(r'<form method="post" action="/places/notice".*?</form>', page, re.DOTALL)
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return {name: value for name, value in found if name != "csrf_token"}


def test_the_tree_and_the_file_of_an_area_lead_here(site: Flask, now: datetime) -> None:
    planted(site, now)
    leader = visit(site, "leader")
    page = text(leader.get("/areas/"))
    assert "1 条无责任人" in page
    page = text(leader.get(f"/areas/{id_of(site, 'MY-01')}"))
    assert 'href="/places/?view=nobody&amp;grid=MY-01"' in page
