"""What the tests of people's pages share: ids by account, rows as the database has them."""

import re
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Person, PersonRole, Proposal
from portal.ground.db import db, writing
from tests.conftest import Visitor


def person_id(site: Flask, login: str) -> int:
    """The row id of somebody."""
    return int(read(site, login).id)


def read(site: Flask, login: str) -> Person:
    """Somebody as the database has them, with their roles, detached."""
    with site.app_context():
        writing.set(False)
        person = db.session.scalars(select(Person).where(Person.login == login)).one()
        _ = person.roles
        db.session.expunge_all()
        db.session.rollback()
    return person


def phone_of(site: Flask, login: str) -> str | None:
    """Somebody's telephone, opened."""
    with site.app_context():
        writing.set(False)
        phone = db.session.scalars(select(Person).where(Person.login == login)).one().phone
        db.session.rollback()
    return phone


def first(site: Flask, kind: Any, **conditions: Any) -> Any:
    """The first row of a table that fits, detached; None without."""
    with site.app_context():
        writing.set(False)
        found = db.session.scalars(select(kind).filter_by(**conditions).order_by(kind.id)).first()
        db.session.expunge_all()
        db.session.rollback()
    return found


def role_id(site: Flask, login: str) -> int:
    """The row id of somebody's first role."""
    return int(first(site, PersonRole, person_id=person_id(site, login)).id)


def waiting(site: Flask) -> Proposal | None:
    """The first role that was asked for."""
    found: Proposal | None = first(site, Proposal)
    return found


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    assert found, name
    return found[1]


def text(answer: Any) -> str:
    """The page, as text."""
    return str(answer.get_data(as_text=True))


def secret_in(page: str) -> str:
    """The one-time password on a slip."""
    found = re.search(r"<b><code>([^<]+)</code></b>", page)
    assert found, page
    return found[1]


def asked(site: Flask, admin: Visitor, login: str, role: str = "grid_worker", area: str = "MY-02") -> int:
    """Ask for a role; the row id of what waits."""
    sent = {"role": role, "area": area, "from_on": "2026-11-25"}
    answer = admin.post(f"/people/{person_id(site, login)}/proposals", sent)
    assert answer.status_code == 303, text(answer)
    found = first(site, Proposal, person_id=person_id(site, login), state="waiting")
    return int(found.id)
