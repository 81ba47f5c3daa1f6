"""Fixtures of the browser tests."""

from tests.browser.kiosk_rig import hall, put_up

__all__ = ["hall", "put_up"]
