"""The paper as text: three real years agree with chinese_calendar day by day; what cannot be read is said."""

from datetime import date

import pytest

from portal.ground.fields.letters import Misread
from portal.ground.workdays import Day
from portal.worktime.services.known import known_days
from portal.worktime.services.notice import read_notice
from portal.worktime.terms import PAPERS as NUMBERS
from tests.worktime.notices import OF_2027, PAPERS


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_of_a_real_paper(year: int) -> None:
    notice = read_notice(PAPERS[year])
    assert (notice.year, notice.paper, notice.beyond) == (year, NUMBERS[year], [])
    assert notice.days == [
        day._replace(name="国庆节") if year == 2025 and day.name == "中秋节" else day for day in known_days(year)
    ]


def test_a_new_year_that_begins_in_december() -> None:
    notice = read_notice(OF_2027)
    assert notice.beyond == [Day(date(2026, 12, 26), True, "元旦"), Day(date(2026, 12, 31), False, "元旦")]
    by_day = {day.on: day for day in notice.days}
    assert [by_day[date(2027, 1, n)].works for n in (1, 2, 3, 4)] == [False, False, False, True]
    assert by_day[date(2027, 1, 30)] == Day(date(2027, 1, 30), True, "春节")
    assert by_day[date(2027, 6, 9)] == Day(date(2027, 6, 9), False, "端午节")
    assert len(notice.days) == 365


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("今年春节放假八天", "没有找到", id="没有标题"),
        pytest.param("关于2027年部分节假日安排的通知 如下", "没有读出放假的日子", id="没有正文"),
        pytest.param(OF_2027.replace("2月5日", "2月30日"), "没有 2027年2月30日", id="没有这一天"),
        pytest.param(OF_2027.replace("至13日", "至3日"), "起止日期不对", id="倒过来的起止"),
        pytest.param(OF_2027.replace("2月5日（农历除夕、周五）", "5日"), "没有 2027年0月5日", id="没写几月"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, why: str) -> None:
    with pytest.raises(Misread, match=why):
        read_notice(text)


def test_without_a_number_the_paper_is_asked_for() -> None:
    assert read_notice(OF_2027.replace("国办发明电〔2026〕9号", "")).paper == ""
