"""Journeys: begun by a code, moved step by step, ended and forgotten.

The steps are scratch that forgets, so they leave no line in the trail; a journey's start and its end do.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, delete, literal, update

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import Labelled, db
from portal.ground.errors import Refused
from portal.kiosk import queries, rules
from portal.kiosk.models import Enrolment, Journey
from portal.kiosk.services.calls import lapse
from portal.kiosk.services.once import one_row, rows
from portal.kiosk.services.tries import forgive
from portal.kiosk.terms import CHECK, DONE, DRAFT_HOURS, SIGN, CodeState, Outcome
from portal.settings import queries as settings

GONE = "这次办理已经结束，请重新输入签约码"


def start_journey(digits: str, *, by: Actor, now: datetime) -> Journey | CodeState:
    """Begin the journey that a code opens, at step 2; return how the code stands when it opens none.

    What the device was on before is over, and drafts past their time go. Ask `throttled` first.
    """
    code = queries.code_with(digits)
    facts = None if code is None else rules.CodeFacts(code.expires_at, code.used_at, code.cancelled_at)
    state = rules.code_state(facts, now=now)
    if code is None or state is not CodeState.LIVE:
        return state
    device = db.session.scalars(queries.device(by.id).with_for_update()).one()  # two presses: one after the other
    purge(now=now)
    leave(device.id, now=now, outcome=Outcome.REPLACED)
    journey = Journey(
        device_id=device.id, code_id=code.id, subject=code.subject, step=CHECK, draft={}, started_at=now, touched_at=now
    )
    db.session.add(journey)
    device.seen_at = now
    forgive("code", by.id)
    db.session.flush()
    record("kiosk.journey_start", code.subject, by=by, now=now, journey=journey.id)
    return journey


def move(journey: Journey, *, at: int, to: int, now: datetime, draft: Mapping[str, Any] | None = None) -> bool:
    """Go from step `at` to step `to`, and add `draft` to the journey's draft.

    False when the journey does not stand at `at` (a second tap, a stale page): nothing changes, and the person is
    shown where it stands. ValueError for a move that no screen offers.
    """
    if not rules.may_move(at, to):
        raise ValueError(f"no screen leads from step {at} to step {to}")
    moved = one_row(
        update(Journey)
        .where(Journey.id == journey.id, Journey.step == at, Journey.ended_at.is_(None))
        .values(step=to, touched_at=now, draft={**journey.draft, **(draft or {})})
    )
    db.session.refresh(journey)
    return moved


def touch(journey: Journey, *, now: datetime) -> None:
    """Somebody is there: the five minutes begin anew."""
    rows(update(Journey).where(Journey.id == journey.id, Journey.ended_at.is_(None)).values(touched_at=now))


def finish(journey_id: str, *, pledge_id: int, paper_id: int, now: datetime) -> None:
    """The pledge stands: go to step 6 and keep only what the last screen shows. Refused when the journey is over."""
    if not one_row(
        update(Journey)
        .where(Journey.id == journey_id, Journey.step == SIGN, Journey.ended_at.is_(None))
        .values(step=DONE, touched_at=now, outcome=Outcome.SIGNED, draft={"pledge_id": pledge_id, "paper_id": paper_id})
    ):
        raise Refused(GONE)


def end_journey(*, by: Actor, now: datetime) -> None:
    """End what the device is on, and forget its draft; harmless when it is on nothing."""
    journey = queries.journey_of(by, now)
    if leave(by.id, now=now) and journey is not None:
        record("kiosk.journey_end", journey.subject, by=by, now=now, journey=journey.id)


def leave(device_id: int | None, *, now: datetime, outcome: Outcome = Outcome.LEFT) -> int:
    """End the open journey of a device; return how many there were (0 or 1)."""
    return _end(Journey.device_id == device_id, outcome, now)


def purge(*, now: datetime) -> int:
    """End what nobody has touched for 5 minutes and calls that nobody answered, drop unsigned journeys after 24 hours;
    return how many rows."""
    lapsed = lapse(now=now)
    ended = _end(Journey.touched_at <= queries.silent_since(now), Outcome.SILENT, now)
    kept_since = now - timedelta(hours=settings.value(DRAFT_HOURS, on=now.date()))
    old = Journey.started_at <= kept_since
    dropped = rows(delete(Journey).where(Journey.ended_at.is_not(None), old, Journey.outcome != Outcome.SIGNED))
    rows(delete(Enrolment).where(Enrolment.expires_at <= kept_since))
    return ended + dropped + lapsed


def _end(which: ColumnElement[bool], outcome: Outcome, now: datetime) -> int:
    """End open journeys and forget their drafts; one that was signed stays signed."""
    kept = case((Journey.outcome.is_(None), literal(outcome, Labelled(Outcome))), else_=Journey.outcome)
    return rows(update(Journey).where(which, Journey.ended_at.is_(None)).values(ended_at=now, draft={}, outcome=kept))
