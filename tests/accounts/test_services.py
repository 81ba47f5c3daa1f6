"""Services of accounts on both databases: the result, and the trail."""

import threading
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.accounts import queries, services
from portal.accounts.models import Authority, EndedSession, Login, OldPassword, Person, PersonRole
from portal.accounts.terms import ADDRESS_FAILURES, ROLES, LoginOutcome, PersonState
from portal.ground.actor import SYSTEM
from portal.ground.can import Can
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.settings import queries as settings
from portal.settings.services import put
from tests import trail
from tests.cast import PASSWORD, Cast
from tests.conftest import NOON

HERE = "10.1.2.3"


def attempt(login: str, password: str, now: datetime, address: str = HERE) -> services.Try:
    """Try, and write a failure down as the door does."""
    found = services.try_password(login=login, password=password, address=address, now=now)
    if not found.ok and not found.known:
        services.note_failure(found, now=now)
    db.session.commit()
    return found


def test_a_good_password_lets_in(house: Flask, cast: Cast, now: datetime) -> None:
    found = attempt("staff", PASSWORD, now)
    person = services.enter(found, now=now)
    db.session.commit()
    assert (person.last_login_at, person.must_change) == (now, False)
    assert [(one.outcome, one.address) for one in db.session.scalars(select(Login))] == [(LoginOutcome.OK, HERE)]
    assert [(one.actor_name, one.result.value) for one in trail.lines("accounts.login")] == [("周敏（演示）", "ok")]


def test_a_login_is_no_edit(house: Flask, cast: Cast, now: datetime) -> None:
    before = cast.people["staff"].version
    services.enter(attempt("staff", PASSWORD, now), now=now)
    db.session.commit()
    assert cast.people["staff"].version == before


@pytest.mark.parametrize("login", ["staff", "nobody"])
def test_sec_1_five_failures_shut_the_account_from_this_address(
    house: Flask, cast: Cast, now: datetime, login: str
) -> None:
    said = [attempt(login, "Wrong-7316", now).sentence for _ in range(5)]
    assert said[:4] == [f"账号或密码不正确，还可再试 {left} 次。" for left in (4, 3, 2, 1)]
    assert "已经错了 5 次。请 10:15 以后再试" in said[4]
    shut = attempt(login, PASSWORD, now + timedelta(minutes=14))
    assert (shut.outcome, shut.status) == (LoginOutcome.WAITING, 429)
    assert "10:15" in shut.sentence
    other = attempt(login, PASSWORD, now, address="10.9.9.9")
    assert other.ok is (login == "staff"), "another address is another counter"
    assert attempt(login, PASSWORD, now + timedelta(minutes=15)).ok is (login == "staff")
    outcomes = [one.outcome for one in db.session.scalars(select(Login).order_by(Login.id))][:6]
    assert outcomes == [LoginOutcome.WRONG if login == "staff" else LoginOutcome.UNKNOWN] * 5 + [LoginOutcome.WAITING]
    assert [one.result.value for one in trail.lines("accounts.login")][:5] == ["failed"] * 5


def test_a_success_forgives(house: Flask, cast: Cast, now: datetime) -> None:
    for _ in range(4):
        attempt("staff", "Wrong-7316", now)
    services.enter(attempt("staff", PASSWORD, now), now=now)
    db.session.commit()
    assert attempt("staff", "Wrong-7316", now).left == 4


def test_failures_meanwhile_shut_the_door(house: Flask, cast: Cast, now: datetime) -> None:
    """Many tries at once: the one that was right comes in only while fewer than five wrong ones have been counted."""
    found = services.try_password(login="staff", password=PASSWORD, address=HERE, now=now)
    for _ in range(5):
        attempt("staff", "Wrong-7316", now)
    with pytest.raises(Refused):
        services.enter(found, now=now)


def test_the_trail_does_not_say_which_account_was_guessed(house: Flask, cast: Cast, now: datetime) -> None:
    attempt("zhangsanfeng", "Wrong-7316", now)
    [line] = trail.lines("accounts.login")
    assert "zhangsanfeng" not in f"{line.subject}{line.details}{line.actor_name}"


@pytest.mark.parametrize(
    ("state", "outcome"), [(PersonState.LOCKED, LoginOutcome.LOCKED), (PersonState.LEFT, LoginOutcome.LEFT)]
)
def test_locked_and_left(house: Flask, cast: Cast, now: datetime, state: PersonState, outcome: LoginOutcome) -> None:
    cast.people["staff"].state = state
    db.session.commit()
    assert attempt("staff", "Wrong-7316", now).outcome is LoginOutcome.WRONG, "said to nobody who knows no password"
    assert attempt("staff", PASSWORD, now).outcome is outcome


