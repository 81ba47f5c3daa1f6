"""Reminders of pledges: 30, 7 and 0 days before the end, unsigned shops each Monday, what waits for 甲方, 换签; and
that each ends when the thing is done, in the same transaction."""

from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from portal.accounts.models import Authority
from portal.ground.clock import SHANGHAI
from portal.ground.db import db
from portal.ground.declare import offers
from portal.merchants import services as merchants
from portal.merchants.models import Shop
from portal.merchants.queries import current_tenure
from portal.merchants.terms import ShopState
from portal.pledges import services
from portal.pledges.models import Pledge
from portal.pledges.terms import PledgeState, Proof, Signer
from portal.reminders import jobs
from portal.reminders.terms import NoteState, Origin
from portal.worktime import services as worktime
from tests.cast import Cast
from tests.pledges import ways
from tests.reminders.offered import notes, open_notes

DAY = timedelta(days=1)
LAPSE, UNSIGNED, WAITING, RENEWAL = "pledges.lapse", "pledges.unsigned", "pledges.waiting", "pledges.renewal"


def at(month: int, day: int, clock: str = "00:01", year: int = 2026) -> datetime:
    return datetime.combine(date(year, month, day), time.fromisoformat(clock), SHANGHAI)


@pytest.fixture(autouse=True)
def office(house: Flask, cast: Cast, now: datetime) -> None:
    services.sow_templates(now)
    worktime.keep(now=now)
    db.session.commit()


def tick(moment: datetime) -> int:
    written = jobs.tick(now=moment)
    db.session.commit()
    return written


def days(first: datetime, last: datetime) -> None:
    """Tick at the beginning of each day, from one to the other."""
    while first <= last:
        tick(first)
        first += DAY


def ending(pledge: Pledge, until_on: date) -> None:
    db.session.execute(update(Pledge).where(Pledge.id == pledge.id).values(until_on=until_on))
    db.session.commit()


@pytest.fixture
def pledge(cast: Cast, now: datetime) -> Pledge:
    """Signed in MY-01; its last day is 30 December 2026."""
    signed = ways.signed(ways.a_shop(now - 100 * DAY), ways.a_machine(now), by=cast["grid"], now=now - 90 * DAY)
    db.session.commit()
    ending(signed, date(2026, 12, 31))
    return signed


def test_rules1_30_7_and_0_days_before_the_end(house: Flask, cast: Cast, pledge: Pledge) -> None:
    tick(at(11, 29))
    days(at(11, 30), at(12, 31))
    told = [(one.slot, one.owed_at, one.deliver_at) for one in notes(rule=LAPSE, origin=Origin.RULE)]
    assert told == [
        ("30", at(11, 30, "00:00"), at(11, 30, "08:30")),
        ("7", at(12, 23, "00:00"), at(12, 23, "08:30")),
        ("0", at(12, 30, "00:00"), at(12, 30, "08:30")),
    ]
    first = notes(rule=LAPSE)[0]
    assert (first.person_id, first.until_at) == (cast.people["grid"].id, at(12, 31, "00:00"))
    assert first.title == f"“{pledge.shop.sign_name}”的责任书 12月30日 到期"
    assert first.url == f"/merchants/{pledge.shop_id}"


def test_who_does_not_renew_is_told_of_to_the_secretary(house: Flask, cast: Cast, pledge: Pledge) -> None:
    days(at(11, 30), at(12, 23))
    tick(at(12, 26, "08:30"))
    raised = notes(rule=LAPSE, origin=Origin.RAISED)
    assert [(one.slot, one.person_id) for one in raised] == [("7", cast.people["secretary"].id)], "30 days raise nobody"


def test_a_renewal_ends_it_in_the_same_transaction(house: Flask, cast: Cast, pledge: Pledge) -> None:
    days(at(11, 30), at(12, 24))
    assert [one.slot for one in open_notes(rule=LAPSE)] == ["7"]
    now = at(12, 24, "10:00")
    ways.signed(pledge.shop, ways.a_machine(now, name="二号机"), by=cast["grid"], now=now)
    db.session.rollback()
    assert open_notes(rule=LAPSE), "what was not kept has ended nothing"
    shop = db.session.get_one(Pledge, pledge.id).shop
    ways.signed(shop, ways.a_machine(now, name="二号机"), by=cast["grid"], now=now)
    db.session.commit()
    assert not open_notes(rule=LAPSE)
    days(at(12, 25), at(12, 31))
    assert [one.slot for one in notes(rule=LAPSE)] == ["30", "7"]


