"""Reading the clockwork: runs, the lease, and whether its heart beats."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import current_app
from sqlalchemy import Select, func, or_, select, text

from portal.duties.models import FAILED, OPEN, Lease, Run
from portal.duties.terms import ASKED, PAGE, SILENT, Heartbeat, RunState
from portal.ground.db import db, rows


def newest(names: Sequence[str]) -> Mapping[str, Run]:
    """The newest run of each duty, by its name; one query, an index look-up for each."""
    ids = [select(func.max(Run.id)).where(Run.duty == name).scalar_subquery() for name in names]
    return {run.duty: run for run in db.session.scalars(select(Run).where(or_(*(Run.id == one for one in ids))))}


def newest_due(name: str, *, now: datetime) -> datetime | None:
    """The newest due time, up to now, of a duty that has a run by the clock.

    Runs that lie ahead of us were made by a clock that has been set back since: they do not hold up today's.
    """
    by_clock = select(Run.due_at).where(Run.duty == name, Run.asked_by == "", Run.due_at <= now)
    return db.session.scalar(by_clock.order_by(Run.due_at.desc()).limit(1))


def runs(name: str, *, before: int | None) -> Sequence[Run]:
    """A duty's runs, the newest first: a page and one more; `before` is the id at which the page before ended."""
    found = select(Run).where(Run.duty == name).order_by(Run.id.desc()).limit(PAGE + 1)
    return db.session.scalars(found if before is None else found.where(Run.id < before)).all()


def open_runs() -> Select[Run]:
    """Runs that somebody has asked for, that are going on, or that were cut off; the oldest first."""
    return select(Run).where(text(OPEN)).order_by(Run.id)


def failed(since: datetime, until: datetime) -> Sequence[Run]:
    """Runs that failed in (since, until], by index."""
    wanted = select(Run).where(text(FAILED), Run.ended_at > since, Run.ended_at <= until)
    return db.session.scalars(wanted.order_by(Run.ended_at)).all()


def still_failed(names: Sequence[str]) -> set[str]:
    """Those of the duties whose newest run that ended has failed."""
    ended = {RunState.DONE, RunState.FAILED}
    return {
        name
        for name in names
        if db.session.scalar(
            select(Run.state).where(Run.duty == name, Run.state.in_(ended)).order_by(Run.id.desc()).limit(1)
        )
        is RunState.FAILED
    }


def lease() -> Lease | None:
    """The lease, None before the clockwork ran for the first time."""
    return db.session.get(Lease, 1)


def heartbeat(now: datetime) -> Heartbeat:
    """When the clockwork was last heard; a process asks the database every 20 s at most, since every page asks."""
    kept: tuple[datetime, Heartbeat] | None = current_app.extensions.get("heartbeat")
    if kept is None or abs(now - kept[0]) >= ASKED:
        found = rows(select(Lease.beat_at).where(Lease.id == 1))
        kept = current_app.extensions["heartbeat"] = (now, _heard(found[0][0] if found else None, now))
    return kept[1]


def heard(now: datetime) -> Heartbeat:
    """When the clockwork was last heard, asked now."""
    found = rows(select(Lease.beat_at).where(Lease.id == 1))
    return _heard(found[0][0] if found else None, now)


def _heard(at: datetime | None, now: datetime) -> Heartbeat:
    if at is None:
        return Heartbeat(None, silent=True)
    return Heartbeat(at, silent=abs(now - at) > SILENT, ahead=at - now > SILENT)
