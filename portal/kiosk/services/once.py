"""Tools for what must happen once: changes that count their rows, inserts that a UNIQUE index may turn down."""

import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from portal.ground.db import db
from portal.ground.errors import Refused


def rows(statement: Any) -> int:
    """Do an UPDATE or DELETE; return how many rows it changed."""
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(getattr(result, "rowcount", 0))


def one_row(statement: Any) -> bool:
    """Do an UPDATE that is a claim: True when it changed exactly one row."""
    return rows(statement) == 1


def insert_unless_taken(model: Any, **values: Any) -> int | None:
    """Insert a row; return its id, None when a UNIQUE index says that its place is taken."""
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(model).values(**values).on_conflict_do_nothing().returning(model.id)
    return db.session.scalar(statement)


def fresh_digits(length: int, insert: Callable[[str], int | None]) -> str:
    """Return random digits that `insert` took; digits that somebody else holds are drawn anew."""
    for _ in range(20):
        digits = f"{secrets.randbelow(10**length):0{length}d}"
        if insert(digits) is not None:
            return digits
    raise Refused("暂时发不出码，请过一分钟再试")
