"""系统状态: each room's probes, copies, drills; and the word when a copy is late."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from portal.ground.actor import SYSTEM
from portal.ground.can import Can
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.ground.declare import Probe, Reading, ReminderRule, offers
from portal.upkeep import services
from portal.upkeep.services import shelf
from tests.conftest import Visitor, a_visitor
from tests.upkeep.copies import clone, spoil


@pytest.fixture(autouse=True)
def folders(site: Flask, tmp_path: Path) -> None:
    site.config.update(BACKUP=str(tmp_path / "backups"), BACKUP_KEYS=str(tmp_path / "keys"), BACKUP_SECOND="")


@contextmanager
def inside(site: Flask) -> Iterator[None]:
    with site.app_context():
        token = writing.set(True)
        yield
        db.session.commit()
        db.session.remove()
        writing.reset(token)


def backed_up(site: Flask, clock: StoppedClock) -> None:
    with inside(site):
        services.back_up(now=clock.now())


def shown(visitor: Visitor, login: str = "admin", address: str = "/upkeep/") -> str:
    return str(visitor.sign_in(login).get(address).get_data(as_text=True))


def test_before_and_after_the_first_copy(site: Flask, visitor: Visitor, clock: StoppedClock) -> None:
    page = shown(visitor)
    assert "还没有备份" in page and "还没有演练过" in page and "这台机器坏了，备份也就没了" in page
    backed_up(site, clock)
    page = shown(visitor)
    assert "今天 10:00" in page and "完好" in page and "每天的留 30 份，现有 1 份" in page
    clock.tick(timedelta(hours=27))
    assert "备份晚了" in shown(visitor)


def test_every_probe_of_every_room_is_a_line(site: Flask, visitor: Visitor) -> None:
    page = shown(visitor)
    with site.app_context():
        labels = [probe.label for probe in offers().probes if probe.needs is Can.UPKEEP_READ]
    assert len(labels) >= 12
    assert [label for label in labels if f"{label}</th>" not in page] == []


def test_a_probe_that_fails_says_so_and_hides_no_other(site: Flask, visitor: Visitor) -> None:
    def broken(_now: object) -> Reading:
        db.session.execute(db.text("SELECT * FROM no_such_table"))
        raise AssertionError

    site.extensions["offers"].probes.insert(0, Probe("broken", "坏的探头", "info-circle", broken, 0))
    page = shown(visitor)
    assert "坏的探头" in page and "查不出来" in page and "OperationalError" in page and "版本" in page


def test_drills_and_what_they_found(site: Flask, visitor: Visitor, clock: StoppedClock) -> None:
    backed_up(site, clock)
    with inside(site):
        services.drill_newest(by=SYSTEM, now=clock.now())
        spoil(services.find("newest").folder / "portal.sqlite3")
        services.drill_newest(by=SYSTEM, now=clock.now() + timedelta(minutes=1))
    page = shown(visitor)
    assert "能还原" in page and "还原不了" in page and "哪怕只差一个字节" in page
    assert "今天 10:01，没有通过" in page, "the probe tells of the newest"


def test_many_copies_fold_and_broken_ones_are_red(site: Flask, visitor: Visitor, clock: StoppedClock) -> None:
    backed_up(site, clock)
    with inside(site):
        (copy,) = services.copies()
        for night in range(1, 12):
            clone(copy, clock.now() - timedelta(days=night), sound=night != 3)
        bad = clone(copy, clock.now() - timedelta(days=20))
        (bad / shelf.MANIFEST).write_text("{")
    page = shown(visitor)
    assert page.count("SQLite</small>") == 8 and "全部 12 份" in page
    assert "不完好" in page and f"备份 {bad.name} 的清单读不出来" in page
    assert shown(visitor, address="/upkeep/?all=1").count("SQLite</small>") == 12


def test_the_second_place_has_a_column(site: Flask, visitor: Visitor, clock: StoppedClock, tmp_path: Path) -> None:
    backed_up(site, clock)
    site.config["BACKUP_SECOND"] = str(tmp_path / "second")
    assert "磁盘没有接上？" in shown(visitor)
    (tmp_path / "second").mkdir()
    assert "还没有完好的备份" in shown(visitor)
    clock.tick(timedelta(minutes=1))
    backed_up(site, clock)
    assert "和第一处在同一块磁盘上" in shown(visitor)


def test_who_may_look_and_who_may_ask(site: Flask) -> None:
    page = shown(a_visitor(site))
    assert "立即备份" in page and "演练还原" in page
    page = shown(a_visitor(site), "office")
    assert "系统状态" in page and "立即备份</button>" not in page
    assert a_visitor(site).sign_in("staff").get("/upkeep/").status_code == 403
    assert a_visitor(site).get("/upkeep/").status_code == 303
    assert a_visitor(site).sign_in("admin").post("/upkeep/").status_code == 405


def test_the_button_asks_the_clockwork(site: Flask) -> None:
    admin = a_visitor(site).sign_in("admin")
    answer = admin.post("/duties/upkeep.backup/run")
    assert answer.status_code == 303 and answer.location.endswith("/duties/upkeep.backup")
    assert admin.post("/duties/upkeep.backup/run").status_code == 409, "pressed twice it is asked for once"


def test_the_page_asks_as_often_with_one_copy_as_with_thirty(
    site: Flask, visitor: Visitor, clock: StoppedClock
) -> None:
    backed_up(site, clock)
    visitor.sign_in("admin")
    visitor.get("/upkeep/")
    counts = []
    for _turn in range(2):
        asked: list[str] = []

        def note(_c: object, _u: object, statement: str, *_more: object) -> None:
            asked.append(statement)  # noqa: B023

        event.listen(Engine, "before_cursor_execute", note)
        visitor.get("/upkeep/")
        event.remove(Engine, "before_cursor_execute", note)
        counts.append(len(asked))
        with inside(site):
            copy = services.find("newest")
            for night in range(30 * _turn + 1, 30 * _turn + 30):
                clone(copy, clock.now() - timedelta(days=night))
    assert counts[0] == counts[1] < 40


def test_a_late_copy_is_owed_once_a_day_until_there_is_one(site: Flask, clock: StoppedClock) -> None:
    backed_up(site, clock)
    made = clock.now()
    rule = the_rule(site)
    owed = []
    for hour in range(1, 80):
        at = made + timedelta(hours=hour)
        with site.test_request_context():
            owed += [one.at for one in rule.find(at - timedelta(hours=1), at)]
            assert bool(rule.still(["backup"], at)) is (hour >= 26)
    assert owed == [made + timedelta(hours=26 + 24 * day) for day in range(3)]


def test_an_office_that_was_never_copied_is_told_too(site: Flask, visitor: Visitor, clock: StoppedClock) -> None:
    visitor.sign_in("admin")  # the first line of the trail
    first, rule = clock.now(), the_rule(site)
    with site.test_request_context():
        for hours, many in ((25, 0), (27, 1)):
            at = first + timedelta(hours=hours)
            assert len(found := rule.find(at - timedelta(hours=2), at)) == many
        assert "一份完好的备份也没有" in found[0].why
        assert rule.still(["backup"], first + timedelta(hours=27)) == ["backup"]


def test_a_broken_copy_is_no_copy(site: Flask, clock: StoppedClock) -> None:
    backed_up(site, clock)
    with inside(site):
        clone(services.find("newest"), clock.now() + timedelta(hours=24), sound=False)
    at = clock.now() + timedelta(hours=26)
    with site.test_request_context():
        assert [one.slot for one in the_rule(site).find(at - timedelta(minutes=1), at)] == ["2026-11-26"]


def the_rule(site: Flask) -> ReminderRule:
    with site.app_context():
        return next(rule for rule in offers().reminders if rule.name == "upkeep.late")
