"""Mail as a second channel (I6), against a real server: one mail a person and digest, counts and a link, tried again
only after a certain no for now, never twice where the other side may have taken it."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import delete, event, select, update

from portal.ground.actor import SYSTEM
from portal.ground.clock import StoppedClock
from portal.ground.config import MAIL
from portal.ground.db import db, writing
from portal.ground.declare import Owed, Whom
from portal.ground.errors import Refused
from portal.ground.mail import Answer, Fate, Patience, deliver
from portal.reminders import jobs, queries, services
from portal.reminders.models import Choice, Mail, Mark
from portal.reminders.offers import OFFERS
from portal.reminders.services.outbox import write_mails
from portal.reminders.terms import CLAIMED_MOST, MAIL_MARK, MAIL_RULES, MAIL_TRIES, MailState
from portal.settings.models import Setting
from tests import trail
from tests.cast import Cast
from tests.postbox import Postbox
from tests.reminders.offered import World, offered, open_notes, tick

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STAFF = "zhoumin@guixi.lan"


@pytest.fixture
def box() -> Iterator[Postbox]:
    box = Postbox().start()
    yield box
    box.stop()


def configure(app: Flask, box: Postbox, **but: str) -> None:
    """Let the office have this mail server."""
    given = {"host": box.host, "port": str(box.port), "security": "none", "from": "portal@guixi.lan", **but}
    app.config["MAIL"] = {key: given.get(key, "") for key in MAIL}
    app.config["ADDRESS"] = "http://portal.lan"
    app.config["MAIL_PATIENCE"] = Patience(connect=0.2, step=0.2, answer=0.2, talk=1)


@pytest.fixture
def world(house: Flask, box: Postbox, cast: Cast, clock: StoppedClock) -> World:
    """周敏 and 李网格 have addresses, the office has a server, and one rule tells at once."""
    configure(house, box)
    cast.people["staff"].mail, cast.people["grid"].mail = STAFF, "li@guixi.lan"
    db.session.commit()
    found = World()
    offered(house, found.rule(at_once=True))
    tick(clock.now())
    return found


def owe(
    world: World, cast: Cast, at: datetime, *, subject: str = "shop:1", login: str = "staff", **but: object
) -> Owed:
    return world.owe(subject, at, whom=Whom(person_id=cast.people[login].id), **but)


def mails(**but: object) -> list[Mail]:
    db.session.expire_all()
    return list(db.session.scalars(select(Mail).filter_by(**but).order_by(Mail.id)))


def one() -> Mail:
    (found,) = mails()
    return found


def post(clock: StoppedClock) -> int:
    """One run of the mail duty, committed."""
    count = jobs.mail(now=clock.now())
    db.session.commit()
    return count


def told(world: World, cast: Cast, clock: StoppedClock) -> Mail:
    """A mail that waits to be sent."""
    owe(world, cast, clock.now())
    tick(clock.now())
    return one()


# written by the tick ----------------------------------------------------------------------------------------


def test_i6_one_mail_however_often_the_tick_looks(house: Flask, world: World, cast: Cast, clock: StoppedClock) -> None:
    for number in range(3):
        owe(world, cast, clock.now(), subject=f"shop:{number}", until_at=clock.now() - (DAY if number else -DAY))
    for _ in range(4):
        tick(clock.now())
        clock.tick(timedelta(seconds=40))
    mail = one()
    assert (mail.came, mail.waiting, mail.overdue, mail.state, mail.tries) == (3, 3, 2, MailState.WAITING, 0)
    assert mail.person_id == cast.people["staff"].id


def test_i6_a_tick_that_was_killed_before_its_marks_moved_writes_no_second_mail(
    house: Flask, world: World, cast: Cast, clock: StoppedClock
) -> None:
    """Rolled back with the marks: neither mail nor mark stands; found again, both do, once."""
    owe(world, cast, clock.now())
    pieces = services.tick(now=clock.now())
    for _ in pieces:
        db.session.rollback()
    assert mails() == []
    tick(clock.now())
    tick(clock.now() + MINUTE)
    assert len(mails()) == 1


def test_i6_two_ticks_at_once_tell_once(house: Flask, world: World, cast: Cast, clock: StoppedClock) -> None:
    """The mark that a tick saw is moved by one of them alone."""
    owe(world, cast, clock.now())
    clock.tick(timedelta(seconds=30))
    found, rules = select(Mark.looked_until).where(Mark.rule == MAIL_MARK), [world.rule(at_once=True)]
    before = db.session.scalar(found)
    tick(clock.now())
    db.session.execute(delete(Mail))  # so that nothing but the mark is in the way
    write_mails(before, rules=rules, now=clock.now())
    assert mails() == []
    write_mails(db.session.scalar(found), rules=rules, now=clock.now())
    assert len(mails()) == 1, "and without the guard it would have been written"


def test_the_digest_is_one_mail_and_what_comes_later_the_next(
    house: Flask, world: World, cast: Cast, clock: StoppedClock
) -> None:
    offered(house, world.rule(at_once=False))
    for number in range(5):
        owe(world, cast, clock.now(), subject=f"shop:{number}")
    tick(clock.now())
    assert mails() == [], "it waits for the digest"
    clock.tick(22 * HOUR + 30 * MINUTE)
    tick(clock.now())
    clock.tick(2 * HOUR)
    offered(house, world.rule(at_once=True))
    owe(world, cast, clock.now(), subject="shop:9")
    tick(clock.now())
    assert [(mail.slot, mail.came, mail.waiting) for mail in mails()] == [
        ("2026-11-26T08:30:00+08:00", 5, 5), ("2026-11-26T10:30:00+08:00", 1, 6),
    ]  # fmt: skip


def test_message_ids_are_of_the_person_and_the_slot(
    house: Flask, world: World, cast: Cast, clock: StoppedClock
) -> None:
    owe(world, cast, clock.now())
    owe(world, cast, clock.now(), login="grid")
    tick(clock.now())
    found = mails()
    assert len({mail.message_id for mail in found}) == 2
    for mail in found:
        assert mail.message_id == services.message_id(mail.person_id, mail.slot, "portal@guixi.lan")
        assert re.fullmatch(r"<[0-9a-f]{32}@guixi\.lan>", mail.message_id)


def test_without_a_server_nothing_is_looked_at_and_nothing_written(
    house: Flask, world: World, cast: Cast, clock: StoppedClock
) -> None:
    house.config["MAIL"] = dict.fromkeys(MAIL, "")
    owe(world, cast, clock.now() + MINUTE)
    sent: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    tick(clock.now() + MINUTE)
    assert not [one for one in sent if "reminders_mails" in one]
    assert mails() == []


def test_who_has_no_address_is_not_in_use_or_has_read_it_gets_none(
    house: Flask, world: World, cast: Cast, clock: StoppedClock
) -> None:
    owe(world, cast, clock.now(), login="office")
    owe(world, cast, clock.now(), subject="shop:2")
    owe(world, cast, clock.now(), subject="shop:3", login="grid")
    cast.people["staff"].mail = None
    db.session.commit()
    world.done.add("shop:3")
    tick(clock.now())
    assert mails() == []


def test_when_mail_begins_old_notes_are_not_told_of(
    house: Flask, world: World, cast: Cast, clock: StoppedClock
) -> None:
    configuration, house.config["MAIL"] = house.config["MAIL"], dict.fromkeys(MAIL, "")
    db.session.execute(update(Mark).where(Mark.rule == MAIL_MARK).values(rule="gone"))
    owe(world, cast, clock.now())
    tick(clock.now())
    clock.tick(HOUR)
    house.config["MAIL"] = configuration
    tick(clock.now())
    clock.tick(MINUTE)
    owe(world, cast, clock.now(), subject="shop:2")
    tick(clock.now())
    mail = one()
    assert (mail.came, mail.waiting) == (1, 2)


@pytest.mark.parametrize(("office", "chosen"), [("none", None), ("all", False), ("none", True)], ids=str)
def test_the_office_says_which_rules_and_the_person_has_the_last_word(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, office: str, chosen: bool | None
) -> None:
    set_to(MAIL_RULES, office, clock)
    if chosen is not None:
        db.session.add(Choice(person_id=cast.people["staff"].id, rule="test.things", wanted=chosen))
        db.session.commit()
    owe(world, cast, clock.now())
    tick(clock.now())
    assert len(mails()) == (chosen is True)


def set_to(key: str, value: object, clock: StoppedClock) -> None:
    db.session.add(
        Setting(key=key, version=1, from_on=clock.now().date(), value=value, set_at=clock.now(), set_by="x", reason="x")
    )
    db.session.commit()


# sent by the duty -------------------------------------------------------------------------------------------


def test_it_goes_out_whole_with_counts_and_a_link_and_no_names(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    told(world, cast, clock)
    assert post(clock) == 1
    assert post(clock) == 0
    mail, (letter,) = one(), box.letters
    assert (mail.state, mail.tries, mail.answer, mail.try_at) == (MailState.TAKEN, 1, "taken", None)
    assert letter.to == [STAFF] and str(letter.mail["Message-ID"]) == mail.message_id
    assert str(letter.mail["Subject"]) == "桂溪人居：1 条新提醒"
    assert "新到 1 条提醒，没办的一共 1 条。" in letter.text and "http://portal.lan/reminders/" in letter.text
    (note,) = open_notes()
    for kept_back in ("周敏", "shop:1", note.title, note.why):
        assert kept_back not in letter.text + str(letter.mail["Subject"])


def test_one_address_a_mail(house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox) -> None:
    owe(world, cast, clock.now())
    owe(world, cast, clock.now(), login="grid")
    tick(clock.now())
    assert post(clock) == 2
    assert sorted(letter.to for letter in box.letters) == [["li@guixi.lan"], [STAFF]]


@pytest.mark.parametrize(
    "knob", [("recipient", "450 later"), ("data", "451 later"), ("sender", "421 later"), ("hangs", True)], ids=str
)
def test_i6_a_certain_no_for_now_is_tried_again_with_longer_waits(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox, knob: tuple[str, object]
) -> None:
    told(world, cast, clock)
    setattr(box, *knob)
    waits = []
    for _ in range(4):
        post(clock)
        mail = one()
        assert mail.state is MailState.WAITING and mail.try_at is not None
        waits.append((mail.try_at - clock.now()) // MINUTE)
        clock.tick(mail.try_at - clock.now() - MINUTE)
        calls = box.calls
        post(clock)
        assert box.calls == calls, "not before its time"
        clock.tick(MINUTE)
    assert waits == [5, 10, 20, 40]
    post(clock)
    mail = one()
    assert (mail.state, mail.tries) == (MailState.REFUSED, 5) and mail.answer.startswith("试了 5 次，")
    clock.tick(2 * DAY)
    calls = box.calls
    post(clock)
    assert box.calls == calls


def test_i6_taken_at_the_second_try_with_the_same_message_id(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    told(world, cast, clock)
    box.data = "451 later"
    post(clock)
    box.data = ""
    clock.tick(5 * MINUTE)
    assert post(clock) == 1
    first, second = box.letters
    assert first.raw == second.raw
    assert one().state is MailState.TAKEN


@pytest.mark.parametrize("knob", ["sender", "recipient", "data"])
def test_i6_a_no_for_good_is_not_tried_again(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox, knob: str
) -> None:
    told(world, cast, clock)
    setattr(box, knob, f"550 no <{STAFF}>")
    post(clock)
    mail = one()
    assert (mail.state, mail.tries, mail.try_at) == (MailState.REFUSED, 1, None)
    assert "550 no" in mail.answer and "guixi" not in mail.answer
    setattr(box, knob, "")
    clock.tick(HOUR)
    assert post(clock) == 0


@pytest.mark.parametrize("knob", ["silent", "cuts"])
def test_i6_what_may_have_been_taken_is_never_sent_again_by_itself(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox, knob: str
) -> None:
    told(world, cast, clock)
    setattr(box, knob, True)
    post(clock)
    setattr(box, knob, False)
    assert one().state is MailState.UNKNOWN
    for _ in range(3):
        clock.tick(DAY)
        assert post(clock) == 0
    assert len(box.letters) == 1


def test_nobody_listens_costs_one_call_for_all(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    owe(world, cast, clock.now())
    owe(world, cast, clock.now(), login="grid")
    tick(clock.now())
    box.stop()
    assert post(clock) == 0
    assert [(mail.state, mail.tries, mail.try_at) for mail in mails()] == [
        (MailState.WAITING, 1, clock.now() + 5 * MINUTE)
    ] * 2
    assert all("没有开这个端口" in mail.answer for mail in mails())


def test_a_server_that_knows_us_not_refuses_all_at_once(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    owe(world, cast, clock.now())
    owe(world, cast, clock.now(), login="grid")
    tick(clock.now())
    box.sender = "553 not you"
    post(clock)
    assert {(mail.state, mail.tries) for mail in mails()} == {(MailState.REFUSED, 1)} and box.calls == 1


def test_a_no_to_one_person_stops_no_other(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    owe(world, cast, clock.now())
    owe(world, cast, clock.now(), login="grid")
    tick(clock.now())
    box.recipient = "550 nobody"
    box.on_letter = None
    post(clock)
    assert box.calls == 2


def test_i6_killed_between_claim_and_answer_is_unknown(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    """The claim committed, and nothing was heard: where in the talk the process died, nobody knows."""
    told(world, cast, clock)
    through = services.post()
    assert through is not None
    claim = services.claim(through, now=clock.now())
    assert claim is not None
    db.session.commit()
    assert deliver(through, claim.mail).fate is Fate.TAKEN
    clock.tick(CLAIMED_MOST)
    assert post(clock) == 0
    assert one().state is MailState.SENDING, "it may still be talking"
    clock.tick(MINUTE)
    assert post(clock) == 0
    assert (one().state, len(box.letters)) == (MailState.UNKNOWN, 1)
    assert services.heard(claim, Answer(Fate.TAKEN, "taken"), now=clock.now()), "whoever sent it knows after all"
    db.session.commit()
    assert one().state is MailState.TAKEN


class Killed(BaseException):
    """The process is gone, as by SIGKILL: nothing catches it."""


@pytest.mark.parametrize(
    ("commit", "letters", "state"),
    [(1, 1, MailState.TAKEN), (2, 1, MailState.TAKEN), (3, 1, MailState.UNKNOWN), (4, 1, MailState.TAKEN)],
)  # fmt: skip
def test_i6_killed_before_each_commit_it_is_sent_once(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox, commit: int, letters: int,
    state: MailState,
) -> None:  # fmt: skip
    """Before the claim stands nothing has been sent; once it stands nothing is sent again."""
    told(world, cast, clock)
    seen = [0]

    def kill(_connection: object) -> None:
        seen[0] += 1
        if seen[0] == commit:
            raise Killed

    event.listen(db.engine, "commit", kill)
    with pytest.raises(Killed):
        post(clock)
    event.remove(db.engine, "commit", kill)
    db.session.rollback()
    clock.tick(CLAIMED_MOST + MINUTE)
    for _ in range(3):
        post(clock)
    assert (len(box.letters), one().state) == (letters, state)


def test_i6_two_clockworks_at_once_send_each_mail_once(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    for number in range(12):
        owe(world, cast, clock.now(), subject=f"shop:{number}")
        tick(clock.now())
        clock.tick(MINUTE)
    db.session.remove()
    at, barrier = clock.now(), Barrier(2)

    def work() -> None:
        with house.app_context():
            writing.set(True)
            barrier.wait()
            jobs.mail(now=at)
            db.session.remove()

    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda run: run(), [work, work]))
    assert [mail.state for mail in mails()] == [MailState.TAKEN] * 12
    assert len(box.letters) == len({str(letter.mail["Message-ID"]) for letter in box.letters}) == 12


def test_without_the_guard_two_would_send_the_same_mail(
    house: Flask, world: World, cast: Cast, clock: StoppedClock
) -> None:
    """The control: looking before taking is no guard; both see the same mail waiting."""
    told(world, cast, clock)
    at, barrier, found = clock.now(), Barrier(2), []
    db.session.remove()

    def work() -> None:
        with house.app_context():
            writing.set(False)
            ids = [mail_id for mail_id, _tries in queries.due(at, most=1)]
            db.session.remove()
            barrier.wait()
            found.extend(ids)

    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda run: run(), [work, work]))
    assert len(found) == 2 and len(set(found)) == 1


def test_i6_a_clock_that_steps_back_leaves_no_mail_behind(
    house: Flask, world: World, cast: Cast, clock: StoppedClock
) -> None:
    told(world, cast, clock)
    through = services.post()
    assert through is not None
    services.claim(through, now=clock.now())
    db.session.commit()
    clock.tick(-3 * HOUR)
    post(clock)
    assert one().state is MailState.UNKNOWN


def test_i6_a_late_answer_is_not_taken_for_a_newer_try(
    house: Flask, world: World, cast: Cast, clock: StoppedClock
) -> None:
    told(world, cast, clock)
    through = services.post()
    assert through is not None
    old = services.claim(through, now=clock.now())
    assert old is not None
    db.session.commit()
    clock.tick(CLAIMED_MOST + MINUTE)
    services.overdue_mails(now=clock.now())
    services.send_again(one(), by=cast["admin"], now=clock.now())
    db.session.commit()
    assert not services.heard(old, Answer(Fate.TAKEN, "taken"), now=clock.now())
    assert one().state is MailState.WAITING


def test_two_who_claim_at_once(house: Flask, world: World, cast: Cast, clock: StoppedClock) -> None:
    told(world, cast, clock)
    through = services.post()
    assert through is not None
    assert services.claim(through, now=clock.now()) is not None
    assert services.claim(through, now=clock.now()) is None


def test_what_became_of_the_person_meanwhile(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    told(world, cast, clock)
    cast.people["staff"].mail = None
    db.session.commit()
    assert post(clock) == 0
    assert (one().state, box.letters) == (MailState.DROPPED, [])


@pytest.mark.parametrize("address", ["a@b.cn\r\nBcc: c@d.cn", "a@b.cn, c@d.cn", "周敏 <a@b.cn>"])
def test_an_address_that_is_none_goes_nowhere(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox, address: str
) -> None:
    """Past the form: a restored row, a hand in the database."""
    told(world, cast, clock)
    cast.people["staff"].mail = address
    db.session.commit()
    post(clock)
    assert (one().state, box.calls) == (MailState.REFUSED, 0)


def test_an_address_that_cannot_be_opened_goes_nowhere(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    told(world, cast, clock)
    cast.people["staff"].mail_sealed = cast.people["grid"].mail_sealed
    db.session.commit()
    post(clock)
    assert (one().state, box.calls) == (MailState.REFUSED, 0) and "打不开" in one().answer


def test_a_mail_of_yesterday_is_not_sent_today(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    told(world, cast, clock)
    clock.tick(DAY + MINUTE)
    post(clock)
    assert (one().state, box.calls) == (MailState.DROPPED, 0)


def test_the_office_sets_how_often(house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox) -> None:
    set_to(MAIL_TRIES, 1, clock)
    told(world, cast, clock)
    box.data = "451 later"
    post(clock)
    assert one().state is MailState.REFUSED


def test_no_transaction_is_open_while_the_server_is_talked_to(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    told(world, cast, clock)
    opened: list[int] = []
    seen: list[int] = []
    event.listen(db.engine, "begin", lambda _connection: opened.append(1))
    event.listen(db.engine, "commit", lambda _connection: opened.clear())
    event.listen(db.engine, "rollback", lambda _connection: opened.clear())
    box.on_letter = lambda _letter: seen.append(len(opened))
    post(clock)
    assert seen == [0]


# what a person does -----------------------------------------------------------------------------------------


def stuck(world: World, cast: Cast, clock: StoppedClock, box: Postbox) -> Mail:
    told(world, cast, clock)
    box.silent = True
    post(clock)
    box.silent = False
    return one()


def test_sent_again_by_a_person(house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox) -> None:
    mail = stuck(world, cast, clock, box)
    clock.tick(3 * DAY)
    services.send_again(mail, by=cast["admin"], now=clock.now())
    db.session.commit()
    assert post(clock) == 1
    first, second = box.letters
    assert first.raw == second.raw, "whoever got both can know"
    assert [(line.subject, trail.details(line)) for line in trail.lines("reminders.mail_again")] == [
        (f"mail:{mail.id}", {"was": "unknown"})
    ]


def test_closed_by_a_person_once(house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox) -> None:
    mail = stuck(world, cast, clock, box)
    services.close(mail, by=cast["admin"], now=clock.now())
    db.session.commit()
    for deed in (services.close, services.send_again):
        with pytest.raises(Refused, match="处理过了"):
            deed(one(), by=cast["admin"], now=clock.now())
    assert (one().state, one().closed_by_id) == (MailState.CLOSED, cast.people["admin"].id)
    assert post(clock) == 0 and len(box.letters) == 1
    assert len(trail.lines("reminders.mail_close")) == 1


def test_all_of_a_list_as_it_was_looked_at(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    box.recipient = "550 no"
    for login in ("staff", "grid"):
        owe(world, cast, clock.now(), login=login)
    tick(clock.now())
    post(clock)
    seen = clock.now()
    clock.tick(HOUR)
    owe(world, cast, clock.now(), subject="shop:9")
    tick(clock.now())
    post(clock)
    assert services.close_all(MailState.UNKNOWN, seen=seen, by=cast["admin"], now=clock.now()) == 0
    assert services.send_all_again(seen=seen, by=cast["admin"], now=clock.now()) == 2
    assert services.close_all(MailState.REFUSED, seen=clock.now(), by=cast["admin"], now=clock.now()) == 1
    db.session.commit()
    box.recipient = ""
    assert post(clock) == 2
    assert [trail.details(line)["count"] for line in trail.lines("reminders.mail_again")] == [2]


def test_choosing(house: Flask, world: World, cast: Cast, clock: StoppedClock) -> None:
    person, other = cast.people["staff"].id, World()
    offered(house, world.rule("test.things"), other.rule("test.others"))
    assert [(found.by_mail, found.chosen) for found in services.wanted(person, now=clock.now())] == [(True, False)] * 2
    for _ in range(2):
        services.choose({"test.others", "no.such"}, by=cast["staff"], now=clock.now())
    assert [(found.by_mail, found.chosen) for found in services.wanted(person, now=clock.now())] == [
        (False, True), (True, True),
    ]  # fmt: skip
    services.choose_nothing(by=cast["staff"], now=clock.now())
    db.session.commit()
    assert [found.chosen for found in services.wanted(person, now=clock.now())] == [False, False]
    assert len(trail.lines("reminders.choose")) == 3


def test_a_word_a_day_to_whoever_keeps_the_machine(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    """And it does not go by mail itself."""
    (own,) = (rule for rule in OFFERS.reminders if rule.name == "reminders.mail")
    cast.people["admin"].mail = "admin@guixi.lan"
    db.session.commit()
    offered(house, own, world.rule(at_once=True))
    stuck(world, cast, clock, box)
    for _ in range(2):
        clock.tick(MINUTE)
        tick(clock.now())
    (note,) = open_notes(rule="reminders.mail")
    assert (note.person_id, note.url) == (cast.people["admin"].id, "/reminders/mails")
    assert len(mails()) == 1
    services.close(one(), by=SYSTEM, now=clock.now())
    for _ in range(3):
        clock.tick(MINUTE)
        tick(clock.now())
    assert open_notes(rule="reminders.mail") == []


# old ones, and the price ------------------------------------------------------------------------------------


def test_old_mails_are_dropped_but_not_those_that_wait_for_a_person(
    house: Flask, world: World, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    stuck(world, cast, clock, box)
    clock.tick(HOUR)
    owe(world, cast, clock.now(), login="grid")
    tick(clock.now())
    post(clock)
    clock.tick(400 * DAY)
    services.purge(now=clock.now())
    db.session.commit()
    assert [mail.state for mail in mails()] == [MailState.UNKNOWN]


def test_a_tick_with_nothing_to_tell_costs_one_look_up_more(
    house: Flask, world: World, cast: Cast, clock: StoppedClock
) -> None:
    offered(house, *(world.rule(f"test.{number}", still=world.still) for number in range(5)))
    owe(world, cast, clock.now())
    tick(clock.now())
    clock.tick(3 * MINUTE)
    tick(clock.now())
    clock.tick(3 * MINUTE)
    world.asked, sent = 0, []
    event.listen(db.engine, "before_cursor_execute", lambda *args: sent.append((args[2], args[3])))
    tick(clock.now())
    looked = [found for found in sent if found[0].startswith("SELECT")]
    assert len(looked) + world.asked + 1 <= 5 + 5, "the rules' own, and one question whether things are done"
    if db.engine.dialect.name == "sqlite":
        raw = db.session.connection().connection.driver_connection
        plans = [row[3] for text, values in looked for row in raw.execute(f"EXPLAIN QUERY PLAN {text}", values)]
        assert not [line for line in plans if line.startswith(("SCAN reminders_notes", "SCAN reminders_mails"))], plans
        assert [line for line in plans if "ix_reminders_notes_deliver_at_person_id" in line], plans
