"""Doors of sheets that come in: upload, preview, answers, entry, all without JavaScript; whose sheet."""

import io
import re

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select

from portal.ground.db import db, writing
from portal.merchants.models import Shop, WaitingSheet
from tests.conftest import Visitor, a_visitor
from tests.merchants.test_sheets import ROW, book, but
from tests.trail import told


def send(visitor: Visitor, data: bytes, name: str = "底册.xlsx") -> str:
    """Upload; return the address of the preview."""
    answer = visitor.post("/merchants/sheets", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def shops(site: Flask) -> int:
    with site.app_context():
        writing.set(False)
        count = db.session.scalar(select(func.count()).select_from(Shop)) or 0
        db.session.rollback()
    return count


def test_whole_way_without_javascript(site: Flask, staff: Visitor) -> None:
    assert "下载模板" in staff.get("/merchants/sheets/new").get_data(as_text=True)
    url = send(staff, book(ROW, but(店名="学府文印", 门牌="9 号", 业态="小吃店", 统一社会信用代码=None)))
    page = staff.get(url).get_data(as_text=True)
    assert "还有 1 行要改" in page
    assert "B3" in page
    assert "改为 餐饮" in page
    assert re.search(r"<button class=\"btn btn-primary\" disabled", page)
    answers = {"version": hidden(page, "version"), "cure": "B3"}
    assert staff.post(f"{url}/answers", answers).status_code == 303
    page = staff.get(url).get_data(as_text=True)
    assert "可以导入了" in page
    assert shops(site) == 0
    assert staff.post(f"{url}/entry", {"seen": hidden(page, "seen")}).status_code == 303
    assert shops(site) == 2
    page = staff.get(url).get_data(as_text=True)
    assert "导入完成" in page
    assert staff.post(f"{url}/entry", {"seen": "x"}).status_code == 303  # pressed twice: nothing more
    assert shops(site) == 2
    assert len(told(site, "merchants.import")) == 1
    with site.app_context():
        writing.set(False)
        assert db.session.scalar(select(WaitingSheet.content_sealed)) is None
        db.session.rollback()


def test_typing_a_cell_and_skipping_a_row_as_fragments(site: Flask, staff: Visitor) -> None:
    url = send(staff, book(ROW, but(店名="学府文印", 门牌="9 号", 联系电话="12", 统一社会信用代码=None)))
    version = hidden(staff.get(url).get_data(as_text=True), "version")
    page = staff.htmx("post", f"{url}/answers", "sheet-preview", {"version": version, "skip": "3"}).get_data(
        as_text=True
    )
    assert page.lstrip().startswith('<div id="sheet-preview">')
    assert "跳过的行" in page
    sent = {"version": hidden(page, "version"), "unskip": "3"}
    page = staff.htmx("post", f"{url}/answers", "sheet-preview", sent).get_data(as_text=True)
    assert "还有 1 行要改" in page
    sent = {"version": hidden(page, "version"), "cell-H3": "13800005678"}
    page = staff.htmx("post", f"{url}/answers", "sheet-preview", sent).get_data(as_text=True)
    assert "可以导入了" in page


def test_answers_of_an_older_page_are_409(site: Flask, staff: Visitor) -> None:
    url = send(staff, book(but(业态="小吃店")))
    sent = {"version": "1", "cure": "B2"}
    assert staff.post(f"{url}/answers", sent).status_code == 303
    assert staff.post(f"{url}/answers", sent).status_code == 409


def test_entry_before_it_is_ready_is_409_and_says_why(site: Flask, staff: Visitor) -> None:
    url = send(staff, book(but(业态="小吃店")))
    answer = staff.post(f"{url}/entry", {"seen": ""})
    assert answer.status_code == 409
    assert "1 行要改" in answer.get_data(as_text=True)
    assert shops(site) == 0


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "a.xlsx", "文件是空的"),
        (b"PK\x03\x04broken", "a.xlsx", "损坏"),
        (b"%PDF-1.4 x", "a.csv", "这不是表格"),
        (b"x", "a.docx", "只收"),
        (b"a,b\r\n1,2", "a.csv", "没有找到表头"),
        (b"\x00" * (10 * 1024 * 1024 + 5), "a.xlsx", "10"),
    ],
)
def test_what_is_no_sheet_is_422(staff: Visitor, data: bytes, name: str, says: str) -> None:
    sent = {"file": (io.BytesIO(data), name)}
    answer = staff.post("/merchants/sheets", sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)


def test_no_file_is_422(staff: Visitor) -> None:
    assert staff.post("/merchants/sheets", {}).status_code == 422


def test_template_has_text_columns(staff: Visitor) -> None:
    answer = staff.get("/merchants/sheets/template.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data))["商户"]
    headings = {str(cell.value).lstrip("*"): cell.column_letter for cell in sheet[1]}
    assert sheet.column_dimensions[headings["责任人电话"]].number_format == "@"
    assert sheet.column_dimensions[headings["统一社会信用代码"]].number_format == "@"


def test_faults_as_a_sheet_hold_no_telephone(staff: Visitor) -> None:
    url = send(staff, book(but(联系电话="1360000220")))
    data = staff.post(f"{url}/faults").data
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    flat = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    assert "H2" in flat
    assert "136****220" in flat
    assert "1360000220" not in flat


def test_somebody_elses_sheet_is_404(site: Flask, staff: Visitor) -> None:
    url = send(staff, book(ROW))
    other = a_visitor(site).sign_in("secretary")
    assert other.get(url).status_code == 404
    for door in ("answers", "entry", "removal", "faults"):
        assert other.post(f"{url}/{door}").status_code == 404


def test_needs_its_key(site: Flask) -> None:
    grid = a_visitor(site).sign_in("grid")
    assert grid.get("/merchants/sheets/new").status_code == 403
    assert grid.post("/merchants/sheets").status_code == 403
    assert "/merchants/sheets/new" not in grid.get("/merchants/").get_data(as_text=True)


def test_discard_wipes(site: Flask, staff: Visitor) -> None:
    url = send(staff, book(ROW))
    assert staff.post(f"{url}/removal").status_code == 303
    assert staff.get(url).status_code == 404


def test_duplicates_are_chosen_on_the_page(site: Flask, staff: Visitor) -> None:
    url = send(staff, book(ROW))
    page = staff.get(url).get_data(as_text=True)
    staff.post(f"{url}/entry", {"seen": hidden(page, "seen")})
    url = send(staff, book(but(店名="阿婆豆花总店")))
    page = staff.get(url).get_data(as_text=True)
    assert "与现有重复" in page
    assert "GX-MY-0001" in page
    sent = {"version": hidden(page, "version"), "twin": "2", "verdict": "1", "keep-sign_name": "sheet"}
    staff.post(f"{url}/answers", sent)
    page = staff.get(url).get_data(as_text=True)
    assert "更新：店招名称" in page


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "x"])
def test_what_is_no_number_answers_nothing(staff: Visitor, number: str) -> None:
    for name in ("skip", "unskip"):
        url = send(staff, book(ROW))
        assert staff.post(f"{url}/answers", {name: number, "version": "1"}).status_code == 303
    assert staff.post(f"{url}/answers", {"version": number}).status_code == 409