def test_dormant_is_locked_and_unlocked(house: Flask, cast: Cast, now: datetime) -> None:
    later = now + timedelta(days=90)
    assert attempt("staff", PASSWORD, now + timedelta(days=89)).ok
    assert attempt("staff", PASSWORD, later).outcome is LoginOutcome.DORMANT
    assert attempt("staff", PASSWORD, later).outcome is LoginOutcome.LOCKED
    assert [trail.details(one) for one in trail.lines("accounts.lock")] == [{"because": "dormant"}]
    services.unlock(cast.people["staff"], by=cast["admin"], now=later)
    db.session.commit()
    assert attempt("staff", PASSWORD, later).ok


def test_unlock_forgives_every_address(house: Flask, cast: Cast, now: datetime) -> None:
    for address in ("10.0.0.1", "10.0.0.2"):
        for _ in range(5):
            attempt("staff", "Wrong-7316", now, address)
    services.unlock(cast.people["staff"], by=cast["admin"], now=now)
    db.session.commit()
    assert all(attempt("staff", PASSWORD, now, address).ok for address in ("10.0.0.1", "10.0.0.2"))


def test_an_old_password_must_be_changed(house: Flask, cast: Cast, now: datetime) -> None:
    soon = now + timedelta(days=89)
    services.enter(attempt("staff", PASSWORD, soon), now=soon)
    late = now + timedelta(days=178)
    services.enter(attempt("staff", PASSWORD, late), now=late)
    last = now + timedelta(days=180)
    assert services.enter(attempt("staff", PASSWORD, last), now=last).must_change


def test_change_of_password(house: Flask, cast: Cast, now: datetime) -> None:
    by, before = cast["staff"], cast.people["staff"].epoch
    prepared = services.prepare_change(by=by, current=PASSWORD, new="Yulan-7316", now=now)
    assert services.change(prepared, by=by, now=now) == before + 1
    db.session.commit()
    assert attempt("staff", "Yulan-7316", now).ok
    assert not attempt("staff", PASSWORD, now).ok
    assert [(one.subject, one.result.value) for one in trail.lines("accounts.password")] == [(f"person:{by.id}", "ok")]


def test_the_last_five_passwords_are_refused(house: Flask, cast: Cast, now: datetime) -> None:
    by, used = cast["staff"], [PASSWORD]
    for number in range(6):
        new = f"Yulan-73{number:02}"
        services.change(services.prepare_change(by=by, current=used[-1], new=new, now=now), by=by, now=now)
        db.session.commit()
        used.append(new)
    for old in used[-5:]:
        with pytest.raises(Refused, match="最近用过") as refused:
            services.prepare_change(by=by, current=used[-1], new=old, now=now)
        assert refused.value.field == "new"
    services.prepare_change(by=by, current=used[-1], new=used[0], now=now)
    kept = db.session.scalar(select(func.count()).select_from(OldPassword))
    assert kept == 5


def test_two_changes_at_once_leave_one(house: Flask, cast: Cast, now: datetime) -> None:
    by = cast["staff"]
    first, second = (
        services.prepare_change(by=by, current=PASSWORD, new=new, now=now) for new in ("Yulan-7316", "Shanhu-7316")
    )
    services.change(first, by=by, now=now)
    with pytest.raises(Refused, match="别处改过"):
        services.change(second, by=by, now=now)


def test_a_wrong_present_password_is_counted(house: Flask, cast: Cast, now: datetime) -> None:
    for _ in range(5):
        with pytest.raises(Refused, match="不正确"):
            services.prepare_change(by=cast["staff"], current="Wrong-7316", new="Yulan-7316", now=now)
        services.note_wrong_current(by=cast["staff"], now=now)
        db.session.commit()
    with pytest.raises(Refused, match="错得太多"):
        services.prepare_change(by=cast["staff"], current=PASSWORD, new="Yulan-7316", now=now)


def test_an_administrator_needs_twelve(house: Flask, cast: Cast, now: datetime) -> None:
    with pytest.raises(Refused, match="至少 12 位"):
        services.prepare_change(by=cast["auditor"], current=PASSWORD, new="Yulan-7316", now=now)


def test_one_time_passwords_are_good_and_never_the_same(house: Flask) -> None:
    made = {services.one_time("admin").password for _ in range(20)}
    assert len(made) == 20
    assert all(len(one) == 14 for one in made)


