"""Paging: ids first, then the rows (proofs.md, Traps: a list that joins before it pages costs twice)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from portal.ground.db import db

SIZES = (50, 100)
T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list: its rows, its number (from 1), the rows a page holds and the rows in all."""

    items: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def links(self) -> list[int | None]:
        """Page numbers to show: the first, the last, two around the present one; None is a gap."""
        wanted = {1, self.pages, *range(self.number - 2, self.number + 3)}
        shown: list[int | None] = []
        for number in sorted(n for n in wanted if 1 <= n <= self.pages):
            if shown and shown[-1] is not None and number - shown[-1] > 1:
                shown.append(None)
            shown.append(number)
        return shown


def paged(
    ids: Select[int],
    load: Callable[[list[int]], Sequence[Any]],
    *,
    number: int,
    size: int,
    total: int | None = None,
) -> Page[Any]:
    """Return page `number` of `ids`; `load` gets the page's ids and returns the rows in the same order.

    A page past the end is the last page. `total` saves the count where it is known.
    """
    size = size if size in SIZES else SIZES[0]
    if total is None:
        total = db.session.scalar(select(func.count()).select_from(ids.order_by(None).subquery())) or 0
    number = min(max(1, number), max(1, -(-total // size)))
    wanted = list(db.session.scalars(ids.limit(size).offset((number - 1) * size)))
    return Page(load(wanted) if wanted else [], number, size, total)
