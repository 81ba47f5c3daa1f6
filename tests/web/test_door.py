"""The door owns the transaction."""

import pytest
from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy import select, update

from portal.accounts.models import Person
from portal.ground.db import db
from portal.web import SIGNED_IN, Room
from tests.conftest import a_visitor


@pytest.mark.parametrize("flushed", [True, False], ids=["in the view", "at the commit"])
def test_two_editors_at_the_same_instant(site: Flask, flushed: bool) -> None:
    """PostgreSQL lets both past the check of the version; the second UPDATE finds no row, and that is a no."""
    room = Room("instant", __name__)

    @room.post("/instant", needs=SIGNED_IN)
    def edit() -> ResponseReturnValue:
        person = db.session.scalars(select(Person).where(Person.login == "village")).one()
        colleague = update(Person).where(Person.id == person.id).values(version=Person.version + 1)
        db.session.execute(colleague.execution_options(synchronize_session=False))
        person.name = "后来的（演示）"
        if flushed:
            db.session.flush()
        return "saved"

    site.register_blueprint(room)
    answer = a_visitor(site).sign_in("staff").post("/instant")
    assert answer.status_code == 409 and "他人已先修改，请刷新" in answer.get_data(as_text=True)
    with site.app_context():
        assert db.session.scalar(select(Person.name).where(Person.login == "village")) == "村干部（演示）"
