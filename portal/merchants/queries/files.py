"""One shop's file: its tenures, its events, and the shops that may be the same one."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Select, or_, select

from portal.ground.db import db
from portal.ground.sealed import sealer
from portal.merchants import rules
from portal.merchants.models import Shop, ShopEvent, ShopFile, Tenure
from portal.merchants.terms import ShopFacts, Twin


def tenure(tenure_id: int) -> Select[tuple[Tenure]]:
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


def ended_tenures(*, since: date) -> Select[tuple[Tenure]]:
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


def attachment(shop_id: int, file_id: int) -> Select[tuple[ShopFile]]:
    """One attachment of a shop."""
    return select(ShopFile).where(ShopFile.shop_id == shop_id, ShopFile.id == file_id)


def twins(facts: ShopFacts, *, but: int | None = None) -> list[Twin]:
    """Shops that may be the same one (rules 1, duplicates), each with the reason; at most ten."""
    key = rules.address_key(facts.street, facts.door_no)
    phone = sealer().index(facts.phone, Shop.phone.where(Shop)) if facts.phone else None
    mine = {"uscc": facts.uscc, "address_key": key, "phone_index": phone, "sign_name": facts.sign_name}
    suspects = [Shop.address_key == key]
    if facts.uscc:
        suspects.append(Shop.uscc == facts.uscc)
    if phone:
        suspects.append(Shop.phone_index == phone)
    rows = db.session.execute(
        select(
            Shop.id, Shop.number, Shop.sign_name, Shop.street, Shop.door_no, Shop.uscc, Shop.address_key,
            Shop.phone_index,
        )
        .where(or_(*suspects), Shop.id != (but or 0))
        .order_by(Shop.number)
        .limit(30)
    )  # fmt: skip
    found = ((row, rules.same_shop(mine, row._mapping)) for row in rows)
    return [
        Twin(row.id, row.number, row.sign_name, f"{row.street} {row.door_no}", because)
        for row, because in found
        if because
    ][:10]
