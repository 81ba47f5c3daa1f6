"""script/serving.py: the clockwork beside gunicorn is begun again when it dies, and ends with the web."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.ground.config import ROOT
from tests.conftest import NOON
from tests.duties.test_processes import environment, holder, set_clock, until

pytestmark = pytest.mark.slow


@contextmanager
def serving(office: Path) -> Iterator[subprocess.Popen[bytes]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--config", "script/serving.py", "-b", address]
    with (office / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment(office), stdout=log, stderr=log)
    try:
        yield server
    finally:
        if server.poll() is None:
            server.terminate()
            server.wait(60)


def clockworks(server: int) -> list[int]:
    """Processes of `flask clockwork` that this server has begun."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # it has ended since
        if b"clockwork" in words and parent == server:
            found.append(int(folder.name))
    return found


def lives(pid: int) -> bool:
    """Whether a process goes on: one that has ended and that nobody has asked for yet does not."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_clockwork_is_begun_again_when_it_dies_and_ends_with_the_web(instance: Path, sqlite_url: str) -> None:
    set_clock(instance, NOON)
    with serving(instance) as server:
        until(lambda: holder(instance) != "", 90)
        (first,) = clockworks(server.pid)
        held = holder(instance)
        os.kill(first, signal.SIGKILL)
        until(lambda: holder(instance) not in ("", held), 90)
        (second,) = clockworks(server.pid)
        assert second != first and not lives(first)
        assert "it is begun again" in (instance / "log").read_text()
        server.terminate()
        assert server.wait(60) == 0
    assert not lives(second), "it has not outlived the web"
    assert holder(instance) == "", "and has let go of the lease in order"


def test_the_clockwork_ends_when_the_web_is_killed(instance: Path, sqlite_url: str) -> None:
    set_clock(instance, NOON)
    with serving(instance) as server:
        until(lambda: holder(instance) != "", 90)
        (clockwork,) = clockworks(server.pid)
        server.kill()
        server.wait(10)
        until(lambda: not lives(clockwork), 30)
    assert holder(instance) == ""
