"""Rules about people: passwords, locks, sessions, duties (rules 6 and 10)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts import rules
from portal.accounts.terms import ROLES, SEPARATE, PasswordRule, Tries
from portal.ground.clock import SHANGHAI

STAFF, ADMINISTRATORS = PasswordRule(8, 3), PasswordRule(12, 3)
TRIES = Tries(5, timedelta(minutes=15))
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("password", "administrator", "piece"),
    [
        pytest.param("Yulan-7316", False, None, id="good"),
        pytest.param("玉兰花开7316a", False, None, id="Chinese signs are a kind of their own"),
        pytest.param("Yulan-731", False, None, id="9 signs will do for staff"),
        pytest.param("Yu-7316", False, "至少 8 位", id="7 signs"),
        pytest.param("Yulan-73162", True, "至少 12 位", id="11 signs of an administrator"),
        pytest.param("Yulan-731625", True, None, id="12 signs of an administrator"),
        pytest.param("yulan7316", False, "至少要有 3 种", id="two kinds"),
        pytest.param("Yulanhua", False, "至少要有 3 种", id="letters alone"),
        pytest.param("Guixi@7316", False, "guixi", id="the street's name"),
        pytest.param("gU1x1#7316", False, "guixi", id="the street's name in signs"),
        pytest.param("Dian-Jiang-7", False, "dianjiang", id="the county's name, cut up"),
        pytest.param("Ab#123456", False, "123456", id="a row of digits"),
        pytest.param("Ab#12-34-56", False, "123456", id="a row of digits, cut up"),
        pytest.param("P@ssw0rd2026", False, "容易猜到", id="the usual list"),
        pytest.param("Qwerty#2026", False, "qwerty", id="a row of keys"),
        pytest.param("My-Zhoumin-26", False, "不能含有账号", id="holds the account's name"),
        pytest.param("My-ZHOUMIN-26", False, "不能含有账号", id="holds it in capitals"),
        pytest.param("Yulaaaan-73", False, "连着出现", id="one sign again and again"),
        pytest.param("Yulan\u200b-7316", False, "看不见", id="a sign that cannot be seen"),
        pytest.param("Yu-7" * 40, False, "最多 128 位", id="too long"),
    ],
)
def test_password_faults(password: str, administrator: bool, piece: str | None) -> None:
    faults = rules.password_faults(password, login="zhoumin", rule=ADMINISTRATORS if administrator else STAFF)
    assert (not faults) if piece is None else any(piece in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("minutes", "waits", "left"),
    [
        pytest.param([], None, 5, id="nothing yet"),
        pytest.param([1, 1, 1], None, 2, id="three"),
        pytest.param([4, 3, 2, 1, 0], 15, 0, id="SEC-1 five: shut for 15 minutes from the fifth"),
        pytest.param([14, 13, 12, 11, 10], 5, 0, id="still shut"),
        pytest.param([18, 17, 16, 15.5, 15], None, 5, id="the quarter of an hour is over"),
        pytest.param([20, 3, 2, 1, 0], None, 1, id="five in twenty minutes shut nothing"),
        pytest.param([29, 28, 27, 26, 16, 1], None, 4, id="what came before the last lock is paid for"),
    ],
)
def test_lock(minutes: list[float], waits: int | None, left: int) -> None:
    lock = rules.lock([NOW - timedelta(minutes=m) for m in minutes], tries=TRIES, now=NOW)
    assert lock.left == left
    assert lock.until == (None if waits is None else NOW + timedelta(minutes=waits))


@given(st.lists(st.integers(0, 7200), min_size=1, max_size=60))
def test_whoever_tries_as_often_as_he_may_fails_at_most_ten_times_in_half_an_hour(seconds: list[int]) -> None:
    """A guesser who tries at every chance: in no span of 15 minutes does the lock let a sixth try through."""
    failed: list[datetime] = []
    for second in sorted(seconds):
        at = NOW + timedelta(seconds=second)
        if rules.lock(failed, tries=TRIES, now=at).until is None:
            failed.append(at)
    for first in failed:
        assert sum(first <= at < first + TRIES.window for at in failed) <= TRIES.most


@pytest.mark.parametrize(
    ("begun", "seen", "administrator", "over"),
    [
        pytest.param(60, 29.9, False, False, id="staff, 29 minutes idle"),
        pytest.param(60, 30, False, True, id="staff, 30 minutes idle"),
        pytest.param(60, 14.9, True, False, id="administrator, 14 minutes idle"),
        pytest.param(60, 15, True, True, id="administrator, 15 minutes idle"),
        pytest.param(719, 1, False, False, id="a minute before twelve hours"),
        pytest.param(720, 1, False, True, id="twelve hours, however busy"),
    ],
)
def test_session_over(begun: float, seen: float, administrator: bool, over: bool) -> None:
    ago = timedelta(minutes=begun), timedelta(minutes=seen)
    idle, absolute = timedelta(minutes=15 if administrator else 30), timedelta(hours=12)
    found = rules.session_over(begun=NOW - ago[0], seen=NOW - ago[1], now=NOW, idle=idle, absolute=absolute)
    assert found is over


@pytest.mark.parametrize("other", sorted(ROLES))
@pytest.mark.parametrize("duty", SEPARATE)
def test_the_three_duties_stand_alone(duty: str, other: str) -> None:
    level = ROLES[duty].levels[0]
    refusal = rules.role_refusal(duty, level=level, held=[other])
    assert (refusal is None) is (duty == other)
    assert (rules.role_refusal(other, level=ROLES[other].levels[0], held=[duty]) is None) is (duty == other)


def test_roles_of_business_go_together() -> None:
    assert rules.role_refusal("grid_worker", level="grid", held=["community_staff", "volunteer_leader"]) is None


def test_a_role_has_its_levels() -> None:
    assert "只能在网格" in (rules.role_refusal("grid_worker", level="community", held=[]) or "")


@pytest.mark.parametrize(("days", "age", "due"), [(90, 89, False), (90, 90, True), (0, 4000, False)])
def test_dormant_and_old_passwords(days: int, age: int, due: bool) -> None:
    then = NOW - timedelta(days=age)
    assert rules.is_dormant(last_used=then, now=NOW, days=days) is due
    assert rules.must_change(told=False, set_at=then, now=NOW, days=days) is due


def test_told_to_change_is_enough() -> None:
    assert rules.must_change(told=True, set_at=NOW, now=NOW, days=0)


@pytest.mark.parametrize("login", ["ab", "Zhoumin", "1zhou", "zhou min", "周敏", "zhou-", "a" * 40])
def test_account_names_that_will_not_do(login: str) -> None:
    assert rules.login_fault(login)


def test_account_names_that_will_do() -> None:
    assert not [login for login in ("zhoumin", "my-01", "li.xm", "a_b9") if rules.login_fault(login)]
