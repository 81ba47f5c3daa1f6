"""One shop's file: its tenures, its events, and the shops that may be the same one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, Select, bindparam, func, or_, select

from portal.areas.models import Area
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db, rows
from portal.merchants.models import OldFile, OldPhoto, OldSequence, Shop, ShopEvent, ShopFile, Tenure
from portal.merchants.models import Sequence as GivenLast
from portal.merchants.queries.reach import within
from portal.merchants.terms import ShopState


def tenure(tenure_id: int) -> Select[Tenure]:
    """One tenure."""
    return select(Tenure).where(Tenure.id == tenure_id)


# Statements of every shop page, made once.
_OF_SHOP = bindparam("shop_id", type_=Integer())
_WHOLE = (
    select(Shop, Tenure)
    .outerjoin(Tenure, Tenure.shop_id == Shop.id)
    .where(Shop.id == _OF_SHOP)
    .order_by(Tenure.from_on.desc(), Tenure.id.desc())
)
_EVENTS = select(ShopEvent.at, ShopEvent.title, ShopEvent.text, ShopEvent.by).where(ShopEvent.shop_id == _OF_SHOP)
_EVENTS = _EVENTS.order_by(ShopEvent.at.desc(), ShopEvent.id.desc()).limit(100)
_FILES = select(ShopFile.id, ShopFile.name, ShopFile.added_at, ShopFile.added_by).where(
    ShopFile.shop_id == _OF_SHOP, ShopFile.id.not_in(select(OldFile.file_id))
)
_FILES = _FILES.order_by(ShopFile.id.desc())
_OLD_FILES = (
    select(ShopFile.id, ShopFile.name, OldFile.detached_at, OldFile.detached_by, OldFile.reason)
    .join(OldFile, OldFile.file_id == ShopFile.id)
    .where(ShopFile.shop_id == _OF_SHOP)
    .order_by(OldFile.detached_at.desc(), ShopFile.id.desc())
)
_OLD_PHOTOS = (
    select(OldPhoto.id, OldPhoto.replaced_at, OldPhoto.replaced_by)
    .where(OldPhoto.shop_id == _OF_SHOP)
    .order_by(OldPhoto.id.desc())
)


def whole(actor: Actor, shop_id: int) -> tuple[Shop, list[Tenure]] | None:
    """A shop with its tenures, the newest first, in one query; None when it is not within the actor's reach."""
    statement = _WHOLE if actor.reach(Can.MERCHANTS_READ).everything else _WHOLE.where(within(actor))
    found = db.session.execute(statement, {"shop_id": shop_id}).all()
    return (found[0][0], [tenure for _shop, tenure in found if tenure is not None]) if found else None


def standing_in(area_id: int, _now: datetime) -> int:
    """How many shops that are not pulled down stand in a grid, or in a community: they keep it from being closed."""
    here = select(Area.id).where(or_(Area.id == area_id, Area.parent_id == area_id))
    return rows(select(func.count()).where(Shop.grid_id.in_(here), Shop.state != ShopState.REMOVED))[0][0]


def current_tenure(shop_id: int) -> Tenure | None:
    """A shop's current tenure, None where nobody trades."""
    return db.session.scalars(select(Tenure).where(Tenure.shop_id == shop_id, Tenure.until_on.is_(None))).one_or_none()


def events(shop_id: int) -> Sequence[Row[datetime, str, str, str]]:
    """What happened to a shop's file, the newest first, a hundred lines at most: (at, title, text, by)."""
    return rows(_EVENTS, {"shop_id": shop_id})


def attachments(shop_id: int) -> Sequence[Row[int, str, datetime, str]]:
    """A shop's attachments, the newest first: (id, name, added_at, added_by)."""
    return rows(_FILES, {"shop_id": shop_id})


def old_attachments(shop_id: int) -> Sequence[Row[int, str, datetime, str, str]]:
    """Attachments that were taken off, the last first: (id, name, detached_at, detached_by, reason)."""
    return rows(_OLD_FILES, {"shop_id": shop_id})


def attachment(shop_id: int, file_id: int, *, old: bool = False) -> Select[ShopFile]:
    """One attachment of a shop; `old`: one that was taken off."""
    gone = ShopFile.id.in_(select(OldFile.file_id))
    return select(ShopFile).where(ShopFile.shop_id == shop_id, ShopFile.id == file_id, gone if old else ~gone)


def old_photos(shop_id: int) -> Sequence[Row[int, datetime, str]]:
    """A shop's former pictures, the last first: (id, replaced_at, replaced_by)."""
    return rows(_OLD_PHOTOS, {"shop_id": shop_id})


def old_photo(shop_id: int, photo_id: int) -> Select[OldPhoto]:
    """One former picture of a shop."""
    return select(OldPhoto).where(OldPhoto.shop_id == shop_id, OldPhoto.id == photo_id)


def named_photos() -> Any:
    """The column that names the shops' pictures."""
    return Shop.photo


def named_old_photos() -> Any:
    """The column that names the shops' former pictures."""
    return OldPhoto.sha


def named_attachments() -> Any:
    """The column that names the shops' attachments, also those that were taken off."""
    return ShopFile.sha


def numbers_used() -> dict[str, int]:
    """The last number that each community has given its shops: {"MY": 143}."""
    found = dict(rows(select(OldSequence.community, OldSequence.last)))
    given = select(Area.code, GivenLast.last).join(Area, Area.id == GivenLast.community_id)
    for community, last in db.session.execute(given):
        found[community] = max(last, found.get(community, 0))
    return found
