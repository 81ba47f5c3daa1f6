"""Lists of shops: narrowed, counted and ordered in the database; fifty rows are read, and no more.

Ids are paged first and the rows joined afterwards; counts come from tallies that every change keeps, so that a list
of 100,000 shops costs what one of 1,000 costs (proofs.md, Traps).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, bindparam, case, false, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db, rows
from portal.ground.declare import Filter, offers
from portal.ground.fields.codes import parse_shop_number
from portal.ground.fields.masks import masked_name, masked_telephone
from portal.ground.fields.telephones import clean_telephone
from portal.ground.paging import SIZES, Page
from portal.ground.sealed import sealer, shown
from portal.merchants.models import Shop, ShopWords, Tally
from portal.merchants.queries.reach import Tree, within
from portal.merchants.terms import COUNTED_MOST, VIEWS, Listing, ShopState, Trade, hit, search_pieces


class place_of(FunctionElement[int]):
    """Where a piece begins in a text, 0 when it is not there: for the order of hits (LIKE finds them quicker)."""

    type = Integer()
    inherit_cache = True
    name = "place_of"


@compiles(place_of, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)})"


@compiles(place_of, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)})"


#: What a row of the list shows; made once, since making a statement costs as much as running it.
ROWS = select(
    Shop.id, Shop.number, Shop.sign_name, Shop.street, Shop.door_no, Shop.grid_id, Shop.trade, Shop.trade_detail,
    Shop.state, Shop.responsible_name, Shop.landlord_name, Shop.phone_sealed, Shop.landlord_phone_sealed, Shop.seal_ref,
).where(Shop.id.in_(bindparam("ids", expanding=True)))  # fmt: skip
PHONE, LANDLORD_PHONE = f"{Shop.__tablename__}.phone", f"{Shop.__tablename__}.landlord_phone"
ADDED = select(Tally.state, Tally.trade, func.sum(Tally.count)).group_by(Tally.state, Tally.trade)


@dataclass(frozen=True)
class Wanted:
    """A list that somebody asked for, ready to be read: conditions, order, and which tallies add up to its count."""

    listing: Listing
    grids: frozenset[int]
    where: tuple[ColumnElement[bool], ...]
    narrow: bool  # whether an area was asked for, so that the grids are fewer than those within reach
    tallied: bool
    pieces: tuple[str, ...]

    def ids(self) -> Select[int]:
        """Ids in order: by number, or the best hit first."""
        if not self.pieces:
            return select(Shop.id).where(*self.where).order_by(Shop.number)
        found = select(Shop.id).join(ShopWords, ShopWords.shop_id == Shop.id).where(*self.where)
        return found.order_by(*_rank(self.pieces[0]), Shop.number)


class Line(NamedTuple):
    """A row of the list, as the template shows it: persons and telephones masked. A tuple, which templates unpack
    quicker than they ask an object for each of its words."""

    id: int
    name: str
    hit: tuple[int, int] | None
    place: str  # number and address
    grid: str
    community: str
    trade: str
    detail: str
    who: str
    phone: str
    state: str


def wanted(listing: Listing, *, actor: Actor, tree: Tree, now: datetime, key: Can = Can.MERCHANTS_READ) -> Wanted:
    """Turn what was asked for into conditions within the actor's reach."""
    grids = _grids(listing, actor, tree, key)
    pieces = tuple(search_pieces(listing.words))
    where = [within(actor, key)]
    narrow = bool(listing.communities or listing.grids or listing.types or listing.view == "mine")
    if narrow:
        where.append(Shop.grid_id.in_(sorted(grids)))
    if listing.trades:
        where.append(Shop.trade.in_(listing.trades))
    states = states_of(listing)
    if states is not None:
        where.append(Shop.state.in_(sorted(states)))
    offered: Mapping[str, Filter] = {one.key: one for one in offers().on("filters", "merchants")}
    narrowing = [offered[name].narrow(values, now) for name, values in listing.offered if name in offered]
    where += narrowing
    where += [_found(piece, actor) for piece in pieces]
    return Wanted(listing, grids, tuple(where), narrow, not narrowing and not pieces, pieces)


def states_of(listing: Listing) -> set[ShopState] | None:
    """The states that a view and the filter leave over, None for all."""
    viewed = VIEWS.get(listing.view, VIEWS[""])[1]
    asked = set(listing.states) or set(ShopState)
    both = asked & {viewed} if viewed else asked
    return None if both == set(ShopState) else both


def tallied(want: Wanted, counted: Mapping[tuple[ShopState, Trade], int]) -> int | None:
    """The count of a list from the tallies of its grids, None where hits must be counted."""
    if not want.tallied:
        return None
    states, trades = states_of(want.listing), set(want.listing.trades)
    return sum(
        count
        for (state, trade), count in counted.items()
        if (states is None or state in states) and (not trades or trade in trades)
    )


def _grids(listing: Listing, actor: Actor, tree: Tree, key: Can) -> frozenset[int]:
    own = actor.reach(key).grids if listing.view == "mine" else None
    return frozenset(
        grid.id
        for grid in tree.grids_within(actor, key)
        if (not listing.communities or tree.by_id[grid.parent or 0].code in listing.communities)
        and (not listing.grids or grid.code in listing.grids)
        and (not listing.types or grid.type in listing.types)
        and (own is None or grid.id in own)
    )


