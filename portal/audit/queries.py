"""Reading the trail: its pages, one line, its head, and all of it as a stream."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from portal.audit.models import TrailHead, TrailLine
from portal.audit.terms import GENESIS, PAGE, SUBJECTS, TrailFilter
from portal.ground.clock import SHANGHAI
from portal.ground.db import db, rows

COLUMNS = (
    TrailLine.seq, TrailLine.at, TrailLine.actor_kind, TrailLine.actor_id, TrailLine.actor_name, TrailLine.address,
    TrailLine.action, TrailLine.subject, TrailLine.result, TrailLine.details, TrailLine.previous_hash, TrailLine.hash,
)  # fmt: skip
_NEWEST = select(TrailLine.at).order_by(TrailLine.seq.desc()).limit(1)


@dataclass(frozen=True)
class Stretch:
    """A page of the trail, the newest line first; `newer` and `older` are the numbers to go on from, None at an end."""

    lines: Sequence[TrailLine]
    newer: int | None
    older: int | None


def narrowed(chosen: TrailFilter) -> Select[TrailLine]:
    """Lines that meet every condition."""
    found = select(TrailLine)
    if chosen.person:
        found = found.where(TrailLine.actor_name.contains(chosen.person, autoescape=True))
    if chosen.action:
        found = found.where(TrailLine.action == chosen.action)
    if chosen.subject in SUBJECTS:
        kind = chosen.subject
        found = found.where(or_(TrailLine.subject == kind, TrailLine.subject.startswith(f"{kind}:", autoescape=True)))
    elif chosen.subject:
        found = found.where(TrailLine.subject == chosen.subject)
    if chosen.result:
        found = found.where(TrailLine.result == chosen.result)
    if chosen.since:
        found = found.where(TrailLine.at >= _midnight(chosen.since))
    if chosen.until:
        found = found.where(TrailLine.at < _midnight(chosen.until) + timedelta(days=1))
    return found


def count(chosen: TrailFilter) -> int:
    """How many lines meet every condition; for a day or a few, by index."""
    return db.session.scalar(select(func.count()).select_from(narrowed(chosen).subquery())) or 0


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), SHANGHAI)


def stretch(chosen: TrailFilter, *, before: int | None = None, after: int | None = None, size: int = PAGE) -> Stretch:
    """Return a page by number: the newest, those before a line, or those after one. One query, whatever the length."""
    found = narrowed(chosen)
    if after is not None:
        rows = list(db.session.scalars(found.where(TrailLine.seq > after).order_by(TrailLine.seq).limit(size + 1)))
        more, lines = len(rows) > size, rows[:size][::-1]
        return Stretch(lines, lines[0].seq if more else None, lines[-1].seq if lines else after + 1)
    if before is not None:
        found = found.where(TrailLine.seq < before)
    rows = list(db.session.scalars(found.order_by(TrailLine.seq.desc()).limit(size + 1)))
    more, lines = len(rows) > size, rows[:size]
    newer = None if before is None else (lines[0].seq if lines else before - 1)
    return Stretch(lines, newer, lines[-1].seq if more else None)


def one(seq: int) -> Select[TrailLine]:
    """The line with this number."""
    return select(TrailLine).where(TrailLine.seq == seq)


def head(*, on: Connection | None = None) -> tuple[int, str]:
    """Return the chain's head: number and hash of its newest line."""
    row = (db.session if on is None else on).execute(select(TrailHead.seq, TrailHead.hash)).one_or_none()
    return (row.seq, row.hash) if row else (0, GENESIS)


def hash_of(seq: int) -> str | None:
    """Return a line's stored hash; what the first line links to for 0, None when there is no such line."""
    return GENESIS if seq == 0 else db.session.scalar(select(TrailLine.hash).where(TrailLine.seq == seq))


def newest_at() -> datetime | None:
    """Return when the newest line was written, None for an empty trail.

    Who signs refuses while now is five minutes before it: the server's clock has stepped back (proofs.md, Traps).
    """
    found = rows(_NEWEST)
    return found[0][0] if found else None


def stream(*, after: int = 0, limit: int | None = None, on: Connection | None = None) -> Iterator[Mapping[str, Any]]:
    """Yield stored lines in their order, a thousand at a time; `on` is a connection to another database of ours."""
    rows = select(*COLUMNS).where(TrailLine.seq > after).order_by(TrailLine.seq).limit(limit)
    place = db.session if on is None else on
    for row in place.execute(rows, execution_options={"yield_per": 1000}):
        yield row._asdict()


def newest(chosen: TrailFilter, *, limit: int) -> Select[TrailLine]:
    """The newest lines that meet every condition, the newest first."""
    return narrowed(chosen).order_by(TrailLine.seq.desc()).limit(limit)
