"""Sheets in: what is imported is what the clerk sees, or the notice says so and asks (rules 10 Sheets in)."""

import io
import re
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.ground.fields.codes import clean_uscc
from portal.ground.fields.days import clean_day
from portal.ground.fields.masks import masked_middle
from portal.ground.fields.numbers import clean_number
from portal.ground.fields.telephones import clean_telephone
from portal.ground.sheets.cells import Misfit
from portal.ground.sheets.check import check_rows
from portal.ground.sheets.columns import ColumnSpec, match_columns
from portal.ground.sheets.read import read_sheet

SPECS = (
    ColumnSpec("name", "店名", aliases=("店招名称",), required=True, hint="没有开店的铺面填“空置”"),
    ColumnSpec("uscc", "统一社会信用代码", clean=clean_uscc),
    ColumnSpec("phone", "联系电话", aliases=("责任人电话",), clean=clean_telephone, mask=masked_middle),
    ColumnSpec("width", "面宽（米）", clean=lambda text: clean_number(text, unit=("米", "m"), least=0), kind="number"),
    ColumnSpec("since", "签订日期", clean=clean_day, kind="day"),
    ColumnSpec("trade", "业态", choices=("餐饮", "早餐小吃", "零售")),
)
HEADINGS = [spec.heading for spec in SPECS]


def a_book(*rows, headings=HEADINGS):
    book = openpyxl.Workbook()
    book.active.title = "商户"
    for row in (headings, *rows) if headings else rows:
        book.active.append(row)
    return book


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def matched(book, answers=None):
    data = saved(book) if isinstance(book, openpyxl.Workbook) else book
    return match_columns(read_sheet(data, "底册.xlsx", answers), SPECS, answers)


def rows_of(book, answers=None):
    return check_rows(matched(book, answers))


def kinds(matching):
    return [notice.kind for notice in matching.notices]


def test_rows_are_read_with_their_numbers_and_days():
    book = a_book(
        ["早餐店", None, 13812345678, 6.2, date(2026, 4, 9), "餐饮"], [None] * 6, ["粮油", None, None, None, None, None]
    )
    first, second = rows_of(book)
    assert (first.number, second.number) == (2, 4)
    assert first.ok and first.values["phone"] == "13812345678"
    assert first.values["since"] == date(2026, 4, 9)
    assert second.values == dict.fromkeys([s.key for s in SPECS]) | {"name": "粮油"}


def test_hidden_rows_and_columns_are_said_and_asked():
    book = a_book(
        ["甲", None, "13812345678", 1, None, "餐饮"],
        ["乙", None, None, 2, None, None],
        ["丙", None, None, 3, None, None],
    )
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["C"].hidden = True
    matching = matched(book)
    assert kinds(matching) == ["hidden-rows", "hidden-columns"]
    assert [notice.places for notice in matching.notices] == [("3",), ("C",)]
    assert [notice.kind for notice in matching.unanswered()] == ["hidden-rows", "hidden-columns"]
    assert [row.number for row in matching.rows] == [2, 4]
    assert "phone" not in matching.places
    taken = matched(book, {"hidden-rows": "take", "hidden-columns": "take"})
    assert [row.number for row in taken.rows] == [2, 3, 4]
    assert "phone" in taken.places
    assert taken.unanswered({"hidden-rows": "take", "hidden-columns": "take"}) == ()


def test_rows_without_height_are_hidden():
    data = saved(a_book(["甲"], ["乙"]))
    data = with_part(
        data, "xl/worksheets/sheet1.xml", lambda xml: xml.replace('<row r="3"', '<row r="3" ht="0" customHeight="1"')
    )
    assert [row.number for row in matched(data).rows] == [2]


def test_hidden_and_further_sheets_are_said_and_asked():
    book = a_book(["甲"])
    book.create_sheet("旧").sheet_state = "hidden"
    book["旧"].append(["x"])
    book.create_sheet("填写说明").append(["说明"])
    assert [(n.kind, n.asks) for n in matched(book).notices] == [("hidden-sheets", False)]
    second = book.create_sheet("第二张")
    second.append(HEADINGS)
    second.append(["乙"])
    matching = matched(book)
    assert [notice.kind for notice in matching.unanswered()] == ["sheet"]
    assert [result.values["name"] for result in check_rows(matching)] == ["甲"]
    assert [result.values["name"] for result in rows_of(book, {"sheet": "第二张"})] == ["乙"]


