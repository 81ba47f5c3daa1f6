"""What people do with their notes, on both databases: acknowledge, put off, give to a colleague, hand over all."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from portal.audit.services import verify
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.declare import Escalation, Whom, offers
from portal.ground.errors import Refused
from portal.reminders import queries, services
from portal.reminders.models import Note
from portal.reminders.terms import NoteState, Origin, Snooze
from tests.cast import Cast
from tests.reminders.offered import World, notes, offered, open_notes, tick
from tests.trail import details, lines

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def world(house: Flask, cast: Cast, now: datetime) -> World:
    """李网格 is reminded of three things; in a day the secretary hears of them."""
    found = World()
    offered(house, found.rule(at_once=True, escalation=Escalation(DAY, "secretary", "社区书记")))
    for subject in ("a:1", "a:2", "a:3"):
        found.owe(subject, now, whom=Whom(role="grid_worker", area_id=cast.areas["MY-01"].id))
    tick(now)
    return found


def first() -> Note:
    return notes()[0]


def test_acknowledged_once_however_often_it_is_pressed(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    assert services.acknowledge(first(), by=cast["grid"], now=now + MINUTE)
    assert not services.acknowledge(first(), by=cast["grid"], now=now + HOUR)
    db.session.commit()
    note = first()
    assert (note.state, note.closed_at, note.read_at, note.ended_at) == (
        NoteState.ACKNOWLEDGED, now + MINUTE, now + MINUTE, None,
    )  # fmt: skip
    assert [line.subject for line in lines("reminders.acknowledge")] == [f"reminder:{note.id}"]
    assert verify().whole


def test_all_that_was_seen_and_no_more(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    world.owe("a:4", now + HOUR, whom=Whom(person_id=cast.people["grid"].id))
    tick(now + HOUR)
    assert services.acknowledge_all(seen=now + MINUTE, by=cast["grid"], now=now + 2 * HOUR) == 3
    assert services.acknowledge_all(seen=now + MINUTE, by=cast["grid"], now=now + 2 * HOUR) == 0
    assert services.acknowledge_all(seen=now + 9 * DAY, by=cast["staff"], now=now + 2 * HOUR) == 0
    db.session.commit()
    assert [one.subject for one in open_notes()] == ["a:4"]
    assert [details(line)["count"] for line in lines("reminders.acknowledge")] == [3]


def test_put_back(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    services.acknowledge(first(), by=cast["grid"], now=now)
    assert services.put_back(first(), by=cast["grid"], now=now + MINUTE)
    assert not services.put_back(first(), by=cast["grid"], now=now + MINUTE)
    services.acknowledge(first(), by=cast["grid"], now=now + HOUR)
    services.settle(subject="a:1", now=now + 2 * HOUR)
    assert not services.put_back(first(), by=cast["grid"], now=now + 3 * HOUR), "it is done"


def test_put_off_it_comes_back_as_new(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    grid = cast.people["grid"].id
    services.open_note(first(), now=now)
    assert queries.unread(grid, now=now) == 2
    assert services.snooze(first(), Snooze.HOUR, by=cast["grid"], now=now) == now + HOUR
    assert (queries.unread(grid, now=now), queries.open_count(grid, now=now)) == (2, 2)
    assert (queries.unread(grid, now=now + HOUR), queries.open_count(grid, now=now + HOUR)) == (3, 3)
    services.settle(subject="a:1", now=now)
    assert services.snooze(first(), Snooze.HOUR, by=cast["grid"], now=now) is None


def test_given_to_a_colleague(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    staff = cast.people["staff"]
    assert services.give(first(), staff.id, by=cast["grid"], now=now + HOUR).name == staff.name
    with pytest.raises(Refused, match="已经办结或转交"):
        services.give(first(), staff.id, by=cast["grid"], now=now + HOUR)
    db.session.commit()
    given, (taken,) = first(), notes(person_id=staff.id)
    assert (given.state, given.handed_to_id, given.escalate_at) == (NoteState.HANDED, staff.id, None)
    assert (taken.origin, taken.giver_id, taken.deliver_at) == (Origin.HANDED, cast.people["grid"].id, now + HOUR)
    assert tick(now + DAY) == 3, "the secretary hears of the one that was given away too"
    assert services.settle(subject="a:1", now=now + DAY) == 2
    (line,) = lines("reminders.give")
    assert details(line)["taker"] == staff.id


def test_given_and_given_back_it_is_in_one_inbox(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    grid, staff = cast.people["grid"].id, cast.people["staff"].id
    services.give(first(), staff, by=cast["grid"], now=now)
    services.give(notes(person_id=staff)[0], grid, by=cast["staff"], now=now + HOUR)
    db.session.commit()
    assert [(one.person_id, one.state) for one in notes(subject="a:1")] == [
        (grid, NoteState.OPEN), (staff, NoteState.HANDED),
    ]  # fmt: skip
    assert (first().giver_id, first().handed_to_id, first().closed_at, first().read_at) == (staff, None, None, None)


@pytest.mark.parametrize(
    ("login", "can"),
    [("staff", 1), ("secretary", 1), ("village", 0), ("office", 0), ("volunteer", 0), ("grid", 0)],
)
def test_only_colleagues_within_reach_take_it(
    house: Flask, world: World, cast: Cast, now: datetime, login: str, can: int
) -> None:
    rule = offers().reminders[0]
    offered(house, world.rule(needs=Can.PLEDGES_READ, escalation=rule.escalation))
    assert (cast.people[login].id in {one.id for one in services.takers(first(), on=now)}) == bool(can)
    if not can:
        with pytest.raises(Refused, match="不能接手"):
            services.give(first(), cast.people[login].id, by=cast["grid"], now=now)


def test_a_colleague_elsewhere_cannot_do_it(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    """R7: 专项办 reaches everybody, and gives a grid's thing to none whose key ends at another community."""
    world.owe("a:9", now, whom=Whom(person_id=cast.people["office"].id, area_id=cast.areas["MY-01"].id))
    offered(house, world.rule(needs=Can.PLEDGES_CONFIRM))
    tick(now + MINUTE)
    (note,) = notes(subject="a:9")
    able = {one.id for one in services.takers(note, on=now)}
    assert {cast.people[one].id for one in ("grid", "staff", "secretary")} <= able
    assert cast.people["village"].id not in able


