"""script/server as a user runs it, in a checkout of its own: the empty office, a second start, no leave to install.

The checkout shares the installed Python packages, browser libraries and fonts of this one; no network is asked.
"""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from portal.ground.config import ROOT

pytestmark = pytest.mark.slow
#: What git keeps of the portal that a start needs.
KEPT = ("migrations", "portal", "script", "static", "templates", "wsgi.py", "package.json", "package-lock.json")
#: Tables in which the clockwork beside the web writes that it lives, has looked, or has done a duty.
BEATING = re.compile("duties_|reminders_marks|ground_marks|audit_|upkeep_")


@dataclass
class Checkout:
    """A folder in which script/setup has run, all but for pip, which finds everything in its place."""

    folder: Path

    def run(self, *words: str, **more: str) -> "subprocess.Popen[str]":
        own = ("PORTAL_", "OFFICE_SEAL_", "DATABASE_URL", "PUBLIC_ADDRESS", "FLASK_", "PIP_")
        clean = {name: text for name, text in os.environ.items() if not name.startswith(own)}
        return subprocess.Popen(
            ["script/server", *words], cwd=self.folder, env={**clean, "PIP_NO_INDEX": "1", **more}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    @contextmanager
    def served(self, port: int) -> Iterator[str]:
        """The empty office, served; what it said until it stood."""
        server, said = self.run("--no-demo", "--port", str(port)), ""
        assert server.stdout is not None
        try:
            for line in server.stdout:
                said += line
                if "stop with Ctrl-C" in line:
                    break
            assert server.poll() is None, said
            yield said
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=90)

    def files(self) -> dict[str, tuple[int, int]]:
        """Every file but the database and what a running server keeps beside it, with its size and its time."""
        return {
            str(path.relative_to(self.folder)): (path.lstat().st_size, path.lstat().st_mtime_ns)
            for top in (".venv", "instance", "static", "node_modules")
            for path in (self.folder / top).rglob("*")
            if path.is_file() and ".sqlite3" not in path.name and path.suffix != ".lock"
        }

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """The office's rows by table, but for what the clockwork beats."""
        with closing(sqlite3.connect(self.folder / "instance/office/portal.sqlite3")) as base:
            tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {
                name: base.execute(f'SELECT * FROM "{name}" ORDER BY rowid').fetchall()
                for name in tables
                if not BEATING.match(name)
            }


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder = tmp_path / "portal"
    folder.mkdir()
    for name in (*KEPT, *(path.name for path in ROOT.glob("requirements*.txt"))):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    shared = {
        ".venv": [path for path in Path(sys.prefix).iterdir() if not path.name.startswith(".")],
        "node_modules": list((ROOT / "node_modules").iterdir()),
        "instance/fonts": list((ROOT / "instance/fonts").iterdir()),
    }
    for top, found in shared.items():
        (folder / top).mkdir(parents=True)
        for path in found:
            (folder / top / path.name).symlink_to(path)
    word = "source script/_common.sh; checksum package.json package-lock.json script/setup"
    stamp = subprocess.run(["bash", "-c", word], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()
    (folder / "static/vendor/.stamp").write_text(stamp)
    return Checkout(folder)


def test_the_empty_office_and_a_second_start_that_changes_nothing(checkout: Checkout) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with checkout.served(port) as said:
        for door in ("staff", "kiosk", "check"):
            assert re.search(rf"{door} +http://127\.0\.0\.1:{port}/", said), said
        assert "Osmanthus" not in said, "no demonstration login"
        assert urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30).status == 200
        assert "登录" in urlopen(f"http://127.0.0.1:{port}/login", timeout=30).read().decode()
    assert not (checkout.folder / "instance/demo").exists()
    files, rows = checkout.files(), checkout.rows()
    assert "instance/office/secrets" in {str(Path(name).parent) for name in files} and len(rows) > 30
    assert [person[1] for person in rows["accounts_people"]] == ["admin"], "the first administrator, and nobody else"
    assert rows["pledges_templates"] and not rows["merchants_shops"]
    began = time.monotonic()
    with checkout.served(port) as said:
        assert time.monotonic() - began < 60
        assert "==>" not in said and "upgrade" not in said, said
    assert checkout.rows() == rows
    assert checkout.files() == files


@pytest.mark.parametrize("sudo", ["", "exit 1"], ids=["sudo is missing", "sudo asks for a password"])
def test_where_it_may_not_install_it_says_the_exact_command(checkout: Checkout, tmp_path: Path, sudo: str) -> None:
    """A user who is not root, on a machine without one of the libraries; other programs of the system are its own."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "cat", "cut", "dirname", "flock", "grep", "mkdir", "python3", "sha256sum"):
        found = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin")
        assert found, name
        (programs / name).symlink_to(found)
    said = {"id": "echo 1000", "dpkg-query": '[ "$4" = libharfbuzz-subset0 ] || echo installed', "sudo": sudo}
    for name, words in said.items():
        if words:
            (programs / name).write_text(f"#!/bin/sh\n{words}\n")
            (programs / name).chmod(0o755)
    server = checkout.run("--no-demo", PATH=str(programs))
    told, _ = server.communicate(timeout=120)
    assert server.returncode == 1
    assert told.endswith(
        "stopped: as root, run this and start again:\n"
        "    apt-get update && apt-get install -y --no-install-recommends libharfbuzz-subset0\n"
    ), told
    assert not (checkout.folder / "instance/office").exists()
