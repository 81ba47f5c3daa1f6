"""Sheets out: typed cells, guarded texts, and importing an export changes nothing (rules 10 Sheets out)."""

import io
import string
from datetime import date, datetime
from decimal import Decimal
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from portal.ground.fields.days import clean_day
from portal.ground.fields.numbers import clean_number
from portal.ground.sheets.check import check_rows
from portal.ground.sheets.columns import ColumnSpec, match_columns
from portal.ground.sheets.read import read_sheet
from portal.ground.sheets.template import template_xlsx
from portal.ground.sheets.write import write_csv, write_xlsx

AT = datetime(2026, 4, 9, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
COLUMNS = (
    ColumnSpec("number", "店铺编号", required=True, example="GX-MY-0142"),
    ColumnSpec("name", "店名", clean=lambda text: text, width=20),
    ColumnSpec("width", "面宽（米）", clean=lambda text: clean_number(text, places=4), kind="number"),
    ColumnSpec("since", "签订日期", clean=clean_day, kind="day"),
    ColumnSpec("trade", "业态", choices=("餐饮", "零售", "理发")),
)
HOW = {"title": "商户", "filter_line": "明月社区 · 全部", "snapshot": AT, "watermark": "周敏（演示） 导出"}
NASTY = ["=1+1", "-5", "@x", "+86", "0012", "123456789012345678", "\t=1", "'=1", "''-5", "_x0041_", "1,234", "1/2",
         "2026-04-09", "TRUE", "  前后空白  ", "两\n行", "㛃䶮𠮷𬭎", '"引号",逗号', "#N/A", "'"]  # fmt: skip
texts = st.sampled_from(NASTY) | st.text(
    st.sampled_from(string.printable + "店铺𠮷=+-@'\u3000\u00e9") | st.characters(exclude_categories=["Cs", "Cc"]),
    min_size=1,
    max_size=30,
).filter(lambda text: text.strip() and "\ufffd" not in text)
tables = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.integers(1, 9999).map(lambda n: f"GX-MY-{n:04}"),
            "name": st.none() | texts,
            "width": st.none() | st.decimals(-99999, 99999, places=4) | st.integers(-(10**9), 10**9),
            "since": st.none() | st.dates(date(1901, 1, 1), date(2099, 12, 31)),
            "trade": st.none() | st.sampled_from(["餐饮", "零售", "理发"]),
        }
    ),
    min_size=1,
    max_size=6,
)


def imported(data, filename):
    matching = match_columns(read_sheet(data, filename), COLUMNS)
    assert matching.problems == ()
    assert matching.unanswered() == ()
    results = check_rows(matching)
    assert [fault for result in results for fault in result.faults] == []
    return [dict(result.values) for result in results]


@settings(max_examples=150)
@example([{"number": "GX-MY-0001", "name": text, "width": None, "since": None, "trade": None} for text in NASTY])
@given(tables)
def test_importing_an_xlsx_export_changes_nothing(table):
    assert imported(write_xlsx(COLUMNS, table, **HOW), "导出.xlsx") == table


@settings(max_examples=150)
@example([{"number": "GX-MY-0001", "name": text, "width": None, "since": None, "trade": None} for text in NASTY])
@given(tables)
def test_importing_a_csv_export_changes_nothing(table):
    assert imported(write_csv(COLUMNS, table), "导出.csv") == table


@settings(max_examples=50)
@given(tables)
def test_another_reader_finds_the_same(table):
    rows = CalamineWorkbook.from_filelike(io.BytesIO(write_xlsx(COLUMNS, table, **HOW))).get_sheet_by_index(0)
    found = rows.to_python(skip_empty_area=False)[4:]
    assert [row[0] for row in found] == [row["number"] for row in table]
    assert [row[3] or None for row in found] == [row["since"] for row in table]
    assert [Decimal(str(row[2])) if row[2] != "" else None for row in found] == [row["width"] for row in table]