def test_an_empty_front_and_an_old_operator_need_no_renewal(house: Flask, cast: Cast, pledge: Pledge) -> None:
    tick(at(11, 29))
    db.session.execute(update(Shop).where(Shop.id == pledge.shop_id).values(state=ShopState.VACANT))
    db.session.commit()
    tick(at(11, 30))
    assert not notes(rule=LAPSE)
    db.session.execute(update(Shop).where(Shop.id == pledge.shop_id).values(state=ShopState.OPEN))
    db.session.commit()
    tick(at(12, 23))
    db.session.execute(update(Shop).where(Shop.id == pledge.shop_id).values(state=ShopState.VACANT))
    db.session.commit()
    for minute, _rule in enumerate(offers().reminders):  # each has its turn
        tick(at(12, 23, f"00:{minute + 10}"))
    assert [one.state for one in notes(rule=LAPSE, slot="7")] == [NoteState.SETTLED]


def test_unsigned_shops_each_monday_to_their_grid(house: Flask, cast: Cast, now: datetime) -> None:
    for grid, count in (("MY-01", 3), ("MY-02", 1)):
        for _ in range(count):
            ways.a_shop(now, grid=grid)
    ways.a_shop(now, grid="SB-01", state=ShopState.VACANT, operator_name="", responsible_name="")
    db.session.commit()
    tick(at(11, 26))
    days(at(11, 27), at(12, 8))
    told = {(one.slot, one.person_id, one.title, one.deliver_at) for one in notes(rule=UNSIGNED)}
    worker, secretary = cast.people["grid"].id, cast.people["secretary"].id
    assert told == {
        (week, person, title, monday)
        for week, monday in (("2026-W49", at(11, 30, "08:30")), ("2026-W50", at(12, 7, "08:30")))
        for person, title in ((worker, "一网格还有 3 家没签责任书"), (secretary, "二网格还有 1 家没签责任书"))
    }
    assert notes(rule=UNSIGNED)[0].url == "/merchants/?grid=MY-01&pledge=unsigned&pledge=renew"
    assert {one.slot for one in open_notes(rule=UNSIGNED)} == {"2026-W50"}


def test_the_last_signature_of_a_grid_ends_its_word(house: Flask, cast: Cast, now: datetime) -> None:
    shop = ways.a_shop(now)
    db.session.commit()
    tick(at(11, 29))
    tick(at(11, 30))
    assert len(open_notes(rule=UNSIGNED)) == 1
    later = at(11, 30, "09:00")
    ways.signed(shop, ways.a_machine(later), by=cast["grid"], now=later)
    db.session.commit()
    for minute in range(8):
        tick(later + minute * timedelta(minutes=1))
    assert not open_notes(rule=UNSIGNED)


def entered(cast: Cast, moment: datetime) -> Pledge:
    shop = ways.a_shop(moment)
    tenure = current_tenure(shop.id)
    sheet = services.Sheet(moment.date() - 9 * DAY, Signer.OWNER, "何桂兰", Proof.LICENCE, 1)
    made = services.enter(tenure, sheet, by=cast["secretary"], now=moment)
    db.session.commit()
    return made


def test_r10_paper_pledges_are_confirmed_within_three_working_days(house: Flask, cast: Cast) -> None:
    """Received on Thursday 26 November: the third working day is Tuesday 1 December."""
    first = entered(cast, at(11, 26, "16:00"))
    entered(cast, at(11, 27, "09:00"))
    days(at(11, 27), at(12, 1))
    due = open_notes(rule=WAITING)
    assert {one.person_id for one in due} == {cast.people[login].id for login in ("staff", "grid")}
    assert {(one.title, one.slot, one.until_at, one.deliver_at) for one in due} == {
        ("确认 1 份纸质责任书", "2026-12-01", at(12, 1, "18:00"), at(12, 1, "08:30"))
    }
    tick(at(12, 2))
    assert {(one.title, one.why) for one in open_notes(rule=WAITING)} == {
        ("确认 2 份纸质责任书", "收件已经超过 3 个工作日")
    }
    tick(at(12, 2, "08:30"))
    raised = notes(rule=WAITING, origin=Origin.RAISED)
    assert [one.person_id for one in raised] == [cast.people["office"].id], "a word a day sets no time back"
    services.confirm(db.session.get_one(Pledge, first.id), by=cast["grid"], now=at(12, 2, "09:00"))
    db.session.commit()
    tick(at(12, 3))
    assert {one.title for one in open_notes(rule=WAITING, origin=Origin.RULE)} == {"确认 1 份纸质责任书"}


