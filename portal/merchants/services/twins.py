"""Files that may be of one shop: asked before one is entered or changed (rules 1, duplicates)."""

from sqlalchemy import or_, select

from portal.ground.db import db
from portal.ground.sealed import sealer
from portal.merchants import rules
from portal.merchants.models import Shop
from portal.merchants.terms import ShopFacts, Twin


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
    found = ((row, rules.same_shop(mine, row._asdict())) for row in rows)
    return [
        Twin(row.id, row.number, row.sign_name, f"{row.street} {row.door_no}", because)
        for row, because in found
        if because
    ][:10]