def _found(piece: str, actor: Actor) -> ColumnElement[bool]:
    """A piece in the words, or the last four digits or the whole of a telephone.

    By the whole only for whoever may reveal one: to others a hit would tell what the mask hides, guess by guess.
    """
    return or_(ShopWords.text.contains(piece, autoescape=True), _sealed(piece, whole=actor.may(Can.MERCHANTS_REVEAL)))


def _sealed(piece: str, *, whole: bool) -> ColumnElement[bool]:
    where = Shop.phone.where(Shop)
    if not (piece.isascii() and piece.isdigit()):
        return false()
    if len(piece) == 4:
        return Shop.phone_tail == sealer().tail_index(piece, where)
    if not whole:
        return false()
    try:
        return Shop.phone_index == sealer().index(clean_telephone(piece), where)
    except ValueError:
        return false()


def _rank(piece: str) -> tuple[ColumnElement[Any], ...]:
    """Order of hits: the exact number, the name's beginning, the name, what begins a line or reading; by place."""
    text = ShopWords.text
    begins = or_(place_of(text, f"\n{piece}") > 0, place_of(text, f" {piece}") > 0)
    place = place_of(text, piece)
    exact = [(Shop.number == number, 0)] if (number := _number(piece)) else []
    named = and_(place > 0, place <= func.length(Shop.sign_name) + 1)
    rank = case(*exact, (place == 2, 1), (named, 2), (begins, 3), else_=4)
    return rank, case((place > 0, place), else_=9999)


def _number(piece: str) -> str | None:
    try:
        return str(parse_shop_number(piece))
    except ValueError:
        return None


def counts(grids: frozenset[int] | None) -> dict[tuple[ShopState, Trade], int]:
    """Shops of the grids (None for all) by state and trade, from the tallies."""
    added = ADDED if grids is None else ADDED.where(Tally.grid_id.in_(sorted(grids)))
    return {(state, trade): int(count) for state, trade, count in rows(added)}


def listed(want: Wanted, *, number: int, size: int, total: int | None, tree: Tree) -> Page[Line]:
    """Read page `number`. `total` is the tallied count; None counts the hits, up to `COUNTED_MOST`."""
    size = size if size in SIZES else SIZES[0]
    number = max(1, number)
    if total is not None:
        number = min(number, max(1, -(-total // size)))
        ids = [row[0] for row in rows(want.ids().limit(size).offset((number - 1) * size))]
        return Page(_lines(ids, want, tree), number, size, total)
    while True:
        window = want.ids().add_columns(func.count().over()).limit(size).offset((number - 1) * size)
        found = rows(window)
        if found or number == 1:
            break
        number = 1
    total = min(found[0][1], COUNTED_MOST) if found else 0
    return Page(_lines([row[0] for row in found], want, tree), number, size, total)


def _lines(ids: Sequence[int], want: Wanted, tree: Tree) -> list[Line]:
    if not ids:
        return []
    by_id = {row[0]: _line(row, want, tree) for row in rows(ROWS, {"ids": ids})}
    return [by_id[one] for one in ids if one in by_id]


def _line(row: Any, want: Wanted, tree: Tree) -> Line:
    (
        number, shop, sign_name, street, door_no, grid_id, trade, detail, state, responsible, landlord, phone_sealed,
        landlord_sealed, ref,
    ) = row  # fmt: skip
    grid = tree.by_id[grid_id]
    owner = not responsible and bool(landlord)
    where, sealed = (LANDLORD_PHONE, landlord_sealed) if owner else (PHONE, phone_sealed)
    phone = masked_telephone(shown(sealed, where=where, ref=ref)) if sealed else ""
    return Line(
        number,
        sign_name,
        hit(sign_name, want.pieces) if want.pieces else None,
        f"{shop} · {street} {door_no}".rstrip(),
        grid.name,
        tree.by_id[grid.parent or 0].name,
        trade.label,
        detail,
        f"{masked_name(landlord)}（房东）" if owner else masked_name(responsible),
        phone,
        state.label,
    )


def how_many(want: Wanted) -> int:
    """How many shops the list holds: for an export, exactly."""
    found = select(Shop.id).where(*want.where)
    if want.pieces:
        found = found.join(ShopWords, ShopWords.shop_id == Shop.id)
    return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def labels(want: Wanted, most: int) -> Sequence[Row[str, str]]:
    """What stands on the labels of a list, in its order: (number, sign name), no person."""
    return rows(want.ids().with_only_columns(Shop.number, Shop.sign_name, maintain_column_froms=True).limit(most))


def best(actor: Actor, words: str, limit: int) -> list[tuple[int, str, str]]:
    """The best hits for words within the actor's reach: (id, name, number and address). Ids first, then the rows."""
    pieces = tuple(search_pieces(words))
    if not pieces:
        return []
    hits = (
        # The count is not used: with it SQLite reads the narrow table of words first, as the list does.
        select(Shop.id, func.count().over())
        .join(ShopWords, ShopWords.shop_id == Shop.id)
        .where(within(actor), *(_found(piece, actor) for piece in pieces))
        .order_by(*_rank(pieces[0]), Shop.number)
        .limit(limit)
    )
    ids = [row[0] for row in rows(hits)]
    by_id = {row[0]: row for row in rows(ROWS, {"ids": ids})} if ids else {}
    return [(one, by_id[one].sign_name, _place(by_id[one])) for one in ids if one in by_id]


def _place(row: Any) -> str:
    return f"{row.number} · {row.street} {row.door_no}".rstrip()
