"""One shop's file: its tenures, its events, and the shops that may be the same one."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Select, select

from portal.ground.db import db
from portal.merchants.models import ShopEvent, ShopFile, Tenure


def tenure(tenure_id: int) -> Select[Tenure]:
    """One tenure."""
    return select(Tenure).where(Tenure.id == tenure_id)


def tenures(shop_id: int) -> Sequence[Tenure]:
    """A shop's tenures, the newest first."""
    return db.session.scalars(
        select(Tenure).where(Tenure.shop_id == shop_id).order_by(Tenure.from_on.desc(), Tenure.id.desc())
    ).all()


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


def events(shop_id: int, *, most: int = 100) -> Sequence[ShopEvent]:
    """What happened to a shop's file, the newest first."""
    return db.session.scalars(
        select(ShopEvent)
        .where(ShopEvent.shop_id == shop_id)
        .order_by(ShopEvent.at.desc(), ShopEvent.id.desc())
        .limit(most)
    ).all()


def attachments(shop_id: int) -> Sequence[ShopFile]:
    """A shop's attachments, the newest first."""
    return db.session.scalars(select(ShopFile).where(ShopFile.shop_id == shop_id).order_by(ShopFile.id.desc())).all()


def attachment(shop_id: int, file_id: int) -> Select[ShopFile]:
    """One attachment of a shop."""
    return select(ShopFile).where(ShopFile.shop_id == shop_id, ShopFile.id == file_id)
