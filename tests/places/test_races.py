"""Two clerks at the same instant, on both databases: one code each, one keeper at a time; with a negative control."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select

from portal.areas.queries import places
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.places import services
from portal.places.models import Keeping, Street
from tests.cast import Cast
from tests.places.streets import a_street, facts, person

CLERKS = 8


def together(house: Flask, deed: object) -> list[object]:
    """Do `deed(number)` in as many threads at once, each in a transaction of its own."""
    gate = Barrier(CLERKS)

    def one(number: int) -> object:
        with house.app_context():
            writing.set(True)
            gate.wait()
            try:
                answer = deed(number)  # type: ignore[operator]
                db.session.commit()
                return answer
            except Refused as refused:
                db.session.rollback()
                return refused.sentence
            finally:
                db.session.remove()

    with ThreadPoolExecutor(CLERKS) as pool:
        return list(pool.map(one, range(CLERKS)))


def test_one_name_is_entered_once(house: Flask, cast: Cast, now: datetime) -> None:
    """Pressed eight times: one street; the others read that it is there."""
    db.session.rollback()
    by = cast["staff"]
    answers = together(house, lambda _n: services.create(facts(), tree=places(), by=by, now=now).code)
    db.session.rollback()
    assert answers.count("L0001") == 1, answers
    assert sum("也叫“桂花巷”" in str(one) for one in answers) == CLERKS - 1, answers
    assert db.session.scalar(select(func.count()).select_from(Street)) == 1


def test_codes_are_never_given_twice(house: Flask, cast: Cast, now: datetime) -> None:
    db.session.rollback()
    by = cast["staff"]
    codes = together(
        house, lambda n: services.create(facts(name=f"{n}号巷"), tree=places(), by=by, now=now).code
    )  # fmt: skip
    assert sorted(str(one) for one in codes) == [f"L{n:04d}" for n in range(1, CLERKS + 1)]


def test_r3_one_keeper_at_a_time(house: Flask, cast: Cast, now: datetime) -> None:
    """Eight clerks who saw the same page: one gives the street away, the others are told."""
    street = a_street(now)
    db.session.commit()
    number, seen, by = street.id, street.version, cast["staff"]
    db.session.rollback()

    def give(_n: int) -> str:
        services.assign(db.session.get_one(Street, number), person("grid"), version=seen, by=by, now=now)
        return "given"

    answers = together(house, give)
    db.session.rollback()
    assert answers.count("given") == 1, answers
    assert db.session.scalar(select(func.count()).select_from(Keeping)) == 1


def test_negative_control_numbers_by_counting_collide(house: Flask, cast: Cast, now: datetime) -> None:
    """Without the sequence (count, then insert) the same codes are drawn; the UNIQUE key alone would have refused."""
    db.session.rollback()
    gate = Barrier(CLERKS)

    def count(_n: int) -> str:
        with house.app_context():
            writing.set(False)
            gate.wait()
            found = db.session.scalar(select(func.count()).select_from(Street)) or 0
            db.session.remove()
            return f"L{found + 1:04d}"

    with ThreadPoolExecutor(CLERKS) as pool:
        codes = list(pool.map(count, range(CLERKS)))
    assert len(set(codes)) < CLERKS
