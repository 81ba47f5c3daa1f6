"""Which value is good on a day, and which phase: pure functions (rules 7 no. 2; R5, R13, R14)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.settings.terms import Version, on_day, phase_on

DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
VERSIONS = st.lists(DAYS, max_size=12).map(
    lambda days: [Version(number, day, number * 10) for number, day in enumerate(days, 1)]
)
PLAN = [
    ("宣传发动阶段", date(2026, 3, 30)),
    ("分类攻坚阶段", date(2026, 4, 1)),
    ("常态整治阶段", date(2026, 10, 1)),
]


@given(VERSIONS, DAYS)
def test_the_latest_day_that_has_come_wins_and_of_these_the_highest_version(versions: list[Version], on: date) -> None:
    found = on_day(versions, on)
    come = [one for one in versions if one.from_on <= on]
    if found is None:
        assert not come
        return
    assert found in come
    assert all(
        one.from_on < found.from_on or (one.from_on == found.from_on and one.number <= found.number) for one in come
    )


@given(VERSIONS, DAYS)
def test_a_value_changes_only_on_a_day_that_somebody_named(versions: list[Version], on: date) -> None:
    if on not in {one.from_on for one in versions}:
        assert on_day(versions, on) == on_day(versions, on - timedelta(days=1))


@pytest.mark.parametrize(
    ("on", "words"),
    [
        pytest.param(date(2026, 3, 29), None, id="R5·方案印发前"),
        pytest.param(date(2026, 3, 30), "宣传发动阶段第 1 天", id="R5·印发当日"),
        pytest.param(date(2026, 3, 31), "宣传发动阶段第 2 天", id="R5·阶段一末日"),
        pytest.param(date(2026, 4, 1), "分类攻坚阶段第 1 天", id="R13·阶段二首日"),
        pytest.param(date(2026, 9, 30), "分类攻坚阶段第 183 天", id="R13·阶段二末日"),
        pytest.param(date(2026, 10, 1), "常态整治阶段第 1 天", id="R14·阶段三首日"),
        pytest.param(date(2026, 11, 25), "常态整治阶段第 56 天", id="R14·工作台图上的一天"),
    ],
)
def test_phases(on: date, words: str | None) -> None:
    found = phase_on(PLAN, on)
    assert (found.words if found else None) == words


@given(DAYS)
def test_each_day_from_the_first_on_has_one_phase_that_began_by_then(on: date) -> None:
    found = phase_on(PLAN, on)
    assert (found is None) == (on < date(2026, 3, 30))
    if found:
        assert found.begins_on <= on
        assert found.begins_on + timedelta(days=found.day_number - 1) == on
        assert PLAN[found.number - 1] == (found.name, found.begins_on)
