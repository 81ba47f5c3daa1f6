"""Debian's chromium, driven by Playwright, as a visitor of http://portal.test.

`http://127.0.0.1` is a secure context and a plain intranet address is not, so tests go by a name: `portal.test`
leads to wherever the server under test listens. With an authority to trust, https works without a warning.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

ROOT = Path(__file__).resolve().parents[2]
NAME = "portal.test"
#: An office desktop, half of it, an upright kiosk, and a telephone.
DESK, HALF, KIOSK, PHONE = (1366, 768), (683, 768), (1080, 1920), (390, 844)
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


def program() -> str:
    """The browser's path; RuntimeError when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise RuntimeError("chromium is missing: script/setup --test installs it")


@contextmanager
def chromium(playwright: Playwright, port: int, *, authority: Path | None = None) -> Iterator[Browser]:
    """A browser for which every port of portal.test is 127.0.0.1:`port`; `authority` is a certificate it trusts.

    A page that asks for any other host gets none: nothing here may load from outside.
    """
    rules = f"MAP {NAME} 127.0.0.1:{port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
    flags = [*FLAGS, f"--host-resolver-rules={rules}"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")  # chromium refuses root otherwise
    with tempfile.TemporaryDirectory(prefix="portal-home-") as home:
        if authority:
            trust(Path(home), authority)
        environment: dict[str, Any] = {**os.environ, "HOME": home}
        browser = playwright.chromium.launch(
            executable_path=program(), headless=True, args=flags, env=environment, timeout=60_000
        )
        try:
            yield browser
        finally:
            browser.close()


def trust(home: Path, authority: Path) -> None:
    """Make the browser that lives in `home` trust an authority, as docs/deploy.md tells people to."""
    store = home / ".pki/nssdb"
    store.mkdir(parents=True)
    for command in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "portal", "-i", str(authority)]):
        subprocess.run(["certutil", "-d", f"sql:{store}", *command], check=True, capture_output=True)


@contextmanager
def visit(browser: Browser, size: tuple[int, int] = DESK, **options: Any) -> Iterator[Page]:
    """One visitor with a memory of its own; an error of a script or against the content policy fails the test."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", **options)
    context.set_default_timeout(15_000)
    # No printer stands here, and a headless chromium may give up in print(): the call is noted instead.
    context.add_init_script("window.print = () => { top.printed = (top.printed || 0) + 1; };")
    page, wrongs = context.new_page(), list[str]()
    page.on("pageerror", lambda error: wrongs.append(str(error)))
    page.on("console", lambda said: wrongs.append(said.text) if "Content Security Policy" in said.text else None)
    try:
        yield page
    finally:
        context.close()
    assert not wrongs, wrongs


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with a page, one line each; an empty list is what a test wants."""
    # Evaluated through the debugger, because the page's own policy admits no foreign script.
    page.evaluate((ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{wrong['id']}: {wrong['help']}: {node['html'][:200]}" for wrong in found for node in wrong["nodes"]]
