"""Throttles: counted, waited for, forgotten."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from portal.ground import throttle
from portal.ground.db import db

MINUTE = timedelta(minutes=1)


def test_waits_until_the_oldest_of_the_last_has_aged_out(house: Flask, now: datetime) -> None:
    for minute in range(3):
        throttle.failed("door:here", now=now + minute * MINUTE)
    asked: dict[str, Any] = {"limit": 3, "within": 15 * MINUTE}
    assert throttle.waiting("door:here", now=now + 2 * MINUTE, **asked) == 13 * MINUTE
    assert throttle.waiting("door:there", now=now + 2 * MINUTE, **asked) is None
    assert throttle.waiting("door:here", now=now + 15 * MINUTE, **asked) is None


def test_what_is_old_goes_whoever_failed_it(house: Flask, now: datetime) -> None:
    """A stranger who comes from ever other addresses leaves nothing for good."""
    for number in range(5):
        throttle.failed(f"door:{number}", now=now - timedelta(days=2))
    throttle.failed("door:new", now=now)
    assert db.session.scalar(select(func.count()).select_from(throttle.Failure)) == 1
