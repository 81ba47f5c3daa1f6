"""Doors of the tree: the page, its filters and search, one area's file, the export; whose rows."""

import io
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from tests.areas.pages import read, text
from tests.conftest import Visitor, a_visitor
from tests.merchants.views.test_lists import queries_of
from tests.trail import told


def visit(site: Flask, login: str) -> Visitor:
    return a_visitor(site).sign_in(login)


def test_works(site: Flask) -> None:
    page = text(visit(site, "leader").get("/areas/"))
    for word in ("桂溪街道", "明月社区", "MY-02", "背街小巷", "石坝村", "李网格（演示）", "书记（演示）"):
        assert word in page, word
    assert page.count("缺网格员") == 2 and "缺书记" in page
    assert "新增" not in page and "导出" not in page


def test_whose_rows(site: Flask) -> None:
    page = text(visit(site, "grid").get("/areas/"))
    assert "明月社区" in page and "MY-01" in page
    assert "MY-02" not in page and "石坝村" not in page
    assert "石坝村" not in text(visit(site, "staff").get("/areas/"))


def test_filters_in_the_address_bar_without_javascript(site: Flask) -> None:
    page = text(visit(site, "leader").get("/areas/?type=backstreet"))
    assert "MY-02" in page and "MY-01" not in page and "明月社区" in page
    page = text(visit(site, "leader").get("/areas/?q=ewg"))
    assert "<mark>二网格</mark>" in page and "对上 1 个" in page
    assert "换个写法" in text(visit(site, "leader").get("/areas/?q=zzzz"))
    assert "去掉条件" in text(visit(site, "leader").get("/areas/?type=fringe"))


def test_fragment_only(site: Flask) -> None:
    answer = visit(site, "leader").htmx("get", "/areas/?q=my", "area-table")
    assert text(answer).lstrip().startswith('<div class="list" id="area-table">')
    assert "HX-Target" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "url", ["/areas/?view=nonsense&type=x", "/areas/?q=%25_%5C", "/areas/?view=closed", "/areas/?view=sections"]
)
def test_nonsense_in_the_address_is_no_trouble(site: Flask, url: str) -> None:
    assert visit(site, "leader").get(url).status_code == 200


def test_queries_are_constant(site: Flask) -> None:
    leader, admin = visit(site, "leader"), visit(site, "admin")
    queries_of(leader, "/areas/")
    few, _ = queries_of(leader, "/areas/")
    for number in range(3, 33):
        sent = {"kind": "grid", "community": "MY", "area_type": "key", "name": f"{number}网格", "code": ""}
        assert admin.post("/areas/", sent).status_code == 303
    queries_of(leader, "/areas/")
    many, _ = queries_of(leader, "/areas/")
    assert few == many <= 8


def test_file(site: Flask) -> None:
    community, grid = read(site, "MY"), read(site, "MY-01")
    page = text(visit(site, "leader").get(f"/areas/{community.id}"))
    assert "所属的网格" in page and "MY-02" in page and "书记（演示）" in page
    page = text(visit(site, "leader").get(f"/areas/{grid.id}"))
    assert "网格员" in page and "李网格（演示）" in page and "重点区域" in page
    assert "撤销" not in page and "改资料" not in page


def test_a_stranger_a_colleague_of_elsewhere_and_a_role_without_key(site: Flask) -> None:
    village = read(site, "SB")
    assert "/login" in a_visitor(site).get("/areas/").headers["Location"]
    assert visit(site, "staff").get(f"/areas/{village.id}").status_code == 404
    assert visit(site, "auditor").get("/areas/").status_code == 403
    assert visit(site, "staff").post("/areas/export").status_code == 403


def test_export(site: Flask) -> None:
    admin = visit(site, "admin")
    answer = admin.post("/areas/export", {"type": "backstreet"})
    assert "attachment" in answer.headers["Content-Disposition"]
    sheet: Any = load_workbook(io.BytesIO(answer.data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1][0] == "条件：区域类型：背街小巷；共 1 行" and "系统（演示） 导出" in str(rows[2][0])
    assert rows[4] == ["MY-02", "二网格", "网格", "背街小巷"]
    assert told(site, "areas.export")[-1][3]["count"] == 1


def test_get_of_the_export_is_405(site: Flask) -> None:
    assert visit(site, "admin").get("/areas/export").status_code == 405
