"""The demonstration's areas and shops: as many as promised, invented, and the same every time."""

from collections import Counter
from datetime import datetime
from random import Random
from types import SimpleNamespace

import pytest
from faker import Faker
from flask import Flask
from sqlalchemy import func, select

from portal.areas import demo as areas_demo
from portal.areas.terms import AreaType
from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.ground.fields.codes import clean_uscc
from portal.merchants import demo
from portal.merchants.models import Shop, Tenure


def context(now: datetime) -> SimpleNamespace:
    faker = Faker("zh_CN")
    faker.seed_instance(7)
    return SimpleNamespace(now=now, by=SYSTEM, random=Random(7), faker=faker, made={})


def test_twelve_parts_and_sixty_grids_of_all_four_types() -> None:
    grids = [one for _code, _name, _kind, types in areas_demo.PARTS for one in types]
    assert (len(areas_demo.PARTS), len(grids)) == (12, 60)
    assert set(grids) == set(AreaType)


@pytest.mark.slow
def test_six_hundred_shops_that_nobody_has(house: Flask, now: datetime) -> None:
    demo.build(context(now))
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Shop)) == 600
    shops = db.session.scalars(select(Shop)).all()
    assert all(shop.remark == "演示数据" for shop in shops)
    assert all("MADEM" in clean_uscc(shop.uscc) for shop in shops if shop.uscc)
    assert all(shop.phone is None or shop.phone[3:7] == "0000" for shop in shops)
    assert all("（演示）" in shop.licence_name for shop in shops if shop.licence_name)
    ended = db.session.scalar(select(func.count()).select_from(Tenure).where(Tenure.until_on.is_not(None)))
    assert ended == demo.HANDED_ON
    assert all(shop.created_at < now for shop in shops)
    assert Counter(shop.state for shop in shops).total() == 600
