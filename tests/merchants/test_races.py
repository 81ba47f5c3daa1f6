"""Two clerks at once, on both databases: shop numbers, the current tenure, the version; with a negative control."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from portal.ground.actor import SYSTEM
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.ground.fields.codes import make_shop_number
from portal.merchants import queries, services
from portal.merchants.models import Sequence, Shop
from tests.merchants.shops import a_shop

THREADS = 8


def race(app: Flask, deed: Callable[[int, Barrier], bool]) -> int:
    """Run `deed` in threads of its own at once; count those that succeeded."""
    gate = Barrier(THREADS)

    def run(number: int) -> bool:
        with app.app_context():
            token = writing.set(True)
            try:
                done = deed(number, gate)
                db.session.commit()
                return done
            except (IntegrityError, StaleDataError, Refused):
                return False
            finally:
                db.session.remove()
                writing.reset(token)

    with ThreadPoolExecutor(THREADS) as threads:
        return sum(threads.map(run, range(THREADS)))


def test_numbers_are_given_once(house: Flask, now: datetime) -> None:
    def enter(number: int, gate: Barrier) -> bool:
        gate.wait()
        a_shop(now, sign_name=f"店{number}", door_no=f"{number} 号")
        return True

    assert race(house, enter) == THREADS
    numbers = sorted(db.session.scalars(select(Shop.number)))
    assert numbers == [f"GX-MY-{n:04d}" for n in range(1, THREADS + 1)]


def test_without_the_guard_a_number_is_given_twice(house: Flask, now: datetime) -> None:
    """The negative control: looking for the highest number and adding one."""
    a_shop(now)
    db.session.commit()
    home = queries.tree().by_code["MY"].id
    db.session.remove()
    given: list[str] = []

    def look(_number: int, gate: Barrier) -> bool:
        writing.set(False)
        last = db.session.scalars(select(Sequence.last).where(Sequence.community_id == home)).one()
        gate.wait()
        given.append(make_shop_number("MY", last + 1))
        return True

    race(house, look)
    assert len(set(given)) < THREADS


def test_one_of_many_changes_of_operator_wins(house: Flask, now: datetime) -> None:
    shop_id = a_shop(now).id
    db.session.commit()
    db.session.remove()

    def hand_on(number: int, gate: Barrier) -> bool:
        gate.wait()
        shop = db.session.get_one(Shop, shop_id)
        services.change_operator(
            shop, operator=f"何{'一二三四五六七八'[number]}", responsible="", phone=None, on=now.date(), reason="",
            version=1, by=SYSTEM, now=now,
        )  # fmt: skip
        return True

    assert race(house, hand_on) == 1
    assert len(db.session.get_one(Shop, shop_id).tenures) == 2
