"""Shop numbers: one sequence a community, never used again, safe when two clerks press at once."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from portal.areas.models import Area
from portal.ground.db import db, rows
from portal.ground.fields.codes import make_shop_number
from portal.merchants.models import OldSequence, Sequence
from portal.merchants.queries import Place, Tree, numbers_used


def _insert() -> Any:
    return postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert


def next_number(grid_id: int, tree: Tree) -> str:
    """Take the next number of the grid's community."""
    return next(next_numbers(tree.community_of(grid_id), 1))


def next_numbers(community: Place, count: int) -> Iterator[str]:
    """Take the next `count` numbers of a community."""
    last = _count_up(community.id, community.code, count)
    return (make_shop_number(community.code, serial) for serial in range(last - count + 1, last + 1))


def pass_over(used: Mapping[str, int]) -> int:
    """Never give out again the numbers that `queries.numbers_used` found given out, in the office that stood before an
    older copy of it was brought back; also where the copy does not know the community yet, which will be entered anew
    under its code. Returns how many are passed over."""
    here, passed = numbers_used(), 0
    areas = dict(rows(select(Area.code, Area.id)))
    for community, last in used.items():
        behind = last - here.get(community, 0)
        if behind <= 0:
            continue
        passed += behind
        if community in areas:
            _count_up(areas[community], community, behind)
        else:
            db.session.merge(OldSequence(community=community, last=last))
    db.session.flush()
    return passed


def _count_up(community_id: int, code: str, count: int) -> int:
    """Count up in one statement that holds the row; return the last number taken.

    A community without a row goes on behind what was given out in it before a restore, if anything was.
    """
    before = select(func.max(OldSequence.last)).where(OldSequence.community == code).scalar_subquery()
    taken = _insert()(Sequence).values(community_id=community_id, last=count + func.coalesce(before, 0))
    taken = taken.on_conflict_do_update(index_elements=["community_id"], set_={"last": Sequence.last + count})
    return int(db.session.execute(taken.returning(Sequence.last)).scalar_one())
