"""One shop's file: its tenures, its events, and the shops that may be the same one."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Integer, Select, bindparam, select

from portal.ground.db import db
from portal.merchants.models import ShopEvent, ShopFile, Tenure


def tenure(tenure_id: int) -> Select[Tenure]:
    """One tenure."""
    return select(Tenure).where(Tenure.id == tenure_id)


# Statements of every shop page, made once.
_OF_SHOP = bindparam("shop_id", type_=Integer())
_TENURES = select(Tenure).where(Tenure.shop_id == _OF_SHOP).order_by(Tenure.from_on.desc(), Tenure.id.desc())
_EVENTS = select(ShopEvent).where(ShopEvent.shop_id == _OF_SHOP)
_EVENTS = _EVENTS.order_by(ShopEvent.at.desc(), ShopEvent.id.desc()).limit(100)
_FILES = select(ShopFile).where(ShopFile.shop_id == _OF_SHOP).order_by(ShopFile.id.desc())


def tenures(shop_id: int) -> Sequence[Tenure]:
    """A shop's tenures, the newest first."""
    return db.session.scalars(_TENURES, {"shop_id": shop_id}).all()


def current_tenure(shop_id: int) -> Tenure | None:
    """A shop's current tenure, None where nobody trades."""
    return db.session.scalars(select(Tenure).where(Tenure.shop_id == shop_id, Tenure.until_on.is_(None))).one_or_none()


def current_tenures(shop_ids: Sequence[int]) -> Mapping[int, int]:
    """Shop id → id of its current tenure, for a page of shops."""
    rows = db.session.execute(
        select(Tenure.shop_id, Tenure.id).where(Tenure.shop_id.in_(shop_ids), Tenure.until_on.is_(None))
    )
    return {row.shop_id: row.id for row in rows}


def first_tenure(shop_id: int) -> bool:
    """Whether nobody has traded here yet."""
    return db.session.scalar(select(Tenure.id).where(Tenure.shop_id == shop_id).limit(1)) is None


def ended_tenures(*, since: date) -> Select[Tenure]:
    """Tenures that ended on a day or after: what rooms above look at."""
    return select(Tenure).where(Tenure.until_on >= since).order_by(Tenure.until_on, Tenure.id)


def events(shop_id: int) -> Sequence[ShopEvent]:
    """What happened to a shop's file, the newest first: a hundred lines at most."""
    return db.session.scalars(_EVENTS, {"shop_id": shop_id}).all()


def attachments(shop_id: int) -> Sequence[ShopFile]:
    """A shop's attachments, the newest first."""
    return db.session.scalars(_FILES, {"shop_id": shop_id}).all()


def attachment(shop_id: int, file_id: int) -> Select[ShopFile]:
    """One attachment of a shop."""
    return select(ShopFile).where(ShopFile.shop_id == shop_id, ShopFile.id == file_id)
