"""定时任务 on the screen, the strip when it is silent, and what `/healthz` says."""

from datetime import timedelta

from flask import Flask

from portal.duties.models import Lease, Run
from portal.duties.terms import RunState
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from tests.conftest import Visitor, a_visitor
from tests.trail import told

SILENT = "提醒暂时没有更新"


def beaten(site: Flask, clock: StoppedClock) -> None:
    with site.app_context():
        writing.set(True)
        db.session.merge(Lease(id=1, holder="x", counter=1, beat_at=clock.now()))
        db.session.commit()
    site.extensions.pop("heartbeat", None)


def test_the_list_and_one_duty(site: Flask, visitor: Visitor, clock: StoppedClock) -> None:
    beaten(site, clock)
    admin = visitor.sign_in("admin")
    page = admin.get("/duties/").get_data(as_text=True)
    assert "留痕封存" in page and "每天 00:05" in page and "运行正常" in page
    assert "执行记录" in admin.get("/duties/audit.anchor").get_data(as_text=True)
    assert admin.get("/duties/no.such").status_code == 404


def test_asking_once_twice_and_with_a_failure_shown(site: Flask, visitor: Visitor, clock: StoppedClock) -> None:
    admin = visitor.sign_in("admin")
    assert admin.post("/duties/audit.anchor/run").status_code == 303
    assert admin.post("/duties/audit.anchor/run").status_code == 409
    assert "等着执行" in admin.get("/duties/audit.anchor").get_data(as_text=True)
    fragment = admin.htmx("get", "/duties/", "duty-table").get_data(as_text=True)
    assert fragment.lstrip().startswith('<div class="list" id="duty-table"') and "every 5s" in fragment
    with site.app_context():
        writing.set(True)
        db.session.execute(db.update(Run).values(state=RunState.FAILED, started_at=clock.now(), error="磁盘满了"))
        db.session.commit()
    assert "磁盘满了" in admin.get("/duties/audit.anchor").get_data(as_text=True)
    assert told(site, "duties.ask") == [("系统（演示）", "duty:audit.anchor", "ok", {"run": 1})]


def test_who_may_look_and_who_may_ask(site: Flask) -> None:
    office = a_visitor(site).sign_in("office")
    assert office.get("/duties/").status_code == 200
    assert office.post("/duties/audit.anchor/run").status_code == 403
    assert a_visitor(site).sign_in("staff").get("/duties/").status_code == 403
    assert a_visitor(site).get("/duties/").status_code == 303


def test_silence_is_told_on_every_page_and_to_a_watcher(site: Flask, staff: Visitor, clock: StoppedClock) -> None:
    assert SILENT in staff.get("/account").get_data(as_text=True), "it never ran"
    assert staff.get("/healthz").get_data(as_text=True) == "ok\nclockwork silent\n"
    beaten(site, clock)
    assert SILENT not in staff.get("/account").get_data(as_text=True)
    assert staff.get("/healthz").get_data(as_text=True) == "ok\nclockwork ok\n"
    clock.tick(timedelta(minutes=5, seconds=1))
    assert SILENT in staff.get("/account").get_data(as_text=True)
    admin = a_visitor(site).sign_in("admin").get("/account").get_data(as_text=True)
    assert "定时任务停了" in admin and "怎么办" in admin


def test_a_clock_that_was_set_back_is_told(site: Flask, visitor: Visitor, clock: StoppedClock) -> None:
    beaten(site, clock)
    admin = visitor.sign_in("admin")
    clock.tick(-timedelta(minutes=20))
    assert "时钟被拨回去了" in admin.get("/duties/").get_data(as_text=True)


def test_runs_are_paged(site: Flask, visitor: Visitor, clock: StoppedClock) -> None:
    with site.app_context():
        writing.set(True)
        for number in range(60):
            at = clock.now() - timedelta(days=number)
            db.session.add(Run(duty="audit.anchor", due_at=at, started_at=at, ended_at=at, state=RunState.DONE))
        db.session.commit()
    admin = visitor.sign_in("admin")
    first = admin.get("/duties/audit.anchor").get_data(as_text=True)
    assert first.count("办完") == 50 and "?before=11" in first
    assert admin.get("/duties/audit.anchor?before=11").get_data(as_text=True).count("办完") == 10
