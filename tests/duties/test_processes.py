"""Real processes of `flask clockwork`: killed before each commit, two at once, a day skipped, options that tests alone
may set."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.clockwork import DUTIES
from portal.ground.config import ROOT
from tests.conftest import NOON

pytestmark = pytest.mark.slow
QUICK = 20.0
EVERY = len(DUTIES)


@pytest.fixture
def office(instance: Path, sqlite_url: str) -> Path:
    (instance / "clock").write_text(NOON.isoformat())
    return instance


def environment(office: Path, **more: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PORTAL_", "DATABASE_"))}
    return {
        **kept, "FLASK_APP": "wsgi", "PORTAL_INSTANCE": str(office), "PORTAL_CLOCK_FILE": str(office / "clock"),
        "PORTAL_CLOCKWORK_QUICK": str(QUICK), **more,
    }  # fmt: skip


@contextmanager
def clockwork(office: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "flask", "clockwork"]
    with subprocess.Popen(command, cwd=ROOT, env=environment(office, **more), stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(20)


def asked(office: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(office / "portal.sqlite3", timeout=10)) as raw:
        return raw.execute(query).fetchall()


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def done(office: Path, due_after: str = "") -> int:
    counted = f"SELECT count(*) FROM duties_runs WHERE state = 'done' AND due_at > '{due_after}'"
    return int(asked(office, counted)[0][0])


def due_twice(office: Path) -> list[Any]:
    return asked(office, "SELECT duty, due_at FROM duties_runs GROUP BY duty, due_at HAVING count(*) > 1")


def test_killed_before_each_commit_everything_is_done_once(office: Path) -> None:
    """The anchor is the witness: one line a day however often its duty was cut off."""
    unlock = [sys.executable, "-m", "flask", "people", "unlock", "staff"]
    subprocess.run(unlock, cwd=ROOT, env=environment(office), check=True, capture_output=True)  # so that a trail stands
    died = 0
    for commit in range(1, 12):
        with clockwork(office, PORTAL_DIE_AT_COMMIT=str(commit)) as process:
            try:
                process.wait(12)
            except subprocess.TimeoutExpired:
                continue
            assert process.returncode == -signal.SIGKILL, process.stderr and process.stderr.read()
            died += 1
    assert died >= 8
    with clockwork(office):
        until(lambda: asked(office, "SELECT count(*) FROM duties_runs WHERE state <> 'done'")[0][0] == 0)
        until(lambda: done(office) >= EVERY)
    assert due_twice(office) == []
    assert (office / "anchors.txt").read_text().count("2026-11-25") == 1


def test_two_at_once_and_the_second_takes_over(office: Path) -> None:
    with clockwork(office) as first:
        until(lambda: done(office) >= EVERY)
        holder = asked(office, "SELECT holder FROM duties_lease")[0][0]
        with clockwork(office) as second:
            time.sleep(3)
            assert asked(office, "SELECT holder FROM duties_lease")[0][0] == holder, "the first one lives"
            first.kill()
            began = time.monotonic()
            until(lambda: asked(office, "SELECT holder FROM duties_lease")[0][0] != holder)
            assert (time.monotonic() - began) * QUICK < 75, "within the minute, and a look"
            (office / "clock").write_text((NOON + timedelta(minutes=10)).isoformat())
            until(lambda: done(office) >= 8)
            assert second.poll() is None
    assert due_twice(office) == []
    assert asked(office, "SELECT holder FROM duties_lease") == [("",)], "an orderly end lets go of the lease"


def test_a_day_that_was_skipped_is_made_up_for_once(office: Path) -> None:
    with clockwork(office):
        until(lambda: done(office) >= EVERY)
    (office / "clock").write_text((NOON + timedelta(days=8)).isoformat())  # a Sunday and a first of the month lie in it
    with clockwork(office):
        until(lambda: done(office, due_after="2026-11-26") >= EVERY)
        time.sleep(2)
    assert done(office, due_after="2026-11-26") == EVERY, "each duty once, not once for every time that was missed"


def test_what_only_tests_may_set(office: Path) -> None:
    settings = environment(office, PORTAL_DIE_AT_COMMIT="1")
    settings.pop("PORTAL_CLOCK_FILE")
    command = [sys.executable, "-m", "flask", "clockwork"]
    said = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60)
    assert said.returncode == 1 and "for tests only" in said.stderr
    settings = environment(office, PORTAL_ENV="production")
    said = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60)
    assert said.returncode != 0 and "PORTAL_CLOCK_FILE is for tests only" in said.stderr
