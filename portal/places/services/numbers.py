"""Codes of streets: one sequence, never used again, safe when two clerks press at once."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from portal.ground.db import db
from portal.places.models import Sequence


def next_codes(count: int) -> list[str]:
    """Take the next `count` codes: one statement that counts up and holds the row."""
    insert: Any = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    taken = insert(Sequence).values(name="street", last=count)
    taken = taken.on_conflict_do_update(index_elements=["name"], set_={"last": Sequence.last + count})
    last = db.session.execute(taken.returning(Sequence.last)).scalar_one()
    return [f"L{number:04d}" for number in range(last - count + 1, last + 1)]


def lock_names() -> None:
    """Let one at a time decide about names, before any street is held: a name is there once in its community.

    On SQLite whoever may write is alone already.
    """
    db.session.execute(select(Sequence).where(Sequence.name == "street").with_for_update())
