"""Shop numbers: one sequence a community, never used again, safe when two clerks press at once."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from portal.ground.db import db
from portal.ground.fields.codes import make_shop_number
from portal.merchants.models import Sequence
from portal.merchants.queries import Place, Tree


def _insert() -> Any:
    return postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert


def next_number(grid_id: int, tree: Tree) -> str:
    """Take the next number of the grid's community."""
    return next(next_numbers(tree.community_of(grid_id), 1))


def next_numbers(community: Place, count: int) -> Iterator[str]:
    """Take the next `count` numbers of a community: one statement that counts up and holds the row."""
    taken = _insert()(Sequence).values(community_id=community.id, last=count)
    taken = taken.on_conflict_do_update(index_elements=["community_id"], set_={"last": Sequence.last + count})
    last = db.session.execute(taken.returning(Sequence.last)).scalar_one()
    return (make_shop_number(community.code, serial) for serial in range(last - count + 1, last + 1))