def test_confirming_what_is_due_ends_its_word_though_more_waits(house: Flask, cast: Cast) -> None:
    """Received on 26 and on 30 November: the first is due on 1 December, the second on the 3rd."""
    first, later = entered(cast, at(11, 26, "16:00")), entered(cast, at(11, 30, "09:00"))
    days(at(11, 27), at(12, 1))
    services.confirm(db.session.get_one(Pledge, first.id), by=cast["grid"], now=at(12, 1, "09:00"))
    db.session.rollback()
    assert len(open_notes(rule=WAITING)) == 2, "what was not kept has ended nothing"
    services.confirm(db.session.get_one(Pledge, first.id), by=cast["grid"], now=at(12, 1, "09:00"))
    db.session.commit()
    assert not open_notes(rule=WAITING)
    tick(at(12, 2, "08:30"))
    assert not notes(rule=WAITING, origin=Origin.RAISED), "nobody above hears of what is done"
    tick(at(12, 3))
    assert {one.until_at for one in open_notes(rule=WAITING)} == {at(12, 3, "18:00")}
    services.confirm(db.session.get_one(Pledge, later.id), by=cast["staff"], now=at(12, 3, "09:00"))
    db.session.commit()
    assert {one.settled_by_id for one in notes(rule=WAITING, slot="2026-12-03")} == {cast.people["staff"].id}


def test_a_word_ends_in_its_turn_when_what_is_due_waits_no_more(house: Flask, cast: Cast) -> None:
    first = entered(cast, at(11, 26, "16:00"))
    entered(cast, at(11, 30, "09:00"))
    days(at(11, 27), at(12, 1))
    db.session.get_one(Pledge, first.id).state = PledgeState.VOID
    db.session.commit()
    for minute, _rule in enumerate(offers().reminders):
        tick(at(12, 1, f"09:{minute:02}"))
    assert {one.state for one in notes(rule=WAITING)} == {NoteState.SETTLED}


def test_r10_where_nobody_may_confirm_the_campaign_office_hears(house: Flask, cast: Cast) -> None:
    shop = ways.a_shop(at(11, 26, "09:00"), grid="MY-02")
    db.session.execute(update(Authority).values(until_on=date(2026, 11, 1)))
    sheet = services.Sheet(date(2026, 11, 20), Signer.OWNER, "何桂兰", Proof.LICENCE, 1)
    services.enter(current_tenure(shop.id), sheet, by=cast["staff"], now=at(11, 26, "09:00"))
    db.session.commit()
    days(at(11, 27), at(12, 1))
    assert {one.person_id for one in open_notes(rule=WAITING)} == {cast.people["office"].id}


def test_r10_a_new_operator_signs_within_five_working_days(house: Flask, cast: Cast, pledge: Pledge) -> None:
    """Registered on Thursday 26 November: five working days end on Thursday 3 December."""
    known = at(11, 26, "10:00")
    merchants.change_operator(
        pledge.shop, operator="何春", responsible="何春", phone=None, on=date(2026, 11, 20), reason="",
        version=pledge.shop.version, by=ways.KEEPER, now=known,
    )  # fmt: skip
    services.settle(by=cast["office"], now=known)
    db.session.commit()
    days(at(11, 27), at(12, 3))
    told = [(one.slot, one.deliver_at, one.until_at) for one in notes(rule=RENEWAL)]
    assert told == [
        ("2", at(12, 1, "08:30"), at(12, 3, "18:00")), ("0", at(12, 3, "08:30"), at(12, 3, "18:00")),
    ]  # fmt: skip
    assert not notes(rule=LAPSE), "the old operator's pledge has ended"
    tick(at(12, 5, "08:30"))
    tick(at(12, 7, "08:30"))
    assert [one.person_id for one in notes(rule=RENEWAL, origin=Origin.RAISED)] == [cast.people["secretary"].id]
    later = at(12, 7, "10:00")
    shop = db.session.get_one(Shop, pledge.shop_id)
    ways.signed(shop, ways.a_machine(later, name="二号机"), by=cast["grid"], now=later)
    db.session.commit()
    assert not open_notes(rule=RENEWAL)
