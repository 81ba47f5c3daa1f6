"""Services of people on both databases: three duties apart, the last one stays, hand-over in one step (rules 6)."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.accounts import queries, services
from portal.accounts.models import Person, PersonEvent, PersonRole, Proposal
from portal.accounts.terms import SEPARATE, EventKind, Listing, PersonState, ProposalState
from portal.areas.queries import places
from portal.ground.actor import SYSTEM, Actor
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.merchants.models import WaitingSheet
from tests import trail
from tests.accounts.holdings import STUBBORN, give, offered
from tests.cast import Cast
from tests.conftest import NOON

TODAY = NOON.date()


def a_person(cast: Cast, now: datetime, login: str = "wangfang", name: str = "王芳（演示）") -> Person:
    secret = services.OneTime("x", "$argon2id$x")
    return services.add(login=login, name=name, secret=secret, by=cast["admin"], now=now)


def events(person: Person) -> list[tuple[EventKind, str]]:
    return [(one.kind, one.text) for one in reversed(db.session.scalars(queries.events_of(person.id)).all())]


# editing ----------------------------------------------------------------------------------------------------


def test_edit(house: Flask, cast: Cast, now: datetime) -> None:
    person = cast.people["staff"]
    before = person.version
    words = services.edit(
        person, name="周敏芝", phone="13812345678", mail=None, version=before, by=cast["admin"], now=now
    )
    db.session.commit()
    assert words == ["姓名", "手机"]
    assert (person.name, person.phone, person.version) == ("周敏芝", "13812345678", before + 1)
    assert [trail.details(one) for one in trail.lines("accounts.edit")] == [{"fields": ["姓名", "手机"]}]
    assert events(person) == [(EventKind.EDITED, "姓名、手机")]
    found = db.session.scalar(select(Person.words).where(Person.id == person.id))
    assert "zhouminzhi" in str(found), "what one is found by follows the name"


def test_nothing_changed_is_nothing_written(house: Flask, cast: Cast, now: datetime) -> None:
    person = cast.people["staff"]
    assert (
        services.edit(
            person, name=person.name, phone=None, mail=None, version=person.version, by=cast["admin"], now=now
        )
        == []
    )
    db.session.commit()
    assert trail.lines() == []


def test_two_clerks_edit_one_person(house: Flask, cast: Cast, now: datetime) -> None:
    person = cast.people["staff"]
    seen = person.version
    services.edit(person, name="周敏芝", phone=None, mail=None, version=seen, by=cast["admin"], now=now)
    db.session.commit()
    with pytest.raises(Refused, match="他人已先修改"):
        services.edit(person, name="周敏之", phone=None, mail=None, version=seen, by=cast["admin"], now=now)


def test_a_mail_address_is_sealed_and_the_trail_holds_none(house: Flask, cast: Cast, now: datetime) -> None:
    person = cast.people["staff"]
    same = {"name": person.name, "phone": None, "by": cast["admin"], "now": now}
    assert services.edit(person, mail="zhoumin@guixi.lan", **same) == ["邮箱"]
    db.session.commit()
    stored = db.session.scalar(select(Person.mail_sealed).where(Person.login == "staff"))
    assert stored and "zhoumin" not in stored and person.mail == "zhoumin@guixi.lan"
    assert services.edit(person, mail=None, **same) == ["邮箱"]
    db.session.commit()
    assert db.session.scalar(select(Person.mail_sealed).where(Person.login == "staff")) is None
    assert [line.details for line in trail.lines("accounts.edit") if "zhoumin" in line.details] == []
    assert len(trail.lines("accounts.edit")) == 2


# three duties -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["role", "authority"])
def test_nobody_grants_himself(house: Flask, cast: Cast, now: datetime, deed: str) -> None:
    security, area = cast.people["security"], cast.areas["GX"]
    with pytest.raises(Refused, match="不能给自己授权"):
        if deed == "role":
            services.give_role(security, role="leader", area=area, from_on=TODAY, by=cast["security"], now=now)
        else:
            services.grant_authority(
                security, area=area, from_on=TODAY, until_on=TODAY + timedelta(days=9), basis="文",
                by=cast["security"], now=now,
            )  # fmt: skip


def test_a_role_begins_no_earlier_than_today(house: Flask, cast: Cast, now: datetime) -> None:
    yesterday, person = TODAY - timedelta(days=1), a_person(cast, now)
    give_it = {"role": "grid_worker", "area": cast.areas["MY-02"], "from_on": yesterday, "now": now}
    with pytest.raises(Refused, match="不能早于今天"):
        services.give_role(person, **give_it, by=cast["security"])
    given = services.give_role(person, **give_it, by=Actor("system", None, "命令行（root）"))
    assert given.from_on == yesterday, "the command line seats who has been there"


def test_a_role_taken_back_and_given_again_on_one_day(house: Flask, cast: Cast, now: datetime) -> None:
    person, area, by = a_person(cast, now), cast.areas["MY-02"], cast["security"]
    for _ in range(2):
        services.give_role(person, role="grid_worker", area=area, from_on=TODAY, by=by, now=now)
        services.end_role(person, role="grid_worker", area=area, by=by, now=now)
    services.give_role(person, role="grid_worker", area=area, from_on=TODAY, by=by, now=now)
    db.session.commit()
    [role] = db.session.scalars(queries.roles_of(person.id))
    assert (role.until_on, role.ended_by) == (None, None)
    assert len(trail.lines("accounts.give_role")) == 3


def test_an_authority_overlaps_no_other(house: Flask, cast: Cast, now: datetime) -> None:
    staff, area = cast.people["staff"], cast.areas["MY"]
    grant = {"from_on": TODAY, "until_on": TODAY + timedelta(days=30), "basis": "文", "by": cast["security"]}
    with pytest.raises(Refused, match="已有授权"):
        services.grant_authority(staff, area=area, **grant, now=now)
    later = {**grant, "from_on": TODAY + timedelta(days=200), "until_on": TODAY + timedelta(days=500)}
    services.grant_authority(staff, area=area, **later, now=now)


@pytest.mark.parametrize(
    ("deed", "why"),
    [
        (services.lock, "不能锁定自己"),
        (services.leave, "自己离岗"),
        (services.reset_password, "我的账号"),
    ],
    ids=["lock", "leave", "password"],
)
def test_what_nobody_does_to_himself(
    house: Flask, cast: Cast, now: datetime, deed: Callable[..., object], why: str
) -> None:
    more = {"lock": {"reason": "试"}, "reset_password": {"secret": services.OneTime("x", "y")}}.get(deed.__name__, {})
    with pytest.raises(Refused, match=why):
        deed(cast.people["admin"], **more, by=cast["admin"], now=now)


# the last one stays -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["admin", "security", "auditor"])
@pytest.mark.parametrize("deed", ["role", "lock", "leave"])
def test_the_last_one_stays(house: Flask, cast: Cast, now: datetime, login: str, deed: str) -> None:
    person = cast.people[login]
    role = {"admin": "system_admin", "security": "security_admin"}.get(login, login)
    with pytest.raises(Refused, match="最后一位"):
        remove(person, role, deed, cast, now)
    db.session.rollback()
    second = a_person(cast, now)
    services.give_role(second, role=role, area=cast.areas["GX"], from_on=TODAY, by=SYSTEM, now=now)
    remove(person, role, deed, cast, now)
    db.session.commit()
    with pytest.raises(Refused, match="最后一位"):
        remove(second, role, deed, cast, now)


def remove(person: Person, role: str, deed: str, cast: Cast, now: datetime) -> None:
    if deed == "role":
        services.end_role(person, role=role, area=cast.areas["GX"], by=SYSTEM, now=now)
    elif deed == "lock":
        services.lock(person, reason="试", by=SYSTEM, now=now)
    else:
        services.leave(person, by=SYSTEM, now=now)


def test_a_locked_one_does_not_count(house: Flask, cast: Cast, now: datetime) -> None:
    second = a_person(cast, now)
    services.give_role(second, role="system_admin", area=cast.areas["GX"], from_on=TODAY, by=SYSTEM, now=now)
    services.lock(second, reason="试", by=cast["admin"], now=now)
    with pytest.raises(Refused, match="最后一位"):
        services.leave(cast.people["admin"], by=SYSTEM, now=now)


def test_one_who_begins_later_does_not_count(house: Flask, cast: Cast, now: datetime) -> None:
    second, later = a_person(cast, now), TODAY + timedelta(days=3)
    services.give_role(second, role="system_admin", area=cast.areas["GX"], from_on=later, by=SYSTEM, now=now)
    with pytest.raises(Refused, match="最后一位"):
        services.leave(cast.people["admin"], by=SYSTEM, now=now)


def at_once(house: Flask, cast: Cast, now: datetime, go: Callable[[int, threading.Barrier], str]) -> list[str]:
    """Two administrators are removed at the same moment; who is gone, and what the other was told."""
    second = a_person(cast, now)
    services.give_role(second, role="system_admin", area=cast.areas["GX"], from_on=TODAY, by=SYSTEM, now=now)
    db.session.commit()
    ids, gone, gate = [cast.people["admin"].id, second.id], list[str](), threading.Barrier(2)
    db.session.remove()

    def one(number: int) -> None:
        with house.app_context():
            try:
                gone.append(go(number, gate))
            except Refused as refused:
                db.session.rollback()
                gone.append(refused.sentence[:7])
            db.session.remove()

    threads = [threading.Thread(target=one, args=(number,)) for number in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return gone


def test_two_last_ones_who_leave_at_once_leave_one(house: Flask, cast: Cast, now: datetime) -> None:
    def go(number: int, gate: threading.Barrier) -> str:
        writing.set(True)
        gate.wait()
        person = db.session.get_one(Person, number)
        services.leave(person, by=SYSTEM, now=NOON)
        db.session.commit()
        return person.login

    outcomes = at_once(house, cast, now, go)
    assert len(outcomes) == 2 and "这是最后一位在" in outcomes, "told, and not a deadlock"


def test_without_the_hold_both_go(house: Flask, cast: Cast, now: datetime) -> None:
    """The negative control: a look before the write is no guard."""

    def go(number: int, gate: threading.Barrier) -> str:
        writing.set(False)
        others = [one for one in queries.holders(on=TODAY) if one.role == "system_admin" and one.person_id != number]
        db.session.rollback()
        gate.wait()
        writing.set(True)
        person = db.session.get_one(Person, number)
        if not others:
            raise Refused("这是最后一位")
        person.state = PersonState.LEFT
        db.session.commit()
        return person.login

    assert set(at_once(house, cast, now, go)) == {"admin", "wangfang"}


# what is asked for ------------------------------------------------------------------------------------------


def asked(cast: Cast, now: datetime, person: Person | None = None, area: str = "MY-02") -> Proposal:
    return services.propose(
        person or a_person(cast, now), role="grid_worker", area=cast.areas[area], from_on=TODAY,
        by=cast["admin"], now=now,
    )  # fmt: skip


def test_one_asks_another_grants(house: Flask, cast: Cast, now: datetime) -> None:
    one = asked(cast, now)
    assert queries.actor_of(one.person, on=TODAY).reaches == {}
    assert queries.waiting_count() == 1
    later = now + timedelta(days=3)
    assert services.grant([one], by=cast["security"], now=later) == 1
    db.session.commit()
    [role] = db.session.scalars(queries.roles_of(one.person_id))
    assert (role.from_on, role.granted_by) == (later.date(), "安全（演示）"), "not before it was granted"
    assert (one.state, one.decided_by, one.decided_at) == (ProposalState.GRANTED, "安全（演示）", later)
    assert [line.action for line in trail.lines()] == ["accounts.add", "accounts.propose", "accounts.give_role"]


def test_granted_twice_is_told(house: Flask, cast: Cast, now: datetime) -> None:
    one = asked(cast, now)
    services.grant([one], by=cast["security"], now=now)
    with pytest.raises(Refused, match="已经有人办过"):
        services.grant([one], by=cast["security"], now=now)
    with pytest.raises(Refused, match="打勾"):
        services.grant([], by=cast["security"], now=now)


def test_nobody_grants_what_he_asked_for(house: Flask, cast: Cast, now: datetime) -> None:
    own, for_himself = asked(cast, now), a_person(cast, now, "second")
    services.give_role(for_himself, role="security_admin", area=cast.areas["GX"], from_on=TODAY, by=SYSTEM, now=now)
    db.session.flush()
    second = queries.actor_of(for_himself, on=TODAY)
    own.proposed_by_id = second.id
    for deed in (lambda: services.grant([own], by=second, now=now),
                 lambda: services.decline(own, reason="不", by=second, now=now)):  # fmt: skip
        with pytest.raises(Refused, match="不能自己批"):
            deed()
    own.proposed_by_id, own.person_id = None, for_himself.id
    db.session.flush()
    db.session.expire(own)
    with pytest.raises(Refused, match="不能给自己授权"):
        services.grant([own], by=second, now=now)


def test_one_that_cannot_be_granted_stops_all(house: Flask, cast: Cast, now: datetime) -> None:
    fine = asked(cast, now)
    taken = asked(cast, now, a_person(cast, now, "liming", "李明（演示）"))
    services.give_role(taken.person, role="auditor", area=cast.areas["GX"], from_on=TODAY, by=cast["security"], now=now)
    db.session.commit()
    with pytest.raises(Refused, match=r"李明（演示）：.*三员分设.*一行也没有授予"):
        services.grant([fine, taken], by=cast["security"], now=now)
    db.session.rollback()
    assert queries.waiting_count() == 2


@pytest.mark.parametrize(
    ("role", "area", "why"),
    [("auditor", "MY", "只能在街道"), ("king", "GX", "没有"), ("grid_worker", "MY-02", "已经在等授权")],
)
def test_what_cannot_be_asked_for(house: Flask, cast: Cast, now: datetime, role: str, area: str, why: str) -> None:
    person = asked(cast, now).person
    with pytest.raises(Refused, match=why):
        services.propose(person, role=role, area=cast.areas[area], from_on=TODAY, by=cast["admin"], now=now)


def test_declined_with_its_reason(house: Flask, cast: Cast, now: datetime) -> None:
    one = asked(cast, now)
    services.decline(one, reason="二网格另有安排", by=cast["security"], now=now)
    db.session.commit()
    assert one.state is ProposalState.DECLINED
    assert events(one.person)[-1] == (EventKind.DECLINED, "二网格 · 网格员：二网格另有安排")
    asked(cast, now, one.person)  # it may be asked for again
    assert [line.action for line in trail.lines("accounts.decline")] == ["accounts.decline"]


def test_granted_by_two_at_once_is_one_role(house: Flask, cast: Cast, now: datetime) -> None:
    number = asked(cast, now).id
    db.session.commit()
    db.session.remove()
    gate, outcomes = threading.Barrier(3), list[int]()

    def go() -> None:
        with house.app_context():
            writing.set(True)
            gate.wait()
            try:
                one = db.session.scalars(queries.proposal(number)).one()
                services.grant([one], by=SYSTEM, now=NOON)
                db.session.commit()
                outcomes.append(number)
            except Refused:
                db.session.rollback()
            db.session.remove()

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [number]
    count = select(func.count()).select_from(PersonRole).where(PersonRole.role == "grid_worker")
    assert db.session.scalar(count) == 2, "the cast's, and this one"


# leaving ----------------------------------------------------------------------------------------------------


def test_who_holds_something_does_not_leave_without_a_taker(house: Flask, cast: Cast, now: datetime) -> None:
    offered(house)
    give(cast["staff"], now)
    db.session.commit()
    with pytest.raises(Refused, match="还有没导完的底册 1 张，请选好接手人"):
        services.leave(cast.people["staff"], by=cast["admin"], now=now)
    db.session.rollback()
    assert cast.people["staff"].state is PersonState.ACTIVE


def test_handed_over_in_one_step(house: Flask, cast: Cast, now: datetime) -> None:
    offered(house)
    give(cast["staff"], now)
    staff, taker = cast.people["staff"], cast.people["secretary"]
    waits = asked(cast, now, staff, "MY-02")
    staff.mail = "zhoumin@guixi.lan"
    db.session.flush()
    counts = services.leave(staff, takers={"test.sheets": taker}, version=staff.version, by=cast["admin"], now=now)
    db.session.commit()
    assert counts == {"test.sheets": 1}
    assert db.session.scalar(select(WaitingSheet.person_id)) == taker.id
    assert (staff.state, staff.mail_sealed) == (PersonState.LEFT, None)
    assert waits.state is ProposalState.WITHDRAWN, "nobody grants a role to who has left"
    assert events(staff)[-1] == (EventKind.LEFT, "交接：没导完的底册 1 张给书记（演示）")
    assert events(taker) == [(EventKind.RECEIVED, "周敏（演示）的没导完的底册 1 张")]
    [line] = trail.lines("accounts.leave")
    assert trail.details(line) == {"counts": {"test.sheets": 1}, "takers": {"test.sheets": taker.id}}
    assert all(one.ended_by == "系统（演示）" for one in db.session.scalars(queries.roles_of(staff.id)))


@pytest.mark.parametrize(
    ("login", "why"),
    [
        pytest.param("staff", "不能是离岗的人自己", id="oneself"),
        pytest.param("grid", "账号已锁定，请换一位", id="locked"),
        pytest.param("auditor", "岗位不能接手没导完的底册", id="R6·a separate duty does no business"),
        pytest.param("volunteer", "岗位不能接手没导完的底册", id="R7·no key for it"),
        pytest.param("village", "不在离岗人的社区，也不在街道，不能接手没导完的底册", id="R3·another community"),
    ],
)
def test_a_taker_must_be_there(house: Flask, cast: Cast, now: datetime, login: str, why: str) -> None:
    offered(house)
    give(cast["staff"], now)
    services.lock(cast.people["grid"], reason="休假", by=cast["admin"], now=now)
    with pytest.raises(Refused, match=why):
        services.leave(cast.people["staff"], takers={"test.sheets": cast.people[login]}, by=cast["admin"], now=now)


@pytest.mark.parametrize(
    ("leaver", "able"),
    [
        pytest.param("staff", {"secretary", "office"}, id="R3·the own community and the office"),
        pytest.param("office", set(), id="R3·of the office: the office alone"),
        pytest.param("village", {"office"}, id="R3·nobody else in the village"),
    ],
)
def test_offered_is_whoever_would_not_be_refused(
    house: Flask, cast: Cast, now: datetime, leaver: str, able: set[str]
) -> None:
    offered(house)
    give(cast[leaver], now)
    [(_holding, count, takers)] = services.to_hand_over(cast.people[leaver], now=now)
    assert count == 1 and {login for login, one in cast.people.items() if one.id in {t.id for t in takers}} == able
    for login, taker in cast.people.items():
        if login != leaver:
            with db.session.begin_nested() as attempt:
                try:
                    services.leave(cast.people[leaver], takers={"test.sheets": taker}, by=SYSTEM, now=now)
                except Refused:
                    assert login not in able
                else:
                    assert login in able
                attempt.rollback()


def test_r3_who_lost_the_last_role_still_leaves_to_the_community(house: Flask, cast: Cast, now: datetime) -> None:
    offered(house)
    give(cast["staff"], now)
    services.end_role(cast.people["staff"], role="community_staff", area=cast.areas["MY"], by=cast["security"], now=now)
    [(_holding, _count, takers)] = services.to_hand_over(cast.people["staff"], now=now)
    assert {one.name for one in takers} == {"书记（演示）", "专项（演示）"}


def test_who_has_no_role_takes_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    offered(house)
    give(cast["staff"], now)
    services.end_role(cast.people["secretary"], role="secretary", area=cast.areas["MY"], by=cast["security"], now=now)
    with pytest.raises(Refused, match="岗位不能接手"):
        services.leave(
            cast.people["staff"], takers={"test.sheets": cast.people["secretary"]}, by=cast["admin"], now=now
        )


def test_the_three_separate_duties_take_no_business(house: Flask, now: datetime) -> None:
    kinds = services.holdings()
    assert {one.key for one in kinds} >= {"places.streets", "reminders", "kiosk.attendants"}
    assert not [one.key for one in kinds if set(one.roles(0, now)) & set(SEPARATE)]


def test_nothing_may_be_left_behind(house: Flask, cast: Cast, now: datetime) -> None:
    offered(house, STUBBORN)
    give(cast["staff"], now)
    taker = {"test.sheets": cast.people["secretary"]}
    with pytest.raises(Refused, match="还有没导完的底册 1 张"):
        services.leave(cast.people["staff"], takers=taker, by=cast["admin"], now=now)


def test_left_twice_is_told(house: Flask, cast: Cast, now: datetime) -> None:
    services.leave(cast.people["staff"], by=cast["admin"], now=now)
    with pytest.raises(Refused, match="已经离岗"):
        services.leave(cast.people["staff"], by=cast["admin"], now=now)


def test_who_has_left_gets_nothing_before_returning(house: Flask, cast: Cast, now: datetime) -> None:
    staff, by = cast.people["staff"], cast["security"]
    services.leave(staff, by=cast["admin"], now=now)
    role = {"role": "community_staff", "area": cast.areas["MY"], "from_on": TODAY, "now": now}
    with pytest.raises(Refused, match="已离岗"):
        services.give_role(staff, **role, by=by)
    with pytest.raises(Refused, match="已离岗"):
        services.reset_password(staff, secret=services.OneTime("x", "y"), by=cast["admin"], now=now)
    services.unlock(staff, by=cast["admin"], now=now)
    services.give_role(staff, **role, by=by)
    db.session.commit()
    assert EventKind.RETURNED in [kind for kind, _text in events(staff)]


def test_a_lock_ends_the_sessions_and_keeps_the_roles(house: Flask, cast: Cast, now: datetime) -> None:
    staff = cast.people["staff"]
    before = staff.epoch
    services.lock(staff, reason="长期病假", version=staff.version, by=cast["admin"], now=now)
    db.session.commit()
    assert (staff.state, staff.epoch) == (PersonState.LOCKED, before + 1)
    assert queries.current_roles(staff.id, on=TODAY)
    assert trail.details(trail.lines("accounts.lock")[0]) == {"because": "keeper", "reason": "长期病假"}
    with pytest.raises(Refused, match="不用再锁"):
        services.lock(staff, reason="再来", by=cast["admin"], now=now)


# lists ------------------------------------------------------------------------------------------------------


def names(cast: Cast, login: str, **asked_for: object) -> list[str]:
    want = queries.wanted(Listing(**asked_for), actor=cast[login], tree=places(), on=TODAY)
    return [line.login for line in queries.listed(want, number=1, size=50, tree=places(), on=TODAY).items]


def test_born_filtered(house: Flask, cast: Cast, now: datetime) -> None:
    assert len(names(cast, "admin")) == 16
    mine = names(cast, "staff")
    assert mine == ["grid", "leader_volunteer", "secretary", "staff", "volunteer"], "her community and its grids"
    assert names(cast, "village") == ["village"]
    assert names(cast, "grid") == [], "a grid worker holds no such key"
    services.leave(cast.people["grid"], by=cast["admin"], now=now)
    assert "grid" not in names(cast, "staff"), "without a role in reach"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        pytest.param("周敏", "staff", id="name"), pytest.param("zhoumin", "staff", id="pinyin"),
        pytest.param("zm", "staff", id="initials"), pytest.param("village", "village", id="account"),
        pytest.param("周 m", "staff", id="two pieces"), pytest.param("%", None, id="no wildcard"),
    ],
)  # fmt: skip
def test_search(house: Flask, cast: Cast, typed: str, first: str | None) -> None:
    assert next(iter(names(cast, "admin", words=typed)), None) == first


def test_filters(house: Flask, cast: Cast, now: datetime) -> None:
    assert names(cast, "admin", roles=("grid_worker",)) == ["grid"]
    assert names(cast, "admin", areas=("MY",), roles=("grid_worker", "secretary")) == ["grid", "secretary"]
    assert names(cast, "admin", areas=("SB-01",)) == []
    a_person(cast, now)
    services.lock(cast.people["section"], reason="试", by=cast["admin"], now=now)
    assert names(cast, "admin", view="bare") == ["wangfang"]
    assert names(cast, "admin", view="locked") == ["section"]
    counted = queries.tallies(cast["admin"], tree=places(), on=TODAY)
    assert counted == {"": 17, "active": 16, "bare": 1, "locked": 1, "left": 0}


def test_words_are_filled_in_for_an_older_office(house: Flask, cast: Cast) -> None:
    db.session.execute(update(Person).values(words=None))
    db.session.expire_all()
    assert services.fill_words() == 16
    db.session.commit()
    assert services.fill_words() == 0
    assert names(cast, "admin", words="zhoumin") == ["staff"]
    assert db.session.scalar(select(func.count()).select_from(PersonEvent)) == 0
