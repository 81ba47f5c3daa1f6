"""A street's file: entered, edited, closed, taken into use again."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from portal.areas.queries import Tree
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.places import queries, rules
from portal.places.models import Street, StreetEvent, StreetGrid
from portal.places.services.numbers import lock_names, next_codes
from portal.places.terms import FIELDS, STALE, EventKind, StreetFacts


def hold(street: Street, *, version: int | None = None) -> None:
    """Let one at a time change a street. `Refused` when the clerk's form is older than the file."""
    db.session.flush()
    db.session.scalars(queries.held(street.id).execution_options(populate_existing=True)).one()
    if version is not None and street.version != version:
        raise Refused(STALE)


def note(street: Street, kind: EventKind, words: str = "", *, by: Actor, now: datetime) -> None:
    """Write a line on the street's file."""
    db.session.add(StreetEvent(street=street, at=now, kind=kind, text=words[:300], by=by.name))


def facts_of(street: Street) -> StreetFacts:
    """What the file says now."""
    return StreetFacts(
        street.name, street.kind, street.area_type, frozenset(one.grid_id for one in street.grids), street.runs_from,
        street.runs_to, street.length_m, street.remark,
    )  # fmt: skip


def build(facts: StreetFacts, *, code: str, by: Actor, now: datetime, kind: EventKind = EventKind.CREATED) -> Street:
    """Make a street with its first line, and put it into the session."""
    street = Street(code=code, created_at=now, created_by=by.name)
    put(street, facts, by=by, now=now)
    db.session.add(street)
    note(street, kind, by=by, now=now)
    return street


def put(street: Street, facts: StreetFacts, *, by: Actor, now: datetime) -> None:
    """Set what the facts say."""
    with db.session.no_autoflush:
        for name in FIELDS:
            if name != "grids" and getattr(street, name, None) != getattr(facts, name):
                setattr(street, name, getattr(facts, name))
        there = {one.grid_id for one in street.grids}
        for gone in [one for one in street.grids if one.grid_id not in facts.grids]:
            street.grids.remove(gone)
        street.grids.extend(StreetGrid(grid_id=one) for one in sorted(facts.grids - there))
        street.updated_at, street.updated_by = now, by.name


def create(facts: StreetFacts, *, tree: Tree, by: Actor, now: datetime) -> Street:
    """Enter a street: its code is the next one. `Refused`: no grid, a closed one, a namesake in the community."""
    code = next_codes(1)[0]  # which also makes whoever enters another wait
    _refuse(facts, tree)
    street = build(facts, code=code, by=by, now=now)
    db.session.flush()
    record("places.create", f"street:{street.id}", by=by, now=now, code=street.code, kind=facts.kind.value)
    return street


def edit(
    street: Street, facts: StreetFacts, *, within: frozenset[int], version: int, tree: Tree, by: Actor, now: datetime
) -> list[str]:
    """Change what the file says; return the names of the fields that changed.

    `within` are the grids in the clerk's reach: those outside stay as they are. `version` is the one that the form
    showed; another is refused. Nothing different changes nothing.
    """
    lock_names()
    hold(street, version=version)
    if street.closed_at is not None:
        raise Refused("已经撤销的不能改，请先恢复。")
    before = facts_of(street)
    grids = rules.merged_grids(facts.grids, before.grids, within=within)
    facts = StreetFacts(**{**vars(facts), "grids": grids})
    changed = rules.changed_fields(before, facts)
    if not changed:
        return []
    _refuse(facts, tree, but=street.id)
    put(street, facts, by=by, now=now)
    note(street, EventKind.EDITED, words_of(before, facts, changed, tree), by=by, now=now)
    record("places.edit", f"street:{street.id}", by=by, now=now, code=street.code, fields=changed)
    db.session.flush()
    return changed


def words_of(before: StreetFacts, after: StreetFacts, changed: Collection[str], tree: Tree) -> str:
    """What changes, in words: 类别 支路 → 背街小巷；网格 明月社区一网格 → 明月社区一网格、明月社区二网格"""
    told = [(FIELDS[one], _shown(one, before, tree), _shown(one, after, tree)) for one in FIELDS if one in changed]
    return "；".join(f"{word} {was} → {is_}" for word, was, is_ in told)


def _shown(name: str, facts: StreetFacts, tree: Tree) -> str:
    value = getattr(facts, name)
    if name == "grids":
        return "、".join(f"{home}{grid}" for home, some in queries.area_words(sorted(value), tree) for grid in some)
    if value is None or value == "":
        return "（空）"
    return f"{value} 米" if name == "length_m" else str(getattr(value, "label", value))


def close(street: Street, *, reason: str, version: int, by: Actor, now: datetime) -> None:
    """Close a street: it is no longer counted. `Refused` while somebody answers for it."""
    hold(street, version=version)
    if street.closed_at is not None:
        raise Refused("已经撤销了。")
    if street.keeper_id is not None:
        raise Refused("还有责任人，请先解除，再来撤销。")
    street.closed_at, street.closed_by = now, by.name
    note(street, EventKind.CLOSED, reason, by=by, now=now)
    record("places.close", f"street:{street.id}", by=by, now=now, code=street.code, reason=reason)
    db.session.flush()


def reopen(street: Street, *, reason: str, version: int, tree: Tree, by: Actor, now: datetime) -> None:
    """Take a closed street into use again. `Refused`: a grid of it is closed, a namesake stands there now."""
    lock_names()
    hold(street, version=version)
    if street.closed_at is None:
        raise Refused("现在就在用，不用恢复。")
    _refuse(facts_of(street), tree, but=street.id)
    street.closed_at = street.closed_by = None
    note(street, EventKind.REOPENED, reason, by=by, now=now)
    record("places.reopen", f"street:{street.id}", by=by, now=now, code=street.code, reason=reason)
    db.session.flush()


def _refuse(facts: StreetFacts, tree: Tree, but: int = 0) -> None:
    if not facts.grids:
        raise Refused("请至少选一个网格。", field="grids")
    gone = [tree.by_id[one].name for one in facts.grids if tree.by_id[one].closed]
    if gone:
        raise Refused(f"{gone[0]}已经撤销，请另选网格。", field="grids")
    if (twin := namesake(facts, tree, but=but)) is not None:
        raise Refused(
            f"{twin.code} 也叫“{facts.name}”，在同一个社区。分段的请在名称里写明，例如“{facts.name}北段”。",
            field="name",
        )


def namesake(facts: StreetFacts, tree: Tree, *, but: int = 0) -> Street | None:
    """A street in use with the same name in one of the same communities."""
    homes = {tree.community_of(one).id for one in facts.grids}
    near = frozenset(grid.id for grid in tree.grids if grid.parent in homes)
    found = select(Street).where(
        Street.name == facts.name, Street.id != but, Street.closed_at.is_(None), queries.running_through(near)
    )
    return db.session.scalars(found.order_by(Street.id).limit(1)).first()
