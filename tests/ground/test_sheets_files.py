"""Kinds of files: .xls, CSV in office encodings, and everything that is no sheet (rules 6 Files, 10 Sheets
in).
"""

import io
import struct
import zipfile
from datetime import date

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.ground.fields.days import clean_day
from portal.ground.fields.numbers import clean_number
from portal.ground.fields.telephones import clean_telephone
from portal.ground.sheets.cells import Misfit, address, letters, place, spans
from portal.ground.sheets.check import check_rows
from portal.ground.sheets.columns import ColumnSpec, match_columns
from portal.ground.sheets.compound import MAGIC
from portal.ground.sheets.read import read_sheet
from portal.ground.sheets.shown import is_day, shown
from portal.ground.sheets.xls import by_the_library

SPECS = (
    ColumnSpec("name", "店名", required=True),
    ColumnSpec("phone", "电话", clean=clean_telephone),
    ColumnSpec("width", "面宽", clean=clean_number),
    ColumnSpec("since", "日期", clean=clean_day),
)


def an_xls(*rows, change=lambda book, sheet: None, big=0):
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("商户")
    day = xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日"')
    for number, row in enumerate((["店名", "电话", "面宽", "日期"], *rows)):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(number, column, value, day if isinstance(value, date) else xlwt.Style.default_style)
    for number in range(big):
        sheet.write(1000 + number, 0, f"店{number}")
    change(book, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def matched(data, filename, answers=None):
    return match_columns(read_sheet(data, filename, answers), SPECS, answers)


def test_xls_values_are_read_as_shown():
    data = an_xls(
        ["早餐店㛃", 13812345678, 6.25, date(2026, 4, 9)], ["粮油", "023-74512345", -7, None], [None, None, 1e17]
    )
    rows = check_rows(matched(data, "旧.xls"))
    assert rows[0].values["phone"] == "13812345678"
    assert (str(rows[0].values["width"]), rows[0].values["since"]) == ("6.25", date(2026, 4, 9))
    assert (rows[1].values["phone"], rows[1].values["width"]) == ("023-74512345", -7)
    assert [(fault.address, fault.why[:6]) for fault in rows[2].faults] == [("A4", "店名必填"), ("C4", "是 18 位")]


def test_xls_flags_are_read():
    def change(book, sheet):
        sheet.row(2).hidden = True
        sheet.row(2).height_mismatch = True
        sheet.col(1).hidden = True
        sheet.write_merge(3, 4, 3, 3, "2026-04-09")
        sheet.write(5, 2, xlwt.Formula("1+2"))
        book.add_sheet("旧").visibility = 1

    data = an_xls(["甲", "x"], ["乙", "y"], ["丙"], ["丁"], ["戊"], change=change)
    matching = matched(data, "旧.xls")
    assert [n.kind for n in matching.notices] == [
        "hidden-sheets",
        "hidden-rows",
        "hidden-columns",
        "formulas",
        "merged",
    ]
    assert [n.places for n in matching.notices] == [("旧",), ("3",), ("B",), ("C6",), ("D4:D5",)]
    assert [row.number for row in matching.rows] == [2, 4, 5, 6]
    assert "phone" not in matching.places


def test_an_xls_that_begins_further_down_keeps_its_addresses():
    book = xlwt.Workbook()
    sheet = book.add_sheet("商户")
    for column, value in enumerate(["店名", "电话", "甲", 13812345678]):
        sheet.write(4 + column // 2, 3 + column % 2, value)
    out = io.BytesIO()
    book.save(out)
    matching = matched(out.getvalue(), "旧.xls")
    assert (matching.heading_rows, matching.places) == ((5,), {"name": 4, "phone": 5})
    assert matching.rows[0].cells[4].address == "D6"
    assert check_rows(matching)[0].values == {"name": "甲", "phone": "13812345678"}


def test_xls_of_several_sectors_is_read_whole():
    sheet = read_sheet(an_xls(["甲"], big=8000), "旧.xls")
    assert [sheet.rows[-1].number, sheet.rows[-1].cells[1].text] == [9000, "店7999"]


def test_a_small_xls_lives_in_the_small_stream():
    whole = read_sheet(an_xls(["甲"]), "x.XLS")
    assert [row.number for row in whole.rows] == [1, 2]


GOOD = an_xls(["早餐店㛃", 13812345678, 6.25, date(2026, 4, 9)])


@settings(max_examples=200)
@given(st.data())
def test_a_broken_xls_gives_a_sentence_or_rows(data):
    broken = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 5))):
        broken[data.draw(st.integers(0, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    try:
        matched(bytes(broken), "旧.xls")
    except Misfit as refused:
        assert "请" in str(refused)


@pytest.mark.parametrize(("at", "size"), [(4, b"\xff\xff\xff\x7f"), (0, b"\xff\xff\xff\x7f"), (10, b"\xff\xff")])
def test_an_xls_that_claims_more_room_than_any_can_hold_is_refused(at, size):
    """The cell library would ask for that much memory, and end the whole process."""
    place = GOOD.index(b"\x00\x02\x0e\x00") + 4  # DIMENSIONS: rows from and to, columns from and to
    claiming = GOOD[: place + at] + size + GOOD[place + at + len(size) :]
    with pytest.raises(Misfit, match="请"):
        matched(claiming, "旧.xls")


def test_a_panic_of_the_cell_library_is_a_sentence_and_nothing_else_is():
    with pytest.raises(Misfit, match="请"), by_the_library():
        raise type("PanicException", (BaseException,), {})
    with pytest.raises(KeyboardInterrupt), by_the_library():
        raise KeyboardInterrupt


TABLE = "店名,电话,面宽,日期\r\n建新路早餐店,13812345678,6.2,2026-04-09\r\n粮油,,,\r\n"


@pytest.mark.parametrize(
    ("data", "asks"),
    [
        pytest.param(TABLE.encode("utf-8-sig"), [], id="rules10-sheets-in-utf8-mark"),
        pytest.param(TABLE.encode(), ["encoding"], id="rules10-sheets-in-utf8-guessed"),
        pytest.param(TABLE.encode("gb18030"), ["encoding"], id="rules10-sheets-in-gb18030-guessed"),
        pytest.param(TABLE.replace(",", "\t").encode("utf-16"), [], id="rules10-sheets-in-utf16-tabs"),
        pytest.param(TABLE.replace(",", ";").encode("gb18030"), ["encoding"], id="rules10-sheets-in-semicolons"),
    ],
)
def test_csv_in_office_encodings(data, asks):
    matching = matched(data, "底册.csv")
    assert [notice.kind for notice in matching.unanswered()] == asks
    first, second = check_rows(matching)
    assert (first.values["name"], first.values["since"]) == ("建新路早餐店", date(2026, 4, 9))
    assert second.number == 3


def test_a_guessed_encoding_shows_its_words_and_takes_the_other_answer():
    data = "店名,电话\n联通,\n".encode("gb18030")
    assert "联通" in read_sheet(data, "a.csv").notices[0].sentence
    clash = b"name,phone\n\xc4\xab,1\n"  # reads in both encodings
    keys = [[choice.key for choice in notice.choices] for notice in read_sheet(clash, "a.csv").notices]
    assert keys == [["utf-8", "gb18030"]]
    assert read_sheet(clash, "a.csv").rows[1].cells[1].text == "ī"
    assert read_sheet(clash, "a.csv", {"encoding": "gb18030"}).rows[1].cells[1].text == "墨"


def test_rare_characters_of_old_gb18030_files_come_home():
    sheet = read_sheet("店名,电话\n".encode("gb18030") + b"\xfe\x59\xfe\x9f,1\n", "a.csv")
    assert sheet.rows[1].cells[1].text == "\u9fb4\u4dae"


def test_csv_numbers_that_lost_their_digits_are_refused_by_cell():
    (row,) = check_rows(matched("店名,电话\n甲,1.38E+10\n".encode("utf-8-sig"), "a.csv"))
    assert row.faults[0].address == "B2"
    assert "科学计数法" in row.faults[0].why


def test_csv_cells_over_two_lines_count_as_one_row():
    sheet = read_sheet('店名,电话\n"甲\n乙",1\n丙,2\n'.encode("utf-8-sig"), "a.csv")
    assert [row.number for row in sheet.rows] == [1, 2, 3]


def a_zip(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, body in parts.items():
            new.writestr(name, body)
    return out.getvalue()


def a_good_xlsx():
    book = openpyxl.Workbook()
    book.active.append(["店名", "电话"])
    book.active.append(["甲", 1])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(name, change):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(a_good_xlsx())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            body = old.read(item)
            new.writestr(item.filename, change(body) if item.filename == name else body)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "filename", "says"),
    [
        pytest.param(b"", "a.xlsx", "空的", id="rules6-files-empty"),
        pytest.param(b"x" * (10 * 1024 * 1024 + 1), "a.csv", "超过 10 MB", id="rules6-files-large"),
        pytest.param(b"x", "a.exe", "只收", id="rules6-files-suffix"),
        pytest.param(b"x", "noname", "只收", id="rules6-files-no-suffix"),
        pytest.param(b"PK\x03\x04 nonsense", "a.xlsx", "已损坏", id="rules6-files-broken-zip"),
        pytest.param(a_zip(a="x"), "a.xlsx", "压缩包", id="rules6-files-zip"),
        pytest.param(a_zip(**{"word/document.xml": "x"}), "a.xlsx", "文档", id="rules6-files-docx"),
        pytest.param(a_zip(mimetype="x"), "a.xlsx", ".ods", id="rules6-files-ods"),
        pytest.param(a_zip(**{"xl/workbook.bin": "x"}), "a.xlsx", ".xlsb", id="rules6-files-xlsb"),
        pytest.param(
            changed("[Content_Types].xml", lambda b: b.replace(b"sheet.main", b"macroEnabled.main")),
            "a.xlsx", "带宏", id="rules6-files-macro",
        ),
        pytest.param(
            changed(SHEET, lambda b: b" " * (61 * 1024 * 1024)), "a.xlsx", "过大", id="rules6-files-bomb"
        ),
        pytest.param(
            changed(SHEET, lambda b: LAUGHS + b.split(b"?>", 1)[-1]), "a.xlsx", "已损坏", id="rules6-files-entities"
        ),
        pytest.param(changed(SHEET, lambda b: b[:-20]), "a.xlsx", "已损坏", id="rules6-files-cut-xml"),
        pytest.param(b"<html><table><tr><td>x", "a.xls", "网页", id="rules6-files-html-as-xls"),
        pytest.param(b"\xef\xbb\xbf<?xml version='1.0'?><Workbook>", "a.xls", "XML", id="rules6-files-xml-as-xls"),
        pytest.param(b"%PDF-1.7", "a.csv", "不是表格", id="rules6-files-pdf-as-csv"),
        pytest.param("店名,电话".encode(), "a.xlsx", "内容却不是表格", id="rules6-files-csv-as-xlsx"),
        pytest.param(MAGIC + b"\0" * 600, "a.xls", "已损坏", id="rules6-files-broken-ole"),
        pytest.param(b"a,b\n\0\0", "a.csv", "不是表格", id="rules6-files-binary-csv"),
        pytest.param(b"\xff\xfe\xff", "a.csv", "读不出", id="rules6-files-cut-utf16"),
        pytest.param(b"\x80\x81,\xff\xff\n", "a.csv", "编码认不出", id="rules6-files-no-encoding"),
        pytest.param('a,b\n"x,1\n'.encode("utf-8-sig"), "a.csv", "双引号不成对", id="rules6-files-quotes"),
        pytest.param(b"\xef\xbb\xbf\r\n,,\r\n", "a.csv", "没有内容", id="rules6-files-blank"),
        pytest.param(b"a,b\n" * 20_001, "a.csv", "超过 20000 行", id="rules6-files-rows"),
        pytest.param(b"a," * 300 + b"b", "a.csv", "超过 200 列", id="rules6-files-columns"),
    ],
)  # fmt: skip
def test_no_sheet_gets_a_sentence(data, filename, says):
    with pytest.raises(Misfit, match=says):
        read_sheet(data, filename)


def test_sheets_with_a_password_are_named():
    locked = bytearray(a_good_xlsx())
    at = locked.index(b"PK\x01\x02")
    locked[at + 8] |= 1
    with pytest.raises(Misfit, match="密码"):
        read_sheet(bytes(locked), "a.xlsx")
    old = an_xls(["甲"])
    stream = old.index(struct.pack("<HH", 0x809, 16))
    after = stream + 20
    length = struct.unpack_from("<H", old, after + 2)[0]
    locked_old = old[:after] + struct.pack("<HH", 0x2F, length) + old[after + 4 :]
    with pytest.raises(Misfit, match="密码"):
        read_sheet(locked_old, "a.xls")


@pytest.mark.parametrize(
    ("value", "code", "text", "stored"),
    [
        pytest.param(6.2, '0.00"米"', "6.20米", None, id="rules10-sheets-in-format-unit"),
        pytest.param(5.85, "0.0", "5.9", "5.85", id="rules10-sheets-in-format-rounds"),
        pytest.param(12, "00000", "00012", None, id="rules10-sheets-in-format-zeros"),
        pytest.param(0.5, "0%", "50%", None, id="rules10-sheets-in-format-percent"),
        pytest.param(1234567.5, "#,##0.00", "1,234,567.50", None, id="rules10-sheets-in-format-commas"),
        pytest.param(123456, "#,##0,", "123", "123456", id="rules10-sheets-in-format-thousands"),
        pytest.param(-5, "0;(0)", "(5)", None, id="rules10-sheets-in-format-negative"),
        pytest.param(7, ";;;", "", "7", id="rules10-sheets-in-format-hides"),
        pytest.param(0.1 + 0.2, "General", "0.3", None, id="rules10-sheets-in-format-general"),
        pytest.param(46358, "yyyy/m/d", "2026-12-02", None, id="rules10-sheets-in-format-day"),
        pytest.param(46358.75, "yyyy/m/d h:mm", "2026-12-02 18:00", None, id="rules10-sheets-in-format-moment"),
        pytest.param(3, '[DBNum2]0"元"', "3", None, id="rules10-sheets-in-format-unknown"),
    ],
)
def test_numbers_look_as_their_format_says(value, code, text, stored):
    look = shown(value, code)
    assert (look.text, look.stored, look.fault) == (text, stored, None)


@given(st.floats(-1e14, 1e14), st.text('0#?,.%;-_*[]\\"EymdhsGenral@/ 元', max_size=12))
def test_any_format_is_survived(value, code):
    look = shown(value, code)
    assert isinstance(look.text, str)
    assert isinstance(is_day(code), bool)


@given(st.integers(1, 10**6), st.integers(1, 16384))
def test_addresses(row, column):
    assert place(address(row, column)) == (row, column)


def test_spans():
    assert spans([5, 8, 9, 10, 12]) == ("5", "8–10", "12")
    assert spans([3, 5, 6], "column") == ("C", "E–F")
    assert spans([]) == ()
    assert letters(28) == "AB"
