"""Tallies: how many shops stand in each grid by state and trade, kept in the transaction that changes a shop."""

from collections import Counter
from typing import Any

from sqlalchemy import delete, event, func, insert, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.ground.db import db
from portal.merchants.models import Shop, Tally

Key = tuple[int, Any, Any]


@event.listens_for(Session, "after_flush")
def _keep(session: Session, _context: Any) -> None:
    """Move the tallies of the shops that this flush touches; in one order, so that none waits for another."""
    moves: Counter[Key] = Counter()
    for row in session.new:
        if isinstance(row, Shop):
            moves[_key(row)] += 1
    for row in session.dirty:
        if isinstance(row, Shop) and (before := _before(row)) != _key(row):
            moves[before] -= 1
            moves[_key(row)] += 1
    for row in session.deleted:
        if isinstance(row, Shop):
            moves[_before(row)] -= 1
    for key in sorted((key for key, count in moves.items() if count), key=lambda key: tuple(map(str, key))):
        _move(session, key, moves[key])


def _key(shop: Shop) -> Key:
    return shop.grid_id or shop.grid.id, shop.state, shop.trade


def _before(shop: Shop) -> Key:
    """Where the shop was counted before this flush."""
    attributes: Any = inspect(shop).attrs

    def old(name: str) -> Any:
        history = attributes[name].history
        return history.deleted[0] if history.deleted else getattr(shop, name)

    return old("grid_id"), old("state"), old("trade")


def _move(session: Session, key: Key, count: int) -> None:
    grid, state, trade = key
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    moved = make(Tally).values(grid_id=grid, state=state, trade=trade, count=count)
    session.execute(
        moved.on_conflict_do_update(
            index_elements=["grid_id", "state", "trade"], set_={"count": Tally.count + moved.excluded.count}
        )
    )


def recount() -> None:
    """Count all shops anew: after rows were put in past the session (restore, bench)."""
    db.session.execute(delete(Tally))
    counted = select(Shop.grid_id, Shop.state, Shop.trade, func.count()).group_by(Shop.grid_id, Shop.state, Shop.trade)
    db.session.execute(insert(Tally).from_select(["grid_id", "state", "trade", "count"], counted))
