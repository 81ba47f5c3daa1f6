"""The clock's door: one run of a duty with its transactions; and what the clockwork does for itself.

A run's row commits before the work begins, so that whoever is killed half-way leaves a trace; the work commits with
the row's end, or not at all. A duty that commits in between (copies, papers, mail) is harmless by its own keys.
"""

import errno
import logging
import sqlite3
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import OperationalError

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
        error = in_words(trouble)
    if error:
        db.session.rollback()
    try:
        services.end(claim, changed=changed, error=error, now=clock())
        db.session.commit()
    except Refused:
        db.session.rollback()
        log.warning("duty %s: the result came too late", duty.name)
    return True


def in_words(trouble: Exception) -> str:
    """What went wrong, for the run's row: a sentence, and the fault's name and first line for whoever mends it.

    Only the first line: what databases add to it may name values, and the row is read by more than its owner.
    """
    first = next(iter(str(getattr(trouble, "orig", None) or trouble).splitlines()), "")[:200]
    says = "程序出错"
    if isinstance(trouble, (OperationalError, sqlite3.OperationalError)):
        says = "数据库没有回应或正忙，下次到点再办"
    elif isinstance(trouble, OSError) and trouble.errno == errno.ENOSPC:
        says = "服务器的磁盘满了，请腾出空间"
    return f"{says}（{type(trouble).__name__}: {first}）"


def tidy(*, now: datetime) -> int:
    """Drop old runs."""
    return services.tidy(now=now)
