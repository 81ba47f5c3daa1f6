"""Shop numbers: one sequence a community, never used again, safe when two clerks press at once."""

from typing import Any

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite

from portal.ground.db import db
from portal.ground.fields.codes import make_shop_number
from portal.merchants.models import Sequence
from portal.merchants.queries import Tree


def _insert() -> Any:
    return postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert


def next_number(grid_id: int, tree: Tree) -> str:
    """Take the next number of the grid's community: one statement that counts up and holds the row."""
    community = tree.community_of(grid_id)
    taken = _insert()(Sequence).values(community_id=community.id, last=1)
    taken = taken.on_conflict_do_update(index_elements=["community_id"], set_={"last": Sequence.last + 1})
    return make_shop_number(community.code, db.session.execute(taken.returning(Sequence.last)).scalar_one())


def keep_number(community_id: int, serial: int) -> None:
    """A number that came with an imported file is taken: the sequence goes on after it."""
    taken = _insert()(Sequence).values(community_id=community_id, last=serial)
    higher = case((Sequence.last < serial, serial), else_=Sequence.last)
    db.session.execute(taken.on_conflict_do_update(index_elements=["community_id"], set_={"last": higher}))
