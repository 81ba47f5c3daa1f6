"""What a year lacks, what a day may not be, which years are asked for: no app, no database."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.clock import SHANGHAI
from portal.ground.workdays import Day, Workdays
from portal.worktime import rules
from portal.worktime.services.known import known_days
from portal.worktime.terms import Change, asked_years, changes, feasts, reached_from, span, turns
from portal.worktime.terms import months as months_of
from tests.worktime.almanac import a_year, almanac, days_of

EVERY = days_of(2027)


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        pytest.param([], [], id="全年都在"),
        pytest.param(
            [day for day in EVERY if day.month == 3],
            ["缺 2027年3月，一天也没有；一年要写全，从1月1日到12月31日"],
            id="缺一个月，点名",
        ),
        pytest.param(
            [day for day in EVERY if day.month in (7, 11)],
            ["缺 2027年7月、11月，一天也没有；一年要写全，从1月1日到12月31日"],
            id="缺两个月",
        ),
        pytest.param([date(2027, 2, 28)], ["2027年2月少 1 天：2月28日"], id="缺一天"),
        pytest.param(
            [date(2027, 5, n) for n in range(1, 9)],
            ["2027年5月少 8 天：5月1日、5月2日、5月3日、5月4日、5月5日、5月6日 等"],
            id="缺好几天",
        ),
    ],
)
def test_gaps_are_told_by_name(gone: list[date], said: list[str]) -> None:
    assert rules.gaps(2027, set(EVERY) - set(gone)) == said


@given(st.sets(st.sampled_from(EVERY), max_size=40))
def test_no_gap_goes_untold(gone: set[date]) -> None:
    assert bool(rules.gaps(2027, set(EVERY) - gone)) == bool(gone)


@pytest.mark.parametrize(
    ("day", "fault"),
    [
        pytest.param(Day(date(2027, 1, 1), True), "1月1日是元旦，法定节假日不上班", id="元旦上班"),
        pytest.param(Day(date(2027, 10, 2), True, "国庆节"), "10月2日是国庆节，法定节假日不上班", id="国庆上班"),
        pytest.param(Day(date(2027, 6, 9), False), "平日休息，要写明是什么假", id="平日休息没名称"),
        pytest.param(Day(date(2027, 6, 9), False, "端午节"), None, id="平日休息有名称"),
        pytest.param(Day(date(2027, 6, 12), False), None, id="周末"),
        pytest.param(Day(date(2027, 6, 12), True), None, id="周末上班"),
    ],
)
def test_what_a_day_may_not_be(day: Day, fault: str | None) -> None:
    assert rules.day_fault(day) == fault


def test_changes_and_digest() -> None:
    year = a_year(2026)
    days = year.days()
    assert changes(year, days) == []
    other = [day._replace(works=True, name="") if day.on == date(2026, 5, 5) else day for day in days]
    assert changes(year, other) == [Change(date(2026, 5, 5), (False, "Labour Day"), (True, ""))]
    assert rules.digest(other) != rules.digest(days)
    assert len(changes(None, days)) == 365


@pytest.mark.parametrize(
    ("today", "asked"),
    [
        pytest.param(date(2026, 10, 31), [], id="10 月还不催"),
        pytest.param(date(2026, 11, 1), [2027], id="11 月 1 日起"),
        pytest.param(date(2026, 12, 31), [2027], id="年底"),
        pytest.param(date(2027, 1, 1), [2027], id="到了年初还没有"),
        pytest.param(date(2027, 11, 1), [2027, 2028], id="两年都没有"),
    ],
)
def test_years_that_are_asked_for(today: date, asked: list[int]) -> None:
    assert asked_years(today, almanac()) == asked


def test_the_first_start_that_reaches_into_a_year() -> None:
    """Rules 4: a general case assigned after 2026-12-22 already reaches 2027."""
    assert reached_from(2027, almanac(), days=7) == date(2026, 12, 23)
    assert almanac().after(date(2026, 12, 22), 7).due_on == date(2026, 12, 31)
    assert reached_from(2028, almanac(), days=7) is None
    assert reached_from(2027, Workdays([], 0), days=7) is None


def test_months() -> None:
    """Every day once, in its week, under its weekday."""
    found = months_of(known_days(2026))
    assert [cell.on for month in found for week in month.weeks for cell in week] == days_of(2026)
    for month in found:
        places = [month.blanks + n for n, _cell in enumerate(cell for week in month.weeks for cell in week)]
        cells = [cell for week in month.weeks for cell in week]
        assert [place % 7 for place in places] == [cell.on.weekday() for cell in cells]
        assert all(week[0].on.weekday() == 0 for week in month.weeks[1:])
    assert sum(month.workdays for month in found) == 248
    october = found[9].weeks
    assert (october[0][0].sign, october[1][-2].sign) == ("休", "班")
    assert october[1][-2].title == "10月10日 周六，调休上班，国庆节"


def test_feasts_of_2026() -> None:
    found = {feast.name: (span(feast.off), span(feast.made_up)) for feast in feasts(known_days(2026))}
    assert found == {
        "元旦": ("1月1日—3日", "1月4日"),
        "春节": ("2月15日—23日", "2月14日、2月28日"),
        "清明节": ("4月4日—6日", ""),
        "劳动节": ("5月1日—5日", "5月9日"),
        "端午节": ("6月19日—21日", ""),
        "中秋节": ("9月25日—27日", ""),
        "国庆节": ("10月1日—7日", "9月20日、10月10日"),
    }
    assert next(iter(found)) == "元旦"
    assert span([date(2026, 9, 30), date(2026, 10, 1)]) == "9月30日—10月1日"


@pytest.mark.parametrize(
    ("since", "now", "slots"),
    [
        pytest.param((10, 31), (11, 1), ["2026-W44"], id="11 月 1 日（周日）第一次"),
        pytest.param((11, 1), (11, 2), ["2026-W45"], id="下一个周一"),
        pytest.param((11, 2), (11, 8), [], id="周中不再说"),
        pytest.param((11, 2), (11, 25), ["2026-W46", "2026-W47", "2026-W48"], id="停了三周，补三次"),
        pytest.param((3, 1), (10, 31), [], id="没到 11 月"),
    ],
)
def test_turns_of_asking(since: tuple[int, int], now: tuple[int, int], slots: list[str]) -> None:
    first, last = (datetime(2026, *day, 9, tzinfo=SHANGHAI) for day in (since, now))
    assert [slot for slot, _at in turns(2027, first, last)] == slots


@given(st.integers(0, 120 * 24), st.integers(0, 120 * 24))
def test_a_turn_comes_once_however_often_one_looks(first: int, second: int) -> None:
    """I6: (since, now] cut anywhere gives the same turns."""
    begins = datetime(2026, 10, 1, 0, 30, tzinfo=SHANGHAI)
    a, b, c = begins, begins + timedelta(hours=min(first, second)), begins + timedelta(hours=max(first, second))
    assert turns(2027, a, b) + turns(2027, b, c) == turns(2027, a, c)
