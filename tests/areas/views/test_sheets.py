"""Doors of sheets of areas: template, upload, preview, answers, entry, all without JavaScript; whose sheet."""

import io

import pytest
from flask import Flask
from openpyxl import load_workbook

from tests.areas.pages import book, hidden, read, send, text
from tests.conftest import Visitor, a_visitor
from tests.trail import told

NEW = ("XQ", "新桥社区", "社区", None)


@pytest.fixture
def admin(site: Flask) -> Visitor:
    return a_visitor(site).sign_in("admin")


def test_whole_way_without_javascript(site: Flask, admin: Visitor) -> None:
    assert "下载模板" in text(admin.get("/areas/sheets/new"))
    url = send(admin, book(NEW, ("XQ-1", "一网格", "网格", "农村地区"), ("MY-02", "东二网格", "网格", "背街小巷")))
    page = text(admin.get(url))
    assert "还有 1 行要改" in page and "改为 XQ-01" in page and "名称 二网格 → 东二网格" in page
    assert admin.post(f"{url}/answers", {"version": hidden(page, "version"), "cure": "A3"}).status_code == 303
    page = text(admin.get(url))
    assert "可以导入了" in page
    assert admin.post(f"{url}/entry", {"seen": hidden(page, "seen")}).status_code == 303
    assert "导入完成" in text(admin.get(url))
    assert read(site, "XQ-01").name == "一网格" and read(site, "MY-02").name == "东二网格"
    assert admin.post(f"{url}/entry", {"seen": "x"}).status_code == 303  # pressed twice: nothing more
    assert len(told(site, "areas.import")) == 1


def test_answers_as_a_fragment(admin: Visitor) -> None:
    url = send(admin, book(("XQ-1", "一网格", "网格", "农村地区"), NEW))
    page = text(admin.get(url))
    answer = admin.htmx("post", f"{url}/answers", "sheet-preview", {"version": hidden(page, "version"), "skip": "2"})
    assert text(answer).lstrip().startswith('<div id="sheet-preview">') and "跳过的行" in text(answer)


def test_entry_before_it_is_ready_is_409(site: Flask, admin: Visitor) -> None:
    url = send(admin, book(("XQ-1", "一网格", "网格", "农村地区")))
    answer = admin.post(f"{url}/entry", {"seen": ""})
    assert answer.status_code == 409 and "还不能导入" in text(answer)


def test_what_is_no_sheet_is_422(admin: Visitor) -> None:
    for data, name in ((b"", "a.xlsx"), (b"x", "a.docx"), (b"a,b\r\n1,2", "a.csv")):
        sent = {"file": (io.BytesIO(data), name)}
        assert admin.post("/areas/sheets", sent, content_type="multipart/form-data").status_code == 422
    assert admin.post("/areas/sheets", {}).status_code == 422


def test_somebody_elses_sheet_is_404_and_the_key_is_asked(site: Flask, admin: Visitor) -> None:
    url = send(admin, book(NEW))
    office = a_visitor(site).sign_in("office")
    for door in ("", "/answers", "/entry", "/removal", "/faults"):
        assert office.post(f"{url}{door}").status_code == (403 if door else 405)
    assert office.get("/areas/sheets/new").status_code == 403


def test_discard_wipes(admin: Visitor) -> None:
    url = send(admin, book(NEW))
    assert admin.post(f"{url}/removal").status_code == 303
    assert admin.get(url).status_code == 404


def test_template_and_faults_are_sheets(admin: Visitor) -> None:
    sheet = load_workbook(io.BytesIO(admin.get("/areas/sheets/template.xlsx").data)).worksheets[0]
    assert [str(cell.value).lstrip("*") for cell in sheet[1]] == ["编号", "名称", "类别", "区域类型"]
    url = send(admin, book(("XQ-1", "一网格", "网格", "农村地区")))
    found = load_workbook(io.BytesIO(admin.post(f"{url}/faults").data)).active
    assert found is not None and "A2" in [row[0].value for row in found.iter_rows()]
