"""The tick on both databases: what is owed is written once, to whoever sits there, and ends when the thing is done."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.accounts.models import Person, PersonRole
from portal.accounts.terms import PersonState
from portal.ground.db import db
from portal.ground.declare import Escalation, Whom
from portal.reminders import services
from portal.reminders.services import RulesFailed
from portal.reminders.terms import CHUNK, NoteState, Origin
from tests.cast import Cast
from tests.reminders.offered import World, mark, notes, offered, open_notes, tick

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def world(house: Flask, cast: Cast) -> World:
    return World()


def grid(cast: Cast, code: str = "MY-01") -> Whom:
    return Whom(role="grid_worker", area_id=cast.areas[code].id)


def test_i6_once_however_often_it_looks(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    offered(house, world.rule(at_once=True))
    world.owe("shop:1", now, until_at=now + DAY, second="GX-MY-0001")
    assert [tick(now), tick(now), tick(now + MINUTE)] == [1, 0, 0]
    (note,) = notes()
    assert (note.person_id, note.title, note.second) == (cast.people["office"].id, "办 shop:1", "GX-MY-0001")
    assert (note.deliver_at, note.by_at, note.late, note.state) == (now, now + DAY, False, NoteState.OPEN)
    assert mark() == now + MINUTE


def test_several_people_hold_the_role(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    more = PersonRole(
        person_id=cast.people["section"].id, role="grid_worker", area_id=cast.areas["MY-01"].id,
        from_on=now.date(), granted_by="安全（演示）",
    )  # fmt: skip
    db.session.add(more)
    db.session.commit()
    offered(house, world.rule())
    world.owe("grid:1", now, whom=grid(cast))
    assert tick(now) == 2
    assert {note.person_id for note in notes()} == {cast.people[login].id for login in ("grid", "section")}


def test_r10_a_vacant_grid_goes_to_the_secretary(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    offered(house, world.rule())
    world.owe("grid:2", now, whom=grid(cast, "MY-02"))
    world.owe("grid:3", now, whom=grid(cast, "SB-01"))  # a village without a secretary
    tick(now)
    told = {note.subject: note.person_id for note in notes()}
    assert told == {"grid:2": cast.people["secretary"].id, "grid:3": cast.people["office"].id}


def test_a_person_who_is_gone_is_followed_by_the_role(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    offered(house, world.rule())
    gone = cast.people["grid"]
    db.session.execute(update(Person).where(Person.id == gone.id).values(state=PersonState.LEFT))
    db.session.commit()
    world.owe("a:1", now, whom=Whom(person_id=gone.id, role="secretary", area_id=cast.areas["MY"].id))
    world.owe("a:2", now, whom=Whom(person_id=cast.people["staff"].id))
    world.owe("a:3", now, whom=Whom(person_id=gone.id))
    tick(now)
    told = [note.person_id for note in notes()]
    assert told == [cast.people[login].id for login in ("secretary", "staff", "office")]


def test_nobody_at_all_is_an_error_that_the_duty_tells(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    db.session.execute(update(PersonRole).values(until_on=now.date()))
    db.session.commit()
    offered(house, world.rule())
    world.owe("a:1", now)
    with pytest.raises(RulesFailed, match="没有人可以提醒"):
        tick(now)
    assert mark() is None


def test_i6_a_day_of_downtime(house: Flask, world: World, now: datetime) -> None:
    """Delivered once, and marked late."""
    offered(house, world.rule())
    tick(now)
    world.owe("a:1", now + timedelta(hours=2))
    back = now + DAY + timedelta(hours=3)
    assert [tick(back), tick(back + MINUTE)] == [1, 0]
    (note,) = notes()
    assert (note.late, note.deliver_at) == (True, back)


def test_what_committed_a_little_late_is_found(house: Flask, world: World, now: datetime) -> None:
    offered(house, world.rule())
    tick(now)
    world.owe("a:1", now - timedelta(seconds=30))  # its request began before the tick and committed after it
    assert tick(now + MINUTE) == 1


def test_what_is_told_at_once_leaves_the_rest_to_the_tick(house: Flask, world: World, now: datetime) -> None:
    """The first word was lost while the clockwork was down; the second, told well, does not move the rule's mark."""
    offered(house, world.rule(at_once=True))
    tick(now)
    world.owe("call:1", now + MINUTE)
    world.broken = True
    assert services.tell("test.things", now=now + MINUTE) == 0
    world.broken = False
    world.owe("call:2", now + 4 * MINUTE)
    assert services.tell("test.things", now=now + 4 * MINUTE) == 1
    db.session.commit()
    assert ([note.subject for note in notes()], mark()) == (["call:2"], now)
    assert tick(now + 5 * MINUTE) == 1
    assert ([note.subject for note in notes()], mark()) == (["call:2", "call:1"], now + 5 * MINUTE)