def test_merged_cells_are_said_and_asked():
    book = a_book(["甲", None, None, None, None, "餐饮"], ["乙", None, None, 2], ["丙", None, None, 3])
    book.active.merge_cells("F2:F3")
    assert [row.values["trade"] for row in rows_of(book)] == ["餐饮", "餐饮", None]
    assert [notice.places for notice in matched(book).unanswered()] == [("F2:F3",)]
    assert [row.values["trade"] for row in rows_of(book, {"merged": "first"})] == ["餐饮", None, None]


def test_a_merged_value_shows_though_its_first_row_is_hidden():
    book = a_book(["甲", None, None, 1, None, "餐饮"], ["乙", None, None, 2], ["丙", None, None, 3])
    book.active.merge_cells("F2:F3")
    book.active.row_dimensions[2].hidden = True
    assert [row.values["trade"] for row in rows_of(book)] == ["餐饮", None]


def test_a_merged_title_above_the_headings_asks_nothing():
    book = a_book(["桂溪街道商户底册"], HEADINGS, ["甲"], headings=None)
    book.active.merge_cells("A1:F1")
    matching = matched(book)
    assert matching.heading_rows == (2,)
    assert matching.notices == ()


@pytest.mark.parametrize("word", ["合计", "总 计：", "小计", "本页合计 3 家"])
def test_totals_are_said_and_asked(word):
    book = a_book(["甲", None, None, 1], ["乙", None, None, 2], [word, None, None, 3])
    assert [row.values["name"] for row in rows_of(book)] == ["甲", "乙"]
    assert [notice.places for notice in matched(book).unanswered()] == [("4",)]
    assert len(rows_of(book, {"totals": "take"})) == 3


def test_formulas_are_said_and_taken_as_shown_or_refused_by_cell():
    book = a_book(["甲", None, None, 1, None, None])
    book.active["D2"] = "=2+3"
    (row,) = rows_of(book)
    assert [(fault.address, fault.key) for fault in row.faults] == [("D2", "width")]
    assert "没有算好的结果" in row.faults[0].why
    data = with_part(
        saved(book), "xl/worksheets/sheet1.xml", lambda xml: re.sub(r"</f><v\s*/>|</f><v></v>", "</f><v>5</v>", xml)
    )
    matching = matched(data)
    assert [(n.kind, n.places, n.asks) for n in matching.notices] == [("formulas", ("D2",), False)]
    assert check_rows(matching)[0].values["width"] == 5


def test_errors_of_formulas_are_refused_by_cell():
    book = a_book(["甲", None, "#N/A"])
    book.active["C2"].data_type = "e"
    (row,) = rows_of(book)
    assert "错误值 #N/A" in row.faults[0].why


def test_headings_over_two_rows_are_joined_and_asked():
    book = a_book(
        ["店名", "责任人", None, "面宽（米）"],
        [None, "姓名", "电话", None],
        ["甲", "张三", "13812345678", 2],
        headings=None,
    )
    book.active.merge_cells("B1:C1")
    book.active.merge_cells("A1:A2")
    matching = matched(book)
    assert matching.heading_rows == (1, 2)
    assert matching.places == {"name": 1, "phone": 3, "width": 4}
    assert [notice.kind for notice in matching.unanswered()] == ["headings"]
    assert [row.values["phone"] for row in check_rows(matching)] == ["13812345678"]


def test_headings_are_recognised_loosely():
    matching = matched(a_book(["甲", "13812345678"], headings=["*店招\n名称（必填）", "联系 电话："]))
    assert matching.places == {"name": 1, "phone": 2}


def test_missing_unknown_and_double_headings_are_named():
    matching = matched(a_book(["甲", 1, 2, 3], headings=["店铺名", "业态", "业态", "备注"]))
    assert matching.duplicates == {"业态": ("B1", "C1")}
    assert [item.heading for item in matching.unknown] == ["店铺名", "备注"]
    assert [spec.key for spec in matching.missing] == ["name"]
    assert matching.problems == (
        "缺少“店名”这一列（必填）；“店铺名”如果就是它，请改成“店名”",
        "“业态”有 2 列（B1、C1），请只留一列",
    )


def test_no_headings_at_all():
    with pytest.raises(Misfit, match="没有找到表头。表头应有：店名。请下载模板"):
        matched(a_book(["甲", 1], headings=["a", "b"]))


def test_repeated_headings_of_printed_pages_are_no_rows():
    matching = matched(a_book(["甲"], HEADINGS, ["乙"]))
    assert [row.number for row in matching.rows] == [2, 4]
    assert kinds(matching) == ["repeated-headings"]


