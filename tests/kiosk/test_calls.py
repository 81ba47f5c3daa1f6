"""叫工作人员 on both databases: one call however often it is pressed, told at once to whoever serves the hall, answered
by one; who is named for a machine, dated and handed over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.accounts import services as accounts
from portal.accounts.models import Person
from portal.areas import services as areas
from portal.areas.models import Area
from portal.areas.terms import AreaKind
from portal.ground.actor import Actor
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.kiosk import queries, services
from portal.kiosk.models import Attendant, Call, Device
from portal.kiosk.terms import CALLS_MOST, CallState
from portal.reminders import services as reminders
from portal.reminders.models import Note
from tests import trail
from tests.cast import Cast
from tests.kiosk.ground import a_device, device_actor

MINUTE = timedelta(minutes=1)


@pytest.fixture
def device(house: Flask, cast: Cast, now: datetime) -> Device:
    return a_device(now)[0]


def waiting() -> Call:
    return db.session.scalars(select(Call).where(Call.answered_at.is_(None), Call.lapsed_at.is_(None))).one()


def person(login: str) -> Person:
    return db.session.scalars(select(Person).where(Person.login == login)).one()


def tick(now: datetime) -> None:
    for _count in reminders.tick(now=now):
        db.session.commit()


def notes() -> list[tuple[str, str]]:
    """Who has been told of calls, and how each note stands."""
    found = select(Person.login, Note.state).join(Person, Person.id == Note.person_id).where(Note.rule == "kiosk.call")
    return [(login, state.value) for login, state in db.session.execute(found.order_by(Person.login))]


def test_pressed_twice_is_one_call(house: Flask, device: Device, now: datetime) -> None:
    by = device_actor(device)
    assert services.call_staff(by=by, now=now) is CallState.CALLED
    assert services.call_staff(by=by, now=now + MINUTE) is CallState.CALLED
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Call)) == 1
    [line] = trail.lines("kiosk.call")
    assert (line.actor_kind, line.actor_name) == ("device", "大厅一号机")


def test_called_too_often_it_says_where_to_go(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    by = device_actor(device)
    for count in range(CALLS_MOST):
        at = now + count * MINUTE
        assert services.call_staff(by=by, now=at) is CallState.CALLED
        services.answer(waiting(), by=cast["staff"], now=at)
    assert services.call_staff(by=by, now=now + 6 * MINUTE) is CallState.OFTEN
    assert services.call_staff(by=by, now=now + 16 * MINUTE) is CallState.CALLED


def test_what_the_machine_says(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    def said(at: datetime) -> CallState:
        return queries.said_to(device.id, now=at)

    assert said(now) is CallState.NONE
    services.call_staff(by=device_actor(device), now=now)
    assert said(now + MINUTE) is CallState.CALLED
    services.answer(waiting(), by=cast["staff"], now=now + MINUTE)
    assert said(now + 2 * MINUTE) is CallState.COMING
    assert said(now + 11 * MINUTE) is CallState.NONE


def test_who_presses_first_goes(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    services.call_staff(by=device_actor(device), now=now)
    call = waiting()
    assert services.answer(call, by=cast["staff"], now=now) is True
    assert services.answer(call, by=cast["staff"], now=now) is False  # pressed twice
    with pytest.raises(Refused, match="周敏（演示）已经去了"):
        services.answer(call, by=cast["secretary"], now=now)
    db.session.commit()
    assert (call.answered_by, call.answered_at) == ("周敏（演示）", now)
    assert len(trail.lines("kiosk.answer")) == 1


def test_nobody_came(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    services.call_staff(by=device_actor(device), now=now)
    call = waiting()
    assert services.purge(now=now + 29 * MINUTE) == 0
    assert services.purge(now=now + 30 * MINUTE) == 1
    with pytest.raises(Refused, match="已经作罢"):
        services.answer(call, by=cast["staff"], now=now + 31 * MINUTE)
    assert services.call_staff(by=device_actor(device), now=now + 31 * MINUTE) is CallState.CALLED


def test_a_retired_machine_calls_nobody(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    services.call_staff(by=device_actor(device), now=now)
    services.retire(device, by=cast["admin"], now=now)
    tick(now + MINUTE)
    assert notes() == []


def test_the_halls_people_are_told_at_once_even_late_in_the_evening(
    house: Flask, device: Device, cast: Cast, now: datetime
) -> None:
    evening = now.replace(hour=21, minute=40)
    tick(evening)  # the rule's mark
    services.call_staff(by=device_actor(device), now=evening + MINUTE)
    db.session.commit()
    tick(evening + MINUTE)
    assert notes() == [("staff", "open")]
    note = db.session.scalars(select(Note).where(Note.rule == "kiosk.call")).one()
    assert note.deliver_at == evening + MINUTE and not note.late
    assert (note.title, note.url) == ("大厅一号机有人叫工作人员", "/kiosks/calls")
    tick(evening + 2 * MINUTE)
    assert len(notes()) == 1
    services.answer(waiting(), by=cast["staff"], now=evening + 2 * MINUTE)
    db.session.commit()
    assert notes() == [("staff", "settled")]


def test_who_is_named_is_told_and_nobody_else(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    for login in ("grid", "secretary"):
        services.name_attendant(device, person(login), by=cast["admin"], now=now)
    tick(now)
    services.call_staff(by=device_actor(device), now=now + MINUTE)
    db.session.commit()
    tick(now + MINUTE)
    assert notes() == [("grid", "open"), ("secretary", "open")]
    services.answer(waiting(), by=cast["grid"], now=now + MINUTE)
    assert notes() == [("grid", "settled"), ("secretary", "settled")]


def test_a_hall_that_a_section_serves(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    section = areas.add(name="便民服务中心", kind=AreaKind.SECTION, by=cast["admin"], now=now)
    worker = person("village")
    accounts.give_role(worker, role="section", area=section, from_on=now.date(), by=cast["security"], now=now)
    services.edit_device(
        device, name=device.name, staff_at="大厅", staff_phone="", hall_id=section.id, seen=device.edition,
        by=cast["admin"], now=now,
    )  # fmt: skip
    tick(now)
    services.call_staff(by=device_actor(device), now=now + MINUTE)
    db.session.commit()
    tick(now + MINUTE)
    assert notes() == [("village", "open")]
    assert [one.id for one in queries.recent(cast_of("village", now), now=now + MINUTE)] == [waiting().id]


def cast_of(login: str, now: datetime) -> Actor:
    return Cast.load(now)[login]


def test_nobody_answers_and_the_secretary_hears_of_it(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    tick(now)
    services.call_staff(by=device_actor(device), now=now + MINUTE)
    db.session.commit()
    tick(now + MINUTE)
    tick(now + 5 * MINUTE)
    assert notes() == [("staff", "open")]
    tick(now + 6 * MINUTE)
    assert notes() == [("secretary", "open"), ("staff", "open")]


def test_a_call_that_is_over_leaves_the_inbox(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    tick(now)
    services.call_staff(by=device_actor(device), now=now + MINUTE)
    db.session.commit()
    tick(now + MINUTE)
    services.lapse(now=now + 40 * MINUTE)
    db.session.commit()
    for minute in range(40, 52):  # the rules are asked in turn
        tick(now + minute * MINUTE)
    assert {state for _login, state in notes()} == {"settled"}


@pytest.mark.parametrize(
    ("login", "sees"),
    [
        pytest.param("staff", True, id="who holds the hall's role"),
        pytest.param("secretary", True, id="who keeps the machine"),
        pytest.param("office", True, id="who keeps all of them"),
        pytest.param("grid", False, id="a grid worker who is not named"),
        pytest.param("village", False, id="another community"),
        pytest.param("auditor", False, id="no business of his"),
    ],
)
def test_whose_calls(house: Flask, device: Device, cast: Cast, now: datetime, login: str, sees: bool) -> None:
    services.call_staff(by=device_actor(device), now=now)
    assert bool(queries.recent(cast[login], now=now)) is sees


def test_where_somebody_is_named_the_others_of_the_hall_need_not_see(
    house: Flask, device: Device, cast: Cast, now: datetime
) -> None:
    services.name_attendant(device, person("grid"), by=cast["admin"], now=now)
    services.call_staff(by=device_actor(device), now=now)
    assert queries.recent(cast["grid"], now=now) and not queries.recent(cast["volunteer"], now=now)


def test_attendants_are_dated_and_named_once(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    services.name_attendant(device, person("grid"), by=cast["staff"], now=now)
    with pytest.raises(Refused, match="已经在列"):
        services.name_attendant(device, person("grid"), by=cast["staff"], now=now)
    attendant = db.session.scalars(queries.attendants(device.id)).one()
    services.dismiss_attendant(attendant, by=cast["secretary"], now=now + MINUTE)
    with pytest.raises(Refused, match="已经不在列"):
        services.dismiss_attendant(attendant, by=cast["secretary"], now=now + MINUTE)
    services.name_attendant(device, person("grid"), by=cast["staff"], now=now + 2 * MINUTE)
    db.session.commit()
    rows = db.session.scalars(select(Attendant).order_by(Attendant.id)).all()
    assert [(one.given_by, one.ended_by) for one in rows] == [("周敏（演示）", "书记（演示）"), ("周敏（演示）", None)]
    assert [trail.details(line)["login"] for line in trail.lines("kiosk.attend")] == ["grid", "grid"]
    assert len(trail.lines("kiosk.dismiss")) == 1


def test_whoever_leaves_hands_the_machines_over(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    for login in ("grid", "staff"):
        services.name_attendant(device, person(login), by=cast["staff"], now=now)
    with pytest.raises(Refused, match="守着的自助机 1 台"):
        accounts.leave(person("grid"), by=cast["admin"], now=now)
    taken = accounts.leave(
        person("grid"), takers={"kiosk.attendants": person("staff")}, by=cast["admin"], now=now
    )  # fmt: skip
    assert taken == {"kiosk.attendants": 1}
    assert [one.person.login for one in db.session.scalars(queries.attendants(device.id))] == ["staff"]
    assert queries.count_attended(person("grid").id) == 0


def test_an_area_with_a_machine_stays(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    section = areas.add(name="便民服务中心", kind=AreaKind.SECTION, by=cast["admin"], now=now)
    services.edit_device(
        device, name=device.name, staff_at="大厅", staff_phone="", hall_id=section.id, seen=device.edition,
        by=cast["admin"], now=now,
    )  # fmt: skip
    with pytest.raises(Refused, match="自助机 1 台"):
        areas.close(section, reason="x", version=section.version, by=cast["admin"], now=now)
    community = db.session.scalars(select(Area).where(Area.code == "MY")).one()
    assert ("自助机", "台", 1) in areas.uses(community, now=now)


def together(house: Flask, count: int, deed: object) -> list[object]:
    """Do `deed(number)` in as many threads at once, each in a transaction of its own."""
    gate = Barrier(count)

    def one(number: int) -> object:
        with house.app_context():
            writing.set(True)
            gate.wait()
            try:
                answer = deed(number)  # type: ignore[operator]
                db.session.commit()
                return answer
            except Refused as refused:
                db.session.rollback()
                return refused.sentence
            finally:
                db.session.remove()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_eight_presses_at_one_instant_are_one_call(house: Flask, device: Device, now: datetime) -> None:
    by = device_actor(device)
    db.session.commit()
    together(house, 8, lambda _n: services.call_staff(by=by, now=now))
    assert db.session.scalar(select(func.count()).select_from(Call)) == 1


def test_two_who_go_at_one_instant(house: Flask, device: Device, cast: Cast, now: datetime) -> None:
    services.call_staff(by=device_actor(device), now=now)
    number, goers = waiting().id, [cast["staff"], cast["secretary"]]
    db.session.commit()
    answers = together(
        house, 2, lambda n: services.answer(db.session.get_one(Call, number), by=goers[n], now=now)
    )  # fmt: skip
    assert sum(one is True for one in answers) == 1 and sum("已经去了" in str(one) for one in answers) == 1