def test_what_is_no_colleagues_is_not_given(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    offered(house, world.rule(given=False))
    assert services.takers(first(), on=now) == []


def test_whoever_leaves_hands_over_what_is_not_done(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    """Acknowledged ones too, and those that are still to be delivered."""
    (holding,) = (one for one in offers().holdings if one.key == "reminders")
    giver, taker = cast.people["grid"].id, cast.people["secretary"].id
    services.acknowledge(first(), by=cast["grid"], now=now)
    services.settle(subject="a:2", now=now)
    world.owe("a:4", now + DAY, whom=Whom(person_id=giver))
    offered(house, world.rule())
    tick(now + DAY)
    assert holding.count(giver, now) == 3
    assert holding.hand_over(giver=giver, taker=taker, by=cast["admin"], now=now + DAY) == 3
    assert holding.hand_over(giver=giver, taker=taker, by=cast["admin"], now=now + DAY) == 0
    db.session.commit()
    assert (holding.count(giver, now), holding.count(taker, now)) == (0, 3)
    waiting = {one.subject: one.deliver_at for one in open_notes(person_id=taker)}
    digest = (now + 2 * DAY).replace(hour=8, minute=30)
    assert waiting == {"a:1": now + DAY, "a:3": now + DAY, "a:4": digest}
    assert [details(line)["count"] for line in lines("reminders.hand_over")] == [3]


def test_done_while_it_is_given_away(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    """Settled first or given first: in the end nobody has it."""
    services.settle(subject="a:1", now=now)
    with pytest.raises(Refused):
        services.give(first(), cast.people["staff"].id, by=cast["grid"], now=now)
    services.give(notes()[1], cast.people["staff"].id, by=cast["grid"], now=now)
    services.settle(subject="a:2", now=now)
    assert [one.subject for one in notes() if one.ended_at is None] == ["a:3"]
