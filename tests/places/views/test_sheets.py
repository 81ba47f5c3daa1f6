"""Doors of sheets of streets: template, upload, preview, answers, entry, all without JavaScript; whose sheet."""

import io

from flask import Flask
from openpyxl import load_workbook

from tests.areas.pages import hidden, send, text
from tests.conftest import Visitor, a_visitor
from tests.places.streets import HEADINGS, book, read, row
from tests.trail import told

DOOR = "/places/sheets"


def test_whole_way_without_javascript(site: Flask, staff: Visitor) -> None:
    assert "下载模板" in text(staff.get(f"{DOOR}/new"))
    url = send(staff, book(row(keeper="grid"), row(name="水塔巷", grids="MY-03")), DOOR)
    page = text(staff.get(url))
    assert "还有 1 行要改" in page and "改为 MY-02" in page and "责任人 李网格（演示）" in page
    assert staff.post(f"{url}/answers", {"version": hidden(page, "version"), "cure": "E3"}).status_code == 303
    page = text(staff.get(url))
    assert "可以导入了" in page and "明月社区二网格" in page
    assert staff.post(f"{url}/entry", {"seen": hidden(page, "seen")}).status_code == 303
    assert "导入完成" in text(staff.get(url)) and read(site, 1).name == "桂花巷"
    assert staff.post(f"{url}/entry", {"seen": "x"}).status_code == 303  # pressed twice: nothing more
    assert len(told(site, "places.import")) == 1


def test_answers_as_a_fragment_and_entry_before_it_is_ready(site: Flask, staff: Visitor) -> None:
    url = send(staff, book(row(grids="MY-03")), DOOR)
    answer = staff.post(f"{url}/entry", {"seen": ""})
    assert answer.status_code == 409 and "还不能导入" in text(answer)
    version = hidden(text(staff.get(url)), "version")
    answer = staff.htmx("post", f"{url}/answers", "sheet-preview", {"version": version, "skip": "2"})
    assert text(answer).lstrip().startswith('<div id="sheet-preview">') and "跳过的行" in text(answer)


def test_what_is_no_sheet_is_422(staff: Visitor) -> None:
    for data, name in ((b"", "a.xlsx"), (b"x", "a.docx"), (b"a,b\r\n1,2", "a.csv")):
        sent = {"file": (io.BytesIO(data), name)}
        assert staff.post(DOOR, sent, content_type="multipart/form-data").status_code == 422
    assert staff.post(DOOR, {}).status_code == 422


def test_somebody_elses_sheet_is_404_and_the_key_is_asked(site: Flask, staff: Visitor) -> None:
    url = send(staff, book(row()), DOOR)
    other = a_visitor(site).sign_in("secretary")
    assert other.get(url).status_code == 404
    for door in ("answers", "entry", "removal", "faults"):
        assert other.post(f"{url}/{door}").status_code == 404
    assert a_visitor(site).sign_in("grid").post(DOOR).status_code == 403


def test_discard_wipes(staff: Visitor) -> None:
    url = send(staff, book(row()), DOOR)
    assert staff.post(f"{url}/removal").status_code == 303
    assert staff.get(url).status_code == 404


def test_template_and_faults_are_sheets(staff: Visitor) -> None:
    sheet = load_workbook(io.BytesIO(staff.get(f"{DOOR}/template.xlsx").data)).worksheets[0]
    assert tuple(str(cell.value).lstrip("*") for cell in sheet[1]) == HEADINGS
    url = send(staff, book(row(grids="MY-03")), DOOR)
    found = load_workbook(io.BytesIO(staff.post(f"{url}/faults").data)).active
    assert found is not None and "E2" in [one[0].value for one in found.iter_rows()]
