"""The trail's guard in the database itself: UPDATE, DELETE, REPLACE and TRUNCATE are refused on both engines.

SQLite fires its delete trigger for REPLACE only under `PRAGMA recursive_triggers=ON` (ground/db.py sets it); the
insert trigger refuses a taken number whatever the connection has set.
"""

from sqlalchemy import Connection, text

from portal.audit.terms import GENESIS

REFUSAL = "the trail is append-only"
SQLITE = [
    *(
        f"CREATE TRIGGER audit_lines_no_{verb} BEFORE {verb.upper()} ON audit_lines "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for verb in ("update", "delete")
    ),
    "CREATE TRIGGER audit_lines_no_replace BEFORE INSERT ON audit_lines "
    "WHEN EXISTS (SELECT 1 FROM audit_lines WHERE seq = NEW.seq OR hash = NEW.hash) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    "CREATE TRIGGER audit_head_no_return BEFORE UPDATE ON audit_head WHEN NEW.seq <= OLD.seq "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
]
POSTGRESQL = [
    "CREATE FUNCTION audit_lines_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
    "CREATE TRIGGER audit_lines_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_lines "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_lines_refuse()",
    "CREATE TRIGGER audit_head_no_delete BEFORE DELETE OR TRUNCATE ON audit_head "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_lines_refuse()",
    "CREATE TRIGGER audit_head_no_return BEFORE UPDATE ON audit_head "
    "FOR EACH ROW WHEN (NEW.seq <= OLD.seq) EXECUTE FUNCTION audit_lines_refuse()",
]
UNGUARD = {
    "sqlite": [
        "DROP TRIGGER audit_lines_no_update",
        "DROP TRIGGER audit_lines_no_delete",
        "DROP TRIGGER audit_lines_no_replace",
        "DROP TRIGGER audit_head_no_delete",
        "DROP TRIGGER audit_head_no_return",
    ],
    "postgresql": [
        "DROP TRIGGER audit_lines_no_change ON audit_lines",
        "DROP TRIGGER audit_head_no_delete ON audit_head",
        "DROP TRIGGER audit_head_no_return ON audit_head",
        "DROP FUNCTION audit_lines_refuse()",
    ],
}


def guard(connection: Connection) -> None:
    """Seat the chain's head and hang the triggers; for migrations.

    With its head in place, whoever appends first waits on its lock like everybody after. Alembic's batch mode drops
    triggers: a test looks after each upgrade.
    """
    connection.execute(text("INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, :genesis)"), {"genesis": GENESIS})
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.execute(text(statement))


def unguard(connection: Connection) -> None:
    """Take the triggers down, for a downgrade."""
    for statement in UNGUARD[connection.dialect.name]:
        connection.execute(text(statement))
