"""A year of the demonstration office in under a minute: its clockwork on a stopped clock, people who do now and then
what offices do, and in the end exactly the reminders that SQL of its own counts (`counted`), no more and no fewer.

Not every minute is looked at. The clock goes from one instant at which something may be due to the next: just past
midnight, when days begin, four o'clock, when every duty of the night has been due, a minute after one of them failed,
noon, what waits to be passed on, each deed of a person. That nothing is due in between is not taken on trust: a Monday
morning with much to tell is gone through minute by minute, and whatever it wrote was written at one of those instants.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from flask_migrate import upgrade
from sqlalchemy import func, select, text, update

from portal import create_app
from portal.accounts.models import Authority, Person, PersonRole
from portal.accounts.queries import actor_of
from portal.clockwork import DUTIES
from portal.duties import jobs as clockwork
from portal.duties import services as duties
from portal.duties.models import Run
from portal.duties.terms import RunState
from portal.ground.actor import SYSTEM, Actor
from portal.ground.clock import SHANGHAI, StoppedClock
from portal.ground.db import db, writing
from portal.kiosk import services as kiosk
from portal.kiosk.models import Call, Device
from portal.merchants import services as merchants
from portal.merchants.models import Tenure
from portal.merchants.terms import ShopState
from portal.pledges import services as pledges
from portal.pledges.models import Pledge
from portal.pledges.queries import template_in_force
from portal.pledges.terms import PledgeState, Proof, Signer
from portal.reminders.demo import DAYS
from portal.reminders.models import Mark, Note
from portal.reminders.terms import Origin
from portal.worktime import queries as worktime
from portal.worktime.services import publish
from tests.conftest import NOON, settings
from tests.postgres import Cluster
from tests.reminders.counted import RAISED, RULES, differing, expected, lay_out

pytestmark = pytest.mark.slow
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST, LAST = date(2026, 11, 26), date(2027, 11, 25)
#: A day's first look: late enough that no later one reaches back over midnight and finds all that was found once more.
BEGUN = 3 * MINUTE
#: Seconds of this process's own time, so that a machine on which others work too proves the same; it takes less than
#: half of that. What PostgreSQL does beside it is no part of it, and what talking to it costs is.
MOST = {"sqlite": 60, "postgresql": 180}
#: From when on the demonstration's reminders are, as if its clockwork had begun then.
DEMO = NOON.date() - DAYS * DAY
END = datetime(2027, 11, 25, 23, 59, tzinfo=SHANGHAI)
MONDAY = datetime(2026, 11, 30, tzinfo=SHANGHAI)
#: Of the table of duties the tick, and every other that runs once a day at most and touches rows alone. Those that
#: copy, check and seal files have no part in what is owed; that no copy is made is itself something to be told of.
TABLE = [
    one for one in DUTIES
    if one.name == "reminders.tick" or (one.cron.split()[1] != "*" and not one.name.startswith("upkeep."))
]  # fmt: skip
(BACKUP,) = (one for one in DUTIES if one.name == "upkeep.backup")
(ANCHOR,) = (one for one in DUTIES if one.name == "audit.anchor")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, instance: Path, clock: StoppedClock) -> Iterator[Flask]:
    """The demonstration office as `flask demo build` makes it."""
    url, name, cluster = f"sqlite:///{instance / 'portal.sqlite3'}", "", None
    if request.param == "postgres":
        cluster = request.getfixturevalue("cluster")
        assert isinstance(cluster, Cluster)
        name = cluster.create("year")
        url = cluster.url(name)
    app = create_app(settings(instance, url), clock=clock)
    with app.app_context():
        writing.set(True)
        upgrade()
        db.session.remove()
    for words in (["papers", "authority"], ["demo", "build"]):
        told = app.test_cli_runner().invoke(args=words)
        assert told.exit_code == 0, (told.output, told.exception)
    with app.app_context():
        token = writing.set(True)
        if cluster:
            db.session.execute(text("ANALYZE"))  # as its autovacuum does when so much has been written
            db.session.commit()
        yield app
        db.session.remove()
        writing.reset(token)
        for engine in db.engines.values():
            engine.dispose()
    if cluster:
        cluster.drop(name)


def at(days: int, clock: str = "10:20") -> datetime:
    """So many days after the year begins, by the clock on the wall."""
    hour, minute = map(int, clock.split(":"))
    return datetime.combine(NOON.date() + days * DAY, NOON.timetz()).replace(hour=hour, minute=minute)


class Deeds:
    """What people do in this year, each at its instant, through the rooms' own services."""

    def __init__(self) -> None:
        self.todo: list[tuple[datetime, Callable[[datetime], Any]]] = []
        waiting = db.session.scalars(select(Pledge.id).where(Pledge.state == PledgeState.WAITING).order_by(Pledge.id))
        for place, pledge_id in enumerate(waiting.all()[:12]):
            self.on(at(1 + 5 * place), self.confirm, pledge_id)
        covered = db.session.execute(
            select(Tenure.id, Pledge.until_on)
            .join(Pledge, Pledge.tenure_id == Tenure.id)
            .where(Pledge.state == PledgeState.LIVE, Tenure.until_on.is_(None))
            .order_by(Pledge.until_on.desc(), Tenure.id)
        ).all()
        for place, (tenure_id, _until_on) in enumerate(covered[10:18]):
            self.on(at(20 + 17 * place, "15:40"), self.take_over, tenure_id, place % 3 == 0)
        for place, (tenure_id, _until_on) in enumerate(covered[20:24]):
            self.on(at(33 + 41 * place), self.empty, tenure_id)
        for place, (tenure_id, until_on) in enumerate(covered[-40:-28]):
            self.on(at((until_on - NOON.date()).days - 5 - 2 * place), self.sign_anew, tenure_id)
        for place, (role, days) in enumerate((("grid_worker", 70), ("grid_worker", 130), ("secretary", 200))):
            self.on(at(days), self.leave, role, 5 + place)
        self.on(at(26), self.publish)
        hall, counter, _tablet = db.session.scalars(select(Device.id).order_by(Device.id))
        for days, clock, device, minutes in ((4, "10:17", hall, 2), (5, "09:03", counter, 31), (90, "21:40", hall, 31)):
            self.on(at(days, clock), self.call, device)
            self.on(at(days, clock) + minutes * MINUTE, self.go if minutes == 2 else self.give_up)
        for days in (3, 4, 50, 51, 52, 200):
            self.on(at(days, "10:00"), self.back_up)
        self.on(at(60), self.break_anchors)
        self.on(at(61, "00:25"), self.press)
        self.on(at(63), self.mend_anchors)
        self.todo.sort(key=lambda deed: deed[0])

    def on(self, moment: datetime, deed: Callable[..., Any], *words: Any) -> None:
        self.todo.append((moment, lambda now: deed(*words, now=now)))

    def next_at(self) -> datetime:
        return self.todo[0][0] if self.todo else END

    def run(self, now: datetime) -> None:
        while self.todo and self.todo[0][0] <= now:
            self.todo.pop(0)[1](now)
            db.session.commit()

    # ---- one verb each

    def confirm(self, pledge_id: int, *, now: datetime) -> None:
        pledge = db.session.get_one(Pledge, pledge_id)
        pledges.confirm(pledge, by=self.authorised(pledge.tenure, now, but=pledge.witness_id), now=now)

    def take_over(self, tenure_id: int, signs: bool, *, now: datetime) -> None:
        shop = db.session.get_one(Tenure, tenure_id).shop
        new = merchants.change_operator(
            shop, operator="演示新店主", responsible="演示新店主", phone=None, on=now.date(), reason="转让",
            version=shop.version, by=SYSTEM, now=now,
        )  # fmt: skip
        if signs:
            self.todo.insert(0, (now + 20 * HOUR, lambda now: self.sign_anew(new.id, now=now)))

    def sign_anew(self, tenure_id: int, *, now: datetime) -> None:
        """On paper; confirmed on the day after, by somebody else."""
        tenure, template = db.session.get_one(Tenure, tenure_id), template_in_force(now.date())
        assert template
        sheet = pledges.Sheet(now.date(), Signer.OWNER, tenure.operator_name, Proof.LICENCE, template.version)
        entered = pledges.enter(tenure, sheet, by=self.authorised(tenure, now), now=now)
        self.todo.append((now + DAY, lambda now: self.confirm(entered.id, now=now)))
        self.todo.sort(key=lambda deed: deed[0])

    def empty(self, tenure_id: int, *, now: datetime) -> None:
        shop = db.session.get_one(Tenure, tenure_id).shop
        merchants.change_state(
            shop, ShopState.VACANT, reason="关门", left=False, version=shop.version, by=SYSTEM, now=now
        )

    def leave(self, role: str, place: int, *, now: datetime) -> None:
        """Somebody's post ends; its area is vacant from then on."""
        posts = db.session.scalars(select(PersonRole).where(PersonRole.role == role).order_by(PersonRole.id))
        posts.all()[place].until_on = now.date()

    def publish(self, *, now: datetime) -> None:
        head = worktime.in_force()[2027]
        days = worktime.year_of(head.number).days()
        publish(2027, days, source="国办发明电〔2026〕9号", seen=head.edition, by=SYSTEM, now=now)

    def call(self, device_id: int, *, now: datetime) -> None:
        kiosk.call_staff(by=Actor("device", device_id, "自助机"), now=now)

    def go(self, *, now: datetime) -> None:
        waiting = db.session.scalars(select(Call).where(Call.answered_at.is_(None), Call.lapsed_at.is_(None))).one()
        kiosk.answer(waiting, by=self.person("office", now), now=now)

    def give_up(self, *, now: datetime) -> None:
        """Nobody came: after half an hour the call is over."""
        assert kiosk.lapse(now=now) == 1

    def back_up(self, *, now: datetime) -> None:
        clockwork.run(BACKUP, due_at=now, row=None, token="year", now=now, clock=lambda: now)

    def break_anchors(self, *, now: datetime) -> None:
        """Somebody has put a folder where the file of anchors should be."""
        file = current_app.config["INSTANCE"] / "anchors.txt"
        file.rename(file.with_suffix(".kept"))
        file.mkdir()

    def press(self, *, now: datetime) -> None:
        duties.ask(ANCHOR, by=SYSTEM, now=now)

    def mend_anchors(self, *, now: datetime) -> None:
        file = current_app.config["INSTANCE"] / "anchors.txt"
        file.rmdir()
        file.with_suffix(".kept").rename(file)

    def authorised(self, tenure: Tenure, now: datetime, *, but: int = 0) -> Actor:
        areas = [tenure.shop.grid_id, tenure.shop.community_id]
        found = select(Person).join(Authority, Authority.person_id == Person.id).where(Authority.area_id.in_(areas))
        found = found.where(Person.id != but)
        return actor_of(db.session.scalars(found.order_by(Authority.id)).first(), on=now.date(), address="10.20.0.12")

    def person(self, login: str, now: datetime) -> Actor:
        found = db.session.scalars(select(Person).where(Person.login == login)).one()
        return actor_of(found, on=now.date(), address="10.20.0.12")


