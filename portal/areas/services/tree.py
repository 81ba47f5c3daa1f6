"""The root, and a whole sheet at once."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from portal.areas import queries, rules
from portal.areas.models import Area
from portal.areas.services.keeping import note, words_of
from portal.areas.terms import AreaKind, AreaRow, EventKind, Loaded
from portal.audit.services import record
from portal.ground import marks
from portal.ground.actor import SYSTEM, Actor
from portal.ground.db import db
from portal.ground.errors import Refused

OFFICE_CODE = "GX"


def plant(*, name: str, now: datetime) -> Area | None:
    """Plant the root, the street office, where there is none; returns it when it was planted."""
    if db.session.scalars(queries.office()).one_or_none() is not None:
        return None
    root = Area(code=OFFICE_CODE, kind=AreaKind.OFFICE, name=name)
    db.session.add(root)
    db.session.flush()
    marks.bump("areas")
    note(root, EventKind.CREATED, by=SYSTEM, now=now)
    record("areas.plant", f"area:{root.id}", by=SYSTEM, now=now, code=OFFICE_CODE)
    return root


def fill_words() -> int:
    """Write down what areas are found by that stood before there was a search; returns how many."""
    found = list(db.session.scalars(select(Area).where(Area.words.is_(None))))
    for area in found:
        area.name = area.name  # the words follow the name
    return len(found)


def load(*, rows: Sequence[AreaRow], by: Actor, now: datetime) -> Loaded:
    """Bring the tree to what a sheet says: all of it or nothing; the same sheet again changes nothing.

    Areas that the sheet does not name stay as they are. `Refused` says every fault, a line each.
    """
    there = whole()
    if faults := rules.faults(rows, standing(there)):
        raise Refused("\n".join(faults))
    if not rows:
        raise Refused("表里没有社区或网格。")
    loaded = bring(rows, there, by=by, now=now)
    if loaded.added or loaded.changed:
        record("areas.load", "areas", by=by, now=now, added=loaded.added, changed=loaded.changed, digest=_digest(rows))
    return loaded


def whole() -> dict[str, Area]:
    """Every area by its code."""
    return {area.code: area for area in db.session.scalars(queries.tree()).unique()}


def standing(there: Mapping[str, Area]) -> dict[str, rules.Standing]:
    """What the rules want to know of the areas that stand."""
    return {
        code: rules.Standing(area.kind, area.parent.code if area.parent else None, area.name, bool(area.closed_at))
        for code, area in there.items()
    }


def bring(rows: Sequence[AreaRow], there: dict[str, Area], *, by: Actor, now: datetime) -> Loaded:
    """Add and change what the rows say, without a line of the trail; they have been looked through."""
    root = next(area for area in there.values() if area.kind is AreaKind.OFFICE)
    added = changed = 0
    for row in sorted(rows, key=lambda one: one.kind is AreaKind.GRID):
        area = there.get(row.code)
        if area is None:
            area = there[row.code] = Area(
                code=row.code, name=row.name, kind=row.kind, area_type=row.area_type,
                parent=there.get(rules.parent_code(row), root),
            )  # fmt: skip
            db.session.add(area)
            note(area, EventKind.IMPORTED, by=by, now=now)
            added += 1
        elif words := words_of(area, name=row.name, kind=row.kind, area_type=row.area_type):
            area.name, area.kind, area.area_type = row.name, row.kind, row.area_type
            note(area, EventKind.EDITED, f"{words}，按导入的表", by=by, now=now)
            changed += 1
    if added or changed:
        marks.bump("areas")
    return Loaded(added, changed, len(rows) - added - changed)


def _digest(rows: Sequence[AreaRow]) -> str:
    lines = ["\t".join([r.code, r.name, r.kind.value, r.area_type.value if r.area_type else ""]) for r in rows]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
