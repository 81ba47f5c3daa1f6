"""Doors of sheets of people: upload, preview, answers, entry, slips, all without JavaScript; whose sheet."""

import io

import pytest
from flask import Flask
from openpyxl import load_workbook

from tests.accounts.test_people_sheets import ROW, book, but
from tests.accounts.views.people import hidden, read, secret_in, text
from tests.conftest import Visitor, a_visitor
from tests.trail import told


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    return visitor.sign_in("admin")


def send(visitor: Visitor, data: bytes, name: str = "人员.xlsx") -> str:
    """Upload; return the address of the preview."""
    answer = visitor.post("/people/sheets", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")
    assert answer.status_code == 303, text(answer)
    return str(answer.headers["Location"])


def test_whole_way_without_javascript(site: Flask, admin: Visitor) -> None:
    assert "下载模板" in text(admin.get("/people/sheets/new"))
    url = send(admin, book(ROW, but(姓名="李明", 账号=None, 区域="MY-01")))
    page = text(admin.get(url))
    assert "还有 1 行要改" in page and "改为 liming" in page
    assert 'btn-primary" disabled' in page
    answers = {"version": hidden(page, "version"), "cure": "B3"}
    assert admin.post(f"{url}/answers", answers).status_code == 303
    page = text(admin.get(url))
    assert "可以导入了" in page and "提请 明月社区一网格 · 网格员" in page
    assert told(site, "accounts.add") == []
    assert admin.post(f"{url}/entry", {"seen": hidden(page, "seen")}).status_code == 303
    assert read(site, "liming").slip_owed and read(site, "wangfang").roles == []
    assert admin.post(f"{url}/entry", {"seen": "x"}).status_code == 303, "pressed twice: nothing more"
    assert len(told(site, "accounts.import")) == 1
    page = text(admin.get(url))
    assert "导入完成" in page and "还有 2 个新账号没有密码" in page
    answer = admin.post(f"{url}/slips")
    page = text(answer)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert page.count('class="key-slip"') == 2 and "liming" in page
    secret = secret_in(page)
    assert a_visitor(site).post("/login", {"login": "liming", "password": secret}).status_code == 303
    again = admin.post(f"{url}/slips")
    assert again.status_code == 303, "shown once"
    assert "都开过了" in text(admin.get(url))


def test_without_a_slip_nobody_comes_in(site: Flask, admin: Visitor) -> None:
    url = send(admin, book(ROW))
    admin.post(f"{url}/entry", {"seen": hidden(text(admin.get(url)), "seen")})
    for password in ("", "x", "wangfang"):
        assert a_visitor(site).post("/login", {"login": "wangfang", "password": password}).status_code == 422


def test_typing_a_cell_and_skipping_a_row_as_fragments(admin: Visitor) -> None:
    url = send(admin, book(ROW, but(姓名="李明", 账号="liming", 手机="12")))
    version = hidden(text(admin.get(url)), "version")
    page = text(admin.htmx("post", f"{url}/answers", "sheet-preview", {"version": version, "skip": "3"}))
    assert page.lstrip().startswith('<div id="sheet-preview">') and "跳过的行" in page
    sent = {"version": hidden(page, "version"), "unskip": "3"}
    page = text(admin.htmx("post", f"{url}/answers", "sheet-preview", sent))
    assert "还有 1 行要改" in page
    sent = {"version": hidden(page, "version"), "cell-C3": "13800005678"}
    page = text(admin.htmx("post", f"{url}/answers", "sheet-preview", sent))
    assert "可以导入了" in page and "138****5678" in page and "13800005678" not in page


def test_answers_of_an_older_page_are_409(admin: Visitor) -> None:
    url = send(admin, book(but(账号=None)))
    sent = {"version": "1", "cure": "B2"}
    assert admin.post(f"{url}/answers", sent).status_code == 303
    assert admin.post(f"{url}/answers", sent).status_code == 409


def test_entry_before_it_is_ready_is_409_and_says_why(site: Flask, admin: Visitor) -> None:
    url = send(admin, book(but(区域="MY-09")))
    answer = admin.post(f"{url}/entry", {"seen": ""})
    assert answer.status_code == 409 and "1 行要改" in text(answer)
    assert told(site, "accounts.import") == []


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "a.xlsx", "文件是空的"),
        (b"PK\x03\x04broken", "a.xlsx", "损坏"),
        (b"x", "a.docx", "只收"),
        (b"a,b\r\n1,2", "a.csv", "没有找到表头"),
    ],
)
def test_what_is_no_sheet_is_422(admin: Visitor, data: bytes, name: str, says: str) -> None:
    sent = {"file": (io.BytesIO(data), name)}
    answer = admin.post("/people/sheets", sent, content_type="multipart/form-data")
    assert answer.status_code == 422 and says in text(answer)


