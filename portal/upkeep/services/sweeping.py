"""Orphans: files that no row names, a day after they came; and what a crash left half-written."""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from portal.audit.services import record
from portal.ground.actor import SYSTEM
from portal.ground.clock import SHANGHAI
from portal.ground.db import db
from portal.ground.declare import offers
from portal.ground.files import FileStore
from portal.upkeep.terms import ORPHAN_HOURS


def sweep_orphans(*, now: datetime) -> int:
    """Remove files that no row of any room names and that are a day old; return how many."""
    store: FileStore = current_app.extensions["files"]
    named: set[str] = set()
    for one in offers().file_names:
        named.update(digest for digest in db.session.scalars(select(one.column()).where(one.column().is_not(None))))
    before = (now - timedelta(hours=ORPHAN_HOURS)).astimezone(SHANGHAI).timestamp()
    gone = [digest for digest in store.digests() if digest not in named and store.path(digest).stat().st_mtime < before]
    for digest in gone:
        store.remove(digest)
    left = [path for path in store.leftovers() if path.stat().st_mtime < before]
    for path in left:
        path.unlink(missing_ok=True)
    if gone:
        record("upkeep.sweep", "files", by=SYSTEM, now=now, count=len(gone))
    return len(gone) + len(left)
