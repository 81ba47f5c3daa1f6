"""Orphans: files that no row names, a day after they came; and what a crash left half-written."""

from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from portal.audit.services import record
from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.ground.declare import offers
from portal.upkeep.services.checking import office_files
from portal.upkeep.services.restoring import files_aside
from portal.upkeep.terms import ORPHAN_HOURS


def sweep_orphans(*, now: datetime) -> int:
    """Remove files that no row of any room names and that are a day old; return how many.

    Files of a database that lies aside since a copy was brought back stay as long as it does.
    """
    store, before = office_files(), (now - timedelta(hours=ORPHAN_HOURS)).timestamp()
    instance: Path = current_app.config["INSTANCE"]
    # The folder is read before the rows: whatever is uploaded meanwhile is younger than a day.
    old = [digest for digest in store.digests() if store.has(digest) and _age_of(store.path(digest)) < before]
    named = files_aside(instance)
    for one in offers().file_names:
        named.update(db.session.scalars(select(one.column()).where(one.column().is_not(None))))
    gone = sum(store.sweep(digest, before=before) for digest in old if digest not in named)
    left = [path for path in store.leftovers() if _age_of(path) < before]
    for path in left:
        path.unlink(missing_ok=True)
    if gone:
        record("upkeep.sweep", "files", by=SYSTEM, now=now, count=gone)
    return gone + len(left)


def _age_of(path: Path) -> float:
    """When a file was put last, in seconds since 1970; a file that has just gone is as young as can be."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