def test_no_file_is_422(admin: Visitor) -> None:
    assert admin.post("/people/sheets", {}).status_code == 422


def test_the_template(admin: Visitor) -> None:
    book = load_workbook(io.BytesIO(admin.get("/people/sheets/template.xlsx").data))
    headings = {str(cell.value).lstrip("*"): cell.column_letter for cell in book["人员"][1]}
    assert book["人员"].column_dimensions[headings["手机"]].number_format == "@"
    assert len(book["人员"].data_validations.dataValidation) == 1, "the roles to choose from"


def test_faults_as_a_sheet_hold_no_telephone(admin: Visitor) -> None:
    url = send(admin, book(but(手机="1361234220")))
    sheet = load_workbook(io.BytesIO(admin.post(f"{url}/faults").data)).active
    assert sheet is not None
    flat = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    assert "C2" in flat and "136****220" in flat and "1361234220" not in flat


def test_given_up(site: Flask, admin: Visitor) -> None:
    url = send(admin, book(ROW))
    assert admin.post(f"{url}/removal").status_code == 303
    assert admin.get(url).status_code == 404
    assert len(told(site, "accounts.discard")) == 1


def test_somebody_elses_sheet_is_404(site: Flask, admin: Visitor) -> None:
    url = send(admin, book(ROW))
    admin.post("/people/", {"name": "程江", "login": "chengjiang", "role": "system_admin", "area": "GX"})
    security = a_visitor(site).sign_in("security")
    security.post("/people/proposals/grant", {"pick": "1"})
    number = read(site, "chengjiang").id
    secret = secret_in(
        text(admin.post(f"/people/{number}/password", {"version": str(read(site, "chengjiang").version)}))
    )
    other = a_visitor(site)
    other.post("/login", {"login": "chengjiang", "password": secret})
    change = {"current": secret, "new": "Yulan-731625", "again": "Yulan-731625"}
    assert other.post("/account/password", change).status_code == 303
    assert other.get("/people/sheets/new").status_code == 200
    assert other.get(url).status_code == 404
    for door in ("answers", "entry", "removal", "faults", "slips"):
        assert other.post(f"{url}/{door}").status_code == 404


@pytest.mark.parametrize("login", ["security", "staff", "grid"])
def test_needs_its_key(site: Flask, login: str) -> None:
    visitor = a_visitor(site).sign_in(login)
    for door in ("new", "template.xlsx", "1"):
        assert visitor.get(f"/people/sheets/{door}").status_code == 403
    for door in ("", "/1/answers", "/1/entry", "/1/removal", "/1/faults", "/1/slips"):
        assert visitor.post(f"/people/sheets{door}").status_code == 403


@pytest.mark.parametrize("door", ["answers", "entry", "removal", "faults", "slips"])
def test_get_is_405(admin: Visitor, door: str) -> None:
    assert admin.get(f"/people/sheets/1/{door}").status_code == 405


def test_a_stranger_goes_to_the_login(visitor: Visitor) -> None:
    answer = visitor.post("/people/sheets")
    assert answer.status_code == 303 and "/login" in answer.location
