"""Settings on both databases: what is set holds from its day on, is told in the trail, and is never lost."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal.ground.db import db
from portal.ground.errors import Refused
from portal.settings import queries, services
from portal.settings.models import Setting
from portal.settings.terms import AMBIGUITIES, GROUPS, STALE
from tests.cast import Cast
from tests.trail import lines

TODAY = date(2026, 11, 25)
TERM = "pledges.term_months"
WHY = "街道办公会议定"


def a_value(cast: Cast, now: datetime, value: Any = 24, *, key: str = TERM, days: int = 0, **but: Any) -> Setting:
    """A new value of the pledges' term, unless something else is asked for."""
    seen = queries.book().newest.get(key, 0)
    given_ = {"from_on": TODAY + timedelta(days=days), "reason": WHY, "seen": seen, "by": cast["office"], "now": now}
    return services.put(key, value, **{**given_, **but})


@pytest.mark.usefixtures("house")
def test_the_phase_of_the_day_as_shipped() -> None:
    """R14"""
    found = queries.phase(TODAY)
    assert found is not None
    assert (found.name, found.number, found.begins_on, found.day_number) == ("常态整治阶段", 3, date(2026, 10, 1), 56)
    assert found.words == "常态整治阶段第 56 天"


@pytest.mark.usefixtures("house")
def test_a_key_that_no_room_offers_is_no_setting() -> None:
    with pytest.raises(KeyError):
        queries.value("no.such_key", on=TODAY)


def test_a_value_holds_from_its_day_on_and_the_trail_tells_it(house: Flask, cast: Cast, now: datetime) -> None:
    assert queries.in_force(TERM, on=TODAY)[::2] == (0, 12)
    a_value(cast, now, 24, days=6)
    db.session.commit()
    assert queries.value(TERM, on=TODAY + timedelta(days=5)) == 12
    assert queries.in_force(TERM, on=TODAY + timedelta(days=6)) == (1, date(2026, 12, 1), 24)
    told = lines()[-1]
    assert (told.action, told.subject, told.actor_name) == ("settings.set", f"setting:{TERM}", "专项（演示）")
    assert json.loads(told.details) == {
        "setting": "责任书期限", "version": 1, "before": "12 个月", "after": "24 个月", "from_on": "2026-12-01",
        "reason": WHY,
    }  # fmt: skip


def test_times_and_dates_come_back_as_such(house: Flask, cast: Cast, now: datetime) -> None:
    a_value(cast, now, date(2026, 10, 8), key="plan.phase_3_from")
    found = queries.phase(TODAY)
    assert found is not None
    assert (found.begins_on, found.day_number) == (date(2026, 10, 8), 49)
    yesterday = queries.phase(TODAY - timedelta(days=1))
    assert yesterday is not None
    assert yesterday.day_number == 55, "what was said yesterday stays said"


@pytest.mark.parametrize(
    ("value", "but", "field", "says"),
    [
        pytest.param(24, {"days": -1}, "from_on", "不能早于今天", id="过去的日期"),
        pytest.param(24, {"days": 3000}, "from_on", "核对年份", id="太远的日期"),
        pytest.param(0, {}, "value", "1 到 60", id="出界"),
        pytest.param(12, {}, "value", "不用改", id="没有变"),
        pytest.param(24, {"seen": 1}, None, STALE, id="旧的一页"),
        pytest.param(date(2026, 3, 1), {"key": "plan.phase_2_from"}, "value", "晚于“第一阶段开始”", id="阶段次序"),
        pytest.param(date(2026, 12, 1), {"key": "plan.phase_2_from"}, "value", "早于“第三阶段开始”", id="阶段次序二"),
    ],
)
def test_what_is_refused(
    house: Flask, cast: Cast, now: datetime, *, value: Any, but: dict[str, Any], field: str | None, says: str
) -> None:
    with pytest.raises(Refused, match=says) as refused:
        a_value(cast, now, value, **but)
    assert refused.value.field == field
    assert not db.session.query(Setting).count()


def test_the_order_is_kept_on_later_days_too(house: Flask, cast: Cast, now: datetime) -> None:
    """The third phase is to begin earlier from next month on: until then and after it the second must fit."""
    a_value(cast, now, date(2026, 9, 1), key="plan.phase_3_from", days=30)
    with pytest.raises(Refused, match="早于“第三阶段开始”（2026年9月1日）"):
        a_value(cast, now, date(2026, 9, 15), key="plan.phase_2_from")
    a_value(cast, now, date(2026, 8, 15), key="plan.phase_2_from")


