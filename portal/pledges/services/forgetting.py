"""Names that nobody needs: of a look at papers that came to no signature (rules 6, Personal data: drafts 24 h)."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select, update

from portal.ground.db import db
from portal.kiosk.models import Code, Journey
from portal.kiosk.terms import DRAFT_HOURS
from portal.pledges.models import IdentityCheck
from portal.settings import queries as settings


def forget(*, now: datetime) -> int:
    """Empty the signer's name of every check whose code lapsed unused as long ago as drafts are kept; return how many.

    Who looked, when and at what stays. A code is used when its pledge is signed; what stands on a glass is left alone.
    """
    kept_since = now - timedelta(hours=settings.value(DRAFT_HOURS, on=now.date()))
    under_way = exists().where(Journey.code_id == Code.id, Journey.ended_at.is_(None))
    unused = select(Code.id).where(Code.used_at.is_(None), Code.expires_at <= kept_since, ~under_way)
    emptied = (
        update(IdentityCheck)
        .where(IdentityCheck.signer_name_sealed.is_not(None), IdentityCheck.code_id.in_(unused))
        .values(signer_name_sealed=None)
    )
    return int(db.session.execute(emptied).rowcount)  # type: ignore[attr-defined]
