"""The demonstration office as `flask demo build` makes it: as many as promised, invented, and the same office anew."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from portal import create_app
from portal.accounts.demo import LEADING
from portal.accounts.models import Person, PersonRole
from portal.accounts.terms import MARK, ROLES, PersonState
from portal.areas.models import Area
from portal.areas.terms import AreaKind
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.merchants.models import Shop
from portal.papers.models import Paper
from portal.pledges import demo as pledges
from portal.pledges.models import Pledge
from portal.pledges.terms import PledgeState
from tests.conftest import NOON, a_visitor, settings

pytestmark = pytest.mark.slow
#: Columns that chance fills: what is sealed, salted, hashed, or named so that nobody can guess it; and lines of the
#: trail that name a journey.
CHANCE = {
    *("accounts_people.password_hash", "accounts_people.phone_sealed", "accounts_people.seal_ref"),
    *("audit_head.hash", "audit_lines.details", "audit_lines.hash", "audit_lines.previous_hash", "audit_lines.subject"),
    *("kiosk_codes.code_hash", "kiosk_journeys.id", "kiosk_journeys.key"),
    *("merchants_shops.landlord_phone_sealed", "merchants_shops.phone_sealed", "merchants_shops.seal_ref"),
    *("papers_numbers.last_sha", "papers_papers.check_code", "papers_papers.evidence", "papers_papers.evidence_sha"),
    *("papers_papers.evidence_sm3", "papers_papers.previous_sha"),
    *("pledges_checks.seal_ref", "pledges_checks.signer_name_sealed", "pledges_pledges.evidence_sha"),
    *("pledges_pledges.journey_id", "pledges_pledges.key", "pledges_pledges.persons_sealed"),
    *("pledges_pledges.seal_ref", "upkeep_drills.copy", "upkeep_drills.words"),
}


@pytest.fixture
def empty(instance: Path, clock: StoppedClock) -> Iterator[Flask]:
    """The application on a database that holds tables and nothing else."""
    app = create_app(settings(instance, f"sqlite:///{instance / 'portal.sqlite3'}"), clock=clock)
    with app.app_context():
        token = writing.set(True)
        upgrade()
        db.session.remove()
        writing.reset(token)
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def build(app: Flask, *words: str) -> dict[str, list[str]]:
    """Run the command as an administrator does; every column of every table, sorted, as it stands then."""
    token = writing.set(True)  # as in a process of its own: a test before this one may have only read
    done = app.test_cli_runner().invoke(args=["demo", "build", *words])
    writing.reset(token)
    assert done.exit_code == 0, done.output
    with app.app_context():
        return {
            f"{table.name}.{column.name}": sorted(map(repr, db.session.scalars(select(column))))
            for table in db.metadata.sorted_tables
            for column in table.columns
        }


def count(model: Any, *conditions: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def test_the_office_that_is_promised_and_the_same_one_anew(empty: Flask) -> None:
    first = build(empty)
    with empty.app_context():
        assert count(Area, Area.kind.in_([AreaKind.COMMUNITY, AreaKind.VILLAGE])) == 12
        assert count(Area, Area.kind == AreaKind.GRID) == 60
        assert count(Shop) == 600
        states = Counter(db.session.scalars(select(Pledge.state)))
        assert states.total() == count(Pledge, Pledge.signed_at <= NOON) == count(Paper) == 400
        assert (states[PledgeState.WAITING], states[PledgeState.RENEWED], states[PledgeState.VOID]) == (
            pledges.WAITING, pledges.RENEWED, pledges.VOID,
        )  # fmt: skip
        held = select(PersonRole.role).join(Person, Person.id == PersonRole.person_id)
        held = held.where(Person.state == PersonState.ACTIVE, PersonRole.until_on.is_(None))
        assert set(db.session.scalars(held)) == set(ROLES) and len(ROLES) == 15
        assert all(name.endswith(MARK) for name in db.session.scalars(select(Person.name)))
    assert {role for _login, _name, role, _where in LEADING} == set(ROLES)
    for login, *_ in LEADING:
        a_visitor(empty).sign_in(login)
    standing = build(empty, "--if-empty")
    assert standing["accounts_people.password_hash"] == first["accounts_people.password_hash"], "it stands"
    again = build(empty)
    assert again["accounts_people.password_hash"] != standing["accounts_people.password_hash"], "it was made anew"
    assert {name: len(values) for name, values in again.items()} == {
        name: len(values) for name, values in first.items()
    }
    assert {name for name in first if first[name] != again[name]} <= CHANCE
