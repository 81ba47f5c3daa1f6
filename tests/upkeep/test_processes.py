"""`flask backup …` as real processes on both databases: disks that are really full, SIGKILL, an office that runs."""

import fcntl
import os
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from portal.ground.config import ROOT
from portal.ground.files import FileStore
from portal.ground.running import lock_file

pytestmark = pytest.mark.slow
FLASK = [sys.executable, "-m", "flask"]
SMALL = 200_000  # bytes: less than any copy of the office needs


class Office:
    """An instance folder and a database, seen from a console."""

    def __init__(self, instance: Path, url: str):
        self.instance, self.backups = instance, instance / "backups"
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("PORTAL_", "DATABASE_"))}
        self.environment = {**kept, "FLASK_APP": "wsgi", "PORTAL_INSTANCE": str(instance)}
        if url.startswith("postgresql"):
            self.environment["DATABASE_URL"] = url

    def run(self, *words: str, before: Sequence[str] = (), **more: str) -> subprocess.CompletedProcess[str]:
        """Run a flask command to its end."""
        return subprocess.run(
            [*before, *FLASK, *words], cwd=ROOT, env={**self.environment, **more}, capture_output=True, text=True,
            timeout=180,
        )  # fmt: skip

    def backup(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run `flask backup …`; whatever happens, nobody sees a traceback."""
        done = self.run("backup", *words, **more)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def names(self, where: Path | None = None) -> list[str]:
        """The copies that stand in a folder, by their names."""
        return sorted(path.name for path in (where or self.backups).glob("2*"))


@pytest.fixture
def office(instance: Path, database_url: str) -> Office:
    store = FileStore(instance / "files")
    for number in range(3):
        store.put(f"paper {number}".encode() * 100, ".pdf")
    return Office(instance, database_url)


@cache
def can_mount() -> list[str]:
    """How to get a disk of one's own: as root, or as root of a name space. Empty where the machine allows neither."""
    for command in (["unshare", "-m"], ["unshare", "-rm"]):
        found = subprocess.run(
            [*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, text=True
        ).returncode
        if found == 0:
            return command
    return []


def cramped(office: Office, folder: Path, size: int, *words: str, **more: str) -> tuple[str, str]:
    """Run `flask backup …` where `folder` is a disk of this size; return what it said, and what lies there afterwards.

    Where nobody may mount a disk, no file may grow beyond the size: the same errors, from the same calls.
    """
    folder.mkdir(parents=True, exist_ok=True)
    flask = shlex.join([*FLASK, "backup", *words])
    look = f'echo "exit $?"; find {shlex.quote(str(folder))} -mindepth 1'
    if unshare := can_mount():
        script = f"mount -t tmpfs -o size={size} tmpfs {shlex.quote(str(folder))} && {flask}; {look}"
        command = [*unshare, "sh", "-c", script]
    else:
        command = ["sh", "-c", f"prlimit --fsize={size} {flask}; {look}"]
    done = subprocess.run(
        command, cwd=ROOT, env={**office.environment, **more}, capture_output=True, text=True, timeout=180
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "exit 1" in done.stdout, done.stdout + done.stderr
    return done.stderr, done.stdout.partition("exit 1\n")[2]


def test_the_commands_one_after_another(office: Office, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    more = {"PORTAL_BACKUP_SECOND": str(tmp_path / "second"), "PORTAL_BACKUP_KEYS": str(tmp_path / "keys")}
    assert "no copies in" in office.backup("list").stdout
    assert "没有叫 newest 的备份" in office.backup("restore", "--yes").stderr
    made = office.backup("now", **more)
    assert made.returncode == 0 and "3 files" in made.stdout, made.stderr
    (name,) = office.names()
    listed = office.backup("list", **more).stdout
    assert name in listed and listed.rstrip().endswith("checked  in both places")
    assert office.backup("verify", **more).stdout == f"{name} holds\n"
    assert office.backup("verify", "all", **more).stdout == "2 copies hold\n"
    drilled = office.backup("restore", "--dry-run")
    assert drilled.returncode == 0 and "[好] 行数一致" in drilled.stdout and "演练通过" in drilled.stdout, (
        drilled.stdout
    )
    assert "没有叫 20000101-000000 的备份" in office.backup("restore", "20000101-000000", "--yes").stderr
    restored = office.backup("restore", "--yes", "--from", str(tmp_path / "second"))
    assert restored.returncode == 0 and "已还原到 20" in restored.stdout, restored.stderr
    assert "备份以后的 1 行留痕" in restored.stdout, "the drill was written down after the copy"
    assert "the chain holds" in office.run("audit", "verify").stdout
    assert office.backup("now").returncode == 0


def test_a_full_disk_leaves_no_half_copy(office: Office) -> None:
    said, left = cramped(office, office.backups, SMALL, "now")
    assert "备份的磁盘满了" in said and "没有留下半份。请腾出空间" in said
    assert not [line for line in left.splitlines() if ".part" in line or "/2" in line.removeprefix(str(office.backups))]
    assert office.backup("now").returncode == 0


def test_a_full_second_disk_leaves_the_first_copy(office: Office, tmp_path: Path) -> None:
    second = tmp_path / "second"
    said, left = cramped(office, second, SMALL, "now", PORTAL_BACKUP_SECOND=str(second))
    if can_mount():
        assert "第二处的磁盘满了" in said and "第一份备份已经做好" in said
        assert len(office.names()) == 1
        assert office.backup("verify").returncode == 0
    assert ".part" not in left


def test_a_full_disk_of_the_keys_is_named(office: Office, tmp_path: Path) -> None:
    if not can_mount():
        return  # keys are smaller than any limit on files could be
    keys = tmp_path / "keys"
    said, left = cramped(office, keys, 8192, "now", PORTAL_BACKUP_KEYS=str(keys))
    assert "磁盘满了" in said and str(keys) in said
    assert office.names() == [] and not list(office.backups.glob(".*.part")) and "secrets/sealing" not in left


def test_a_full_disk_during_a_restore_changes_nothing(office: Office, tmp_path: Path) -> None:
    assert office.backup("now", PORTAL_BACKUP=str(tmp_path / "backups")).returncode == 0
    if "DATABASE_URL" in office.environment or not can_mount():
        said, _left = cramped(office, tmp_path / "backups" / "none", SMALL, "restore", "--yes")
        assert "没有叫 newest 的备份" in said
        return
    small, seen = tmp_path / "small", tmp_path / "seen"
    size = sum(path.stat().st_size for path in office.instance.rglob("*") if path.is_file()) + 300_000
    script = (
        f"mkdir -p {small} && mount -t tmpfs -o size={size} tmpfs {small} && cp -a {office.instance}/. {small}/ && "
        f'{shlex.join([*FLASK, "backup", "restore", "--yes"])}; echo "exit $?"; cp -a {small} {seen}'
    )
    environment = {**office.environment, "PORTAL_INSTANCE": str(small), "PORTAL_BACKUP": str(tmp_path / "backups")}
    done = subprocess.run([*can_mount(), "sh", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert "exit 1" in done.stdout and "磁盘满了" in done.stderr and "没有还原，现在的数据没有动" in done.stderr, (
        done.stderr
    )
    assert content(seen / "portal.sqlite3") == content(office.instance / "portal.sqlite3"), "not a row of it"
    assert not (seen / "aside").exists() and not list(seen.glob("*restoring*"))


def content(database: Path) -> list[str]:
    """Every row of a SQLite file, as statements."""
    with closing(sqlite3.connect(database)) as raw:
        return list(raw.iterdump())


def test_killed_at_any_instant_it_leaves_whole_copies_or_none(office: Office) -> None:
    store = FileStore(office.instance / "files")
    for number in range(60):
        store.put(os.urandom(200_000) + bytes([number]), ".pdf")
    for turn in range(8):
        process = subprocess.Popen(
            [*FLASK, "backup", "now"], cwd=ROOT, env=office.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        end = time.monotonic() + 60
        while process.poll() is None and not list(office.backups.glob(".2*.part")) and time.monotonic() < end:
            time.sleep(0.002)
        time.sleep(turn * 0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        checked = office.backup("verify", "all") if office.names() else None
        assert checked is None or checked.returncode == 0, checked.stderr
    last = office.backup("now")
    assert last.returncode == 0, last.stderr
    assert not list(office.backups.glob(".*.part")) and not list(office.backups.glob("files/*/.*.part"))
    assert office.backup("verify", "all").returncode == 0


@contextmanager
def serving(office: Office) -> Iterator[subprocess.Popen[bytes]]:
    """The office as script/server and its service run it, the clockwork beside it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--config", "script/serving.py", "-b", f"127.0.0.1:{port}"]
    log = (office.instance / "log").open("wb")
    with log, subprocess.Popen(command, cwd=ROOT, env=office.environment, stdout=log, stderr=log) as server:
        try:
            end = time.monotonic() + 90
            while True:
                assert server.poll() is None and time.monotonic() < end, (office.instance / "log").read_text()
                try:
                    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                        assert answer.status == 200
                        break
                except (URLError, OSError):
                    time.sleep(0.2)
            yield server
        finally:
            server.terminate()
            server.wait(60)


def test_a_running_office_is_copied_and_tried_but_never_overwritten(office: Office) -> None:
    with serving(office):
        made = office.backup("now")
        assert made.returncode == 0, made.stderr
        assert office.backup("restore", "--dry-run").returncode == 0
        refused = office.backup("restore", "--yes")
        assert refused.returncode == 1 and "门户正在运行，不能还原。请先停下网站和定时任务" in refused.stderr
    clockwork = subprocess.Popen([*FLASK, "clockwork"], cwd=ROOT, env=office.environment, stderr=subprocess.PIPE)
    try:
        until_held(office)
        assert "门户正在运行" in office.backup("restore", "--yes").stderr, "the clockwork alone is the office too"
    finally:
        clockwork.terminate()
        clockwork.communicate(timeout=60)
    restored = office.backup("restore", "--yes")
    assert restored.returncode == 0, restored.stderr


def until_held(office: Office) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with lock_file(office.instance).open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
        time.sleep(0.2)
    raise AssertionError("nobody holds the office")


def test_nobody_starts_the_office_while_a_copy_comes_back(office: Office) -> None:
    with lock_file(office.instance).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        clockwork = office.run("clockwork")
        assert clockwork.returncode == 1 and "正在还原备份" in clockwork.stderr
        server = subprocess.run(
            [sys.executable, "-m", "gunicorn", "wsgi:app", "--config", "script/serving.py", "-b", "127.0.0.1:0"],
            cwd=ROOT, env=office.environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert server.returncode != 0 and "正在还原备份" in server.stderr


def test_from_the_ashes(office: Office, tmp_path: Path) -> None:
    """Another machine: nothing but a checkout, the second disk and the drawer with the keys."""
    second, keys = tmp_path / "second", tmp_path / "keys"
    second.mkdir()
    more = {"PORTAL_BACKUP_SECOND": str(second), "PORTAL_BACKUP_KEYS": str(keys)}
    assert office.backup("now", **more).returncode == 0
    (kept,) = keys.iterdir()
    url = office.environment.get("DATABASE_URL", "sqlite")
    fresh = Office(tmp_path / "fresh", url.replace("?host", "_ashes?host"))
    bare = fresh.backup("restore", "--yes", "--from", str(second))
    assert bare.returncode == 1 and "密钥不在" in bare.stderr and "没有还原" in bare.stderr
    shutil.copytree(kept, fresh.instance, dirs_exist_ok=True)
    tried = fresh.backup("restore", "--dry-run", "--from", str(second))
    assert tried.returncode == 0 and "演练没有记下来" in tried.stderr, tried.stderr
    restored = fresh.backup("restore", "--yes", "--from", str(second))
    assert restored.returncode == 0 and "原来的数据库放在" not in restored.stdout, restored.stderr
    assert "原来的数据库不在" in restored.stdout, "what was given out since the copy cannot be known here"
    assert "the chain holds" in fresh.run("audit", "verify").stdout
    assert "faults: 0" in fresh.run("papers", "verify").stdout
    with serving(fresh):
        assert fresh.backup("now").returncode == 0


def test_a_copy_of_an_older_portal_is_brought_to_today_s_form(instance: Path, database_url: str) -> None:
    office = Office(instance, database_url)
    assert office.run("db", "downgrade", "0001").returncode == 0
    made = office.backup("now")
    assert made.returncode == 0, made.stderr
    assert office.run("db", "upgrade").returncode == 0
    drilled = office.backup("restore", "--dry-run")
    assert drilled.returncode == 0, drilled.stdout + drilled.stderr
    restored = office.backup("restore", "--yes")
    assert restored.returncode == 0, restored.stderr
    again = office.backup("restore", "--dry-run")
    assert again.returncode == 0
    assert "(head)" in office.run("db", "current").stdout
