"""Reading the clockwork: runs, the lease, and whether its heart beats."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import Select, bindparam, func, or_, select, text, type_coerce, union_all
from sqlalchemy.orm import aliased

from portal.duties.models import FAILED, OPEN, Lease, Run
from portal.duties.terms import ASKED, PAGE, SILENT, Heartbeat, RunState
from portal.ground.db import Moment, db, rows


def newest(names: Sequence[str]) -> Mapping[str, Run]:
    """The newest run of each duty, by its name; one query, an index look-up for each."""
    return {run.duty: run for run in db.session.scalars(_newest(tuple(names)))} if names else {}


@cache
def _newest(names: tuple[str, ...]) -> Select[Run]:
    ids = [select(func.max(Run.id)).where(Run.duty == name).scalar_subquery() for name in names]
    return select(Run).where(or_(*(Run.id == one for one in ids)))


@cache
def _newest_due(names: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    by_clock = select(Run.due_at).where(Run.asked_by == "", Run.due_at <= bindparam("now", type_=Moment()))
    newest = by_clock.order_by(Run.due_at.desc()).limit(1)
    return select(*(newest.where(Run.duty == name).scalar_subquery() for name in names))


def newest_due(names: Iterable[str], *, now: datetime) -> Mapping[str, datetime | None]:
    """Duty → its newest due time, up to now, that has a run by the clock; one query, an index look-up for each.

    Runs that lie ahead of us were made by a clock that has been set back since: they do not hold up today's.
    """
    asked = tuple(names)
    return dict(zip(asked, rows(_newest_due(asked), {"now": now})[0], strict=True)) if asked else {}


def runs(name: str, *, before: int | None) -> Sequence[Run]:
    """A duty's runs, the newest first: a page and one more; `before` is the id at which the page before ended."""
    found = select(Run).where(Run.duty == name).order_by(Run.id.desc()).limit(PAGE + 1)
    return db.session.scalars(found if before is None else found.where(Run.id < before)).all()


def open_runs() -> Select[Run]:
    """Runs that somebody has asked for, that are going on, or that were cut off; the oldest first."""
    return select(Run).where(text(OPEN)).order_by(Run.id)


class Failure(NamedTuple):
    """A run that failed, and when the one of its duty before it that failed ended."""

    id: int
    duty: str
    ended_at: datetime
    error: str
    before: datetime | None


@cache
def _failed() -> Select[*tuple[Any, ...]]:
    other = aliased(Run)
    before = select(func.max(other.ended_at)).where(
        other.state == RunState.FAILED, other.duty == Run.duty, other.ended_at < Run.ended_at
    )
    wanted = select(Run.id, Run.duty, Run.ended_at, Run.error, type_coerce(before.scalar_subquery(), Moment()))
    within = (Run.ended_at > bindparam("since", type_=Moment()), Run.ended_at <= bindparam("until", type_=Moment()))
    return wanted.where(text(f"duties_runs.{FAILED}"), *within).order_by(Run.ended_at)


def failed(since: datetime, until: datetime) -> Sequence[Failure]:
    """Runs that failed in (since, until], by index."""
    return [Failure(*row) for row in rows(_failed(), {"since": since, "until": until})]


@cache
def _still_failed(names: tuple[str, ...]) -> Select[str]:
    """The statement of `still_failed`, made once for a table of duties: desks ask it."""
    ended = Run.state.in_([RunState.DONE, RunState.FAILED])
    newest = union_all(*(select(func.max(Run.id)).where(Run.duty == name, ended) for name in names))
    return select(Run.duty).where(Run.state == RunState.FAILED, Run.id.in_(newest))


def still_failed(names: Sequence[str]) -> set[str]:
    """Those of the duties whose newest run that ended has failed; one query, an index look-up for each."""
    return {row[0] for row in rows(_still_failed(tuple(names)))} if names else set()


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
