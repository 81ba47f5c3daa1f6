"""Fixtures of the house book.

`site` is the application on SQLite, for doors and rules. `house` is the same on SQLite and on PostgreSQL with an
application context pushed, for services and queries (both databases, always). `clock` stands at 2026-11-25 10:00.
Hold no context open around a client of `site`: Flask-Login would keep the first user.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import settings as hypothesis

from portal import create_app
from portal.ground import secrets
from portal.ground.clock import SHANGHAI, StoppedClock
from portal.ground.db import db, writing
from tests.cast import PASSWORD, Cast, seat
from tests.postgres import Cluster, an_empty_database, the_cluster  # noqa: F401  (fixtures)
from tests.worktime.almanac import seat_calendars

# How long an example takes says how busy the machine is, not whether it is right.
hypothesis.register_profile("house", deadline=None)
hypothesis.load_profile("house")

NOON = datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI)
CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


@dataclass
class Engine:
    """One database with migrations and the standing cast, ready to be copied for each test."""

    name: str
    template: str
    cluster: Cluster | None = None


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(NOON)


def settings(instance: Path, url: str) -> dict[str, Any]:
    """The configuration of a test's application."""
    return {
        "TESTING": True,
        "INSTANCE": instance,
        "SQLALCHEMY_DATABASE_URI": url,
        "PASSWORD_COST": CHEAP,
        "DEMO": False,
        "SERVER_NAME": None,
    }


def migrated(instance: Path, url: str) -> None:
    """Bring a database to the newest migration, and seat the cast."""
    app = create_app(settings(instance, url), clock=StoppedClock(NOON))
    with app.app_context():
        writing.set(True)
        upgrade()
        seat(NOON)
        seat_calendars(NOON)
        db.session.commit()
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as raw:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def instance_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder with secrets, copied for each test."""
    folder = tmp_path_factory.mktemp("instance")
    secrets.make(folder)
    return folder


@pytest.fixture(scope="session")
def sqlite_template(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "portal.sqlite3"
    migrated(instance_template, f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(instance_template: Path, cluster: Cluster) -> str:
    name = cluster.create("template")
    migrated(instance_template, cluster.url(name))
    return name


@pytest.fixture
def instance(instance_template: Path, tmp_path: Path) -> Path:
    """A fresh instance folder for this test."""
    folder = tmp_path / "instance"
    shutil.copytree(instance_template, folder)
    return folder


@pytest.fixture
def sqlite_url(instance: Path, sqlite_template: Path) -> str:
    shutil.copy(sqlite_template, instance / "portal.sqlite3")
    return f"sqlite:///{instance / 'portal.sqlite3'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, instance: Path) -> Iterator[str]:
    """The address of a fresh database with the cast: once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), instance / "portal.sqlite3")
        yield f"sqlite:///{instance / 'portal.sqlite3'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = cluster.create("test", template=request.getfixturevalue("postgres_template"))
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def site(instance: Path, sqlite_url: str, clock: StoppedClock) -> Iterator[Flask]:
    """The application on SQLite; no context is pushed."""
    app = create_app(settings(instance, sqlite_url), clock=clock)
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def house(instance: Path, database_url: str, clock: StoppedClock) -> Iterator[Flask]:
    """The application on both databases, with a context pushed; transactions may write."""
    app = create_app(settings(instance, database_url), clock=clock)
    with app.app_context():
        token = writing.set(True)
        yield app
        db.session.remove()
        writing.reset(token)
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def cast(house: Flask) -> Cast:
    """The standing cast, as actors, for tests of services on `house`."""
    return Cast.load(NOON)


@pytest.fixture
def now() -> datetime:
    return NOON


class Visitor:
    """A browser without JavaScript: a client that can log in and post forms with their CSRF token."""

    def __init__(self, app: Flask):
        self.app = app
        self.client: FlaskClient = app.test_client()

    def sign_in(self, login: str) -> "Visitor":
        """Log in as one of the cast."""
        answer = self.post("/login", {"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return self

    def get(self, url: str, **kwargs: Any) -> Any:
        return self.client.get(url, **kwargs)

    def token(self) -> str:
        """Return a CSRF token that belongs to this browser's session."""
        page = self.client.get("/csrf-for-tests")
        return page.get_data(as_text=True)

    def post(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        fields = {"csrf_token": self.token(), **(data or {})}
        return self.client.post(url, data=fields, **kwargs)

    def htmx(self, method: str, url: str, target: str, data: dict[str, Any] | None = None) -> Any:
        """Ask as htmx does for the element `target`."""
        headers = {"HX-Request": "true", "HX-Target": target}
        if method == "get":
            return self.client.get(url, headers=headers)
        # A browser follows a 303 by itself, with the same headers.
        return self.post(url, data, headers=headers, follow_redirects=True)


@pytest.fixture
def visitor(site: Flask) -> Visitor:
    return a_visitor(site)


def a_visitor(site: Flask) -> Visitor:
    """Another browser on the same site."""
    if "csrf-for-tests" not in site.view_functions:
        from flask_wtf.csrf import generate_csrf

        site.add_url_rule("/csrf-for-tests", "csrf-for-tests", generate_csrf)
    return Visitor(site)


@pytest.fixture
def staff(visitor: Visitor) -> Visitor:
    """A browser in which the community's member of staff has logged in."""
    return visitor.sign_in("staff")
