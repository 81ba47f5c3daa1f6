"""Working days and limits: WD-1, WD-8, the pure half of WD-9, I4, and what always holds."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.clock import SHANGHAI
from portal.ground.workdays import (
    DayKind,
    Deadline,
    Ends,
    Lamp,
    Workdays,
    Year,
    YearNotPublished,
    because,
    complicated,
    county,
    feedback,
    foreseen,
    general,
    headline,
    in_calendar_days,
    in_minutes,
    in_workdays,
    same_day,
    urgent,
)
from portal.ground.workdays.words import why
from tests.worktime.almanac import ONE, a_year, almanac, counted, days_of, rolled, works

ENDS = Ends()
STARTS = [day for year in (2024, 2025, 2026) for day in days_of(year)]
IN_2026 = days_of(2026)
starts = st.sampled_from(STARTS)
counts = st.integers(1, 40)


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        pytest.param(date(2026, 3, 30), 7, date(2026, 4, 9), id="WD-1·清明"),
        pytest.param(date(2026, 4, 30), 7, date(2026, 5, 13), id="WD-1·五一调休"),
        pytest.param(date(2026, 4, 30), 2, date(2026, 5, 7), id="WD-1·五一后反馈"),
        pytest.param(date(2026, 9, 24), 7, date(2026, 10, 12), id="R10·中秋国庆连着"),
        pytest.param(date(2026, 12, 22), 7, date(2026, 12, 31), id="WD-9·2026 年最后一个够得着的交办日"),
    ],
)
def test_examples(start: date, n: int, due: date) -> None:
    assert almanac().after(start, n).due_on == due
    assert in_workdays(at(start), n, almanac(), ENDS).until_at == at(due, 18)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7, 10, 15, 30])
def test_every_start_from_2024_agrees_with_chinese_calendar(n: int) -> None:
    """Rules 4: every start day whose limit ends by 2026-12-31; later ones say that the year is missing."""
    agreed = 0
    for start in STARTS:
        due = counted(start, n)
        if due is None:
            with pytest.raises(YearNotPublished) as missing:
                almanac().after(start, n)
            assert missing.value.year == 2027
            continue
        assert almanac().after(start, n).due_on == due, start
        agreed += 1
    assert agreed > 1000


@pytest.mark.parametrize("n", [1, 15, 30])
def test_every_start_in_calendar_days_agrees_with_chinese_calendar(n: int) -> None:
    for start in STARTS:
        if (due := rolled(start, n)) is None:
            with pytest.raises(YearNotPublished):
                almanac().calendar_days(start, n)
        else:
            assert almanac().calendar_days(start, n).due_on == due, start


def test_wd8_complicated_is_never_before_general() -> None:
    """WD-8, for every start of 2026; in September and February the bare fifteen days would be (rules 0, 1)."""
    earlier = []
    for start in IN_2026:
        one = foreseen(almanac(), lambda days, start=start: general(at(start), days, ENDS))
        other = foreseen(almanac(), lambda days, start=start: complicated(at(start), days, ENDS))
        assert other.until_at >= one.until_at, start
        alone = foreseen(almanac(), lambda days, start=start: complicated(at(start), days, ENDS, least=0))
        assert other.until_at == max(one.until_at, alone.until_at)
        if alone.track.counted_to < one.due_on:
            earlier.append(start)
    assert set(earlier) == {
        *(date(2026, 2, day) for day in range(6, 16)),
        *(date(2026, 9, day) for day in range(21, 27)),
    }


def test_complicated_says_which_count_decides() -> None:
    late = complicated(at(date(2026, 9, 24)), almanac(), ENDS)
    assert (late.due_on, late.track.working, late.beside.due_on) == (date(2026, 10, 12), True, date(2026, 10, 9))
    usual = complicated(at(date(2026, 11, 2)), almanac(), ENDS)
    assert (usual.due_on, usual.track.working, usual.beside.due_on) == (date(2026, 11, 17), False, date(2026, 11, 11))
    assert complicated(at(date(2026, 11, 2)), almanac(), ENDS, least=0).beside is None


@pytest.mark.parametrize(
    ("start", "due"),
    [
        pytest.param(date(2026, 11, 25), date(2026, 11, 26), id="R9·平日"),
        pytest.param(date(2026, 11, 27), date(2026, 11, 30), id="R9·周五顺延"),
        pytest.param(date(2026, 9, 30), date(2026, 10, 8), id="R9·国庆顺延"),
        pytest.param(date(2026, 10, 9), date(2026, 10, 10), id="R9·调休的周六要算"),
    ],
)
def test_county(start: date, due: date) -> None:
    found = county(at(start, 23, 59), almanac(), ENDS)
    assert found.until_at == at(due, 18)
    assert found.lamp(at(due - ONE, 23, 59)) is Lamp.FINE
    assert found.lamp(at(due, 0)) is Lamp.SOON


def test_named_limits_are_the_plans() -> None:
    start = at(date(2026, 4, 30))
    assert general(start, almanac(), ENDS).due_on == date(2026, 5, 13)
    assert feedback(start, almanac(), ENDS).due_on == date(2026, 5, 7)
    assert urgent(start, 1).until_at == at(date(2026, 4, 30), 12)


def test_the_end_of_a_day_is_a_setting() -> None:
    day = date(2026, 11, 26)
    assert in_workdays(at(day), 1, almanac(), Ends(time(17, 30))).until_at == at(date(2026, 11, 27), 17, 30)
    midnight = in_workdays(at(day), 1, almanac(), Ends(None))
    assert (midnight.due_on, midnight.until_at) == (date(2026, 11, 27), at(date(2026, 11, 28), 0))
    assert midnight.lamp(at(date(2026, 11, 27), 23, 59)) is Lamp.SOON
    assert midnight.lamp(at(date(2026, 11, 28), 0)) is Lamp.LATE


@pytest.mark.parametrize(
    ("days", "soon"),
    [
        pytest.param(7, at(date(2026, 12, 3), 0), id="rules 10·五个工作日以上提前两天"),
        pytest.param(5, at(date(2026, 12, 1), 0), id="rules 10·正好五个工作日"),
        pytest.param(4, at(date(2026, 12, 1), 0), id="rules 10·短的到期当天"),
        pytest.param(1, at(date(2026, 11, 26), 0), id="rules 10·一天的到期当天"),
    ],
)
def test_lamps_of_days(days: int, soon: datetime) -> None:
    found = in_workdays(at(date(2026, 11, 25)), days, almanac(), ENDS)
    assert found.soon_at == soon
    assert found.lamp(soon - timedelta(seconds=1)) is Lamp.FINE
    assert found.lamp(soon) is Lamp.SOON
    assert found.lamp(found.until_at - timedelta(seconds=1)) is Lamp.SOON
    assert found.lamp(found.until_at) is Lamp.LATE


def test_lamps_of_hours_turn_at_half_time() -> None:
    start = at(date(2026, 11, 28), 23, 30)  # a Saturday night: urgent matters know no office hours
    found = urgent(start, 1)
    assert (found.until_at, found.soon_at) == (start + timedelta(hours=2), start + timedelta(hours=1))
    assert [found.lamp(start + timedelta(minutes=n)) for n in (0, 59, 60, 119, 120)] == [
        Lamp.FINE, Lamp.FINE, Lamp.SOON, Lamp.SOON, Lamp.LATE,
    ]  # fmt: skip
    assert not found.provisional


@pytest.mark.parametrize(
    ("start", "until"),
    [
        pytest.param(at(date(2026, 11, 25), 9), at(date(2026, 11, 26), 0), id="rules 0·3·上午"),
        pytest.param(at(date(2026, 11, 25), 20), at(date(2026, 11, 26), 0), id="rules 0·3·下班以后也是当天"),
        pytest.param(at(date(2026, 11, 25), 23), at(date(2026, 11, 26), 1), id="rules 0·3·不早于响应的时限"),
    ],
)
def test_there_on_the_same_day(start: datetime, until: datetime) -> None:
    assert same_day(start, 1).until_at == until


def test_wd9_a_date_in_2027_is_foreseen_and_marked_and_settled_by_the_calendar() -> None:
    """WD-9: what reaches into a year without data is provisional; with the calendar it is reckoned again."""
    start = at(date(2026, 12, 23))
    with pytest.raises(YearNotPublished, match="2027"):
        general(start, almanac(), ENDS)
    guess = foreseen(almanac(), lambda days: general(start, days, ENDS))
    assert (guess.due_on, guess.provisional, guess.version) == (date(2027, 1, 4), True, 1)
    assert "待节假日安排公布后重算" in because(guess)
    off = {date(2027, 1, 1): "元旦", date(2027, 1, 2): "元旦", date(2027, 1, 3): "元旦", date(2027, 1, 4): "元旦"}
    days = [(day, day.weekday() < 5 and day not in off, off.get(day, "")) for day in days_of(2027)]
    later = Workdays([a_year(2026), Year(2027, days, published=True)], 2)
    settled = foreseen(later, lambda days: general(start, days, ENDS))
    assert (settled.due_on, settled.provisional, settled.version) == (date(2027, 1, 5), False, 2)
    assert "待节假日" not in because(settled)


def test_a_count_that_ends_on_the_last_published_day_needs_no_other_year() -> None:
    assert not foreseen(almanac(), lambda days: general(at(date(2026, 12, 22)), days, ENDS)).provisional
    assert almanac().calendar_days(date(2026, 12, 30), 1).due_on == date(2026, 12, 31)


def test_a_year_in_no_calendar_is_guessed_and_marked() -> None:
    """A limit far ahead, or of an old paper: never an error on a page, always marked."""
    for start, due in ((date(2031, 9, 30), date(2031, 10, 6)), (date(2019, 4, 30), date(2019, 5, 3))):
        found = foreseen(almanac(), lambda days, start=start: in_workdays(at(start), 1, days, ENDS))
        assert (found.due_on, found.provisional) == (due, True)
    assert Workdays([], 0).foreseen.is_workday(date(2026, 11, 25))
    assert not almanac().covers(2031)


def test_where_counting_begins_may_lie_before_all_calendars() -> None:
    found = almanac().after(date(2023, 12, 31), 1)
    assert (found.due_on, found.provisional) == (date(2024, 1, 2), False)


def test_the_strip_tells_each_day() -> None:
    track = almanac().after(date(2026, 9, 24), 7)
    assert [step.number for step in track.steps] == [
        0, None, None, None, 1, 2, 3, None, None, None, None, None, None, None, 4, 5, 6, None, 7,
    ]  # fmt: skip
    kinds = [step.day.kind for step in track.steps]
    assert kinds[1:4] == [DayKind.HOLIDAY] * 3
    assert (kinds[16], kinds[17], kinds[18]) == (DayKind.MAKE_UP, DayKind.WEEKEND, DayKind.WORKDAY)
    words = [why(step, track) for step in track.steps]
    assert words[0] == "起算当天，不算"
    assert words[4] == "第 1 个工作日"
    assert words[16] == "National Day调休上班，第 6 个工作日"
    assert words[17] == "周末，不算"


def test_words() -> None:
    found = complicated(at(date(2026, 9, 24)), almanac(), ENDS)
    assert headline(found) == "为什么是 10月12日"
    assert because(found) == (
        "9月24日 当天不算。Mid-autumn Festival 3 天、National Day 7 天、周末 1 天不算；10月10日 调休上班，要算。"
        "数到第 7 个工作日是 10月12日。按 15 天算是 10月9日，早一些，以晚的为准。"
    )
    rolled_on = county(at(date(2026, 9, 30)), almanac(), ENDS)
    assert because(rolled_on) == "9月30日 当天不算。按日历天数，第 1 天是 10月1日，这天休息，顺延到上班的 10月8日。"
    assert why(rolled_on.track.steps[2], rolled_on.track) == "休息，顺延"
    assert why(rolled_on.track.steps[-1], rolled_on.track) == "顺延到这天"
    assert because(feedback(at(date(2026, 11, 24)), almanac(), ENDS)) == (
        "11月24日 当天不算。数到第 2 个工作日是 11月26日。"
    )
    assert "按钟点算" in because(urgent(at(date(2026, 11, 24)), 1))
    assert "也是这一天" in because(complicated(at(date(2026, 9, 21)), almanac(), ENDS))


def test_a_year_needs_each_of_its_days_once() -> None:
    days = [(day, True, "") for day in days_of(2026)]
    for wrong in (days[:-1], days[1:], [*days, days[0]], days[:100] + days[101:]):
        with pytest.raises(ValueError, match="2026"):
            Year(2026, wrong, published=True)
    assert Year(2026, reversed(days), published=True).total == 365


def test_a_limit_is_at_least_a_day() -> None:
    for count in (almanac().after, almanac().calendar_days):
        with pytest.raises(ValueError, match="one day"):
            count(date(2026, 1, 5), 0)


# ---- what always holds


@given(start=starts, n=counts, hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_i4_a_limit_is_a_pure_function(start: date, n: int, hour: int, minute: int) -> None:
    """The hour of day 0 does not matter, and the same calendar gives the same limit, object or copy."""
    one = foreseen(almanac(), lambda days: in_workdays(at(start, hour, minute), n, days, ENDS))
    copy = Workdays(almanac().years.values(), 1)
    other = foreseen(copy, lambda days: in_workdays(at(start, 12), n, days, ENDS))
    assert (one.until_at, one.soon_at, one.track, one.provisional) == (
        other.until_at, other.soon_at, other.track, other.provisional,
    )  # fmt: skip


@given(start=starts, n=counts)
def test_a_limit_ends_on_a_working_day_after_its_start(start: date, n: int) -> None:
    days = almanac().foreseen
    for found in (in_workdays(at(start), n, days, ENDS), in_calendar_days(at(start), n, days, ENDS)):
        assert days.is_workday(found.due_on)
        assert start < found.due_on
        assert at(start) < found.soon_at <= at(found.due_on, 0) < found.until_at
        assert found.lamp(at(start)) is Lamp.FINE
        assert [step.day.on for step in found.track.steps] == [
            start + timedelta(days=one) for one in range((found.due_on - start).days + 1)
        ]
    assert days.between(start, days.after(start, n).due_on) == n
    assert days.between(days.before(days.after(start, n + 1).due_on, 1), days.after(start, n + 1).due_on) == 1
    assert days.before(days.after(start, n + 1).due_on, 1) == days.after(start, n).due_on


@given(start=starts, n=counts, m=counts)
def test_counting_on_is_counting_once(start: date, n: int, m: int) -> None:
    days = almanac().foreseen
    assert days.after(days.after(start, n).due_on, m).due_on == days.after(start, n + m).due_on


@given(start=starts, n=counts)
def test_a_later_start_never_ends_earlier(start: date, n: int) -> None:
    days = almanac().foreseen
    assert days.after(start, n).due_on <= days.after(start + ONE, n).due_on
    assert days.calendar_days(start, n).due_on <= days.calendar_days(start + ONE, n).due_on


@given(first=starts, last=starts)
def test_between_counts_as_fingers_do(first: date, last: date) -> None:
    low, high = sorted((first, last))
    by_hand = sum(works(low + timedelta(days=n)) for n in range(1, (high - low).days + 1))
    assert almanac().between(low, high) == by_hand
    assert almanac().between(high, low) == -by_hand


@given(start=starts)
def test_next_and_previous_are_working_days_with_none_between(start: date) -> None:
    days = almanac().foreseen
    ahead = days.next_workday(start)
    assert days.is_workday(ahead)
    assert ahead == start or days.between(start, ahead) == 1
    if start > date(2024, 1, 1):
        behind = days.previous_workday(start)
        assert days.is_workday(behind)
        assert days.between(behind, start) == 0


@given(minutes=st.integers(1, 3000), start=starts, hour=st.integers(0, 23))
def test_minutes_are_minutes(minutes: int, start: date, hour: int) -> None:
    found: Deadline = in_minutes(at(start, hour), minutes, 1)
    assert found.until_at - found.started_at == timedelta(minutes=minutes)
    assert found.started_at < found.soon_at < found.until_at
