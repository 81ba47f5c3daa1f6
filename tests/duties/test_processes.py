"""Real processes of `flask clockwork`: killed before each commit, two at once, held up, days skipped, a clock that
steps back, orphaned, a run by hand, and what tests alone may set."""

import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.clockwork import DUTIES
from portal.duties.commands import LOSES, STANDS_BY, TAKES
from portal.duties.rules import newest_due, times
from portal.duties.terms import NICE
from portal.ground.config import ROOT
from portal.ground.declare import Duty
from tests.conftest import NOON
from tests.duties.zygote import CARELESS

pytestmark = pytest.mark.slow
FLASK = [sys.executable, "-m", "flask"]
EVERY = len(DUTIES)
#: Commits of one day's work at most: each duty has two, and some of their own.
COMMITS_MOST = 150


@pytest.fixture
def office(instance: Path, sqlite_url: str) -> Path:
    set_clock(instance, NOON)
    unlock = [*FLASK, "people", "unlock", "staff"]  # so that a trail stands, which is anchored each day
    subprocess.run(unlock, cwd=ROOT, env=environment(instance), check=True, capture_output=True)
    return instance


def set_clock(office: Path, at: datetime) -> None:
    """Whole or not at all: processes read it all the time."""
    (office / "clock.new").write_text(at.isoformat())
    (office / "clock.new").replace(office / "clock")


