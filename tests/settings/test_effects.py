"""What the rooms do with their settings: a number that was changed is the number that counts, from its day on."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts import services as accounts
from portal.accounts.terms import LoginOutcome
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.kiosk import queries as kiosk_queries
from portal.kiosk import services as kiosk
from portal.kiosk.models import Journey
from portal.kiosk.terms import CodeState
from portal.pledges import queries as pledge_queries
from portal.pledges import services as pledges
from portal.pledges.queries.desk import Board
from portal.pledges.terms import Shown, Standing
from portal.settings import queries, services
from tests.cast import PASSWORD, Cast
from tests.kiosk.ground import a_code, a_device, device_actor
from tests.pledges import ways

MINUTE = timedelta(minutes=1)


def let(cast: Cast, now: datetime, key: str, value: Any) -> None:
    """Set a value from today on."""
    seen = queries.book().newest.get(key, 0)
    services.put(key, value, from_on=now.date(), reason="试", seen=seen, by=cast["admin"], now=now)
    db.session.commit()


def test_so_many_failures_shut_an_account_for_so_long(house: Flask, cast: Cast, now: datetime) -> None:
    """SEC-1, with the office's own numbers."""
    let(cast, now, "accounts.failures", 3)
    let(cast, now, "accounts.failure_minutes", 20)

    def attempt(password: str, at: datetime) -> accounts.Try:
        found = accounts.try_password(login="staff", password=password, address="10.0.0.1", now=at)
        if not found.ok:
            accounts.note_failure(found, now=at)
        db.session.commit()
        return found

    found = [attempt("wrong", now) for _ in range(3)][-1]
    assert "已经错了 3 次" in found.sentence
    assert attempt(PASSWORD, now + 19 * MINUTE).outcome is LoginOutcome.WAITING
    assert attempt(PASSWORD, now + 20 * MINUTE).ok


def test_a_new_password_meets_the_numbers_of_the_day(house: Flask, cast: Cast, now: datetime) -> None:
    let(cast, now, "accounts.password_least", 10)
    let(cast, now, "accounts.password_classes", 4)
    by = cast["staff"]
    with pytest.raises(Refused, match="至少 10 位，现在是 9 位"):
        accounts.prepare_change(by=by, current=PASSWORD, new="Yulan-731", now=now)
    with pytest.raises(Refused, match="至少要有 4 种"):
        accounts.prepare_change(by=by, current=PASSWORD, new="Yulan73160", now=now)
    accounts.prepare_change(by=by, current=PASSWORD, new="Yulan-7316", now=now)
    assert len(accounts.one_time("staff").password) >= 14, "a one-time password meets whatever can be set"


def test_a_code_is_good_for_as_long_as_on_the_day_it_was_issued(house: Flask, cast: Cast, now: datetime) -> None:
    let(cast, now, "kiosk.code_minutes", 10)
    by, digits = device_actor(a_device(now)[0]), a_code(now)
    let(cast, now, "kiosk.code_minutes", 60)
    assert kiosk.start_journey(digits, by=by, now=now + 10 * MINUTE) is CodeState.EXPIRED


def test_a_journey_is_silent_after_so_many_minutes(house: Flask, cast: Cast, now: datetime) -> None:
    let(cast, now, "kiosk.silence_minutes", 8)
    by = device_actor(a_device(now)[0])
    assert isinstance(kiosk.start_journey(a_code(now), by=by, now=now), Journey)
    assert kiosk_queries.journey_of(by, now + 7.9 * MINUTE) is not None
    assert kiosk_queries.journey_of(by, now + 8 * MINUTE) is None


def test_a_pledge_runs_as_the_setting_of_its_day_says_and_remembers_it(house: Flask, cast: Cast, now: datetime) -> None:
    """rules 7 no. 2: the result keeps the version; a later value leaves it as it is."""
    pledges.sow_templates(now)
    let(cast, now, "pledges.term_months", 24)
    machine = ways.a_machine(now)
    signed = ways.signed(ways.a_shop(now), machine, by=cast["staff"], now=now)
    assert (signed.until_on, signed.reckoned_with) == (date(2028, 11, 25), {"pledges.term_months": 1})
    let(cast, now, "pledges.term_months", 6)
    assert signed.until_on == date(2028, 11, 25)
    assert queries.stamped(signed.reckoned_with or {}) == [("责任书期限", "24 个月", 1)]


def test_lists_and_pages_agree_on_what_is_soon(house: Flask, cast: Cast, now: datetime) -> None:
    pledges.sow_templates(now)
    signed = ways.signed(ways.a_shop(now), ways.a_machine(now), by=cast["staff"], now=now)
    let(cast, now, "pledges.soon_days", 60)
    for days, word in ((61, Shown.LIVE), (60, Shown.SOON), (1, Shown.SOON), (0, Shown.LAPSED)):
        today = signed.until_on - timedelta(days=days)
        assert pledges.shown_of(signed, today=today) is word
        assert pledge_queries.shown_counts(cast["office"], today=today)[word.value] == 1


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(50, 100))
def test_the_target_of_coverage_is_reached_exactly_when_none_is_missing(live: int, unsigned: int, target: int) -> None:
    """R5 (I13): the shops still missing are the fewest that bring 生效 ÷ 应签 to the target."""
    board = Board({}, {1: {Standing.LIVE.value: live, Standing.UNSIGNED.value: unsigned, Standing.EXEMPT.value: 7}})
    missing = board.missing(target)
    assert (live + missing) * 100 >= board.owing * target
    assert not missing or (live + missing - 1) * 100 < board.owing * target
    assert target < 100 or missing == unsigned