def test_add(house: Flask, cast: Cast, now: datetime) -> None:
    secret = services.one_time("wangfang")
    new = {"login": "wangfang", "name": "王芳（演示）", "secret": secret, "by": cast["admin"], "now": now}
    person = services.add(**new)
    db.session.commit()
    assert services.enter(attempt("wangfang", secret.password, now), now=now).must_change
    assert queries.actor_of(person, on=now.date()).reaches == {}, "an account is no role: that is another's duty"
    assert [one.action for one in trail.lines()][:1] == ["accounts.add"]
    with pytest.raises(Refused, match="已经有了"):
        services.add(**new)


def test_a_telephone_is_sealed(house: Flask, cast: Cast, now: datetime) -> None:
    cast.people["staff"].phone = "13812345678"
    db.session.commit()
    stored = db.session.scalar(select(Person.phone_sealed).where(Person.login == "staff"))
    assert stored is not None and "13812345678" not in stored
    assert cast.people["staff"].phone == "13812345678"


@pytest.mark.parametrize(
    ("login", "role", "area", "why"),
    [
        pytest.param("staff", "auditor", "GX", "三员分设", id="an auditor does no business"),
        pytest.param("admin", "security_admin", "GX", "三员分设", id="two of the three duties"),
        pytest.param("auditor", "leader", "GX", "三员分设", id="an auditor who looks at business"),
        pytest.param("staff", "grid_worker", "MY", "只能在网格", id="wrong level"),
        pytest.param("staff", "community_staff", "MY", "已经是", id="twice"),
        pytest.param("staff", "king", "MY", "没有", id="unknown"),
    ],
)
def test_roles_that_are_refused(
    house: Flask, cast: Cast, now: datetime, login: str, role: str, area: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        services.give_role(
            cast.people[login], role=role, area=cast.areas[area], from_on=now.date(), by=cast["security"], now=now
        )


def test_a_role_that_begins_later_counts_against_a_duty(house: Flask, cast: Cast, now: datetime) -> None:
    person = cast.people["grid"]
    services.end_role(person, role="grid_worker", area=cast.areas["MY-01"], by=cast["security"], now=now)
    later = now.date() + timedelta(days=30)
    give = {"from_on": later, "by": cast["security"], "now": now}
    services.give_role(person, role="grid_worker", area=cast.areas["MY-02"], **give)
    with pytest.raises(Refused, match="三员分设"):
        services.give_role(person, role="auditor", area=cast.areas["GX"], **give)


def test_a_role_that_ends_takes_its_authority_along(house: Flask, cast: Cast, now: datetime) -> None:
    person, grid = cast.people["grid"], cast.areas["MY-01"]
    assert queries.authority(person.id, area=grid, on=now.date()) is not None
    services.end_role(person, role="grid_worker", area=grid, by=cast["security"], now=now)
    db.session.commit()
    assert queries.actor_of(person, on=now.date()).reaches == {}
    assert queries.authority(person.id, area=grid, on=now.date()) is None
    assert [one.action for one in trail.lines()] == ["accounts.end_role", "accounts.revoke_authority"]


def test_a_role_given_and_taken_on_one_day(house: Flask, cast: Cast, now: datetime) -> None:
    person, area = cast.people["staff"], cast.areas["SB"]
    by = cast["security"]
    services.give_role(person, role="community_staff", area=area, from_on=now.date(), by=by, now=now)
    services.end_role(person, role="community_staff", area=area, by=by, now=now)
    db.session.commit()
    assert area.id not in queries.actor_of(person, on=now.date()).reach(Can.MERCHANTS_READ).communities


@pytest.mark.parametrize(
    ("login", "area", "since", "until", "why"),
    [
        pytest.param("secretary", "MY", 0, 365, None, id="within her community"),
        pytest.param("secretary", "MY-01", 0, 365, None, id="a grid of her community"),
        pytest.param("secretary", "GX", 0, 365, "超出", id="more than her community"),
        pytest.param("secretary", "SB-01", 0, 365, "超出", id="another village's grid"),
        pytest.param("leader", "GX", 0, 365, "不能代表甲方", id="a role that does not sign"),
        pytest.param("secretary", "MY", 5, 5, "晚于", id="ends as it begins"),
        pytest.param("secretary", "MY", -30, -1, "晚于", id="ended already"),
    ],
)
def test_authority(
    house: Flask, cast: Cast, now: datetime, login: str, area: str, since: int, until: int, why: str | None
) -> None:
    today = now.date()
    person, grant = cast.people[login], {"by": cast["security"], "now": now, "basis": "授权书〔2026〕9号（演示）"}
    days = {"from_on": today + timedelta(days=since), "until_on": today + timedelta(days=until)}
    if why:
        with pytest.raises(Refused, match=why):
            services.grant_authority(person, area=cast.areas[area], **days, **grant)
        return
    services.grant_authority(person, area=cast.areas[area], **days, **grant)
    db.session.commit()
    found = queries.authority(person.id, area=cast.areas["MY-01"], on=today)
    assert found is not None and found.basis == "授权书〔2026〕9号（演示）"
    assert queries.authority(person.id, area=cast.areas["MY-01"], on=days["until_on"]) is None, "until is exclusive"
    assert [one.subject for one in trail.lines("accounts.grant_authority")] == [f"person:{person.id}"]


def test_an_authority_is_revoked_at_once(house: Flask, cast: Cast, now: datetime) -> None:
    person, area = cast.people["secretary"], cast.areas["MY"]
    given = services.grant_authority(
        person, area=area, from_on=now.date(), until_on=date(2027, 11, 25), basis="演示", by=cast["security"], now=now
    )
    services.revoke_authority(given, by=cast["security"], now=now)
    db.session.commit()
    assert queries.authority(person.id, area=area, on=now.date()) is None
    assert db.session.get_one(Authority, given.id).until_on == now.date()


def test_leave(house: Flask, cast: Cast, now: datetime) -> None:
    person = cast.people["staff"]
    services.leave(person, by=cast["admin"], now=now)
    db.session.commit()
    assert attempt("staff", PASSWORD, now).outcome is LoginOutcome.LEFT
    assert queries.actor_of(person, on=now.date()).reaches == {}
    assert queries.authority(person.id, area=cast.areas["MY"], on=now.date()) is None
    standing = db.session.scalars(select(PersonRole).where(PersonRole.person_id == person.id))
    assert all(one.until_on == now.date() for one in standing)


@pytest.mark.parametrize("login", ["security", "auditor"], ids=lambda login: f"R6·{login}")
def test_whoever_keeps_accounts_does_not_become_another_duty(
    house: Flask, cast: Cast, now: datetime, login: str
) -> None:
    secret, person = services.one_time(login), cast.people[login]
    with pytest.raises(Refused, match="两个人到服务器上一起重置"):
        services.reset_password(person, secret=secret, by=cast["admin"], now=now)
    services.reset_password(person, secret=secret, by=SYSTEM, now=now)  # the server's command
    assert person.must_change


def crowd(now: datetime) -> int:
    """So many failures from one address, of whatever accounts, shut it; they are made here."""
    most: int = settings.value(ADDRESS_FAILURES, on=now.date())
    for number in range(most):
        assert attempt(f"nobody{number}", "Wrong-7316", now).outcome is LoginOutcome.UNKNOWN
    return most


def test_an_address_that_tries_many_accounts_is_shut(house: Flask, cast: Cast, now: datetime) -> None:
    """R6: guesses are counted for the address too, else it could try each account a few times for nothing."""
    crowd(now)
    shut = attempt("staff", PASSWORD, now + timedelta(minutes=14))
    assert (shut.outcome, shut.status) == (LoginOutcome.WAITING, 429)
    assert "哪个账号都要到 10:15 以后" in shut.sentence and "flask people unlock" in shut.sentence
    assert attempt("staff", PASSWORD, now, address="10.9.9.9").ok
    assert attempt("staff", PASSWORD, now + timedelta(minutes=16)).ok


def test_guessing_at_accounts_that_do_not_exist_fills_no_table(house: Flask, cast: Cast, now: datetime) -> None:
    """R6: 120 tries leave seven rows, and seven lines; one says that the address is shut. Then it begins anew."""
    crowd(now)
    for number in range(60):
        assert attempt(f"nobody{number}", "Wrong-7316", now).crowded

    def rows() -> dict[LoginOutcome, int]:
        counted = db.session.execute(select(Login.outcome, func.count()).group_by(Login.outcome))
        return {row.outcome: row[1] for row in counted}

    def said() -> list[str]:
        return [trail.details(line).get("because", "") for line in trail.lines("accounts.login")]

    assert rows() == {LoginOutcome.UNKNOWN: 6, LoginOutcome.WAITING: 1}
    assert said() == [*[""] * 5, "同一台电脑还在试没有的账号，后面的不逐条记", "同一台电脑试错太多，停了"]
    assert trail.details(trail.lines("accounts.login")[-1])["count"] == 60
    assert attempt("nobody", "Wrong-7316", now, address="10.9.9.9").outcome is LoginOutcome.UNKNOWN
    attempt("nobody", "Wrong-7316", now + timedelta(minutes=16))
    assert rows()[LoginOutcome.UNKNOWN] == 8 and said()[-2:] == ["", ""], "another address, another window"


def test_a_door_that_is_shut_is_tried_for_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    for _ in range(5 + 9):
        attempt("staff", "Wrong-7316", now)
    outcomes = [one.outcome for one in db.session.scalars(select(Login).order_by(Login.id))]
    assert outcomes == [LoginOutcome.WRONG] * 5 + [LoginOutcome.WAITING]
    assert len(trail.lines("accounts.login")) == 5


def test_unlocking_whoever_stands_before_it_opens_the_address(house: Flask, cast: Cast, now: datetime) -> None:
    """R6: what the page promises is so: their account is unlocked, and this computer lets everybody in again."""
    crowd(now)
    assert attempt("staff", PASSWORD, now).crowded and attempt("grid", PASSWORD, now).crowded
    person = cast.people["staff"]
    assert queries.shut_until(person, now=now) == now + timedelta(minutes=15)
    services.unlock(cast.people["leader"], by=cast["admin"], now=now)
    assert attempt("staff", PASSWORD, now).crowded, "another one's unlocking is not enough"
    services.unlock(person, by=cast["admin"], now=now)
    db.session.commit()
    assert attempt("staff", PASSWORD, now).ok and attempt("grid", PASSWORD, now).ok
    assert queries.shut_until(person, now=now) is None


def test_how_often_an_address_may_fail_is_a_dated_setting(house: Flask, cast: Cast, now: datetime) -> None:
    tomorrow = now + timedelta(days=1)
    put(ADDRESS_FAILURES, 20, from_on=tomorrow.date(), reason="试", seen=0, by=cast["admin"], now=now)
    assert (crowd(now), crowd(tomorrow)) == (60, 20)
    assert attempt("staff", PASSWORD, tomorrow).crowded


def test_a_reset_password(house: Flask, cast: Cast, now: datetime) -> None:
    before, secret = cast.people["staff"].epoch, services.one_time("staff")
    services.reset_password(cast.people["staff"], secret=secret, by=cast["admin"], now=now)
    db.session.commit()
    assert cast.people["staff"].epoch == before + 1
    assert services.enter(attempt("staff", secret.password, now), now=now).must_change


def test_ended_sessions_are_swept(house: Flask, cast: Cast, now: datetime, clock: StoppedClock) -> None:
    services.close_session(key="a" * 32, by=cast["staff"], now=now)
    services.close_session(key="a" * 32, by=cast["staff"], now=now)
    db.session.commit()
    services.close_session(key="b" * 32, by=cast["staff"], now=now + timedelta(hours=25))
    db.session.commit()
    assert list(db.session.scalars(select(EndedSession.key))) == ["b" * 32]


def test_the_first_administrator_is_seated_once(house: Flask, cast: Cast, now: datetime) -> None:
    assert services.seat_first(now=now) is None, "people stand already"


def test_a_dearer_hash_replaces_a_cheap_one(house: Flask, cast: Cast, now: datetime) -> None:
    before = cast.people["staff"].password_hash
    house.config["PASSWORD_COST"] = {"time_cost": 2, "memory_cost": 16, "parallelism": 1}
    services.enter(attempt("staff", PASSWORD, now), now=now)
    db.session.commit()
    after = cast.people["staff"].password_hash
    assert before != after and "t=2" in after
    assert attempt("staff", PASSWORD, now).ok


def test_all_fifteen_roles_have_a_word_and_a_holder() -> None:
    assert len(ROLES) == 15
    assert all(spec.label and spec.who and spec.levels for spec in ROLES.values())


def give(app: Flask, role: str, gate: threading.Barrier, outcomes: list[str]) -> None:
    """Give the volunteer another role, at the same moment as somebody else does."""
    with app.app_context():
        cast = Cast.load(NOON)
        db.session.rollback()
        gate.wait()
        writing.set(True)
        try:
            person, office = db.session.get_one(Person, cast["section"].id), cast.areas["GX"]
            services.give_role(person, role=role, area=office, from_on=NOON.date(), by=SYSTEM, now=NOON)
            db.session.commit()
            outcomes.append(role)
        except Refused:
            db.session.rollback()
        db.session.remove()


def test_two_duties_given_at_once_leave_one(house: Flask, cast: Cast, now: datetime) -> None:
    """Three people give three roles that exclude each other to somebody without a role: one is given."""
    section = cast.people["section"]
    services.end_role(section, role="section", area=cast.areas["GX"], by=SYSTEM, now=now)
    db.session.commit()
    db.session.remove()
    gate, outcomes = threading.Barrier(3), list[str]()
    duties = ("auditor", "security_admin", "leader")
    threads = [threading.Thread(target=give, args=(house, role, gate, outcomes)) for role in duties]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(outcomes) == 1
