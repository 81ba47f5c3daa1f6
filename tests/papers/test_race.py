"""Number series under many hands: real threads on both databases, with a negative control."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from portal.ground.actor import SYSTEM
from portal.ground.db import db, writing
from portal.papers import services
from portal.papers.models import NumberSeries, Paper
from tests.conftest import NOON
from tests.papers.papermakers import a_paper

HANDS, EACH = 12, 5


def from_many_hands(house: Flask, deed: object) -> list[object]:
    """Let many threads do the deed `EACH` times, each in transactions of its own; return what came out."""
    together = Barrier(HANDS)

    def hand(_: int) -> list[object]:
        with house.app_context():
            writing.set(True)
            together.wait()
            found = []
            for _ in range(EACH):
                try:
                    found.append(deed())  # type: ignore[operator]
                    db.session.commit()
                except SQLAlchemyError as error:
                    db.session.rollback()
                    found.append(error)
            db.session.remove()
            return found

    with ThreadPoolExecutor(HANDS) as pool:
        return [one for found in pool.map(hand, range(HANDS)) for one in found]


def test_no_number_is_given_twice(house: Flask) -> None:
    given = from_many_hands(house, lambda: services.next_number("桂三包", now=NOON))
    assert sorted(given) == [f"桂三包〔2026〕第{n:04d}号" for n in range(1, HANDS * EACH + 1)]  # type: ignore[type-var]


def careless_number() -> str:
    """The same without the guard: read, add one, write. Must fail where the database lets two read at once."""
    with db.engine.connect() as raw:
        last = raw.scalar(select(NumberSeries.last)) or 0
    db.session.rollback()
    db.session.execute(update(NumberSeries).values(last=last + 1))
    return f"桂三包〔2026〕第{last + 1:04d}号"


def test_negative_control(house: Flask) -> None:
    services.next_number("桂三包", now=NOON)
    db.session.commit()
    for _round in range(20):  # on a busy machine one round may go well by chance
        given = [one for one in from_many_hands(house, careless_number) if isinstance(one, str)]
        if len(set(given)) < len(given):
            return
    pytest.fail("a check before an update is not a guard")


def test_registered_papers_form_one_chain(house: Flask) -> None:
    made = from_many_hands(house, lambda: a_paper().id)
    assert all(isinstance(one, int) for one in made), made
    rows = db.session.execute(select(Paper.evidence_sha, Paper.previous_sha)).all()
    links = {previous: sha for sha, previous in rows}
    assert len(links) == len(rows) == HANDS * EACH, "no two papers follow the same one"
    place, steps = "", 0
    while place in links:
        place, steps = links[place], steps + 1
    assert steps == HANDS * EACH


@pytest.mark.usefixtures("sealing")
def test_a_file_is_kept_once_by_many_hands(house: Flask) -> None:
    paper = a_paper()
    db.session.commit()
    facts = services.facts_of(paper)
    done = services.make(facts)
    db.session.commit()
    kept = from_many_hands(house, lambda: services.keep(facts, done, by=SYSTEM, now=NOON))
    assert sum(map(bool, kept)) == 1 and all(isinstance(one, bool) for one in kept)
