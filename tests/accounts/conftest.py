"""A database with migrations and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade

from portal import create_app
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from tests.conftest import settings


@pytest.fixture
def empty_site(instance: Path, clock: StoppedClock) -> Iterator[Flask]:
    """A new office's application: migrated, not yet seeded."""
    app = create_app(settings(instance, f"sqlite:///{instance / 'new.sqlite3'}"), clock=clock)
    with app.app_context():
        writing.set(True)
        upgrade()
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()
