"""Makers of shops: plain functions that put one plausible front into the database."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.areas.models import Area
from portal.ground.actor import SYSTEM, Actor
from portal.ground.db import db, writing
from portal.merchants import queries, services
from portal.merchants.models import Shop
from portal.merchants.terms import ShopFacts, Trade

CODE = "92500231MADEM0011P"


def grid_id(code: str = "MY-02") -> int:
    """The row id of a grid."""
    return db.session.scalars(select(Area.id).where(Area.code == code)).one()


def facts(grid: str = "MY-02", **but: Any) -> ShopFacts:
    """What a clerk would say of 阿婆豆花."""
    usual = ShopFacts(
        sign_name="阿婆豆花", trade=Trade.FOOD, trade_detail="早餐小吃", street="桂花巷", door_no="7 号",
        grid_id=grid_id(grid), frontage_cm=620, depth_cm=400, operator_name="何小满", phone="13600002207",
    )  # fmt: skip
    return replace(usual, **but)


def a_shop(now: datetime, *, by: Actor = SYSTEM, grid: str = "MY-02", **but: Any) -> Shop:
    """A shop that stands."""
    return services.create(facts(grid, **but), tree=queries.tree(), by=by, now=now)


def planted(site: Flask, now: datetime, *many: dict[str, Any]) -> list[int]:
    """Shops on a site without a pushed context; their ids."""
    with site.app_context():
        writing.set(True)
        ids = [a_shop(now, **but).id for but in many or ({},)]
        db.session.commit()
    return ids


def read(site: Flask, shop_id: int) -> Shop:
    """A shop as the database has it, with its tenures, detached."""
    with site.app_context():
        writing.set(False)
        shop = db.session.get_one(Shop, shop_id)
        _ = shop.tenures
        db.session.expunge_all()
        db.session.rollback()
    return shop


def phone_of(site: Flask, shop_id: int) -> str | None:
    """The shop's telephone, opened."""
    with site.app_context():
        writing.set(False)
        phone = db.session.get_one(Shop, shop_id).phone
        db.session.rollback()
    return phone
