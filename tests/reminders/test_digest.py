"""The morning's digest: from the end of the last working day to the hour at which it comes, day by day; and the inbox
by pages: whoever acts on one stays on it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from portal.ground.clock import SHANGHAI, StoppedClock
from portal.ground.db import db, writing
from portal.ground.declare import Whom
from portal.reminders import services
from tests.cast import Cast
from tests.conftest import Visitor, a_visitor
from tests.reminders.offered import World, offered, tick

PERSON = "staff"


def at(day: int, clock: str) -> datetime:
    """November 2026: the 27th is a Friday, the 30th a Monday."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def weekend(house: Flask, cast: Cast) -> int:
    """Something on Friday morning, before and after hours on Friday, on Saturday and on Sunday; returns whose."""
    world, person = World(), cast.people[PERSON].id
    offered(house, world.rule(still=world.still))
    owed = [(27, "08:00"), (27, "17:00"), (28, "20:00"), (29, "07:00"), (29, "20:00")]
    for number, (day, clock) in enumerate(owed):
        world.owe(f"a:{number}", at(day, clock), whom=Whom(person_id=person))
        tick(at(day, clock))
    return person


def test_monday_tells_of_the_weekend(house: Flask, weekend: int) -> None:
    now = at(30, "09:00")
    told = services.inbox(weekend, page=1, now=now).digest
    assert (told.since, told.at, told.words) == (at(27, "18:00"), at(30, "08:30"), "11月27日下班到今早")
    assert told.counts.came == told.counts.waiting == 4, "Friday's own digest told of the first"
    assert [one.line.title for one in services.came(weekend, told, page=1, size=50, now=now).items] == [
        f"办 a:{number}" for number in (1, 2, 3, 4)
    ]


def test_each_day_has_its_digest_when_it_has_come(house: Flask, weekend: int) -> None:
    now = at(30, "08:29")
    assert services.inbox(weekend, page=1, now=now).digest.at == at(29, "08:30")
    digests = {day: services.digest_on(weekend, date(2026, 11, day), now=now) for day in (27, 28, 29)}
    came = {day: told.counts.came for day, told in digests.items() if told}
    assert came == {27: 1, 28: 1, 29: 3}, "days off count from Friday's end each"
    for day in (date(2026, 11, 30), date(2026, 12, 1), date(2025, 11, 1), date.min, date.max):
        assert services.digest_on(weekend, day, now=now) is None


def test_what_became_of_it(house: Flask, cast: Cast, weekend: int) -> None:
    now = at(30, "09:00")
    services.settle(subject="a:1", by=cast["office"], now=now)
    services.settle(subject="a:2", by=cast[PERSON], now=now)
    db.session.commit()
    counts = services.inbox(weekend, page=1, now=now).digest.counts
    assert (counts.came, counts.settled, counts.waiting) == (4, 1, 2)


@pytest.fixture
def crowded(site: Flask, clock: StoppedClock) -> Iterator[Visitor]:
    """周敏, with 60 notes in her inbox."""
    _crowd(site, clock, at_once=True)
    yield a_visitor(site).sign_in(PERSON)


def _crowd(site: Flask, clock: StoppedClock, *, at_once: bool) -> None:
    with site.app_context():
        token = writing.set(True)
        world, person = World(), Cast.load(clock.now()).people[PERSON].id
        offered(site, world.rule(at_once=at_once, still=world.still))
        for number in range(60):
            world.owe(f"a:{number:02}", clock.now(), whom=Whom(person_id=person))
        tick(clock.now())
        db.session.remove()
        writing.reset(token)


def test_whoever_acts_on_a_page_stays_on_it(crowded: Visitor) -> None:
    shown = crowded.get("/reminders/?page=2").get_data(as_text=True)
    assert "第 2 / 2 页" in shown and shown.count("/acknowledgement") == 10 * 2 + 1
    note = _first(shown)
    answer = crowded.post(f"/reminders/{note}/acknowledgement", {"page": "2"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/reminders/?page=2")
    note = _first(crowded.get("/reminders/?page=2").get_data(as_text=True))
    fragment = crowded.htmx("post", f"/reminders/{note}/snooze", "inbox", {"choice": "hour", "page": "2"})
    text = fragment.get_data(as_text=True)
    assert "第 2 / 2 页" in text and 'href="/reminders/?page=1"' in text, "its links lead to pages, not to deeds"


def test_a_page_that_is_emptied_gives_way_to_the_one_before(crowded: Visitor) -> None:
    for _ in range(10):
        note = _first(crowded.get("/reminders/?page=2").get_data(as_text=True))
        answer = crowded.post(f"/reminders/{note}/acknowledgement", {"page": "2"})
    assert answer.headers["Location"] == "/reminders/"
    assert "页</span>" not in crowded.get("/reminders/?page=2").get_data(as_text=True)


def test_a_days_digest_is_a_page(crowded: Visitor) -> None:
    shown = crowded.get("/reminders/digests/2026-11-25").get_data(as_text=True)
    assert "昨天下班到今早，没有新的提醒" in shown and "/reminders/digests/2026-11-24" in shown
    assert "后一天" not in shown, "it has not come yet"
    assert "后一天" in crowded.get("/reminders/digests/2026-11-24").get_data(as_text=True)
    last = crowded.get("/reminders/digests/2025-11-24")
    assert last.status_code == 200 and "前一天" not in last.get_data(as_text=True), "none is kept longer than a year"
    for day in ("2025-11-23", "2026-11-26", "2026-11-31", "nonsense", "0001-01-01", "9999-12-31"):
        assert crowded.get(f"/reminders/digests/{day}").status_code == 404


def test_its_notes_are_read_by_pages(site: Flask, clock: StoppedClock) -> None:
    _crowd(site, clock, at_once=False)
    clock.tick(timedelta(days=1))
    visitor = a_visitor(site).sign_in(PERSON)

    def shown(asked: str) -> tuple[int, str]:
        text = visitor.get(f"/reminders/{asked}").get_data(as_text=True)
        return text.count('<b class="name'), text

    for asked, count in {"": 50, "?size=100": 60, "?page=2": 10, "?page=9": 10, "?size=7": 50}.items():
        assert shown(f"digests/2026-11-26{asked}")[0] == count, asked
    assert "昨天下班到今早，新到 60 条，还有 60 条没办" in shown("digests/2026-11-26")[1]
    seen = clock.now().isoformat(timespec="microseconds")
    assert visitor.post("/reminders/acknowledgement", {"seen": seen}).status_code == 303
    assert "新到 60 条，都办完了" in (told := shown("digests/2026-11-26")[1]) and "已知悉" in told
    assert "/opening" not in told, "nothing is left to do"
    assert [shown(f"earlier{asked}")[0] for asked in ("", "?size=100")] == [50, 60]


def _first(shown: str) -> str:
    return shown.split("/opening")[0].rsplit("/", 1)[1]
