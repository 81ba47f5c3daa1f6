"""Writing the tree: the root, and a whole sheet at once."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from portal.areas import queries, rules
from portal.areas.models import Area
from portal.areas.terms import AreaKind, AreaRow, Loaded
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
    record("areas.plant", f"area:{root.id}", by=SYSTEM, now=now, code=OFFICE_CODE)
    return root


def load(*, rows: Sequence[AreaRow], by: Actor, now: datetime) -> Loaded:
    """Bring the tree to what a sheet says: all of it or nothing; the same sheet again changes nothing.

    Areas that the sheet does not name stay as they are. `Refused` says every fault, a line each.
    """
    there = {area.code: area for area in db.session.scalars(queries.tree()).unique()}
    standing = {code: rules.Standing(a.kind, a.parent.code if a.parent else None) for code, a in there.items()}
    if faults := rules.faults(rows, standing):
        raise Refused("\n".join(faults))
    if not rows:
        raise Refused("表里没有社区或网格。")
    root = next(area for area in there.values() if area.kind is AreaKind.OFFICE)
    added = changed = 0
    for row in sorted(rows, key=lambda one: one.kind is AreaKind.GRID):
        area = there.get(row.code)
        if area is None:
            there[row.code] = Area(code=row.code, parent=there.get(rules.parent_code(row), root))
            area = there[row.code]
            db.session.add(area)
            added += 1
        elif (area.name, area.kind, area.area_type) != (row.name, row.kind, row.area_type):
            changed += 1
        area.name, area.kind, area.area_type = row.name, row.kind, row.area_type
    if added or changed:
        marks.bump("areas")
        record("areas.load", "areas", by=by, now=now, added=added, changed=changed, digest=_digest(rows))
    return Loaded(added, changed, len(rows) - added - changed)


def _digest(rows: Sequence[AreaRow]) -> str:
    lines = ["\t".join([r.code, r.name, r.kind.value, r.area_type.value if r.area_type else ""]) for r in rows]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
