"""The demonstration office behind gunicorn, as script/server starts it, for a whole path through a real browser."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

from portal.accounts.demo import PASSWORD
from tests.browser.chromium import DESK, HALF, NAME, ROOT, chromium, visit
from tests.browser.live import free_port

#: Where pictures of the last run lie, to be put beside the drawn ones; ignored by git.
PICTURES = ROOT / "build/pictures"
#: A console line that is not ours to mend: a page that answers 4xx on purpose says so on the console too.
EXPECTED = ("the server responded with a status of 4",)


@dataclass
class Office:
    """One office: its folder, its server, and a browser for which `address` leads there."""

    driver: Playwright
    browser: Browser
    folder: Path
    address: str = f"http://{NAME}"
    errors: list[str] = field(default_factory=list)

    def run(self, *words: str) -> str:
        """Run one of the portal's own commands on this office, as its administrator would."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        done = subprocess.run(command, cwd=ROOT, env=surroundings(self.folder), check=True, capture_output=True)
        return done.stdout.decode()

    @contextmanager
    def person(self, login: str = "", size: tuple[int, int] = DESK, **options: Any) -> Iterator[Page]:
        """A browser of its own, logged in when `login` says who; lines of error on its console fail the test."""
        said: list[str] = []
        with visit(self.browser, size, **options) as page:
            page.context.on("console", lambda line: said.append(f"{page.url}: {line.text}") if bad(line) else None)
            if login:
                log_in(page, self.address, login)
            yield page
        assert not said, "\n".join(said)


def bad(line: Any) -> bool:
    """Whether a console line is an error that a page of ours should not have."""
    return line.type == "error" and not any(words in line.text for words in EXPECTED)


def log_in(page: Page, address: str, login: str) -> None:
    """Through the front door, as people do."""
    page.goto(f"{address}/login")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a server of this folder, with nothing of this shell's own office in it."""
    own = ("PORTAL_", "OFFICE_SEAL_", "DATABASE_URL", "PUBLIC_ADDRESS", "FLASK_")
    clean = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    return {**clean, "PORTAL_INSTANCE": str(folder), "FLASK_APP": "wsgi", **more}


@contextmanager
def serving(folder: Path, port: int, *options: str, **more: str) -> Iterator[None]:
    """gunicorn with the settings of script/server, from its preparing to its end."""
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--config", "script/serving.py"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", "2", *options]
    with (folder.parent / f"server-{port}.log").open("w+") as log:
        environment = surroundings(folder, PORTAL_PREPARE="demo", **more)
        # A group of its own, because the sweep that it starts must end with it.
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _until_ready(server, port, Path(log.name))
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(60)
        log.seek(0)
        assert "Traceback" not in (told := log.read()), told


def _until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait for the port, which opens when the office is prepared; what the server printed comes with a failure."""
    for _ in range(1200):
        assert server.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.25)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def office(driver: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The demonstration office, built once, at http://portal.test."""
    folder, port = tmp_path_factory.mktemp("office") / "demo", free_port()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with serving(folder, port), chromium(driver, port) as browser:
        yield Office(driver, browser, folder)


@contextmanager
def behind_tls(office: Office) -> Iterator[Office]:
    """The same office at https://portal.test, with an authority of its own that the browser trusts."""
    keys, port = office.folder.parent / "tls", free_port()
    subprocess.run([sys.executable, "script/tls.py", str(keys), NAME], cwd=ROOT, check=True, capture_output=True)
    files = ("--certfile", str(keys / "server.crt"), "--keyfile", str(keys / "server.key"))
    address = f"https://{NAME}"
    with (
        serving(office.folder, port, *files, PORTAL_TLS="1", PUBLIC_ADDRESS=address),
        chromium(office.driver, port, authority=keys / "authority.crt") as browser,
    ):
        yield Office(office.driver, browser, office.folder, address)


def picture(page: Page, name: str, *more: tuple[int, int]) -> None:
    """Leave a page's picture at 1366×768, at half the width, and at `more`; over TLS it looks the same."""
    if page.url.startswith("https"):
        return
    for size in (DESK, HALF, *more):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.wait_for_timeout(200)
        page.screenshot(path=PICTURES / f"{name}-{size[0]}.png", full_page=True)
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
