"""The kept counts of the desk, written anew by a duty."""

from datetime import datetime

from sqlalchemy import delete, insert

from portal.ground import marks
from portal.ground.db import db
from portal.pledges import queries
from portal.pledges.models import Tally


def tally(*, now: datetime) -> int:
    """Count pledges and shops of every grid anew; return how many counts there are."""
    found = queries.counted(now)
    db.session.execute(delete(Tally))
    marks.bump("tallies")
    lines = [dict(zip(("kind", "grid_id", "word", "count"), one, strict=True), counted_at=now) for one in found]
    if lines:
        db.session.execute(insert(Tally), lines)
    return len(lines)
