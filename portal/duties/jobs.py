"""The clock's door: one run of a duty with its transactions; and what the clockwork does for itself.

A run's row commits before the work begins, so that whoever is killed half-way leaves a trace; the work commits with
the row's end, or not at all. A duty that commits in between (copies, papers, mail) is harmless by its own keys.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from portal.duties import services
from portal.ground.db import db
from portal.ground.declare import Duty
from portal.ground.errors import Refused

log = logging.getLogger(__name__)


def run(
    duty: Duty, *, due_at: datetime, row: int | None, token: str, now: datetime, clock: Callable[[], datetime]
) -> bool:
    """Do one run from claim to end, its transactions included: this is the door of the clock. Tells whether it ran.

    `clock` is asked once more when the work has ended.
    """
    claim = services.begin(duty, due_at=due_at, row=row, token=token, now=now)
    db.session.commit()
    if claim is None:
        return False
    changed, error = 0, ""
    try:
        changed = duty.job(now=now)
    except Refused as refused:
        error = refused.sentence
    except Exception as trouble:
        log.exception("duty %s", duty.name)
        error = f"程序出错（{type(trouble).__name__}: {trouble}）"
    if error:
        db.session.rollback()
    try:
        services.end(claim, changed=changed, error=error, now=clock())
        db.session.commit()
    except Refused:
        db.session.rollback()
        log.warning("duty %s: the result came too late", duty.name)
    return True


def tidy(*, now: datetime) -> int:
    """Drop old runs."""
    return services.tidy(now=now)
