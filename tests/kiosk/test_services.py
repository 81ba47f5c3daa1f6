"""Devices, codes and journeys on both databases; the result and the trail."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from portal.audit.models import TrailLine
from portal.ground.clock import StoppedClock
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.kiosk import queries, services
from portal.kiosk.models import Code, Device, Enrolment, Journey
from portal.kiosk.terms import CHECK, DONE, READ, SIGN, WHO, CodeState, Outcome
from tests.kiosk.ground import a_code, a_device, authority_of, device_actor, person

MINUTE = timedelta(minutes=1)


def trail(action: str) -> list[TrailLine]:
    db.session.commit()
    return list(db.session.scalars(select(TrailLine).where(TrailLine.action == action).order_by(TrailLine.seq)))


def started(digits: str, device: Device, clock: StoppedClock) -> Journey:
    journey = services.start_journey(digits, by=device_actor(device), now=clock.now())
    assert isinstance(journey, Journey)
    return journey


def test_no_secret_can_be_read_in_the_database(house: Flask, clock: StoppedClock) -> None:
    device, token = a_device(clock.now())
    digits = a_code(clock.now())
    enrolment = services.issue_enrolment(device, by=person("admin", clock.now()), now=clock.now())
    db.session.commit()
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table)).mappings():
            for value in row.values():
                shown = str(value)
                assert token not in shown and digits != shown and enrolment != shown, table.name


def test_an_enrolment_code_is_good_once_and_a_new_token_ends_the_old(house: Flask, clock: StoppedClock) -> None:
    device, token = a_device(clock.now())
    assert queries.device_with(token) is device
    digits = services.issue_enrolment(device, by=person("admin", clock.now()), now=clock.now())
    again = services.enrol(digits, address="10.0.0.9", now=clock.now())
    assert again is not None and again[1] != token
    assert queries.device_with(token) is None and queries.device_with(again[1]) is device
    assert services.enrol(digits, address="10.0.0.9", now=clock.now()) is None
    lines = trail("kiosk.device_enrol")
    assert [line.actor_kind for line in lines] == ["device", "device"] and lines[1].address == "10.0.0.9"


def test_an_enrolment_code_ends_after_thirty_minutes_and_with_the_next(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    by = person("admin", clock.now())
    first = services.issue_enrolment(device, by=by, now=clock.now())
    second = services.issue_enrolment(device, by=by, now=clock.now())
    assert services.enrol(first, address="", now=clock.now()) is None or first == second
    clock.tick(30 * MINUTE)
    assert services.enrol(second, address="", now=clock.now()) is None


def test_a_retired_device_is_nobody(house: Flask, clock: StoppedClock) -> None:
    device, token = a_device(clock.now())
    started(a_code(clock.now()), device, clock)
    waiting = services.issue_enrolment(device, by=person("admin", clock.now()), now=clock.now())
    services.retire(device, by=person("admin", clock.now()), now=clock.now())
    assert queries.device_with(token) is None
    assert queries.journey_of(device_actor(device), clock.now()) is None
    assert services.enrol(waiting, address="", now=clock.now()) is None
    with pytest.raises(Refused):
        services.retire(device, by=person("admin", clock.now()), now=clock.now())
    assert len(trail("kiosk.device_retire")) == 1


def test_two_devices_cannot_share_a_name(house: Flask, clock: StoppedClock) -> None:
    a_device(clock.now(), "窗口手写板")
    with pytest.raises(Refused) as refused:
        a_device(clock.now(), "窗口手写板")
    assert refused.value.field == "name"


@pytest.mark.parametrize("name", ["大厅一号机😀", "门口\ue000"])
def test_a_name_that_no_paper_prints_is_refused_before_anybody_signs(
    house: Flask, clock: StoppedClock, name: str
) -> None:
    with pytest.raises(Refused, match="印不出来") as refused:
        a_device(clock.now(), name)
    assert refused.value.field == "name"
    device, _token = a_device(clock.now())
    with pytest.raises(Refused, match="印不出来"):
        services.edit_device(
            device, name=name, staff_at="窗口", staff_phone="", seen=device.edition,
            by=person("admin", clock.now()), now=clock.now(),
        )  # fmt: skip


def test_a_new_code_ends_the_old_one_of_its_subject_alone(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    other = a_code(clock.now(), "tenure:18")
    old, new = a_code(clock.now()), a_code(clock.now())
    by = device_actor(device)
    assert services.start_journey(old, by=by, now=clock.now()) is CodeState.CANCELLED or old == new
    assert isinstance(services.start_journey(new, by=by, now=clock.now()), Journey)
    assert isinstance(services.start_journey(other, by=by, now=clock.now()), Journey)
    lines = trail("kiosk.code_issue")
    assert [line.subject for line in lines] == ["tenure:18", "tenure:17", "tenure:17"]
    assert old not in lines[1].details and lines[1].actor_name == "周敏（演示）"


def test_a_code_is_issued_under_the_issuers_own_authority(house: Flask, clock: StoppedClock) -> None:
    staff, grid = person("staff", clock.now()), person("grid", clock.now())
    with pytest.raises(ValueError, match="own authority"):
        services.issue_code(
            subject="tenure:17", authority_id=authority_of(grid, clock.now()), by=staff, now=clock.now()
        )


def test_a_code_opens_for_thirty_minutes(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    digits = a_code(clock.now())
    clock.tick(30 * MINUTE)
    assert services.start_journey(digits, by=device_actor(device), now=clock.now()) is CodeState.EXPIRED
    other = f"{(int(digits) + 1) % 1_000_000:06d}"
    assert services.start_journey(other, by=device_actor(device), now=clock.now()) is CodeState.UNKNOWN


def test_the_database_holds_one_live_code_a_subject(house: Flask, clock: StoppedClock) -> None:
    a_code(clock.now())
    live = db.session.scalars(select(Code)).one()
    twin = Code(
        code_hash="f" * 64, subject=live.subject, issued_by_id=live.issued_by_id, authority_id=live.authority_id,
        issued_at=clock.now(), expires_at=clock.now() + MINUTE,
    )  # fmt: skip
    db.session.add(twin)
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_a_code_is_claimed_once(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    journey = started(a_code(clock.now()), device, clock)
    by = device_actor(device)
    services.claim(journey.code_id, by=by, now=clock.now())
    assert db.session.get_one(Code, journey.code_id, populate_existing=True).used_at == clock.now()
    with pytest.raises(Refused):
        services.claim(journey.code_id, by=by, now=clock.now())


def test_a_journey_that_began_in_time_may_finish_after_the_thirty_minutes(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    digits = a_code(clock.now())
    clock.tick(29 * MINUTE)
    journey = started(digits, device, clock)
    clock.tick(4 * MINUTE)
    services.claim(journey.code_id, by=device_actor(device), now=clock.now())
    assert db.session.get_one(Code, journey.code_id, populate_existing=True).used_at == clock.now()


def test_a_code_for_another_shop_takes_nobody_s_pen_out_of_the_hand(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    digits = a_code(clock.now())
    clock.tick(29 * MINUTE)
    journey = started(digits, device, clock)
    clock.tick(2 * MINUTE)
    a_code(clock.now(), "tenure:18")
    db.session.refresh(journey.code)
    assert journey.code.cancelled_at is None
    clock.tick(5 * MINUTE)  # nobody is there any more
    a_code(clock.now(), "tenure:19")
    db.session.refresh(journey.code)
    assert journey.code.cancelled_at == clock.now()


def test_a_journey_walks_one_step_at_a_time_and_a_second_tap_changes_nothing(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    journey = started(a_code(clock.now()), device, clock)
    assert journey.step == CHECK and journey.subject == "tenure:17"
    assert services.move(journey, at=CHECK, to=READ, now=clock.now(), draft={"shop_version": 3})
    assert not services.move(journey, at=CHECK, to=READ, now=clock.now(), draft={"shop_version": 9})
    assert journey.step == READ and journey.draft == {"shop_version": 3}
    assert services.move(journey, at=READ, to=CHECK, now=clock.now())
    with pytest.raises(ValueError, match="no screen"):
        services.move(journey, at=CHECK, to=SIGN, now=clock.now())


def test_five_minutes_of_silence_end_it_and_a_touch_begins_them_anew(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    by = device_actor(device)
    journey = started(a_code(clock.now()), device, clock)
    clock.tick(4 * MINUTE)
    services.touch(journey, now=clock.now())
    clock.tick(4 * MINUTE)
    assert queries.journey_of(by, clock.now()) is not None
    clock.tick(MINUTE)
    assert queries.journey_of(by, clock.now()) is None


def test_a_new_journey_ends_the_old_and_a_device_sees_its_own_alone(house: Flask, clock: StoppedClock) -> None:
    first, _token = a_device(clock.now(), "大厅一号机")
    second, _token = a_device(clock.now(), "大厅二号机")
    old = started(a_code(clock.now(), "tenure:17"), first, clock)
    other = started(a_code(clock.now(), "tenure:18"), second, clock)
    new = started(a_code(clock.now(), "tenure:19"), first, clock)
    db.session.refresh(old)
    assert old.outcome is Outcome.REPLACED and old.ended_at == clock.now() and old.draft == {}
    assert queries.journey_of(device_actor(first), clock.now()) is new
    assert queries.journey_of(device_actor(second), clock.now()) is other
    assert queries.journey_of(person("staff", clock.now()), clock.now()) is None


def test_the_database_holds_one_open_journey_a_device(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    journey = started(a_code(clock.now()), device, clock)
    twin = Journey(
        device_id=device.id, code_id=journey.code_id, subject="tenure:17", step=CHECK, started_at=clock.now(),
        touched_at=clock.now(),
    )  # fmt: skip
    db.session.add(twin)
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_a_signed_journey_keeps_only_what_its_last_screen_shows(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    by = device_actor(device)
    journey = started(a_code(clock.now()), device, clock)
    for at, to in ((CHECK, READ), (READ, WHO), (WHO, SIGN)):
        assert services.move(journey, at=at, to=to, now=clock.now(), draft={"signer": "owner"})
    assert queries.paper_of(by, clock.now()) is None
    services.finish(journey.id, pledge_id=7, paper_id=9, now=clock.now())
    db.session.refresh(journey)
    assert journey.step == DONE and journey.draft == {"pledge_id": 7, "paper_id": 9}
    assert queries.paper_of(by, clock.now()) == 9
    with pytest.raises(Refused):
        services.finish(journey.id, pledge_id=7, paper_id=9, now=clock.now())
    services.end_journey(by=by, now=clock.now())
    db.session.refresh(journey)
    assert journey.outcome is Outcome.SIGNED and journey.draft == {} and journey.ended_at is not None
    assert queries.paper_of(by, clock.now()) is None


def test_ending_twice_is_harmless(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    started(a_code(clock.now()), device, clock)
    for _ in range(2):
        services.end_journey(by=device_actor(device), now=clock.now())
    assert len(trail("kiosk.journey_end")) == 1


def test_drafts_go_after_a_day_and_with_every_new_journey(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    old = started(a_code(clock.now(), "tenure:17"), device, clock)
    services.move(old, at=CHECK, to=READ, now=clock.now(), draft={"shop_version": 1})
    old_id = old.id
    clock.tick(timedelta(minutes=6))
    assert services.purge(now=clock.now()) == 1
    db.session.refresh(old)
    assert old.draft == {} and old.outcome is Outcome.SILENT
    clock.tick(timedelta(hours=25))
    started(a_code(clock.now(), "tenure:18"), device, clock)
    db.session.expire_all()
    assert db.session.get(Journey, old_id) is None
    assert db.session.scalars(select(Enrolment)).all() == []


def test_signed_journeys_outlive_the_purge(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    journey = started(a_code(clock.now()), device, clock)
    db.session.execute(text("UPDATE kiosk_journeys SET step = 5"))
    db.session.refresh(journey)
    services.finish(journey.id, pledge_id=1, paper_id=1, now=clock.now())
    db.session.refresh(journey)
    clock.tick(timedelta(days=3))
    services.purge(now=clock.now())
    db.session.refresh(journey)
    assert journey.outcome is Outcome.SIGNED and journey.draft == {}


def test_wrong_codes_are_counted_and_forgiven_by_a_right_one(house: Flask, clock: StoppedClock) -> None:
    device, _token = a_device(clock.now())
    for left in (5, 4, 3):
        assert services.tries_left("code", device.id, now=clock.now()) == left
        services.note_wrong("code", device.id, now=clock.now())
    started(a_code(clock.now()), device, clock)
    assert services.tries_left("code", device.id, now=clock.now()) == 5
    for _ in range(5):
        services.note_wrong("code", device.id, now=clock.now())
    wait = services.throttled("code", device.id, now=clock.now())
    assert wait is not None and wait.minutes == 15
    clock.tick(15 * MINUTE)
    assert services.throttled("code", device.id, now=clock.now()) is None


def test_guessing_spread_over_many_devices_is_stopped_too(house: Flask, clock: StoppedClock) -> None:
    for number in range(40):
        services.note_wrong("code", number, now=clock.now())
    assert services.throttled("code", 999, now=clock.now()) is not None