def test_faults_name_cell_heading_and_cure():
    book = a_book(
        ["甲", "92511623MA60002B11", "1381234567", "六米", "2026-13", "小吃店"],
        [None, None, None, 1],
        ["丙", None, 1.5e17],
    )
    first, second, third = rows_of(book)
    told = [(f.address, f.heading, f.shown, f.why, f.cure) for f in first.faults]
    assert told[0][:3] == ("B2", "统一社会信用代码", "92511623MA60002B11")
    assert told[0][3].startswith("第 18 位校验不符，应为 X") and told[0][4] == "92511623MA60002B1X"
    assert told[1] == ("C2", "联系电话", "138*******", "只有 10 位，手机号要 11 位", None)
    assert told[2][0] == "D2"
    assert told[3][3] == "没有 13 月，按 2026-12-02 这样填"
    assert told[4] == ("F2", "业态", "小吃店", "业态表里没有，最接近“早餐小吃”", "早餐小吃")
    assert [(f.address, f.shown, f.why) for f in second.faults] == [
        ("A3", "（空着）", "店名必填，没有开店的铺面填“空置”")
    ]
    assert "18 位数字" in third.faults[0].why and third.faults[0].address == "C4"


def test_corrections_are_checked_on_the_spot_and_rows_skipped():
    matching = matched(a_book(["甲", None, "1381234567"], ["乙", None, "x"]))
    (row,) = check_rows(matching, corrections={"C2": "13812345678"}, skipped={3})
    assert row.ok and row.values["phone"] == "13812345678"


def test_a_key_twice_in_one_file_is_a_fault_that_names_the_first():
    matching = matched(a_book(["甲", None, "13812345678"], ["乙", None, "138 1234 5678"], ["乙", None, "13812345678"]))
    rows = check_rows(matching, unique=("phone",))
    assert [row.ok for row in rows] == [True, False, False]
    assert rows[1].faults[0].why == "与第 2 行的联系电话相同，请核对是不是同一家"
    assert rows[1].faults[0].shown.startswith("138 *")
    assert (
        check_rows(matched(a_book(["甲"], ["甲"])), unique=("name",))[1]
        .faults[0]
        .why.endswith("整行都一样，可跳过此行")
    )


def test_what_is_shown_otherwise_than_stored_is_asked():
    book = a_book(["甲", None, None, 5.85], ["乙", None, None, 7])
    book.active["D2"].number_format = "0.0"
    book.active["D3"].number_format = ";;;"
    assert [str(row.values["width"]) for row in rows_of(book)] == ["5.9", "None"]
    (notice,) = matched(book).unanswered()
    assert (notice.kind, notice.places) == ("rounded", ("D2", "D3"))
    assert [str(row.values["width"]) for row in rows_of(book, {"rounded": "stored"})] == ["5.85", "7"]


def test_a_day_that_hides_its_year_is_said():
    book = a_book(["甲", None, None, None, date(2026, 12, 2)])
    book.active["E2"].number_format = 'm"月"d"日"'
    matching = matched(book)
    assert kinds(matching) == ["short-days"]
    assert check_rows(matching)[0].values["since"] == date(2026, 12, 2)


def test_telephones_formatted_as_numbers_are_read_as_shown():
    book = a_book(["甲", None, 13812345678])
    book.active["C2"].number_format = "000-0000-0000"
    assert rows_of(book)[0].values["phone"] == "13812345678"


def with_part(data, name, change):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            body = old.read(item)
            new.writestr(item.filename, change(body.decode()).encode() if item.filename == name else body)
    return out.getvalue()


GOOD = saved(a_book(["甲", None, "13812345678", 6.2, date(2026, 4, 9), "餐饮"]))


@settings(max_examples=150)
@given(st.data())
def test_a_broken_xlsx_gives_a_sentence_or_rows(data):
    broken = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 5))):
        broken[data.draw(st.integers(0, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    try:
        matched(bytes(broken))
    except Misfit as refused:
        assert "请" in str(refused)


@settings(max_examples=150)
@given(st.data())
def test_broken_xml_inside_gives_a_sentence_or_rows(data):
    part = data.draw(
        st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"])
    )
    wrong = data.draw(st.sampled_from(["", "-1", "x", "999999999999", "A0", "1e999", "nan", "�"]))

    def change(xml):
        values = list(re.finditer(r'(?<==")[^"]*(?=")|(?<=>)[^<>]+(?=<)', xml))
        spot = values[data.draw(st.integers(0, len(values) - 1))]
        return xml[: spot.start()] + wrong + xml[spot.end() :]

    try:
        check_rows(matched(with_part(GOOD, part, change)))
    except Misfit as refused:
        assert "请" in str(refused)
