"""Marks: what a process keeps is read anew once somebody has changed it, and what may be rolled back is not kept."""

from flask import Flask, g

from portal.ground import marks
from portal.ground.db import db, rows


def known() -> None:
    """What a request that identifies somebody does: the numbers come with the query."""
    statement = db.select(*marks.columns())
    marks.note(list(rows(statement)[0]))


def reader(seen: list[int]) -> int:
    seen.append(1)
    return len(seen)


def test_kept_until_somebody_changes_it(house: Flask) -> None:
    seen: list[int] = []

    def read() -> int:
        return reader(seen)

    for expected in (1, 1):
        with house.test_request_context():
            known()
            assert marks.kept("areas", read) == expected
    with house.test_request_context():
        known()
        marks.bump("areas")
        assert marks.kept("areas", read) == 2, "the one who changes it reads what it has become"
        assert marks.kept("areas", read) == 3, "and keeps nothing, since it may be rolled back"
        db.session.rollback()
    with house.test_request_context():
        known()
        assert marks.kept("areas", read) == 1
        marks.bump("areas")
        db.session.commit()
    with house.test_request_context():
        known()
        assert marks.kept("areas", read) == 4
        assert marks.kept("areas", read) == 4


def test_nothing_is_kept_where_nobody_was_identified(house: Flask) -> None:
    seen: list[int] = []

    def read() -> int:
        return reader(seen)

    with house.test_request_context():
        assert "marks" not in g
        assert [marks.kept("areas", read), marks.kept("areas", read)] == [1, 2]
    assert [marks.kept("areas", read), marks.kept("areas", read)] == [3, 4]
