"""Days and numbers are understood or refused, never bent (rules 10 Sheets in)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.fields.days import clean_day
from portal.ground.fields.letters import Misread
from portal.ground.fields.numbers import clean_count, clean_number


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_spelling_of_a_day(day):
    y, m, d = day.year, day.month, day.day
    spellings = [day.isoformat(), f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{y}年{m}月{d}日", f"{y}{m:02}{d:02}"]
    for spelling in [*spellings, f" {y} 年 {m} 月 {d} 日 ", f"{day.isoformat()} 00:00:00"]:
        assert clean_day(spelling) == day


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        pytest.param("2026-13", "没有 13 月", id="rules10-sheets-in-month"),
        pytest.param("2026-04", "还差日", id="rules10-sheets-in-no-day"),
        pytest.param("2026-02-30", "只有 28 天", id="rules10-sheets-in-day"),
        pytest.param("12/2/2026", "年份要写四位并放在最前", id="rules10-sheets-in-order"),
        pytest.param("26-4-9", "年份要写四位", id="rules10-sheets-in-short-year"),
        pytest.param("46358", "日期序号", id="rules10-sheets-in-serial"),
        pytest.param("2026-04-09 08:30", "不要几点几分", id="rules10-sheets-in-time-of-day"),
        pytest.param("昨天", "不是日期", id="rules10-sheets-in-word"),
        pytest.param("", "请填日期", id="rules10-sheets-in-empty-day"),
    ],
)
def test_days_refused(typed, says):
    with pytest.raises(Misread, match=says):
        clean_day(typed)


@given(st.decimals(-99999, 99999, places=2))
def test_numbers_keep_their_value(value):
    assert clean_number(str(value)) == value
    assert clean_number(f"{value:,}") == value
    assert clean_number(f" {value} 米", unit=("米", "m")) == value


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        pytest.param("六米", "不是一个数", id="rules10-sheets-in-chinese-number"),
        pytest.param("6.2-6.5", "不是一个数", id="rules10-sheets-in-span"),
        pytest.param("1,2", "不是一个数", id="rules10-sheets-in-comma-for-point"),
        pytest.param("6.205", "最多 2 位小数", id="rules10-sheets-in-places"),
        pytest.param("-1", "不能小于 0", id="rules6-input-range-least"),
        pytest.param("1001", "不能大于 1000", id="rules6-input-range-most"),
        pytest.param(" ", "请填数字", id="rules10-sheets-in-empty-number"),
    ],
)
def test_numbers_refused(typed, says):
    with pytest.raises(Misread, match=says):
        clean_number(typed, least=0, most=1000)


def test_counts_are_whole():
    assert clean_count("２ 个", unit=("个",)) == 2
    assert clean_count("2.0") == 2
    assert clean_number("6.20") == Decimal("6.2")
    with pytest.raises(Misread, match="整数"):
        clean_count("1.5")
