"""Codes of streets: one sequence, never used again, safe when two clerks press at once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from portal.ground.db import db
from portal.places.models import Sequence
from portal.places.queries import codes_used


def next_codes(count: int) -> list[str]:
    """Take the next `count` codes: one statement that counts up and holds the row."""
    last = _count_up("street", count)
    return [f"L{number:04d}" for number in range(last - count + 1, last + 1)]


def pass_over(used: Mapping[str, int]) -> int:
    """Never give out again the codes that `queries.codes_used` found given out, in the office that stood before an
    older copy of it was brought back. Returns how many are passed over."""
    here, passed = codes_used(), 0
    for name, last in used.items():
        if (behind := last - here.get(name, 0)) > 0:
            _count_up(name, behind)
            passed += behind
    return passed


def _count_up(name: str, count: int) -> int:
    insert: Any = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    taken = insert(Sequence).values(name=name, last=count)
    taken = taken.on_conflict_do_update(index_elements=["name"], set_={"last": Sequence.last + count})
    return int(db.session.execute(taken.returning(Sequence.last)).scalar_one())


def lock_names() -> None:
    """Let one at a time decide about names, before any street is held: a name is there once in its community.

    On SQLite whoever may write is alone already.
    """
    db.session.execute(select(Sequence).where(Sequence.name == "street").with_for_update())
