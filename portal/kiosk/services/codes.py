"""One-time codes: issued by staff for one subject, used up by one signing."""

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update

from portal.accounts.models import Authority
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.kiosk import queries
from portal.kiosk.models import Code, Journey
from portal.kiosk.services.once import fresh_digits, insert_unless_taken, rows
from portal.kiosk.terms import CODE_DIGITS, CODE_MINUTES
from portal.settings import queries as settings

_LIVE = (Code.used_at.is_(None), Code.cancelled_at.is_(None))


def issue_code(*, subject: str, authority_id: int, by: Actor, now: datetime) -> str:
    """Make the six digits for a subject (`tenure:17`), good for 30 minutes; an earlier code of it is void.

    This is 甲方确认 under the issuer's own dated authority, and makes the issuer the witness (rules 10). Whether the
    issuer may is for the room to say that asks; a code under somebody else's authority is an error (ValueError).
    """
    authority = db.session.get(Authority, authority_id)
    if by.kind != "person" or authority is None or authority.person_id != by.id:
        raise ValueError("a code is issued by a person under that person's own authority")

    # A journey that began in time may end after the thirty minutes, whatever codes others get meanwhile (`claim`).
    in_hand = select(Journey.code_id).where(Journey.ended_at.is_(None), Journey.touched_at > queries.silent_since(now))
    good_for = timedelta(minutes=settings.value(CODE_MINUTES, on=now.date()))

    def insert(digits: str) -> int | None:
        gone = or_(Code.subject == subject, and_(Code.expires_at <= now, Code.id.not_in(in_hand)))
        rows(update(Code).where(*_LIVE, gone).values(cancelled_at=now))
        return insert_unless_taken(
            Code,
            code_hash=queries.digest(digits, "code"),
            subject=subject,
            issued_by_id=by.id,
            authority_id=authority_id,
            issued_at=now,
            expires_at=now + good_for,
        )

    digits = fresh_digits(CODE_DIGITS, insert)
    record("kiosk.code_issue", subject, by=by, now=now, authority=authority_id)
    return digits


def claim(code_id: int, *, by: Actor, now: datetime) -> None:
    """Use a code up, once: the guard of signing (I11). Refused when it was used or made void meanwhile.

    The 30 minutes are for beginning: a journey that began within them may finish after them, as long as it is not
    silent for 5 minutes, so that nobody is turned away with the pen in hand.
    """
    used = update(Code).where(Code.id == code_id, *_LIVE).values(used_at=now).returning(Code.subject)
    subject = db.session.scalar(used.execution_options(synchronize_session=False))
    if subject is None:
        raise Refused("这个签约码已经用过或换新，请工作人员重发")
    record("kiosk.code_use", subject, by=by, now=now, code=code_id)