def environment(office: Path, quick: float = 20.0, **more: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PORTAL_", "DATABASE_"))}
    return {
        **kept, "FLASK_APP": "wsgi", "PORTAL_ENV": "tests", "PORTAL_INSTANCE": str(office),
        "PORTAL_CLOCK_FILE": str(office / "clock"), "PORTAL_CLOCKWORK_QUICK": str(quick), **more,
    }  # fmt: skip


class Process(subprocess.Popen[bytes]):
    """A clockwork of this office; what it says is kept in a file."""

    def __init__(self, office: Path, quick: float = 20.0, **more: str):
        self.out = office / f"said-{time.monotonic_ns()}"
        settings = environment(office, quick, **more)
        with self.out.open("wb") as out:
            super().__init__([*FLASK, "clockwork"], cwd=ROOT, env=settings, stdout=out, stderr=out)

    def said(self) -> str:
        return self.out.read_text()


@contextmanager
def clockwork(office: Path, quick: float = 20.0, **more: str) -> Iterator[Process]:
    process = Process(office, quick, **more)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def asked(office: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(office / "portal.sqlite3", timeout=10)) as raw:
        return raw.execute(query).fetchall()


def change(office: Path, statement: str) -> None:
    with closing(sqlite3.connect(office / "portal.sqlite3", timeout=10)) as raw, raw:
        raw.execute(statement)


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def done(office: Path, after: datetime = NOON - timedelta(days=400)) -> int:
    """How many runs that were due after a time are done; what is older than a week may have been tidied away."""
    query = f"SELECT count(*) FROM duties_runs WHERE state = 'done' AND due_at > '{stored(after)}'"
    return int(asked(office, query)[0][0])


def holder(office: Path) -> str:
    found = asked(office, "SELECT holder FROM duties_lease")
    return str(found[0][0]) if found else ""


def newest_now(duty: Duty, now: datetime) -> datetime | None:
    return newest_due(duty.cron, after=None, now=now)


def wanted(table: Iterable[Duty], now: datetime) -> set[tuple[str, str]]:
    """Every duty's newest due time up to now."""
    return {(duty.name, stored(at)) for duty in table if (at := newest_now(duty, now))}


def stored(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def runs_expected(after: datetime, now: datetime, table: Iterable[Duty] = DUTIES) -> int:
    """How many runs are owed after a silence: one for each duty that was due in it, however often."""
    return sum(any(times(duty.cron, after=after, now=now)) for duty in table)


def all_done_once(office: Path) -> None:
    twice = "SELECT duty, due_at FROM duties_runs GROUP BY duty, due_at HAVING count(*) > 1"
    assert asked(office, twice) == []
    assert asked(office, "SELECT duty, state, error FROM duties_runs WHERE state <> 'done' AND token <> ''") == []
    days = [line.split()[0] for line in (office / "anchors.txt").read_text().splitlines()]
    assert len(days) == len(set(days)), "a day was anchored twice"


class Zygote(subprocess.Popen[str]):
    """Forks clockworks of this office (tests/duties/zygote.py)."""

    def __init__(self, office: Path, *, careless: bool):
        self.office, self.table = office, (CARELESS,) if careless else DUTIES
        with (office / "said").open("w") as said:
            super().__init__(
                [sys.executable, "-m", "tests.duties.zygote", *["careless"] * careless], cwd=ROOT, text=True,
                env=environment(office), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
            )  # fmt: skip

    def work(self, day: datetime, *, die_at: int = 0) -> int:
        """Have a day's work done by a clockwork, which is killed before its n-th commit; return how it ended."""
        assert self.stdin and self.stdout
        self.stdin.write(f"{die_at}\n")
        self.stdin.flush()
        child, owed = int(self.stdout.readline()), wanted(self.table, day)
        try:
            until(lambda: self.has_ended() or (holder(self.office) != "" and owed <= self.done()), 60)
        except AssertionError:
            os.kill(child, signal.SIGKILL)
            print(asked(self.office, "SELECT duty, due_at, state, error FROM duties_runs ORDER BY id DESC LIMIT 30"))
            raise
        if not self.has_ended():
            os.kill(child, signal.SIGTERM)
        return int(self.stdout.readline())

    def done(self) -> set[tuple[str, str]]:
        return set(asked(self.office, "SELECT duty, due_at FROM duties_runs WHERE state = 'done'"))

    def has_ended(self) -> bool:
        assert self.stdout
        return bool(select.select([self.stdout], [], [], 0)[0])


def test_the_clockwork_gives_way_to_the_web(office: Path) -> None:
    with clockwork(office) as process:
        until(lambda: TAKES in process.said())
        threads = [int(number) for number in os.listdir(f"/proc/{process.pid}/task")]
        assert {os.getpriority(os.PRIO_PROCESS, one) for one in threads} == {min(19, os.nice(0) + NICE)}


def fail_by_hand(office: Path, day: datetime) -> None:
    """A run of a duty that is not due on most days and failed: a reminder is owed to the system administrator."""
    at = stored(day - timedelta(minutes=7))
    change(
        office,
        "INSERT INTO duties_runs (duty, due_at, asked_by, started_at, ended_at, changed, state, error, token, cut_off)"
        f" VALUES ('upkeep.drill', '{at}', '系统（演示）', '{at}', '{at}', 0, 'failed', '磁盘满了', '', 0)",
    )


def killed_before_each_commit(office: Path, *, careless: bool = False) -> int:
    """Each day the clockwork is killed one commit later and another one does the rest, until a day's whole work comes
    before its death. Returns after how many commits that was."""
    day = NOON
    with Zygote(office, careless=careless) as forks:
        owed = len(forks.table)
        for commit in range(1, COMMITS_MOST):
            set_clock(office, day)
            fail_by_hand(office, day)
            ended = forks.work(day, die_at=commit)
            assert ended in (0, -signal.SIGKILL), (office / "said").read_text()
            change(office, "UPDATE duties_lease SET holder = ''")  # how long others wait for it is not asked here
            assert ended == 0 or forks.work(day) == 0, (office / "said").read_text()
            begun = asked(office, f"SELECT count(*) FROM duties_runs WHERE started_at = '{stored(day)}'")
            assert begun == [(owed,)], f"killed before commit {commit}"
            if ended == 0:
                return commit
            day += timedelta(days=1)
            owed = runs_expected(day - timedelta(days=1), day, forks.table)
    raise AssertionError("the day's work never came to its end")


def test_killed_before_each_commit_everything_is_done_once(office: Path) -> None:
    """Everything: each run, each day's anchor, and each day's reminder to the system administrator."""
    days = killed_before_each_commit(office)
    assert days > 2 * EVERY, "each run commits before its work and after it"
    all_done_once(office)
    assert len((office / "anchors.txt").read_text().splitlines()) == days
    notes = "SELECT count(*), count(DISTINCT slot) FROM reminders_notes WHERE rule = 'duties.failed'"
    assert asked(office, notes) == [(days, days)]


def test_a_duty_without_a_guard_does_its_work_twice_when_it_is_killed(office: Path) -> None:
    """The negative control: the same deaths over an anchor that does not look whether its day stands already."""
    killed_before_each_commit(office, careless=True)
    with pytest.raises(AssertionError, match="anchored twice"):
        all_done_once(office)


def test_two_begun_at_once_and_the_second_takes_over_within_the_minute(office: Path) -> None:
    quick, later = 5.0, NOON + timedelta(minutes=10)
    with clockwork(office, quick) as one, clockwork(office, quick) as other:
        until(lambda: done(office) >= EVERY)
        until(lambda: TAKES in one.said() + other.said() and STANDS_BY in one.said() + other.said())
        works, waits = (one, other) if TAKES in one.said() else (other, one)
        held = holder(office)
        time.sleep(2 * 20 / quick)
        assert holder(office) == held and TAKES not in waits.said(), "while the first one lives the second stands by"
        works.kill()
        set_clock(office, later)
        until(lambda: done(office) == EVERY + runs_expected(NOON, later), 60 / quick)
        assert TAKES in waits.said()
    all_done_once(office)
    assert holder(office) == "", "an orderly end lets go of the lease"


def test_at_its_own_pace_the_next_one_takes_over_at_once_or_within_the_minute(office: Path) -> None:
    """At once after an orderly end; within 60 s, the work that is due included, after SIGKILL."""
    later = NOON + timedelta(minutes=10)
    with clockwork(office, 1) as first:
        until(lambda: done(office) == EVERY)
        with clockwork(office, 1) as second, clockwork(office, 1) as third:
            until(lambda: STANDS_BY in second.said() and STANDS_BY in third.said())
            first.terminate()
            assert first.wait(20) == 0
            until(lambda: TAKES in second.said() + third.said(), 15)
            works, waits = (second, third) if TAKES in second.said() else (third, second)
            held = holder(office)
            set_clock(office, later)
            works.kill()
            until(lambda: done(office) == EVERY + runs_expected(NOON, later), 60)
            assert holder(office) != held and TAKES in waits.said()
    all_done_once(office)


def test_one_that_is_held_up_finds_its_lease_gone_and_begins_nothing(office: Path) -> None:
    """A process that is stopped for a while (a machine that sleeps, a debugger) and goes on: the other one works."""
    with clockwork(office) as one:
        until(lambda: done(office) >= EVERY)
        with clockwork(office) as other:
            until(lambda: STANDS_BY in other.said())
            one.send_signal(signal.SIGSTOP)
            until(lambda: TAKES in other.said())
            one.send_signal(signal.SIGCONT)
            until(lambda: LOSES in one.said())
            set_clock(office, NOON + timedelta(minutes=10))
            until(lambda: done(office) == EVERY + runs_expected(NOON, NOON + timedelta(minutes=10)))
    all_done_once(office)


@pytest.mark.parametrize("days", [1, 8])
def test_days_that_were_skipped_are_made_up_for_once(office: Path, days: int) -> None:
    with clockwork(office):
        until(lambda: done(office) >= EVERY)
    later = NOON + timedelta(days=days)
    set_clock(office, later)
    with clockwork(office):
        until(lambda: done(office, NOON) >= runs_expected(NOON, later))
        time.sleep(2)
    assert done(office, NOON) == runs_expected(NOON, later), "each duty once, not once for every time it missed"
    all_done_once(office)


def test_a_clock_that_steps_back_repeats_nothing_and_holds_up_nothing(office: Path) -> None:
    back = NOON - timedelta(minutes=1, seconds=30)
    set_clock(office, NOON + timedelta(days=400))  # somebody set the server's clock wrong,
    with clockwork(office):
        until(lambda: done(office) >= EVERY)
        set_clock(office, NOON)  # and right again,
        until(lambda: done(office) >= 2 * EVERY)
        set_clock(office, back)  # and then it was corrected a little: only times that had been passed over are new
        passed_over = [duty for duty in DUTIES if newest_now(duty, back) != newest_now(duty, NOON)]
        until(lambda: done(office) >= 2 * EVERY + len(passed_over))
        set_clock(office, NOON)
        time.sleep(2)
    assert done(office) == 2 * EVERY + len(passed_over), "no due time was run a second time"
    all_done_once(office)


def test_it_ends_with_whoever_began_it(office: Path) -> None:
    """As under gunicorn: the master is killed outright, and no orphan goes on writing."""
    inner = f"import subprocess; subprocess.run({[*FLASK, 'clockwork']!r})"
    settings = environment(office, PORTAL_CHILD="1")
    with subprocess.Popen([sys.executable, "-c", inner], cwd=ROOT, env=settings) as master:
        until(lambda: done(office) >= EVERY)
        assert holder(office) != ""
        master.kill()
    until(lambda: holder(office) == "", 15)


def test_a_run_by_hand_is_done_by_whoever_holds_the_lease(office: Path) -> None:
    command, runs = [*FLASK, "duties", "run", "audit.anchor"], "SELECT asked_by, state, token FROM duties_runs"
    said = subprocess.run(command, cwd=ROOT, env=environment(office), capture_output=True, text=True, timeout=60)
    assert said.returncode == 0 and "done, changed: 1" in said.stdout, said.stderr
    assert [row[:2] for row in asked(office, runs)] == [("服务器命令", "done")] and holder(office) == ""
    set_clock(office, NOON + timedelta(seconds=1))
    with clockwork(office):
        until(lambda: done(office) == 1 + EVERY)
        said = subprocess.run(command, cwd=ROOT, env=environment(office), capture_output=True, text=True, timeout=60)
        assert said.returncode == 0 and STANDS_BY in said.stdout, said.stderr
        by_hand = asked(office, f"{runs} WHERE asked_by <> '' ORDER BY id DESC")
        assert by_hand[0] == ("服务器命令", "done", holder(office)), "the clockwork did it"


def test_a_run_by_hand_that_was_killed_is_done_by_the_next_one(office: Path) -> None:
    command = [*FLASK, "duties", "run", "audit.anchor"]
    settings, at = environment(office, PORTAL_DIE_AT_COMMIT="2"), stored(NOON)
    assert subprocess.run(command, cwd=ROOT, env=settings, timeout=60).returncode == -signal.SIGKILL
    assert asked(office, "SELECT state FROM duties_runs") == [("waiting",)], "killed when it was asked for"
    change(office, f"UPDATE duties_runs SET state = 'running', started_at = '{at}', token = 'gone'")
    change(office, f"INSERT INTO duties_lease VALUES (1, 'gone', 7, '{at}')")  # as if killed when it was begun
    said = subprocess.run(command, cwd=ROOT, env=environment(office), capture_output=True, text=True, timeout=60)
    assert said.returncode == 0 and "done, changed: 1" in said.stdout, said.stderr
    assert asked(office, "SELECT asked_by, state FROM duties_runs") == [("服务器命令", "done")]


def test_what_only_tests_may_set(office: Path) -> None:
    def refused(**but: str | None) -> str:
        settings = {name: text for name, text in {**environment(office), **but}.items() if text is not None}
        said = subprocess.run([*FLASK, "clockwork"], cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60)
        assert said.returncode != 0
        return said.stderr

    assert "for tests only" in refused(PORTAL_DIE_AT_COMMIT="1", PORTAL_CLOCKWORK_QUICK=None, PORTAL_CLOCK_FILE=None)
    assert "for tests only" in refused(PORTAL_CLOCK_FILE=None)
    for environment_name in ("production", "", None):
        assert "PORTAL_CLOCK_FILE is for tests only" in refused(PORTAL_ENV=environment_name)
