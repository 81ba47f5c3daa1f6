"""Who holds which role where, and who is reminded when nobody does (rules 10: a vacant grid)."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from portal.accounts import queries, services
from portal.accounts.queries import Holder, Seated
from portal.accounts.terms import ROLES, PersonState
from portal.ground.db import db
from tests.cast import Cast
from tests.conftest import NOON

TODAY = NOON.date()
OFFICE, MOON, MOON_1, MOON_2, STONE, STONE_1 = range(1, 7)
ABOVE = {OFFICE: None, MOON: OFFICE, MOON_1: MOON, MOON_2: MOON, STONE: OFFICE, STONE_1: STONE}
HELD = [
    Holder("grid_worker", MOON_1, 11),
    Holder("grid_worker", MOON_1, 12),
    Holder("secretary", MOON, 21),
    Holder("community_staff", MOON, 22),
    Holder("campaign_office", OFFICE, 31),
    Holder("leader", OFFICE, 32),
]


@pytest.mark.parametrize(
    ("role", "area", "expected"),
    [
        pytest.param("grid_worker", MOON_1, (11, 12), id="its own grid workers"),
        pytest.param("grid_worker", MOON_2, (21,), id="R10·vacant grid: the community's secretary"),
        pytest.param("grid_worker", STONE_1, (31,), id="R10·no secretary either: 专项办"),
        pytest.param("community_staff", MOON_1, (22,), id="a community's role asked from its grid"),
        pytest.param("secretary", MOON_2, (21,), id="escalation from a grid"),
        pytest.param("leader", MOON_1, (32,), id="an office role asked from a grid"),
        pytest.param("section", OFFICE, (31,), id="an office role that nobody holds"),
        pytest.param("campaign_office", None, (31,), id="no area is the office"),
        pytest.param("grid_worker", 99, (31,), id="an area that is not known: the office"),
    ],
)
def test_who_is_reminded(role: str, area: int | None, expected: tuple[int, ...]) -> None:
    assert Seated(HELD, ABOVE).reminded(role, area) == expected


def test_nobody_at_all() -> None:
    assert Seated([], ABOVE).reminded("grid_worker", MOON_1) == ()
    assert Seated([], {}).reminded("grid_worker", MOON_1) == ()
    assert Seated([], {}).holding("leader") == ()


held = st.builds(Holder, st.sampled_from(list(ROLES)), st.sampled_from(list(ABOVE)), st.integers(1, 9))


@given(st.lists(held), st.sampled_from(list(ROLES)), st.sampled_from(list(ABOVE)), st.integers(1, 9))
def test_while_the_campaign_office_is_there_nobody_is_forgotten(
    lines: list[Holder], role: str, area: int, one: int
) -> None:
    seated = Seated([*lines, Holder("campaign_office", OFFICE, one)], ABOVE)
    found = seated.reminded(role, area)
    assert found and len(set(found)) == len(found)
    if own := seated.holding(role, area):
        assert found == own


def test_holders_are_of_the_day(house: Flask, cast: Cast, now: datetime) -> None:
    grid, home = cast.people["grid"], cast.areas["MY-01"]
    services.end_role(grid, role="grid_worker", area=home, by=cast["security"], now=now)
    db.session.commit()
    line = Holder("grid_worker", home.id, grid.id)
    assert line in queries.holders(on=TODAY - timedelta(days=1))
    assert line not in queries.holders(on=TODAY), "ended today: today no more"
    assert line not in queries.holders(on=date(2026, 3, 29)), "not yet given"
    assert queries.seated(on=TODAY).reminded("grid_worker", home.id) == (cast.people["secretary"].id,)


@pytest.mark.parametrize("state", [PersonState.LOCKED, PersonState.LEFT])
def test_who_cannot_log_in_is_not_reminded(house: Flask, cast: Cast, state: PersonState) -> None:
    cast.people["grid"].state = state
    db.session.commit()
    assert cast.people["grid"].id not in {one.person_id for one in queries.holders(on=TODAY)}


def test_all_of_it_costs_two_queries(house: Flask, cast: Cast) -> None:
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    queries.seated(on=TODAY)
    assert len(asked) == 2
