"""Migrations match the models on both databases and are never written on once offices have run them; what a database
lacks stops the start; the trail's guard stands after every upgrade."""

import hashlib
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from portal.ground.config import ROOT
from portal.ground.db import belongs, db
from script.prepare import complete
from tests.duties.test_processes import environment

VERSIONS = ROOT / "migrations/versions"
#: What has landed: SHA-256 of each migration that offices may have run. Each one but the newest must stand here.
LANDED = {
    "0001_first_tables.py": "c2eaa7349978f5566c2f5f6f1170271cc17772dda3c0cb27d7d8de68d5974abf",
    "0002_clockwork_and_desk.py": "8cc1d855d3304ca456bf96209d849ae793047e542d7f0df7581b4ef0489fbd44",
    "0003_words_by_index.py": "efa7265e2c0e90f2e4f3a3266029acdf0f2277ade90203e56603af43178b4847",
}


def written_on(folder: Path) -> list[str]:
    """What was done to migrations that have landed, in words."""
    stand = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.glob("[0-9]*.py"))}
    following = f"write the next one instead, migrations/versions/{len(stand) + 1:04}_….py"
    told = [
        f"{name} was changed after it had landed: who has run it never runs it again. Put it back and {following}"
        for name, digest in LANDED.items()
        if stand.get(name) != digest
    ]
    return told + [
        f"{name} is not the newest any more: put its SHA-256 into LANDED here, {stand[name]}"
        for name in list(stand)[:-1]
        if name not in LANDED
    ]


def test_what_has_landed_is_never_written_on() -> None:
    assert written_on(VERSIONS) == []


def test_writing_on_a_landed_migration_is_told(tmp_path: Path) -> None:
    for file in VERSIONS.glob("[0-9]*.py"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "0002_clockwork_and_desk.py").open("a").write("# one line more\n")
    (tmp_path / "0001_first_tables.py").unlink()
    (tmp_path / "0098_one_more.py").write_text("")
    (tmp_path / "0099_newest.py").write_text("")
    told = written_on(tmp_path)
    assert [words.partition(" ")[0] for words in told][:2] == ["0001_first_tables.py", "0002_clockwork_and_desk.py"]
    assert "write the next one instead" in told[1]
    assert told[-1].startswith("0098_one_more.py is not the newest any more") and "0099" not in told[-1]


def test_migrations_match_the_models(house: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": belongs})
        assert compare_metadata(context, db.metadata) == []


def test_a_database_that_lacks_something_is_told(house: Flask) -> None:
    """An office whose migration was written on afterwards would come up, and its pages answer 503 系统正忙."""
    with db.engine.connect() as connection:
        complete(connection)
        connection.execute(text("DROP TABLE reminders_mails"))
        connection.execute(text("ALTER TABLE merchants_sequences RENAME COLUMN last TO newest"))
        with pytest.raises(SystemExit) as stopped:
            complete(connection)
        connection.rollback()
        complete(connection)
    assert "lacks merchants_sequences.last, reminders_mails, and no migration brings that" in str(stopped.value)


@pytest.mark.slow
def test_the_start_stops_where_the_database_lacks_something(instance: Path, sqlite_url: str) -> None:
    with closing(sqlite3.connect(instance / "portal.sqlite3")) as raw:
        raw.execute("DROP TABLE reminders_mails")
    done = subprocess.run(
        [sys.executable, "script/prepare.py"], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env=environment(instance),
    )  # fmt: skip
    assert done.returncode == 1 and "stopped: the database lacks reminders_mails, and no migration" in done.stderr


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