def test_the_clock_steps_back(house: Flask, world: World, now: datetime) -> None:
    offered(house, world.rule())
    world.owe("a:1", now)
    tick(now)
    earlier = now - timedelta(hours=3)
    assert tick(earlier) == 0
    world.owe("a:2", earlier + timedelta(hours=1))  # within the hours that come twice
    assert [tick(earlier + timedelta(hours=2)), tick(now + MINUTE)] == [1, 0]


def test_a_rule_that_raises_stops_no_other(house: Flask, world: World, now: datetime) -> None:
    bad = World(broken=True)
    offered(house, bad.rule("test.bad", label="坏的"), world.rule())
    world.owe("a:1", now)
    bad.owe("b:1", now)
    with pytest.raises(RulesFailed, match=r"坏的.*ZeroDivisionError"):
        tick(now)
    db.session.rollback()
    assert [note.subject for note in notes()] == ["a:1"]
    assert mark("test.bad") is None
    bad.broken = False
    assert tick(now + MINUTE) == 1


@pytest.mark.parametrize("url", ["https://elsewhere.test/", "//elsewhere.test/", "merchants"])
def test_no_way_leads_out_of_the_portal(house: Flask, world: World, now: datetime, url: str) -> None:
    offered(house, world.rule())
    world.owe("a:1", now, url=url)
    with pytest.raises(RulesFailed, match="no path of ours"):
        tick(now)