def test_a_value_to_come_is_taken_back_by_a_row_of_its_own(house: Flask, cast: Cast, now: datetime) -> None:
    a_value(cast, now, 24, days=6)
    a_value(cast, now, 36, days=40)
    assert [one.value for one in queries.book().coming(TERM, TODAY)] == [24, 36]
    services.withdraw(TERM, 1, reason="另行安排", seen=2, by=cast["office"], now=now)
    db.session.commit()
    assert [one.value for one in queries.book().coming(TERM, TODAY)] == [36]
    assert queries.value(TERM, on=TODAY + timedelta(days=10)) == 12
    newest, second, first = queries.history(TERM)
    assert (newest.number, newest.withdraws, newest.reason) == (3, 1, "另行安排")
    assert (first.number, first.withdrawn, second.withdrawn) == (1, True, False)
    assert lines()[-1].action == "settings.withdraw"
    with pytest.raises(Refused, match="已经撤回"):
        services.withdraw(TERM, 1, reason="再撤", seen=3, by=cast["office"], now=now)
    with pytest.raises(Refused, match=STALE):
        services.withdraw(TERM, 2, reason="旧的一页", seen=2, by=cast["office"], now=now)
    with pytest.raises(Refused, match="为什么"):
        services.withdraw(TERM, 2, reason="", seen=3, by=cast["office"], now=now)


def test_what_is_in_force_is_not_taken_back(house: Flask, cast: Cast, now: datetime) -> None:
    a_value(cast, now, 24)
    with pytest.raises(Refused, match="已经生效"):
        services.withdraw(TERM, 1, reason="撤", seen=1, by=cast["office"], now=now)


def test_a_result_keeps_what_it_was_computed_with(house: Flask, cast: Cast, now: datetime) -> None:
    """rules 7 no. 2"""
    before = queries.stamp([TERM, "pledges.party_a"], on=TODAY)
    assert before == {TERM: 0, "pledges.party_a": 0}
    a_value(cast, now, 24)
    a_value(cast, now, 36)
    assert queries.stamp([TERM], on=TODAY) == {TERM: 2}
    assert queries.stamped(before)[0] == ("责任书期限", "12 个月", 0)
    assert queries.stamped({TERM: 1, "gone.key": 4}) == [("责任书期限", "24 个月", 1)]


SETTINGS_OF_A_TERM = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 40)), max_size=6)


@hypothesis_settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SETTINGS_OF_A_TERM, st.integers(0, 60))
def test_the_database_says_what_a_list_in_the_hand_says(
    house: Flask, cast: Cast, now: datetime, made: list[tuple[int, int]], ahead: int
) -> None:
    db.session.rollback()
    kept: list[tuple[int, int]] = []  # (days ahead, value), as an independent list
    for value, days in made:
        standing = [one for at, one in sorted(kept, key=lambda pair: pair[0]) if at <= days]
        if value == (standing[-1] if standing else 12):
            continue
        a_value(cast, now, value, days=days)
        kept.append((days, value))
    expected = 12
    for _at, value in sorted((pair for pair in kept if pair[0] <= ahead), key=lambda pair: pair[0]):
        expected = value
    assert queries.value(TERM, on=TODAY + timedelta(days=ahead)) == expected
    db.session.rollback()


def test_every_setting_has_what_the_page_needs(house: Flask) -> None:
    """Each key belongs to a room, has bounds, a source, and a default that its own bounds allow."""
    from portal.settings.terms import value_fault

    for line in queries.lines(TODAY):
        spec = line.spec
        assert spec.key.count(".") == 1
        assert spec.source, spec.key
        assert "rules" not in spec.source, f"{spec.key}: the page speaks to the office"
        assert spec.group in GROUPS, spec.key
        assert spec.kind != "number" or (spec.least is not None and spec.most is not None), spec.key
        assert value_fault(spec, line.now.value) is None, spec.key
    assert len({line.spec.key for line in queries.lines(TODAY)}) == len(queries.lines(TODAY))


def test_what_the_plan_leaves_open_leads_to_settings_that_there_are(house: Flask) -> None:
    """rules 0: each ambiguity ships with a default, visible on the page."""
    offered = {line.spec.key for line in queries.lines(TODAY)}
    assert len(AMBIGUITIES) == 6
    for one in AMBIGUITIES:
        assert one.said
        assert one.taken
        assert one.why
        assert set(one.keys) <= offered
