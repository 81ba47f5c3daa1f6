"""Migrations match the models on both databases, and the trail's guard stands after every upgrade."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from portal.ground.db import belongs, db


def test_migrations_match_the_models(house: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": belongs})
        assert compare_metadata(context, db.metadata) == []


@pytest.mark.parametrize("statement", ["UPDATE audit_lines SET action = 'x'", "DELETE FROM audit_lines"])
def test_the_guard_stands_after_the_upgrade(house: Flask, cast: object, statement: str) -> None:
    db.session.execute(
        text(
            "INSERT INTO audit_lines (seq, at, actor_kind, actor_name, address, action, subject, result, details, "
            "previous_hash, hash) "
            "VALUES (999, '2026-11-25 02:00:00', 'system', '系统', '', 'a', 'b', 'ok', '{}', 'p', 'h')"
        )
    )
    with pytest.raises(DatabaseError):
        db.session.execute(text(statement))
    db.session.rollback()
