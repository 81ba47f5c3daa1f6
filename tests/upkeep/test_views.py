"""系统状态: each room's probes, copies, drills; and the word when a copy is late."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.ground.declare import ReminderRule, offers
from portal.upkeep import services
from tests.conftest import Visitor, a_visitor


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_BACKUP", str(tmp_path / "backups"))
    monkeypatch.setenv("PORTAL_BACKUP_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("PORTAL_BACKUP_SECOND", raising=False)


def backed_up(site: Flask, clock: StoppedClock) -> None:
    with site.app_context():
        writing.set(True)
        services.back_up(now=clock.now())
        db.session.remove()


def test_before_and_after_the_first_copy(site: Flask, visitor: Visitor, clock: StoppedClock) -> None:
    admin = visitor.sign_in("admin")
    page = admin.get("/upkeep/").get_data(as_text=True)
    assert "还没有备份" in page and "还没有演练过" in page and "没有设第二处" in page
    backed_up(site, clock)
    page = admin.get("/upkeep/").get_data(as_text=True)
    assert "今天 10:00" in page and "完好" in page
    clock.tick(timedelta(hours=27))
    assert "备份晚了" in admin.sign_in("admin").get("/upkeep/").get_data(as_text=True)


def test_who_may_look(site: Flask) -> None:
    assert a_visitor(site).sign_in("office").get("/upkeep/").status_code == 200
    assert a_visitor(site).sign_in("staff").get("/upkeep/").status_code == 403
    assert a_visitor(site).get("/upkeep/").status_code == 303


def test_a_late_copy_is_owed_once_a_day_until_there_is_one(site: Flask, clock: StoppedClock) -> None:
    backed_up(site, clock)
    made = clock.now()
    rule = next(rule for rule in offers_of(site) if rule.name == "upkeep.late")
    owed = []
    for hour in range(1, 80):
        at = made + timedelta(hours=hour)
        with site.test_request_context():
            owed += [one.at for one in rule.find(at - timedelta(hours=1), at)]
            assert bool(rule.still(["backup"], at)) is (hour > 26)
    assert owed == [made + timedelta(hours=26 + 24 * day) for day in range(3)]


def offers_of(site: Flask) -> list[ReminderRule]:
    with site.app_context():
        return list(offers().reminders)
