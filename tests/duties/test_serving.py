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


def children(server: int, word: bytes = b"clockwork") -> list[int]:
    """Processes that this server has begun, by a word of their command: the clockwork's, or its workers'."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # it has ended since
        if word in words and parent == server:
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
        (first,) = children(server.pid)
        held = holder(instance)
        os.kill(first, signal.SIGKILL)
        until(lambda: holder(instance) not in ("", held), 90)
        (second,) = children(server.pid)
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
        (clockwork,) = children(server.pid)
        workers = children(server.pid, b"gunicorn")
        server.kill()
        server.wait(10)
        for worker in workers:  # they would notice too, in a minute
            os.kill(worker, signal.SIGKILL)
        until(lambda: not lives(clockwork), 30)
    assert holder(instance) == ""


#: A process that forks workers while a thread begins a program, as gunicorn's master does; says at which of its rounds
#: the thread hung, -1 when it never did.
FORKS = """
import os, subprocess, sys, threading
from script.serving import begin
if sys.argv[1] == "bare":
    begin = subprocess.Popen
PARENT, rounds, hung = os.getpid(), int(sys.argv[2]), -1
for number in range(rounds):
    asleep, wake = os.pipe()
    thread = threading.Thread(target=lambda: begin(["/bin/true"]).wait())
    thread.start()
    workers = [os.fork() for _ in range(4) if os.getpid() == PARENT]
    if os.getpid() != PARENT:
        os.close(wake)
        os.read(asleep, 1)
        os._exit(0)
    thread.join(1)
    hung = number if thread.is_alive() else -1
    os.close(wake)
    for worker in workers:
        os.waitpid(worker, 0)
    thread.join()
    os.close(asleep)
    if hung >= 0:
        break
print(hung)
"""


def hung(how: str, rounds: int) -> int:
    said = subprocess.run(
        [sys.executable, "-c", FORKS, how, str(rounds)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert said.returncode == 0, said.stderr
    return int(said.stdout)


def test_workers_that_are_forked_meanwhile_do_not_keep_the_thread_from_minding_the_clockwork() -> None:
    assert hung("guarded", 150) == -1


def test_without_the_lock_a_worker_keeps_it_waiting() -> None:
    """The negative control: the same forks beside a plain `Popen`."""
    assert hung("bare", 1500) >= 0
