"""Fixtures of the browser tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.browser.kiosk_rig import hall, put_up
from tests.browser.office_rig import office

__all__ = ["driver", "hall", "office", "put_up"]


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """Playwright, once a process: it knows one loop only."""
    with sync_playwright() as playwright:
        yield playwright
