"""Writing the trail: `record` notes a deed, the commit links it into the chain.

The link is made by the last statements before the commit, so that the head's lock is held as briefly as can be.
"""

from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from portal.audit.models import TrailHead, TrailLine
from portal.audit.rules import canonical, instant, line_hash
from portal.audit.terms import GENESIS, Result, TrailFilter
from portal.ground.actor import Actor
from portal.ground.db import db

PENDING = "trail"
MARKS: WeakKeyDictionary[SessionTransaction, int] = WeakKeyDictionary()


def record(
    action: str,
    subject: str,
    *,
    by: Actor,
    now: datetime,
    result: Result = Result.OK,
    **details: Any,
) -> None:
    """Note a deed in this transaction: `record("pledges.sign", "pledge:17", by=by, now=now, number="…")`.

    `details` hold codes, counts and keyed digests, never names or telephones of the people concerned.
    """
    session = db.session()
    if not session.in_transaction():
        session.begin()  # else nobody would hear of its rollback
    session.info.setdefault(PENDING, []).append(
        {
            "at": now,
            "actor_kind": by.kind,
            "actor_id": by.id,
            "actor_name": by.name,
            "address": by.address,
            "action": action,
            "subject": subject,
            "result": result,
            "details": canonical(details),
        }
    )


def refuse(actor: Actor, endpoint: str, now: datetime) -> None:
    """Write a refused right down (the door calls it in a fresh transaction)."""
    record("web.refuse", f"door:{endpoint}", by=actor, now=now, result=Result.REFUSED)


def note_export(*, rows: int, chosen: TrailFilter, kind: str, by: Actor, now: datetime) -> None:
    """Write an export of the trail into the trail; whom it was about stays out of it."""
    filters = {name: text for name, text in chosen.conditions().items() if name != "person"}
    record(
        "audit.export", "trail", by=by, now=now, rows=rows, format=kind, filters=filters, by_name=bool(chosen.person)
    )


@event.listens_for(Session, "before_commit")
def _link(session: Session) -> None:
    """Link the noted deeds into the chain, under the head's lock."""
    pending = session.info.pop(PENDING, None)
    if not pending:
        return
    session.flush()
    head = session.execute(select(TrailHead.seq, TrailHead.hash).with_for_update()).one_or_none()
    if head is None:
        session.execute(insert(TrailHead).values(id=1, seq=0, hash=GENESIS))
    seq, previous = head or (0, GENESIS)
    lines = []
    for deed in pending:
        seq += 1
        line = {**deed, "seq": seq, "previous_hash": previous}
        facts = {**line, "at": instant(deed["at"]), "result": deed["result"].value}
        previous = line["hash"] = line_hash(facts)
        lines.append(line)
    session.execute(insert(TrailLine), lines)
    session.execute(update(TrailHead).values(seq=seq, hash=previous))


@event.listens_for(Session, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    """A savepoint remembers what was noted before it."""
    if transaction.nested:
        MARKS[transaction] = len(session.info.get(PENDING, ()))


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: SessionTransaction) -> None:
    """What was rolled back never happened; a savepoint takes back only what was noted after it."""
    if previous.nested:
        del session.info.get(PENDING, [])[MARKS.get(previous, 0) :]
    else:
        session.info.pop(PENDING, None)
