"""The trail's guard in the database itself: UPDATE, DELETE, REPLACE and TRUNCATE are refused on both engines.

`PRAGMA recursive_triggers=ON` (ground/db.py) makes SQLite fire the delete trigger for REPLACE as well.
"""

from sqlalchemy import Connection, text

SQLITE = [
    f"CREATE TRIGGER audit_lines_no_{verb} BEFORE {verb.upper()} ON audit_lines "
    "BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
    for verb in ("update", "delete")
]
POSTGRESQL = [
    "CREATE FUNCTION audit_lines_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$",
    "CREATE TRIGGER audit_lines_no_change BEFORE UPDATE OR DELETE ON audit_lines "
    "FOR EACH ROW EXECUTE FUNCTION audit_lines_refuse()",
    "CREATE TRIGGER audit_lines_no_truncate BEFORE TRUNCATE ON audit_lines "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_lines_refuse()",
]
UNGUARD = {
    "sqlite": ["DROP TRIGGER audit_lines_no_update", "DROP TRIGGER audit_lines_no_delete"],
    "postgresql": [
        "DROP TRIGGER audit_lines_no_change ON audit_lines",
        "DROP TRIGGER audit_lines_no_truncate ON audit_lines",
        "DROP FUNCTION audit_lines_refuse()",
    ],
}


def guard(connection: Connection) -> None:
    """Hang the triggers; for migrations (Alembic's batch mode drops triggers: a test looks after each upgrade)."""
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.execute(text(statement))


def unguard(connection: Connection) -> None:
    """Take the triggers down, for a downgrade."""
    for statement in UNGUARD[connection.dialect.name]:
        connection.execute(text(statement))
