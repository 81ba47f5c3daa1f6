"""I13 in the database: the SQL mapping is the rule, and the columns add up to every shop at every level of the tree."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.merchants import services as merchants
from portal.merchants.models import Shop
from portal.merchants.queries import current_tenure
from portal.merchants.terms import ShopState
from portal.pledges import queries, rules, services
from portal.pledges.terms import Proof, Signer, Standing
from tests.cast import Cast
from tests.pledges import ways

TODAY = date(2026, 11, 25)


@dataclass(frozen=True)
class History:
    """What happened to a shop, the oldest first; each word is one thing."""

    grid: str
    state: ShopState
    happened: tuple[str, ...]


DEEDS = ("enter old", "enter", "confirm", "void", "operator", "settle", "leave")
HISTORIES = st.builds(
    History,
    st.sampled_from(["MY-01", "MY-02", "SB-01"]),
    st.sampled_from(ShopState),
    st.lists(st.sampled_from(DEEDS), max_size=6).map(tuple),
)


@pytest.fixture(autouse=True)
def texts(house: Flask, now: datetime) -> None:
    services.sow_templates(now)
    db.session.commit()


def live(history: History, cast: Cast, now: datetime) -> tuple[int, rules.ShopFacts]:
    """Let a shop live its history through the services; return it and the facts that I13 asks about."""
    staff = cast["village"] if history.grid == "SB-01" else cast["staff"]
    shop = ways.a_shop(now, grid=history.grid, operator_from=TODAY - timedelta(days=500))
    held: list[tuple[date, bool]] = []  # (until, voided) of confirmed pledges of the current tenure
    waiting = None
    earlier = False
    for deed in history.happened:
        tenure = current_tenure(shop.id)
        if deed.startswith("enter") and tenure is not None and waiting is None:
            signed_on = max(tenure.from_on, TODAY - timedelta(days=400 if deed == "enter old" else 20))
            sheet = services.Sheet(signed_on, Signer.OWNER, "何桂兰", Proof.IDENTITY, 1)
            waiting = services.enter(tenure, sheet, by=staff, now=now)
        elif deed == "confirm" and waiting is not None:
            services.confirm(waiting, by=cast["office"], now=now)
            earlier = earlier or bool(held)
            held, waiting = [(waiting.until_on, False)], None
        elif deed == "void" and held:
            pledge = queries.live_of(tenure.id)[0]
            services.ask_voiding(pledge, reason="登记错了", by=staff, now=now)
            services.answer_voiding(pledge.id, agreed=True, answer="", by=cast["office"], now=now)
            held = []
        elif deed in ("operator", "leave") and tenure is not None:
            earlier, held, waiting = earlier or bool(held), [], None
            if deed == "operator":
                merchants.change_operator(
                    shop, operator="周桂英", responsible="周桂英", phone=None, on=TODAY, reason="转让",
                    version=shop.version, by=staff, now=now,
                )  # fmt: skip
            else:
                tenure.until_on = TODAY
        elif deed == "settle":
            services.settle(by=SYSTEM, now=now)
        db.session.flush()
    shop.state = history.state
    db.session.flush()
    covered = any(until > TODAY for until, _voided in held)
    facts = rules.ShopFacts(
        history.state, live=covered, waiting=waiting is not None, earlier=earlier or bool(held)
    )  # fmt: skip
    return shop.id, facts


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=st.lists(HISTORIES, max_size=6))
def test_i13_the_columns_add_up_to_every_shop(
    house: Flask, cast: Cast, now: datetime, histories: list[History]
) -> None:
    db.session.rollback()
    lived = dict(live(history, cast, now) for history in histories)
    found = queries.standings(list(lived), today=TODAY)
    assert {shop_id: word for shop_id, (word, _until) in found.items()} == {
        shop_id: rules.standing(facts) for shop_id, facts in lived.items()
    }
    levels = (None, Shop.community_id, Shop.grid_id)
    for by in levels:
        counts = queries.standing_counts(today=TODAY, by=by)
        totals = dict(db.session.execute(select(by, func.count()).group_by(by)).all()) if by is not None else None
        for part, columns in counts.items():
            assert set(columns) == set(Standing)
            assert sum(columns.values()) == (len(lived) if totals is None else totals[part])
        assert sum(sum(columns.values()) for columns in counts.values()) == len(lived)
    owing = [ShopState.OPEN, ShopState.PAUSED, ShopState.TRANSFER]
    everywhere = queries.standing_counts(today=TODAY).get(None, dict.fromkeys(Standing, 0))
    assert sum(everywhere.values()) - everywhere[Standing.EXEMPT] == sum(
        facts.state in owing for facts in lived.values()
    )
    db.session.rollback()


def test_one_query_whatever_the_page_holds(house: Flask, cast: Cast, now: datetime) -> None:
    shops = [ways.a_shop(now).id for _ in range(30)]
    db.session.commit()
    for ids in (shops[:1], shops):
        asked: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object, into: list[str] = asked) -> None:
            into.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        assert len(queries.standings(ids, today=TODAY)) == len(ids)
        event.remove(db.engine, "before_cursor_execute", note)
        assert len([one for one in asked if one.lstrip().startswith("SELECT")]) == 1
