"""An office that everybody of the cast can look at: on both databases, with no context held open around its clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal.ground.clock import StoppedClock
from portal.ground.db import db
from tests.conftest import settings


@pytest.fixture
def office(instance: Path, database_url: str, clock: StoppedClock) -> Iterator[Flask]:
    """The application on SQLite and on PostgreSQL, for its doors."""
    app = create_app(settings(instance, database_url), clock=clock)
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
