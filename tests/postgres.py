"""A PostgreSQL of the tests' own: one cluster a run, shared by all xdist workers, gone when the run is.

The distribution's binaries, a temporary folder, a Unix socket in it and no port: nothing on the machine is touched.
`initdb` refuses root, so root steps down to the user `postgres`. A keeper process owns the cluster and stops it when
the run that asked for it has ended, killed or not.
"""

import fcntl
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

OWNER = "portal"
#: Tests need no power cut survived. `script/bench` starts a durable one.
FLEETING = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
PLAIN = ("listen_addresses=", "max_connections=200", "timezone=UTC", "log_min_messages=fatal", "shared_buffers=64MB")
_numbers = count(1)


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL; `folder` holds its data and its socket."""

    folder: Path

    def url(self, name: str) -> str:
        """The address of a database as SQLAlchemy takes it."""
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self.folder}"

    def create(self, stem: str = "portal", template: str | None = None) -> str:
        """Make an empty database, or a copy of one that nobody is connected to; returns its name, used by no other."""
        name = f"{stem}_{os.getpid()}_{next(_numbers)}"
        names = map(sql.Identifier, (name, template or "template0"))
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        return name

    def drop(self, name: str) -> None:
        """Remove a database and whoever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(dbname="postgres", user=OWNER, host=str(self.folder), autocommit=True) as connection:
            connection.execute(statement)


def binaries() -> Path:
    """The folder of the newest PostgreSQL server on this machine; RuntimeError when there is none."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(folders, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0))
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise RuntimeError("PostgreSQL is missing: script/setup --test installs it")


def stepping_down() -> list[str]:
    """What to put before a command that refuses root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@contextmanager
def running(*, durable: bool = False) -> Iterator[Cluster]:
    """A cluster for the length of a `with`."""
    folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
        initialise(folder)
        server = started(folder, durable)
        yield Cluster(folder)
    finally:
        if server and server.poll() is None:
            stop(folder, server)
        shutil.rmtree(folder, ignore_errors=True)


def initialise(folder: Path) -> None:
    """Lay out the data folder; RuntimeError carries what initdb said."""
    command = [*stepping_down(), str(binaries() / "initdb"), "-D", str(folder / "data"), "-U", OWNER]
    command += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    said = subprocess.run(command, cwd="/", capture_output=True, text=True)
    if said.returncode:
        raise RuntimeError(f"initdb: {said.stderr or said.stdout}")


def started(folder: Path, durable: bool) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers; RuntimeError carries its log."""
    settings = [*PLAIN, f"unix_socket_directories={folder}", *(() if durable else FLEETING)]
    command = [*stepping_down(), str(binaries() / "postgres"), "-D", str(folder / "data")]
    for setting in settings:
        command += ["-c", setting]
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(dbname="postgres", user=OWNER, host=str(folder)).close()
            return server
        except psycopg.OperationalError:
            time.sleep(0.05)
    server.kill()
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text('utf-8', 'replace')}")


def stop(folder: Path, server: subprocess.Popen[bytes]) -> None:
    """Stop the server at once; the folder goes anyway. Runuser passes no SIGQUIT on: its own file says whom to tell."""
    try:
        os.kill(int((folder / "data/postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
        server.wait(20)
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired):
        os.killpg(server.pid, signal.SIGKILL)


def keep(answer: Path, run: int) -> None:
    """Own a cluster while the process `run` lives; `answer` gets its folder, or why there is none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with running() as cluster:
            put(answer, {"folder": str(cluster.folder)})
            while lives(run):
                time.sleep(0.5)
    except Exception as error:
        put(answer, {"error": str(error)})


def lives(process: int) -> bool:
    """True while a process runs; a dead one that nobody has fetched does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def put(path: Path, content: dict[str, str]) -> None:
    """Write a file in one step, so that nobody reads half of it."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content))
    part.replace(path)


@pytest.fixture(scope="session", name="cluster")
def the_cluster(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """The run's cluster; the first worker that asks has it started, the others wait for it."""
    base, worker = tmp_path_factory.getbasetemp(), "PYTEST_XDIST_WORKER" in os.environ
    shared, run = (base.parent, os.getppid()) if worker else (base, os.getpid())
    answer = shared / "postgres.json"
    with (shared / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not answer.is_file():
            command = [sys.executable, __file__, str(answer), str(run)]
            quiet = subprocess.DEVNULL
            subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
            deadline = time.monotonic() + 90
            while not answer.is_file() and time.monotonic() < deadline:
                time.sleep(0.05)
    said = json.loads(answer.read_text()) if answer.is_file() else {"error": "its keeper gave no answer"}
    if "error" in said:
        raise RuntimeError(f"no PostgreSQL for the tests: {said['error']}")
    return Cluster(Path(said["folder"]))


@pytest.fixture(name="postgres_url")
def an_empty_database(cluster: Cluster) -> Iterator[str]:
    """The address of an empty database for this test alone."""
    name = cluster.create("empty")
    yield cluster.url(name)
    cluster.drop(name)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), int(sys.argv[2]))
