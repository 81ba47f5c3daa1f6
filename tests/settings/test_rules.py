"""Which value is good on a day, what may be set, and which phase: pure functions (rules 7 no. 2; R5, R13, R14)."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.declare import SettingSpec
from portal.ground.fields.letters import Misread
from portal.settings import rules
from portal.settings.terms import Version, bounds, clean, on_day, phase_on, stored, typed, value_fault, worded

TODAY = date(2026, 11, 25)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
VERSIONS = st.lists(DAYS, max_size=12).map(
    lambda days: [Version(number, day, number * 10) for number, day in enumerate(days, 1)]
)
PLAN = [
    ("宣传发动阶段", date(2026, 3, 30)),
    ("分类攻坚阶段", date(2026, 4, 1)),
    ("常态整治阶段", date(2026, 10, 1)),
]
NUMBER = SettingSpec("a.days", "天数", 30, "天", least=7, most=90)
TEXT = SettingSpec("a.name", "名称", "甲", kind="text", least=1, most=8)
BLANK = SettingSpec("a.party", "甲方", "", kind="text")
TIME = SettingSpec("a.digest", "几点", time(8, 30), kind="time")
DAY = SettingSpec("a.from", "开始", date(2026, 10, 1), kind="date")
CHOICE = SettingSpec("a.end", "到几点", "18:00", kind="choice", choices=[("18:00", "下班"), ("24:00", "当天结束")])
EVEN = SettingSpec("a.even", "双数", 2, least=0, most=8, refuse=lambda n: "要双数。" if n % 2 else None)


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


@given(VERSIONS, DAYS, DAYS)
def test_a_new_value_leaves_every_day_before_it_as_it_was(versions: list[Version], from_on: date, on: date) -> None:
    """Results stay what they were: a change holds from its day on, until a later day that somebody named."""
    after = on_day([*versions, Version(len(versions) + 1, from_on, "new")], on)
    if on < from_on:
        assert after == on_day(versions, on)
    elif not any(from_on < one.from_on <= on for one in versions):
        assert after is not None
        assert after.value == "new"


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


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        (NUMBER, "30", 30),
        (NUMBER, " ３０ 天 ", 30),
        (NUMBER, "7", 7),
        (TEXT, "  常态整治  阶段 ", "常态整治 阶段"),
        (BLANK, "", ""),
        (TIME, "8:30", time(8, 30)),
        (TIME, "08：30", time(8, 30)),
        (TIME, "8点30分", time(8, 30)),
        (TIME, "21时", time(21, 0)),
        (TIME, "0730", time(7, 30)),
        (DAY, "2026年10月1日", date(2026, 10, 1)),
        (CHOICE, "24:00", "24:00"),
        (EVEN, "4", 4),
    ],
)
def test_what_is_typed_is_understood(spec: SettingSpec, text: str, value: Any) -> None:
    assert clean(spec, text) == value


@pytest.mark.parametrize(
    ("spec", "text", "says"),
    [
        (NUMBER, "6", "要在 7 到 90 天之间。"),
        (NUMBER, "91", "要在 7 到 90 天之间。"),
        (NUMBER, "半个月", "不是一个数"),
        (NUMBER, "30.5", "要整数"),
        (NUMBER, "", "请填数字"),
        (TEXT, "", "至少 1 个字。"),
        (TEXT, "特别特别长的阶段名", "最多 8 个字"),
        (TEXT, "常态\u200b整治", "零宽空格"),
        (TIME, "24:00", "几点几分"),
        (TIME, "八点半", "几点几分"),
        (DAY, "2026-02-30", "只有 28 天"),
        (CHOICE, "19:00", "请选一项。"),
        (EVEN, "3", "要双数。"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(spec: SettingSpec, text: str, says: str) -> None:
    with pytest.raises(Misread, match=says):
        clean(spec, text)


@given(st.one_of(st.integers(-99, 99), st.times(), st.dates(), st.text(max_size=8)))
def test_what_is_kept_comes_back_as_it_was(value: Any) -> None:
    kind = {int: "number", time: "time", date: "date", str: "text"}[type(value)]
    if kind == "time":
        value = value.replace(second=0, microsecond=0)
    assert typed(kind, stored(value)) == value


@given(st.integers(-200, 200))
def test_a_number_is_refused_exactly_outside_its_bounds(value: int) -> None:
    assert (value_fault(NUMBER, value) is None) == (7 <= value <= 90)


def test_values_and_bounds_in_words() -> None:
    assert [worded(NUMBER, 30), worded(TIME, time(8, 30)), worded(TIME, "08:30")] == ["30 天", "08:30", "08:30"]
    assert [worded(DAY, date(2026, 10, 1)), worded(CHOICE, "18:00"), worded(BLANK, "")] == [
        "2026年10月1日",
        "下班",
        "空着",
    ]
    assert [bounds(NUMBER), bounds(BLANK), bounds(TEXT)] == ["7 到 90 天", "最多 60 个字，可以空着", "1 到 8 个字"]


@pytest.mark.parametrize(
    ("from_on", "fine"),
    [
        (date(2026, 11, 24), False),
        (TODAY, True),
        (date(2031, 12, 31), True),
        (date(2032, 1, 1), False),
    ],
)
def test_nothing_is_changed_backwards(from_on: date, *, fine: bool) -> None:
    assert (rules.day_fault(from_on, today=TODAY) is None) == fine


def test_only_what_has_not_come_yet_is_taken_back() -> None:
    assert rules.withdrawal_fault(Version(2, date(2026, 11, 26), 1), today=TODAY) is None
    assert rules.withdrawal_fault(Version(2, TODAY, 1), today=TODAY)
    assert rules.withdrawal_fault(None, today=TODAY)


UPPER = SettingSpec("b.upper", "上", date(2026, 10, 1), kind="date", after="b.lower")
LOWER = SettingSpec("b.lower", "下", date(2026, 4, 1), kind="date")
LEAST = SettingSpec("c.least", "最少", 3)
MOST = SettingSpec("c.most", "最多", 5, after="c.least")


@pytest.mark.parametrize(
    ("key", "values", "says"),
    [
        ("b.upper", {"b.upper": date(2026, 4, 2), "b.lower": date(2026, 4, 1)}, None),
        ("b.upper", {"b.upper": date(2026, 4, 1), "b.lower": date(2026, 4, 1)}, "要晚于“下”（2026年4月1日）。"),
        ("b.lower", {"b.upper": date(2026, 4, 1), "b.lower": date(2026, 5, 1)}, "要早于“上”（2026年4月1日）。"),
        ("c.most", {"c.most": 3, "c.least": 3}, "要大于“最少”（3）。"),
        ("c.least", {"c.most": 3, "c.least": 4}, "要小于“最多”（3）。"),
    ],
)
def test_a_value_does_not_overtake_its_neighbour(key: str, values: dict[str, Any], says: str | None) -> None:
    specs = {one.key: one for one in (UPPER, LOWER, LEAST, MOST)}
    given_: dict[str, Any] = {"b.lower": date(2026, 1, 1), "b.upper": date(2026, 2, 1), "c.least": 1, "c.most": 9}
    given_ |= values
    assert rules.order_fault(key, specs, days=[TODAY], value_on=lambda one, _day: given_[one]) == says
