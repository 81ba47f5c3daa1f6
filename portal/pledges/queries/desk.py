"""What the desk and the one search ask of pledges: counts, the first things to do, progress by area, numbers.

Counts are live where the shops within reach are few. Beyond `LIVE_MOST` shops they are kept figures, written by a duty
every ten minutes and shown with their time (proofs.md, Traps: 100,000 shops take 120 ms to count).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, cast

from flask import g, has_request_context
from sqlalchemy import ColumnElement, Date, Integer, Select, bindparam, func, literal, select, true, union_all

from portal.ground import marks
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import rows
from portal.merchants.models import Shop, Tenure
from portal.merchants.models import Tally as ShopTally
from portal.merchants.queries import Place, tree, within
from portal.papers.models import Paper
from portal.pledges.models import Pledge, Tally
from portal.pledges.queries.renewing import Taken, overdue, overdue_in, overdue_of
from portal.pledges.queries.standing import standing_of
from portal.pledges.queries.todo import running, soon_until, todo_counts, waiting
from portal.pledges.terms import LIVE_MOST, RENEW_LATE, Standing, Todo


@dataclass(frozen=True)
class Board:
    """What has to be done and how shops stand within somebody's reach, by grid; `as_of` is the time of kept figures,
    None for live ones."""

    todo: Mapping[int, Mapping[str, int]]
    standings: Mapping[int, Mapping[str, int]]
    as_of: datetime | None = None
    sums: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        sums: defaultdict[str, int] = defaultdict(int)
        for counts in self.standings.values():
            for word, count in counts.items():
                sums[word] += count
        object.__setattr__(self, "sums", sums)

    @property
    def owing(self) -> int:
        """应签: every shop that owes a pledge (I13)."""
        return sum(self.sums.values()) - self.sums[Standing.EXEMPT.value]

    @property
    def live(self) -> int:
        """生效."""
        return self.sums[Standing.LIVE.value]

    def count(self, *words: str, grids: Collection[int] | None = None) -> int:
        """How much there is to do of these words, in all grids or in some (`todo_counts`)."""
        wanted = self.todo if grids is None else grids
        return sum(self.todo.get(grid, {}).get(word, 0) for grid in wanted for word in words)

    def missing(self, target: int) -> int:
        """Shops that still have to sign until `target` percent of 应签 are 生效; a part of a shop is a whole one."""
        return max(0, -(-self.owing * target // 100) - self.live)


def board(actor: Actor, now: datetime) -> Board:
    """Return the board of somebody's reach; read once a request."""
    if not has_request_context():
        return _board(actor, now)
    kept = cast(dict[int | None, Board], g.setdefault("pledges_board", {}))
    if actor.id not in kept:
        kept[actor.id] = _board(actor, now)
    return kept[actor.id]


def _board(actor: Actor, now: datetime) -> Board:
    shops = rows(select(func.sum(ShopTally.count)).where(_grids(actor, ShopTally.grid_id)))[0][0] or 0
    if shops <= LIVE_MOST:
        return _board_of(counted(now, within(actor, Can.PLEDGES_READ)))
    return _kept(actor)


def _grids(actor: Actor, column: Any) -> ColumnElement[bool]:
    reach = actor.reach(Can.PLEDGES_READ)
    if reach.everything:
        return true()
    return column.in_(sorted(place.id for place in tree().grids_within(actor, Can.PLEDGES_READ)))


def _board_of(counts: Iterable[tuple[str, int, str, int]], as_of: datetime | None = None) -> Board:
    kinds: dict[str, defaultdict[int, dict[str, int]]] = {"todo": defaultdict(dict), "shop": defaultdict(dict)}
    for kind, grid, word, count in counts:
        kinds[kind][grid][word] = count
    return Board(dict(kinds["todo"]), dict(kinds["shop"]), as_of)


def _kept(actor: Actor) -> Board:
    whole = marks.kept("tallies", _tallied)
    if actor.reach(Can.PLEDGES_READ).everything:
        return whole
    own = [place.id for place in tree().grids_within(actor, Can.PLEDGES_READ)]
    todo, standings = ({grid: side[grid] for grid in own if grid in side} for side in (whole.todo, whole.standings))
    return Board(todo, standings, whole.as_of)


def _tallied() -> Board:
    """The kept figures of all grids; a process reads them once for each time they are counted."""
    found = rows(
        select(Tally.kind, Tally.grid_id, Tally.word, Tally.count, Tally.counted_at)
        .where(Tally.kind.in_(("todo", "shop")))
    )  # fmt: skip
    return _board_of((row[:4] for row in found), min((row[4] for row in found), default=None))


def counted(now: datetime, *where: ColumnElement[bool]) -> list[tuple[str, int, str, int]]:
    """Count anew what there is to do and how shops stand, one query: (kind, grid, word, count). The duty keeps it; a
    desk with few shops within reach counts it itself."""
    standing = standing_of(now.date(), overdue=overdue(now)).label("word")
    shops = select(literal("shop").label("kind"), Shop.grid_id, standing, func.count(Shop.id).label("count"))
    shops = shops.where(*where).group_by(Shop.grid_id, standing)
    both = union_all(todo_counts(now, *where), shops).subquery()
    return [(kind, grid, word, int(count)) for kind, grid, word, count in rows(select(both))]