def test_a_newer_turn_takes_the_place_of_the_older(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    offered(house, world.rule())
    world.owe("a:1", now, slot="30")
    world.owe("a:2", now, slot="30")
    tick(now)
    world.owe("a:1", now + DAY, slot="7")
    assert tick(now + DAY) == 1
    assert [(one.subject, one.slot, one.state) for one in notes()] == [
        ("a:1", "30", NoteState.SUPERSEDED), ("a:2", "30", NoteState.OPEN), ("a:1", "7", NoteState.OPEN),
    ]  # fmt: skip
    world.owe("a:1", now + 2 * DAY, slot="0")
    db.session.execute(
        update(PersonRole).where(PersonRole.person_id == cast.people["office"].id).values(until_on=now.date())
    )
    db.session.commit()
    tick(now + 2 * DAY)  # another person's by now
    assert [(one.slot, one.person_id) for one in open_notes(subject="a:1")] == [("0", cast.people["admin"].id)]


def test_two_turns_missed_are_one_word(house: Flask, world: World, now: datetime) -> None:
    offered(house, world.rule())
    tick(now)
    world.owe("a:1", now + DAY, slot="30")
    world.owe("a:1", now + 3 * DAY, slot="7")
    tick(now + 5 * DAY)
    assert [(one.slot, one.state) for one in notes()] == [("30", NoteState.SUPERSEDED), ("7", NoteState.OPEN)]


def test_settle_ends_every_note_of_the_subject(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    other = World()
    offered(house, world.rule(at_once=True), other.rule("test.other", at_once=True))
    world.owe("a:1", now)
    world.owe("a:1", now, whom=Whom(person_id=cast.people["staff"].id))
    world.owe("a:2", now)
    other.owe("a:1", now)
    tick(now)
    assert services.settle(subject="a:1", rule="test.other", now=now) == 1
    assert services.settle(subject="a:1", by=cast["staff"], now=now + MINUTE) == 2
    assert services.settle(subject=["a:1", "a:3"], now=now + MINUTE) == 0
    db.session.commit()
    ended = notes(state=NoteState.SETTLED, rule="test.things")
    assert {(one.ended_at, one.closed_at, one.settled_by_id) for one in ended} == {
        (now + MINUTE, now + MINUTE, cast.people["staff"].id)
    }
    assert [one.subject for one in open_notes()] == ["a:2"]
    assert tick(now + MINUTE) == 0  # and it does not come back


def test_lower_rooms_are_asked_in_turn(house: Flask, world: World, now: datetime) -> None:
    other = World()
    offered(house, world.rule(still=world.still), other.rule("test.other", still=other.still))
    world.owe("a:1", now)
    world.owe("a:2", now)
    other.owe("b:1", now)
    tick(now)
    world.done.add("a:1")
    other.done.add("b:1")
    assert tick(now + MINUTE) + tick(now + 2 * MINUTE) == 2
    assert [one.subject for one in open_notes()] == ["a:2"]


def test_many_open_subjects_are_asked_piece_by_piece(house: Flask, world: World, now: datetime) -> None:
    offered(house, world.rule(still=world.still))
    for number in range(450):
        world.owe(f"a:{number:03}", now)
    tick(now)
    world.done |= {f"a:{number:03}" for number in range(450) if number != 7}
    ended = [tick(now + place * MINUTE) for place in range(1, 5)]
    assert ended == [200, 50, 199, 0]  # the first turn went to those that had just been written
    assert [one.subject for one in open_notes()] == ["a:007"]


def test_escalation(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    rule = world.rule(at_once=True, escalation=Escalation(2 * DAY, "secretary"))
    offered(house, rule)
    world.owe("a:1", now, whom=grid(cast), until_at=now + 9 * DAY)
    world.owe("a:2", now, whom=grid(cast))
    world.owe("a:3", now, whom=grid(cast), escalates=False)
    world.owe("a:4", now, whom=grid(cast, "MY-02"))  # the secretary has it already
    tick(now)
    services.settle(subject="a:2", now=now + MINUTE)
    assert tick(now + 2 * DAY - MINUTE) == 0
    assert tick(now + 2 * DAY) == 2
    assert tick(now + 2 * DAY + MINUTE) == 0
    raised = notes(origin=Origin.RAISED)
    assert [(one.subject, one.person_id, one.by_at) for one in raised] == [
        ("a:1", cast.people["secretary"].id, now + 9 * DAY)
    ]
    assert raised[0].why == "到时了；2 天没有办"
    told = {one.subject: one.escalated_at for one in notes(origin=Origin.RULE)}
    assert told == {"a:1": now + 2 * DAY, "a:2": None, "a:3": None, "a:4": None}
    assert services.settle(subject="a:1", now=now + 3 * DAY) == 2


def test_what_was_raised_stays_until_a_newer_turn_is_raised(
    house: Flask, world: World, cast: Cast, now: datetime
) -> None:
    offered(house, world.rule(at_once=True, escalation=Escalation(2 * DAY, "secretary")))
    world.owe("a:1", now, slot="30", whom=grid(cast))
    tick(now)
    tick(now + 2 * DAY)
    world.owe("a:1", now + 3 * DAY, slot="7", whom=grid(cast))
    tick(now + 3 * DAY)
    secretary = cast.people["secretary"].id
    assert [one.slot for one in open_notes(person_id=secretary)] == ["30"]
    tick(now + 5 * DAY)
    assert [one.slot for one in open_notes(person_id=secretary)] == ["7"]


def test_a_newer_word_does_not_set_the_time_back(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    """A thing of which somebody hears every day is passed on all the same."""
    offered(house, world.rule(at_once=True, escalation=Escalation(2 * DAY, "secretary")))
    for day in range(4):
        world.owe("a:1", now + day * DAY, slot=str(day), whom=grid(cast))
        tick(now + day * DAY)
    raised = notes(person_id=cast.people["secretary"].id)
    assert [(one.slot, one.written_at) for one in raised] == [("2", now + 2 * DAY)]
    tick(now + 5 * DAY)
    assert [one.slot for one in open_notes(person_id=cast.people["secretary"].id)] == ["3"]


def test_acknowledged_is_not_done(house: Flask, world: World, cast: Cast, now: datetime) -> None:
    """Whoever has read it has not done it: it is raised all the same, and settled when it is done."""
    offered(house, world.rule(at_once=True, escalation=Escalation(DAY, "secretary")))
    world.owe("a:1", now, whom=grid(cast))
    tick(now)
    (note,) = notes()
    note.state, note.acknowledged_at, note.closed_at = NoteState.ACKNOWLEDGED, now, now
    db.session.commit()
    assert tick(now + DAY) == 1
    assert services.settle(subject="a:1", now=now + 2 * DAY) == 2
    db.session.commit()
    first = notes()[0]
    assert (first.state, first.closed_at, first.ended_at) == (NoteState.SETTLED, now, now + 2 * DAY)


def test_a_long_list_is_written_in_pieces_and_what_is_done_meanwhile_is_left_out(
    house: Flask, world: World, now: datetime
) -> None:
    offered(house, world.rule(still=world.still))
    for number in range(2 * CHUNK + 20):
        world.owe(f"a:{number:04}", now)
    counts = []
    for place, count in enumerate(services.tick(now=now)):
        db.session.commit()
        counts.append(count)
        if place == 0:
            world.done.add(f"a:{CHUNK + 5:04}")
            assert mark() is None, "the mark moves with the last piece"
    assert counts == [CHUNK, CHUNK - 1, 20, 0]
    assert mark() == now
    assert not notes(subject=f"a:{CHUNK + 5:04}")


def test_purge_drops_what_was_over_long_ago(house: Flask, world: World, now: datetime) -> None:
    offered(house, world.rule(at_once=True))
    for subject in ("a:1", "a:2"):
        world.owe(subject, now)
    tick(now)
    services.settle(subject="a:1", now=now)
    assert services.purge(now=now + 360 * DAY) == 0
    assert services.purge(now=now + 400 * DAY) == 1
    db.session.commit()
    assert [one.subject for one in notes()] == ["a:2"]
    assert db.session.scalar(select(Person.id).limit(1))
