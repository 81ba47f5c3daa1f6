"""Two clerks with the same page, with real threads and connections, on both databases; and a negative control."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select, text

from portal.ground import marks
from portal.ground.actor import Actor
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.settings import queries, services
from portal.settings.models import Setting
from portal.settings.terms import STALE

THREADS, KEY, TODAY = 8, "pledges.term_months", date(2026, 11, 25)
CLERK = Actor("person", 1, "专项（演示）")


def race(app: Flask, deed: object) -> int:
    """Let `deed(number, gate)` run in threads of its own at once; count those that succeeded."""
    gate = Barrier(THREADS)

    def run(number: int) -> bool:
        with app.app_context():
            token = writing.set(True)
            try:
                done = bool(deed(number, gate))  # type: ignore[operator]
                db.session.commit()
                return done
            except Refused as refused:
                assert refused.sentence == STALE
                db.session.rollback()
                return False
            finally:
                db.session.remove()
                writing.reset(token)

    db.session.remove()
    with ThreadPoolExecutor(THREADS) as threads:
        return sum(threads.map(run, range(THREADS)))


def kept() -> list[tuple[int, object]]:
    found = db.session.execute(select(Setting.version, Setting.value).where(Setting.key == KEY).order_by(Setting.id))
    return [(version, value) for version, value in found]


def test_one_of_many_with_the_same_page_is_kept(house: Flask, now: datetime) -> None:
    def put(number: int, gate: Barrier) -> bool:
        gate.wait()
        services.put(KEY, 20 + number, from_on=TODAY, reason="同时改", seen=0, by=CLERK, now=now)
        return True

    assert race(house, put) == 1
    assert [version for version, _value in kept()] == [1]


def test_without_the_guard_each_would_overwrite_the_other(house: Flask, now: datetime) -> None:
    """The negative control: the look at the newest version, without the form's version and the UNIQUE key behind it."""
    unique = "uq_settings_values_key_version"
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(f"ALTER TABLE settings_values DROP CONSTRAINT {unique}"))
        db.session.commit()

    def put(number: int, gate: Barrier) -> bool:
        writing.set(False)
        newest = queries.book().newest.get(KEY, 0)
        db.session.rollback()
        gate.wait()
        writing.set(True)
        if db.engine.dialect.name == "sqlite":  # one after the other: each takes the next number, nobody is told
            newest = db.session.scalar(select(func.count()).select_from(Setting)) or 0
        db.session.add(
            Setting(
                key=KEY, version=newest + 1, value=20 + number, from_on=TODAY, set_at=now, set_by="", reason="同时改"
            )
        )
        db.session.flush()
        marks.bump("settings")
        return True

    assert race(house, put) > 1
    assert len(kept()) > 1


def test_different_settings_at_once_are_all_kept(house: Flask, now: datetime) -> None:
    """The mark's row is made by the first and counted on by the others."""
    keys = [line.spec for line in queries.lines(TODAY) if line.spec.kind == "number"][:THREADS]
    assert len(keys) == THREADS

    def put(number: int, gate: Barrier) -> bool:
        spec = keys[number]
        gate.wait()
        value = spec.most if spec.most != spec.default else spec.least
        services.put(spec.key, value, from_on=TODAY, reason="同时改", seen=0, by=CLERK, now=now)
        return True

    assert race(house, put) == THREADS
    assert db.session.scalar(select(marks.Mark.number).where(marks.Mark.name == "settings")) == THREADS
