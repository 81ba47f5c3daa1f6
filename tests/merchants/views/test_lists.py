"""Doors of the list: works, without JavaScript, as a fragment, whose rows, queries, bytes; export."""

import io
from datetime import datetime
from urllib.parse import quote

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.areas.pages import hidden
from tests.conftest import Visitor, a_visitor
from tests.merchants.shops import planted
from tests.trail import told

MANY = [{"door_no": f"{n} 号", "sign_name": f"店{n}", "phone": f"136{n:08d}"} for n in range(1, 61)]


def queries_of(visitor: Visitor, url: str) -> tuple[int, int]:
    """How many statements a page takes (a transaction's own aside), and how many bytes it has."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        answer = visitor.get(url)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert answer.status_code == 200
    return sum(one.startswith("SELECT") for one in seen), len(answer.data)


def test_works(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, {}, {"grid": "SB-01", "sign_name": "村口小卖部"})
    text = staff.get("/merchants/").get_data(as_text=True)
    assert "阿婆豆花" in text
    assert "何*" in text
    assert "136****2207" in text
    assert "13600002207" not in text
    assert "何小满" not in text
    assert "村口小卖部" not in text


def test_filters_in_the_address_bar_without_javascript(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, {}, {"grid": "MY-01", "sign_name": "学府文印", "door_no": "9 号"})
    text = staff.get("/merchants/?grid=MY-01&trade=food&q=xfwy").get_data(as_text=True)
    assert "<mark>学府文印</mark>" in text
    assert "阿婆豆花" not in text
    assert 'name="grid" value="MY-01" data-word="一网格" checked' in text
    assert "对上 1 家" in text
    assert 'href="/merchants/?trade=food&amp;q=xfwy"' in text  # the chip that takes the grid off


def test_fragment_only(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now)
    answer = staff.htmx("get", "/merchants/?q=apdh", "shop-table")
    text = answer.get_data(as_text=True)
    assert text.lstrip().startswith('<div class="list" id="shop-table">')
    assert "<html" not in text
    assert "HX-Target" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "url",
    [
        "/merchants/?q=",
        "/merchants/?page=99999&size=7",
        "/merchants/?state=nonsense&grid=XX",
        "/merchants/?q=" + quote("%_\\' OR 1=1 --" * 20),
        "/merchants/?page=-1",
    ],
)
def test_nonsense_in_the_address_is_no_trouble(site: Flask, staff: Visitor, now: datetime, url: str) -> None:
    planted(site, now)
    assert staff.get(url).status_code == 200


def test_a_page_past_the_end_is_the_last(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, *MANY)
    text = staff.get("/merchants/?page=9").get_data(as_text=True)
    assert "第 2 / 2 页，共 60 家" in text
    assert text.count("<tr><td") == 10


def test_empty_says_what_fills_it(staff: Visitor) -> None:
    assert "导入底册" in staff.get("/merchants/").get_data(as_text=True)
    assert "换个写法" in staff.get("/merchants/?q=zzzz").get_data(as_text=True)
    assert "去掉一个条件" in staff.get("/merchants/?trade=hair").get_data(as_text=True)


def test_queries_are_constant_and_the_page_is_light(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, MANY[0])
    queries_of(staff, "/merchants/")  # what a process keeps is read once
    first, _ = queries_of(staff, "/merchants/")
    planted(site, now, *MANY[1:31])
    thirty, _ = queries_of(staff, "/merchants/")
    planted(site, now, *MANY[31:])
    fifty, weight = queries_of(staff, "/merchants/")
    assert first == thirty == fifty <= 12
    assert weight < 60_000
    assert queries_of(staff, "/merchants/?q=dian")[0] <= 12


def test_role_without_key_and_stranger(site: Flask) -> None:
    assert a_visitor(site).sign_in("auditor").get("/merchants/").status_code == 403
    stranger = a_visitor(site).get("/merchants/")
    assert (stranger.status_code, "/login" in stranger.headers["Location"]) == (303, True)


def test_post_to_the_list_without_facts_is_422_and_put_405(staff: Visitor) -> None:
    assert staff.client.put("/merchants/").status_code == 405


def test_export_asks_then_answers_and_is_in_the_trail(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, {}, {"grid": "MY-01", "sign_name": "学府文印", "door_no": "9 号"})
    staff.get("/merchants/?grid=MY-02")
    asked = staff.get("/merchants/export").get_data(as_text=True)
    assert "导出 1 家商户" in asked
    assert "网格：MY 二网格" in asked
    answer = staff.post("/merchants/export", {"grid": "MY-02"})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    flat = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    assert "136****2207" in flat
    assert "周敏（演示） 导出" in flat
    assert "网格：MY 二网格" in flat
    assert "学府文印" not in flat
    who, subject, result, said = told(site, "merchants.export")[-1]
    assert (who, subject, result, said["count"]) == ("周敏（演示）", "shops", "ok", 1)


def test_a_searched_telephone_is_exported_by_and_not_shown(site: Flask, staff: Visitor, now: datetime) -> None:
    """Rules 6: the head of the sheet and the page that asks show it masked; the rows are those that it finds."""
    planted(site, now, {}, {"sign_name": "学府文印", "door_no": "9 号", "phone": "13812345678"})
    staff.get("/merchants/?q=13812345678")
    page = staff.get("/merchants/export").get_data(as_text=True)
    assert "导出 1 家商户" in page and "找“138****5678”" in page and "13812345678" not in page
    answer = staff.post("/merchants/export", {"sought": hidden(page, "sought")})
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
    assert rows[1][0] == "条件：找“138****5678”；共 1 家" and len(rows) == 5 and "学府文印" in rows[4]
    for wrong in ("v1:x", "x", "v1:k1:%%%"):  # whole lists are not given instead
        assert staff.post("/merchants/export", {"sought": wrong}).status_code == 409
    assert staff.get("/merchants/?last=1").headers["Location"] == "/merchants/?q=13812345678"


def test_export_fragment(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now)
    assert (
        staff.htmx("get", "/merchants/export", "asked").get_data(as_text=True).lstrip().startswith('<div id="asked">')
    )


def test_export_needs_its_own_key(site: Flask) -> None:
    grid = a_visitor(site).sign_in("grid")
    assert grid.get("/merchants/export").status_code == 403
    assert grid.post("/merchants/export").status_code == 403
    assert "导出" not in grid.get("/merchants/").get_data(as_text=True)


@pytest.mark.parametrize(("login", "whole"), [("staff", 1), ("office", 1), ("market", 0), ("section", 0)])
def test_a_whole_number_finds_for_whoever_may_see_it(site: Flask, now: datetime, login: str, whole: int) -> None:
    """R6: to others a hit would tell what the mask hides; the last four digits find for everybody."""
    planted(site, now)
    visitor = a_visitor(site).sign_in(login)
    for words, hits in (("13600002207", whole), ("2207", 1)):
        for address in ("/merchants/", "/search"):
            assert ("阿婆豆花" in visitor.get(f"{address}?q={words}").get_data(as_text=True)) == bool(hits), (
                address,
                words,
            )


def test_what_was_searched_for_cannot_be_read_in_the_cookie(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    address = "/merchants/?q=13600002207"
    assert staff.get(address).status_code == 200
    cookie = staff.client.get_cookie("portal")
    assert cookie is not None
    serializer = site.session_interface.get_signing_serializer(site)  # type: ignore[attr-defined]
    assert "13600002207" not in str(serializer.loads(cookie.value))
    assert f'href="{address}"' in staff.get(f"/merchants/{one}").get_data(as_text=True)
