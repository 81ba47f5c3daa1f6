"""Transactions and connections on PostgreSQL: nothing prepared is lost, nothing dead is handed out."""

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from portal.ground.db import db, writing

PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%areas_areas%'")
READ = text("SELECT count(*) FROM areas_areas")


def on_postgresql(house: Flask) -> bool:
    with house.app_context():
        return db.engine.dialect.name == "postgresql"


def read_often(times: int = 8) -> None:
    for _ in range(times):
        db.session.execute(READ)
        db.session.rollback()


def test_a_reading_transaction_keeps_what_is_prepared(house: Flask) -> None:
    db.session.rollback()
    token = writing.set(False)
    read_often()
    if on_postgresql(house):
        assert db.session.scalar(PREPARED) == 1
        db.session.rollback()
        writing.set(True)  # the control: a transaction that may write ends by ROLLBACK, and all is forgotten
        read_often(1)
        assert db.session.scalar(PREPARED) == 0
    writing.reset(token)


def test_a_transaction_that_may_write_is_undone(house: Flask) -> None:
    before = db.session.scalar(READ)
    db.session.execute(text("UPDATE areas_areas SET name = name || '?'"))
    db.session.rollback()
    assert db.session.scalar(text("SELECT count(*) FROM areas_areas WHERE name LIKE '%?'")) == 0
    assert db.session.scalar(READ) == before


def test_a_reading_transaction_that_fails_leaves_a_sound_connection(house: Flask) -> None:
    db.session.rollback()
    token = writing.set(False)
    with pytest.raises(DBAPIError):
        db.session.execute(text("UPDATE areas_areas SET name = ''"))
    db.session.rollback()
    assert db.session.scalar(READ) is not None
    db.session.rollback()
    writing.reset(token)


def test_a_connection_that_the_server_closed_is_not_handed_out(house: Flask) -> None:
    """The server was restarted, or somebody ended its sessions: the next request notices nothing."""
    if not on_postgresql(house):
        assert db.session.scalar(text("SELECT 1")) == 1
        return
    mine = text("SELECT pg_backend_pid()")
    own = db.session.scalar(mine)
    db.session.rollback()  # back into the pool
    other = create_engine(db.engine.url)
    with other.connect() as somebody:
        assert somebody.scalar(text("SELECT pg_terminate_backend(:own, 5000)"), {"own": own})
    other.dispose()
    assert db.session.scalar(mine) != own
