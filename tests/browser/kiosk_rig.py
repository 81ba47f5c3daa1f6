"""The upright kiosk in real chromium: an enrolled machine before a shop that wants to sign."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Playwright

from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.papers import services as papers
from portal.pledges import services as pledges
from tests.browser.chromium import KIOSK, chromium, visit
from tests.browser.live import free_port, listening
from tests.kiosk.ground import a_device, a_shop, a_signing_code


@dataclass
class Stand:
    """Where the machine stands: the site, its clock, a browser, and the secrets of this test."""

    app: Flask
    clock: StoppedClock
    browser: Browser
    address: str
    token: str

    def code(self, number: str = "GX-MY-0142", name: str = "阿婆豆花") -> str:
        """A fresh signing code for a shop that this makes."""
        with self.app.app_context(), writes():
            digits = a_signing_code(a_shop(self.clock.now(), number, name), self.clock.now())
            db.session.commit()
        return digits

    @contextmanager
    def machine(self, size: tuple[int, int] = KIOSK, **options: Any) -> Iterator[Page]:
        """The machine's browser, at its start screen."""
        with visit(self.browser, size, **options) as page:
            cookie: Any = {"name": "kiosk", "value": self.token, "url": self.address, "httpOnly": True}
            page.context.add_cookies([cookie])
            page.goto(f"{self.address}/kiosk")
            yield page

    def ask(self, statement: str) -> list[Any]:
        """Read the database."""
        with self.app.app_context():
            return [tuple(row) for row in db.session.execute(db.text(statement))]


@contextmanager
def writes() -> Iterator[None]:
    token = writing.set(True)
    try:
        yield
    finally:
        writing.reset(token)


#: `put_up(idle=1)`: put the machine up for this test, with shortened seconds.
PutUp = Callable[..., AbstractContextManager[Stand]]


class Hall:
    """One browser for all tests of a session, for which portal.test is one port; a test puts its own site there."""

    def __init__(self, browser: Browser, port: int):
        self.browser, self.port = browser, port
        self.authority: Path | None = None

    @contextmanager
    def stand(self, app: Flask, clock: StoppedClock, **times: float) -> Iterator[Stand]:
        """Put the machine up; `times` shortens the seconds of its screens."""
        app.config["KIOSK_TIMES"] = {"still": 0, **times}
        with app.app_context(), writes():
            self._authority(app, clock)
            pledges.sow_templates(clock.now())
            _device, token = a_device(clock.now())
            db.session.commit()
            db.session.remove()
        with listening(app, self.port):
            yield Stand(app, clock, self.browser, f"http://portal.test:{self.port}", token)

    def _authority(self, app: Flask, clock: StoppedClock) -> None:
        """Give the site an authority to seal with: made for the first test, copied for the others."""
        folder = Path(app.config["INSTANCE"]) / "authority"
        if self.authority is not None:
            shutil.copytree(self.authority, folder)
            return
        papers.make_authority(now=clock.now())
        self.authority = Path(tempfile.mkdtemp(prefix="portal-authority-")) / "authority"
        shutil.copytree(folder, self.authority)


@pytest.fixture(scope="session")
def hall(driver: Playwright) -> Iterator[Hall]:
    """The hall where machines are put up."""
    port = free_port()
    with chromium(driver, port) as browser:
        place = Hall(browser, port)
        yield place
        if place.authority is not None:
            shutil.rmtree(place.authority.parent)


@pytest.fixture
def put_up(hall: Hall, site: Flask, clock: StoppedClock) -> PutUp:
    """Put the machine up on this test's site."""
    return partial(hall.stand, site, clock)


def at(page: Page, name: str) -> None:
    """Wait until a screen has come."""
    page.wait_for_selector(f"#screen[data-name={name}]:not(.busy)")


def enter(page: Page, digits: str) -> None:
    """Type the code and go on."""
    page.keyboard.type(digits, delay=120)
    page.click("#enter-go")
    at(page, "shop")


def to_signature(page: Page, digits: str) -> None:
    """Walk from the code to the glass."""
    enter(page, digits)
    page.click("text=对，是我的店")
    at(page, "terms")
    while page.get_attribute("#agree-go", "aria-disabled") == "true":
        page.click("#down")
        page.wait_for_timeout(350)
    page.click("#agree-go")
    at(page, "who")
    page.click("text=下一步")
    at(page, "sign")


def write(page: Page, strokes: int = 4) -> None:
    """Write on the glass with the mouse: some long strokes."""
    box = page.locator("#ink").bounding_box()
    assert box is not None
    for number in range(strokes):
        x = box["x"] + box["width"] * (0.2 + 0.15 * number)
        page.mouse.move(x, box["y"] + box["height"] * 0.35)
        page.mouse.down()
        for step in range(1, 13):
            page.mouse.move(
                x + 6 * step * (-1 if step % 5 == 0 else 1), box["y"] + box["height"] * (0.35 + 0.03 * step)
            )
        page.mouse.up()


def ink_on_glass(page: Page) -> int:
    """How many pixels of the canvas are inked."""
    return int(
        page.evaluate(
            "() => { const c = document.getElementById('ink'); const d = c.getContext('2d')"
            ".getImageData(0, 0, c.width, c.height).data; let n = 0;"
            " for (let i = 3; i < d.length; i += 4) if (d[i]) n += 1; return n; }"
        )
    )


def sent_strokes(body: str | None) -> Any:
    """The strokes of a posted form."""
    return json.loads(parse_qs(body or "")["strokes"][0])
