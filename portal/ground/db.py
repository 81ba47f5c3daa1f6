"""The database: base class, column types, and how a transaction begins on each engine.

SQLite: WAL, `synchronous=FULL`, BEGIN IMMEDIATE for whoever may write (proofs.md, Traps: a deferred BEGIN that
upgrades fails at once as locked), and read-only transactions for everybody else. PostgreSQL: READ ONLY likewise.
"""

import select as sockets
import sqlite3
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVarTuple

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, Row, Select, String, TypeDecorator, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase

from portal.ground.clock import SHANGHAI
from portal.ground.labels import Label

#: May the transaction that begins next write? Doors for readers set it to False.
writing: ContextVar[bool] = ContextVar("writing", default=True)


class Base(DeclarativeBase):
    """Base of every table; names of constraints are fixed so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
Ts = TypeVarTuple("Ts")


class Moment(TypeDecorator[datetime]):
    """An instant: stored in UTC, returned aware in Asia/Shanghai (house.md section 4)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a Moment must be aware")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(SHANGHAI)


class Labelled(TypeDecorator[Any]):
    """A `Label` enum, stored by its value."""

    impl = String(24)
    cache_ok = True

    def __init__(self, kind: type[Label]):
        super().__init__(24)
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.kind(value)


def rows(statement: Select[*Ts], values: Mapping[str, Any] | None = None) -> Sequence[Row[*Ts]]:
    """Return the rows of a statement of plain columns, past the session's ORM: at half its price, for hot pages.

    What the session holds and has not flushed is not seen; a door that reads has nothing such.
    """
    return db.session.connection().execute(statement, values or {}).all()


def belongs(thing: Any, *_rest: object) -> bool:
    """Whether the database at hand has this table, column or index: `info={"only": "postgresql"}` says that others
    do not. Migrations and their test ask."""
    return thing.info.get("only") in (None, db.engine.dialect.name)


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, _record: Any) -> None:
    """Set up a fresh SQLite connection; our own `begin` hook opens its transactions."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "busy_timeout=15000",
            "cache_size=-16000",
        ):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    """Begin: writers take the write lock at once, readers cannot write at all."""
    may_write = writing.get()
    if connection.dialect.name == "sqlite":
        # Straight to the driver: these two come before every request's first query.
        plain = connection.connection.driver_connection
        plain.execute(f"PRAGMA query_only={'OFF' if may_write else 'ON'}")
        plain.execute("BEGIN IMMEDIATE" if may_write else "BEGIN")
    elif connection.dialect.name == "postgresql":
        connection.connection.dbapi_connection.read_only = not may_write


@event.listens_for(Engine, "rollback")
def _end(connection: Any) -> None:
    """End a PostgreSQL transaction that could only read by COMMIT: it is the same to the server, while psycopg forgets
    every prepared statement at a ROLLBACK, and each page would be parsed and planned anew."""
    if connection.dialect.name == "postgresql":
        driver = connection.connection.dbapi_connection
        if driver.read_only and driver.info.transaction_status.name == "INTRANS":
            driver.commit()


@event.listens_for(Engine, "checkout")
def _alive(connection: Any, _record: Any, _proxy: Any) -> None:
    """Take no connection that the server has closed. Between two transactions nothing is to be read from its socket
    but the end, so looking costs no round trip, as asking would."""
    if not isinstance(connection, sqlite3.Connection):
        waiting = sockets.poll()
        waiting.register(connection.fileno(), sockets.POLLIN)
        if waiting.poll(0):
            raise DisconnectionError
