"""What the pages of the tree show: areas within reach, what was searched for, one area's file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, bindparam, case, or_, select, true
from sqlalchemy.orm import aliased

from portal.areas.models import Area, AreaEvent, WaitingSheet
from portal.areas.queries.tree import Place, Tree
from portal.areas.terms import PARTS, AreaKind, EventKind, Listing
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import rows
from portal.ground.fields.finding import hit, search_pieces

READ = Can.AREAS_READ


def within(actor: Actor, key: Can = READ) -> ColumnElement[bool]:
    """The condition that an area is within the reach of the actor's key: a grid's reach shows its community too."""
    reach = actor.reach(key)
    if reach.everything:
        return true()
    around = select(Area.parent_id).where(Area.id.in_(sorted(reach.grids)))
    named = sorted(reach.communities | reach.grids)
    return or_(Area.id.in_(named), Area.parent_id.in_(sorted(reach.communities)), Area.id.in_(around))


def visible_to(actor: Actor, key: Can = READ) -> Select[Area]:
    """Areas within reach of the actor's key; what is outside is 404."""
    return select(Area).where(within(actor, key))


class Line(NamedTuple):
    """A row of the tree, as the template shows it: a tuple, which templates unpack quickly. `level` 1 is a grid under
    its community; `beside` a community that stands there for its grids' sake and was not itself asked for."""

    id: int
    name: str
    hit: tuple[int, int] | None
    code: str
    kind: AreaKind
    type: str
    level: int
    beside: bool = False


@dataclass(frozen=True)
class Group:
    """A piece of the tree that stands together: the office, a community with its grids, the sections."""

    title: str
    lines: tuple[Line, ...]


def listed(asked: Listing, *, actor: Actor, tree: Tree) -> list[Group]:
    """The tree within reach, narrowed to what was asked for; whatever is found stands with its community."""
    pieces = search_pieces(asked.words)
    kept = _reached(tree, actor) & (_found(tuple(pieces)) if pieces else tree.by_id.keys())
    if asked.types:
        kept = {one for one in kept if tree.by_id[one].type in asked.types}
    open_ = {one for one in kept if not tree.by_id[one].closed}

    def line(place: Place, level: int = 0) -> Line:
        return _line(place, pieces, level)

    if asked.view == "closed":
        gone = sorted((tree.by_id[one] for one in kept - open_), key=lambda one: one.code)
        return [Group("已撤销", tuple(line(one)._replace(name=tree.full_name(one)) for one in gone))] if gone else []
    groups = []
    if asked.view == "" and tree.office.id in open_:
        groups.append(Group("街道", (line(tree.office),)))
    if asked.view != "sections":
        below: dict[int, list[Place]] = {}
        for grid in tree.grids:
            if grid.id in open_:
                below.setdefault(grid.parent or 0, []).append(grid)
        groups += [
            Group(
                part.name,
                (line(part)._replace(beside=part.id not in open_), *(line(grid, 1) for grid in below.get(part.id, ()))),
            )
            for part in tree.communities
            if part.id in open_ or part.id in below
        ]
    if asked.view != "grids" and (sections := [one for one in tree.sections if one.id in open_]):
        groups.append(Group("科室", tuple(map(line, sections))))
    return groups


def _line(place: Place, pieces: Sequence[str] = (), level: int = 0) -> Line:
    found = hit(place.name, pieces) if pieces else None
    return Line(place.id, place.name, found, place.code, place.kind, place.type.label if place.type else "", level)


def _reached(tree: Tree, actor: Actor) -> set[int]:
    """The ids of the tree within reach, as `within` says in SQL."""
    reach = actor.reach(READ)
    if reach.everything:
        return set(tree.by_id)
    named = reach.communities | reach.grids
    around = {tree.by_id[grid].parent for grid in reach.grids if grid in tree.by_id}
    return {
        one.id for one in tree.by_id.values() if one.id in named or one.parent in reach.communities or one.id in around
    }


def tallies(tree: Tree, actor: Actor) -> dict[str, int]:
    """How many areas each view holds within reach; `parts` are communities and villages alone."""
    reached = [tree.by_id[one] for one in _reached(tree, actor)]
    open_ = [one for one in reached if not one.closed]
    grids = sum(one.kind is AreaKind.GRID for one in open_)
    parts = sum(one.kind in PARTS for one in open_)
    return {
        "": len(open_), "grids": grids + parts, "parts": parts, "only_grids": grids,
        "sections": sum(one.kind is AreaKind.SECTION for one in open_), "closed": len(reached) - len(open_),
    }  # fmt: skip


@cache
def _above() -> type[Area]:
    return aliased(Area)


def _matching(piece: str) -> ColumnElement[bool]:
    """A piece in what an area is found by, in that of its community, or in both names together (明月社区一网格)."""
    above = _above()
    together = above.name + Area.name
    called = (Area.words, above.words, together)
    return or_(*(one.contains(piece, autoescape=True) for one in called))


def _found(pieces: Sequence[str]) -> set[int]:
    """The ids of areas that all pieces fit."""
    above = _above()
    found = select(Area.id).outerjoin(above, above.id == Area.parent_id).where(*map(_matching, pieces))
    return {row[0] for row in rows(found)}


def searched(actor: Actor, words: str, most: int) -> list[tuple[int, AreaKind, str, str, str]]:
    """The best hits of a search within reach: (id, kind, name, code, the name of what it belongs to)."""
    pieces = search_pieces(words)
    if not pieces:
        return []
    above, first = _above(), pieces[0]
    rank = case(
        (Area.words.contains(f"\n{first}\n", autoescape=True), 0),
        (Area.words.startswith(f"\n{first}", autoescape=True), 1),
        (Area.words.contains(f"\n{first}", autoescape=True), 2),
        (Area.words.contains(first, autoescape=True), 3),
        else_=4,
    )
    found = (
        select(Area.id, Area.kind, Area.name, Area.code, above.name)
        .outerjoin(above, above.id == Area.parent_id)
        .where(within(actor), Area.closed_at.is_(None), and_(*map(_matching, pieces)))
        .order_by(rank, Area.code)
        .limit(most)
    )
    return [(row[0], row[1], row[2], row[3], row[4] or "") for row in rows(found)]


_EVENTS = (
    select(AreaEvent.at, AreaEvent.kind, AreaEvent.text, AreaEvent.by)
    .where(AreaEvent.area_id == bindparam("area_id", type_=Integer()))
    .order_by(AreaEvent.at.desc(), AreaEvent.id.desc())
    .limit(100)
)


def events(area_id: int) -> Sequence[Row[datetime, EventKind, str, str]]:
    """What happened to an area, the newest first, a hundred lines at most: (at, kind, text, by)."""
    return rows(_EVENTS, {"area_id": area_id})


def inner(place: Place, actor: Actor, tree: Tree) -> Group:
    """What belongs to an area, is in use and within reach: a community's grids; of the office communities, then
    sections."""
    reached = _reached(tree, actor)
    found = [
        one for one in (*tree.communities, *tree.grids, *tree.sections) if one.parent == place.id and one.id in reached
    ]
    return Group(place.name, tuple(_line(one) for one in found))


def waiting_sheet(actor: Actor, number: int) -> Select[WaitingSheet]:
    """An uploaded sheet; it belongs to whoever uploaded it."""
    return select(WaitingSheet).where(WaitingSheet.id == number, WaitingSheet.person_id == actor.id)


def held(number: int) -> Select[Area]:
    """One area, so that nobody else changes it until this transaction ends."""
    return select(Area).where(Area.id == number).with_for_update(of=Area)
