"""What the trail keeps of failures: the first, and another kind of one. Every run stands in the table of runs."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.audit.services import record
from portal.duties import rules
from portal.duties.models import Run
from portal.duties.terms import ERROR_MOST, RunState
from portal.ground.actor import SYSTEM
from portal.ground.db import db


def note_failure(duty: str, *, run: int, error: str, now: datetime) -> None:
    """Write a failure into the trail where the duty begins to fail, or fails otherwise than it did."""
    error = error[:ERROR_MOST]
    settled = select(Run.state, Run.ended_at, Run.error).where(Run.duty == duty, Run.id != run)
    last = db.session.execute(
        settled.where(Run.state.in_([RunState.DONE, RunState.FAILED])).order_by(Run.id.desc()).limit(1)
    ).first()
    failed = settled.where(Run.state == RunState.FAILED)
    before = db.session.execute(failed.order_by(Run.ended_at.desc(), Run.id.desc()).limit(1)).first()
    of_a_day = db.session.execute(failed.where(Run.ended_at > now - timedelta(days=1))).all()
    if rules.enters_trail(
        error, failed_at=now, failing=last is not None and last.state is RunState.FAILED,
        before=before.ended_at if before else None, errors={one.error for one in (before, *of_a_day) if one},
    ):  # fmt: skip
        record("duties.fail", f"duty:{duty}", by=SYSTEM, now=now, run=run, because=error)
