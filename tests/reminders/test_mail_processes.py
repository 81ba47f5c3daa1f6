"""A real process, killed after the server has the whole mail and before that is written down: never sent twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from portal.ground.clock import StoppedClock
from portal.ground.config import ROOT
from portal.ground.db import db
from portal.reminders.terms import CLAIMED_MOST, MailState
from tests.cast import Cast
from tests.postbox import Letter, Postbox
from tests.reminders.offered import World, offered, tick
from tests.reminders.test_mail import configure, mails, owe

pytestmark = pytest.mark.slow


@pytest.fixture
def box() -> Iterator[Postbox]:
    box = Postbox().start()
    yield box
    box.stop()


def run(house: Flask, database_url: str, box: Postbox, clock: StoppedClock) -> "subprocess.Popen[str]":
    """`flask duties run reminders.mail` as the clockwork runs it, on the office's database."""
    file: Path = house.config["INSTANCE"] / "clock"
    file.write_text(clock.now().isoformat())
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PORTAL_", "DATABASE_"))}
    settings = {
        "FLASK_APP": "wsgi", "PORTAL_ENV": "tests", "PORTAL_CLOCKWORK_QUICK": "20",
        "PORTAL_INSTANCE": str(house.config["INSTANCE"]), "DATABASE_URL": database_url,
        "PORTAL_CLOCK_FILE": str(file), "PORTAL_ADDRESS": "http://portal.lan", "PORTAL_MAIL_HOST": box.host,
        "PORTAL_MAIL_PORT": str(box.port), "PORTAL_MAIL_SECURITY": "none", "PORTAL_MAIL_FROM": "portal@guixi.lan",
    }  # fmt: skip
    command = [sys.executable, "-m", "flask", "duties", "run", "reminders.mail"]
    return subprocess.Popen(
        command, cwd=ROOT, env={**kept, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_i6_killed_between_send_and_record(
    house: Flask, database_url: str, cast: Cast, clock: StoppedClock, box: Postbox
) -> None:
    configure(house, box)
    cast.people["staff"].mail = "zhoumin@guixi.lan"
    world = World()
    offered(house, world.rule(at_once=True))
    tick(clock.now())
    owe(world, cast, clock.now())
    tick(clock.now())
    db.session.remove()

    first = run(house, database_url, box, clock)

    def kill(_letter: Letter) -> None:
        os.kill(first.pid, signal.SIGKILL)

    box.on_letter = kill
    first.communicate(timeout=60)
    assert first.returncode == -signal.SIGKILL
    assert [mail.state for mail in mails()] == [MailState.SENDING]
    db.session.remove()

    box.on_letter = None
    clock.tick(CLAIMED_MOST + timedelta(minutes=1))
    second = run(house, database_url, box, clock)
    said, trouble = second.communicate(timeout=60)
    assert second.returncode == 0, said + trouble
    assert [mail.state for mail in mails()] == [MailState.UNKNOWN]
    assert len(box.letters) == 1