@dataclass(frozen=True)
class Pressing:
    """A pledge that is lapsed, waits to be confirmed, or will lapse soon; the last day of its term, and since when the
    office has it."""

    id: int
    number: str
    shop_id: int
    shop: str
    shop_number: str
    grid_id: int
    todo: Todo
    last_on: date
    received_at: datetime | None = None


_NAMED = (Pledge.id, Pledge.number, Shop.id, Shop.sign_name, Shop.number, Shop.grid_id)


@cache
def _ending() -> Select[*tuple[Any, ...]]:
    """The statement of `pressing`, made once: desks ask it."""
    return (
        select(*_NAMED, Pledge.until_on)
        .join(Shop, Shop.id == Pledge.shop_id)
        .join(Tenure, Tenure.id == Pledge.tenure_id)
        .where(running(), Pledge.until_on <= bindparam("soon", type_=Date()))
        .order_by(Pledge.until_on)
        .limit(bindparam("most", type_=Integer()))
    )


@cache
def _received() -> Select[*tuple[Any, ...]]:
    """The statement of `waiting_ones`, made once."""
    return (
        select(*_NAMED, Pledge.until_on, Paper.requested_at)
        .join(Shop, Shop.id == Pledge.shop_id)
        .join(Tenure, Tenure.id == Pledge.tenure_id)
        .join(Paper, Paper.id == Pledge.paper_id)
        .where(waiting(), Shop.grid_id.in_(bindparam("grids", expanding=True)))
        .order_by(Pledge.id)
        .limit(bindparam("most", type_=Integer()))
    )


def pressing(actor: Actor, now: datetime, limit: int) -> list[Pressing]:
    """The pledges to see to first: lapsed ones, the oldest first, then those that will lapse, by index."""
    today = now.date()
    found = rows(_ending().where(within(actor, Can.PLEDGES_READ)), {"soon": soon_until(today), "most": limit})
    return [_pressing(one, Todo.LAPSED if one[6] <= today else Todo.SOON) for one in found]


def waiting_ones(grids: Collection[int], limit: int) -> list[Pressing]:
    """The pledges that wait for 甲方 in these grids, those that came first first."""
    found = rows(_received(), {"grids": sorted(grids), "most": limit})
    return [_pressing(one, Todo.CONFIRM, one[7]) for one in found]


def overdue_ones(actor: Actor, now: datetime, limit: int) -> list[Taken]:
    """The shops that are 待换签 past their limit, the longest first. Where figures are kept, those that were so when
    these were counted are looked at again: who has signed since is none of them."""
    found = board(actor, now)
    if not found.sums[RENEW_LATE]:
        return []
    grids = _with_overdue(found)
    if found.as_of is None:
        return overdue_in(grids, now, limit)
    kept = marks.kept("tallies", _overdue_then)
    return overdue_of([tenure for tenure, grid in kept if grid in grids][: 2 * limit], now, limit)


def _with_overdue(found: Board) -> set[int]:
    return {grid for grid, words in found.standings.items() if RENEW_LATE in words}


def _overdue_then() -> list[tuple[int, int]]:
    """Who was past the limit when figures were counted, in all grids: (tenure, grid); a process looks them up once for
    each time they are counted, since no index leads to them."""
    then = marks.kept("tallies", _tallied)
    found = overdue_in(_with_overdue(then), then.as_of, then.sums[RENEW_LATE]) if then.as_of else []
    return [(one.tenure_id, one.grid_id) for one in found]


def _pressing(row: Sequence[Any], todo: Todo, received_at: datetime | None = None) -> Pressing:
    id, number, shop_id, shop, shop_number, grid_id, until_on = row[:7]
    return Pressing(id, number, shop_id, shop, shop_number, grid_id, todo, until_on - timedelta(days=1), received_at)


def by_number(actor: Actor, numbers: Sequence[str], limit: int) -> list[tuple[int, str, str]]:
    """Pledges with one of these numbers, the newest first: (id, number, shop)."""
    found = (
        select(Pledge.id, Pledge.number, Shop.sign_name)
        .join(Shop, Shop.id == Pledge.shop_id)
        .where(Pledge.number.in_(numbers), within(actor, Can.PLEDGES_READ))
        .order_by(Pledge.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows(found)]


def areas_of(board: Board, actor: Actor) -> list[tuple[Place, int, int]]:
    """Progress by area: (area, live, owing): grids for one community, else communities; the least signed first."""
    places = tree()
    sums: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    grids = {place.id: place for place in places.grids_within(actor, Can.PLEDGES_READ)}
    several = len({place.parent for place in grids.values()}) > 1
    for grid, counts in board.standings.items():
        if grid in grids:
            area = (grids[grid].parent or 0) if several else grid
            sums[area][0] += counts.get(Standing.LIVE.value, 0)
            sums[area][1] += sum(counts.values()) - counts.get(Standing.EXEMPT.value, 0)
    found = [(places.by_id[area], live, owing) for area, (live, owing) in sums.items() if owing]
    return sorted(found, key=lambda one: (one[1] / one[2], one[0].code))