def due_next(now: datetime, deeds: Deeds) -> datetime:
    """The next instant at which something may be due."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = [today + one for one in (BEGUN, 4 * HOUR, 12 * HOUR, DAY + BEGUN)]
    passed_on = db.session.scalar(select(func.min(Note.escalate_at)).where(Note.escalate_at.is_not(None)))
    failed_at = db.session.scalar(select(func.max(Run.ended_at)).where(Run.state == RunState.FAILED))
    db.session.commit()
    told_of = failed_at + MINUTE if failed_at else None
    return min(one for one in (*hours, told_of, deeds.next_at(), passed_on) if one and one > now)


def look(clock: StoppedClock) -> None:
    """What the clockwork does at a look."""
    found = duties.due(TABLE, now=clock.now())
    db.session.commit()
    for duty, due_at, row in found:
        clockwork.run(duty, due_at=due_at, row=row, token="year", now=clock.now(), clock=clock.now)


def live(clock: StoppedClock, deeds: Deeds, until: datetime) -> tuple[set[datetime], int]:
    """Let the time go by; returns the instants at which something might be due, and how often was looked."""
    instants, looks = {clock.now()}, 0
    while clock.now() < until:
        instant = due_next(clock.now(), deeds)
        while MONDAY + BEGUN <= clock.now() < MONDAY + 12 * HOUR and clock.now() + MINUTE < instant:
            clock.tick(MINUTE)
            look(clock)
            looks += 1
        clock.at = min(instant, until)
        instants.add(clock.at)
        deeds.run(clock.now())
        look(clock)
        looks += 1
    return instants, looks


def written(origin: Origin, since: datetime) -> list[tuple[str, str, str, int]]:
    """The notes of a year as they stand in the table."""
    found = select(Note.rule, Note.subject, Note.slot, Note.person_id)
    return [tuple(row) for row in db.session.execute(found.where(Note.owed_at > since, Note.origin == origin))]


def test_a_year_of_the_demonstration_office(office: Flask, clock: StoppedClock) -> None:
    deeds = Deeds()
    look(clock)
    began = time.process_time(), time.monotonic()
    instants, looks = live(clock, deeds, END)
    processor, wall = time.process_time() - began[0], time.monotonic() - began[1]
    connection = db.session.connection()
    lay_out(connection, FIRST, LAST, DEMO)
    owed = expected(connection, END)
    notes = written(Origin.RULE, NOON)
    print(f"{looks} looks, {len(notes)} notes, {processor:.1f} s of processor time, {wall:.1f} s on the wall")
    assert set(notes) == owed, differing(notes, owed)
    assert len(notes) == len(owed), "each once"
    assert {rule for rule, *_key in owed} == set(RULES), "every rule had something to say"
    raised = written(Origin.RAISED, NOON)
    above = expected(connection, END, RAISED)
    assert set(raised) == above, differing(raised, above)
    assert len(raised) == len(above) and {rule for rule, *_key in above} == set(RAISED)
    assert db.session.scalar(select(func.count()).where(Note.late, Note.owed_at > NOON)) == 0, "nothing came late"
    morning = (Note.written_at >= MONDAY, Note.written_at < MONDAY + 12 * HOUR)
    minutes = set(db.session.scalars(select(Note.written_at).where(*morning)))
    assert minutes and minutes <= instants, "between the instants there was nothing to write"
    assert processor < MOST[db.engine.dialect.name], "a year in under a minute"
    forgotten(office, clock, deeds)


def forgotten(office: Flask, clock: StoppedClock, deeds: Deeds) -> None:
    """The negative control: an engine that takes a Monday for looked at and has not looked is caught by the count."""
    monday = datetime(2027, 11, 29, tzinfo=SHANGHAI)
    live(clock, deeds, monday - MINUTE)
    db.session.execute(update(Mark).values(looked_until=monday + 2 * HOUR))
    db.session.commit()
    clock.at = monday + 3 * HOUR
    look(clock)
    live(clock, deeds, monday + DAY - MINUTE)
    connection = db.session.connection()
    lay_out(connection, FIRST, monday.date(), DEMO)
    owed, notes = expected(connection, clock.now()), written(Origin.RULE, NOON)
    missing = owed - set(notes)
    assert set(notes) < owed and {slot for rule, _subject, slot, _person in missing if rule == "pledges.unsigned"} == {
        "2027-W48"
    }