def test_cells_are_typed_and_nothing_is_a_formula():
    row = {"number": "0012", "name": "=1+1", "width": Decimal("5.80"), "since": date(2026, 4, 9), "trade": "餐饮"}
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(COLUMNS, [row], **HOW))).active
    number, name, width, since, _ = sheet[5]
    assert (number.value, number.data_type, number.number_format) == ("0012", "s", "@")
    assert (name.value, name.data_type, name.quotePrefix) == ("=1+1", "s", True)
    assert (width.value, width.data_type) == (5.8, "n")
    assert (since.value, since.is_date) == (datetime(2026, 4, 9), True)
    assert [sheet["A1"].value, sheet["A2"].value] == ["商户", "明月社区 · 全部"]
    assert sheet["A3"].value == "截至 2026年4月9日 18:00 · 周敏（演示） 导出"
    assert [cell.value for cell in sheet[4]] == [spec.heading for spec in COLUMNS]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A5", "A4:E5")
    assert "周敏" in sheet.oddFooter.left.text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(12345678901234567, "12345678901234567", id="rules10-sheets-out-long-number-is-text"),
        pytest.param(True, "是", id="rules10-sheets-out-truth"),
        pytest.param(0, "0", id="rules10-sheets-out-zero"),
        pytest.param(
            datetime(2026, 4, 9, 18, 42, tzinfo=AT.tzinfo), "2026-04-09 18:42", id="rules10-sheets-out-moment"
        ),
    ],
)
def test_other_values(value, shown):
    columns = (ColumnSpec("a", "甲"), ColumnSpec("b", "乙"))
    for data, name in (
        (write_xlsx(columns, [{"a": value, "b": "x"}], **HOW), "a.xlsx"),
        (write_csv(columns, [{"a": value, "b": "x"}]), "a.csv"),
    ):
        (result,) = check_rows(match_columns(read_sheet(data, name), columns))
        assert result.values["a"] == shown


def test_csv_guards_texts_and_leaves_numbers():
    columns = (ColumnSpec("a", "甲"), ColumnSpec("b", "=乙"))
    data = write_csv(columns, [{"a": "=cmd|' /C calc'!A0", "b": -5}, {"a": "-5", "b": Decimal("-0.50")}])
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig").split("\r\n") == ["甲,'=乙", "'=cmd|' /C calc'!A0,-5", "'-5,-0.50", ""]


def test_the_same_export_is_the_same_bytes():
    rows = [{"number": "1", "name": "店"}]
    assert write_xlsx(COLUMNS, rows, **HOW) == write_xlsx(COLUMNS, rows, **HOW)
    assert template_xlsx(COLUMNS, title="商户") == template_xlsx(COLUMNS, title="商户")


def test_template_has_text_columns_drop_downs_and_an_explanation():
    data = template_xlsx(COLUMNS, title="商户[2026]")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["商户 2026", "填写说明"]
    sheet, about = book.worksheets
    assert [cell.value for cell in sheet[1]] == ["*店铺编号", "店名", "面宽（米）", "签订日期", "业态"]
    formats = [sheet.column_dimensions[letter].number_format for letter in "ABCDE"]
    assert formats == ["@", "@", "General", "@", "@"]
    (rule,) = sheet.data_validations.dataValidation
    assert (str(rule.sqref), rule.formula1) == ("E2:E5001", "'填写说明'!$G$2:$G$4")
    assert [about.cell(row, 7).value for row in (2, 3, 4)] == ["餐饮", "零售", "理发"]
    assert "GX-MY-0142" in [cell.value for row in about.iter_rows() for cell in row]
    assert ZipFile(io.BytesIO(data)).testzip() is None


def test_a_filled_template_is_read():
    book = openpyxl.load_workbook(io.BytesIO(template_xlsx(COLUMNS, title="商户")))
    book.worksheets[0].append(["GX-MY-0142", "建新路早餐店", 5.8, "2026年4月9日", "餐饮"])
    out = io.BytesIO()
    book.save(out)
    (values,) = imported(out.getvalue(), "填好的.XLSX")
    assert values["since"] == date(2026, 4, 9)
    assert values["width"] == Decimal("5.8")
