"""One pledge: what was signed, what a signing looks at, how it ended."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import (
    Select,
    and_,
    select,
)
from sqlalchemy.orm import contains_eager, joinedload

from portal.ground.db import db
from portal.merchants.models import Shop, Tenure
from portal.pledges.models import Ending, IdentityCheck, Pledge, Voiding
from portal.pledges.terms import PledgeState

#: States in which a pledge has not ended.
OPEN = (PledgeState.LIVE, PledgeState.WAITING)


def signed_with(key: str) -> Pledge | None:
    """Return the pledge that was signed with this idempotency key."""
    return db.session.scalars(select(Pledge).where(Pledge.key == key)).one_or_none()


def at_signing(tenure_id: int) -> Select[date | None, int, int | None, int | None]:
    """What a signing looks at once more: the tenure's end, the shop's version, and (id, paper) of each open pledge.

    The tenure is held (FOR SHARE) until the signing has committed: who changes the operator meanwhile waits, and then
    ends the new paper too.
    """
    return (
        select(Tenure.until_on, Shop.version, Pledge.id, Pledge.paper_id)
        .join(Shop, Shop.id == Tenure.shop_id)
        .outerjoin(Pledge, and_(Pledge.tenure_id == Tenure.id, Pledge.state.in_(OPEN)))
        .where(Tenure.id == tenure_id)
        .with_for_update(read=True, of=Tenure)
    )


def live_of(tenure_id: int) -> Sequence[Pledge]:
    """Return the pledge of a tenure that is 生效: one at most."""
    return db.session.scalars(
        select(Pledge).where(Pledge.tenure_id == tenure_id, Pledge.state == PledgeState.LIVE)
    ).all()


def waiting_of(tenure_id: int) -> int | None:
    """Return the id of the pledge of a tenure that waits for 甲方, None when none does."""
    return db.session.scalar(
        select(Pledge.id).where(Pledge.tenure_id == tenure_id, Pledge.state == PledgeState.WAITING)
    )


def of_journey(journey_id: str) -> Pledge | None:
    """Return what was signed on a journey."""
    return db.session.scalars(
        select(Pledge).where(Pledge.journey_id == journey_id).options(joinedload(Pledge.paper), joinedload(Pledge.shop))
    ).one_or_none()


def check_of(code_id: int) -> IdentityCheck | None:
    """Return the identity check that stands behind a signing code."""
    return db.session.scalars(
        select(IdentityCheck)
        .where(IdentityCheck.code_id == code_id)
        .options(joinedload(IdentityCheck.checked_by), joinedload(IdentityCheck.authority))
    ).one_or_none()


def tenure(subject: str) -> Select[Tenure]:
    """The tenure that a subject names (`tenure:17`), with its shop, community and grid."""
    of_shop = joinedload(Tenure.shop)
    return (
        select(Tenure)
        .where(Tenure.id == int(subject.partition(":")[2]))
        .options(of_shop.joinedload(Shop.community), of_shop.joinedload(Shop.grid))
    )


def ending_of(pledge_id: int) -> Ending | None:
    """Return how a pledge ended, None while it has not."""
    return db.session.scalars(select(Ending).where(Ending.pledge_id == pledge_id)).one_or_none()


def open_voiding(pledge_id: int) -> Voiding | None:
    """Return the request to void a pledge that waits for its second person."""
    return db.session.scalars(
        select(Voiding)
        .where(Voiding.pledge_id == pledge_id, Voiding.decided_at.is_(None))
        .options(joinedload(Voiding.asked_by))
    ).one_or_none()


def uncovered_by_tenure() -> Select[Pledge]:
    """Open pledges whose tenure has ended: their endings are still to be written down."""
    return (
        select(Pledge)
        .join(Pledge.tenure)
        .where(Pledge.state.in_(OPEN), Tenure.until_on.is_not(None))
        .options(contains_eager(Pledge.tenure))
        .order_by(Pledge.id)
    )
