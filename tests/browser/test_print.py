"""打印 is pressed: the page prints itself, and each copy leaves its line, in every room that prints (DECISIONS 31)."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from playwright.sync_api import Page, Playwright

from tests.browser.chromium import NAME, chromium, visit
from tests.browser.live import listening
from tests.cast import PASSWORD
from tests.merchants.shops import planted
from tests.trail import told

pytestmark = pytest.mark.browser
#: The page for paper of each room, and the deed that its trail lines name.
PRINTED = [
    ("/merchants/1/print", "merchants.print"),
    ("/merchants/labels", "merchants.labels"),
    ("/places/notice", "places.print"),
    ("/settings/print", "settings.print"),
    ("/worktime/print?year=2026", "worktime.print"),
]


@pytest.fixture
def clerk(site: Flask, driver: Playwright, now: datetime) -> Iterator[Page]:
    """专项办's browser, on a site with one shop."""
    planted(site, now)
    with listening(site) as port, chromium(driver, port) as browser, visit(browser) as page:
        page.goto(f"http://{NAME}/login")
        page.fill("#login", "office")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url("**/desk/")
        yield page


def test_every_press_prints_and_leaves_a_line(site: Flask, clerk: Page) -> None:
    for address, deed in PRINTED:
        clerk.goto(f"http://{NAME}{address}")
        assert (clerk.evaluate("top.printed || 0"), told(site, deed)) == (0, [])
        for copies, word in ((1, "打印"), (2, "再打印一份"), (3, "再打印一份")):
            with clerk.expect_navigation():
                clerk.click(f".acts button:text-is('{word}')")
            assert clerk.evaluate("top.printed") == 1, "each page prints itself once"
            assert len(told(site, deed)) == copies, address
