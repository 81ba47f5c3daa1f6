"""What the desk counts of pledges is what its list holds; who may confirm is a matter of dated authority (rules 10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from flask import Flask, g
from sqlalchemy import func, select, update

from portal.accounts.models import Authority, Person
from portal.accounts.terms import PersonState
from portal.ground.db import db
from portal.ground.declare import Figure, offers
from portal.ground.errors import Refused
from portal.merchants.models import Shop, Tenure
from portal.merchants.queries import current_tenure
from portal.merchants.terms import ShopState
from portal.papers.models import Paper
from portal.pledges import queries, services
from portal.pledges.models import Pledge
from portal.pledges.offers.desk import TASKS
from portal.pledges.queries import Wanted, listed
from portal.pledges.terms import Proof, Signer, Todo
from tests.cast import Cast
from tests.pledges import ways

(PLEDGES,) = TASKS


@pytest.fixture
def texts(house: Flask, now: datetime) -> None:
    services.sow_templates(now)


def on_paper(cast: Cast, now: datetime, grid: str = "MY-01", *, shop: Shop | None = None) -> Pledge:
    """A pledge on paper that waits for 甲方."""
    tenure = current_tenure((shop or ways.a_shop(now, grid=grid)).id)
    assert tenure is not None
    sheet = services.Sheet(now.date(), Signer.OWNER, "何桂兰", Proof.IDENTITY, 1)
    return services.enter(tenure, sheet, by=cast["secretary"], now=now)


def in_force(cast: Cast, now: datetime, until_on: date) -> Pledge:
    pledge = on_paper(cast, now)
    services.confirm(pledge, by=cast["staff"], now=now)
    values = {"until_on": until_on, "starts_on": until_on - timedelta(days=360)}
    db.session.execute(update(Pledge).where(Pledge.id == pledge.id).values(**values))
    return pledge


@contextmanager
def request(house: Flask) -> Iterator[None]:
    """A request of its own: what the last one kept is forgotten."""
    for name in list(g):
        g.pop(name)
    with house.test_request_context():
        yield


def figure(house: Flask, cast: Cast, login: str, key: str, now: datetime) -> Figure | None:
    [card] = [one for one in offers().cards if one.key == key]
    with request(house):
        return card.read(cast[login], now) if cast[login].may(card.needs) else None


def in_list(cast: Cast, login: str, todo: Todo, now: datetime) -> int:
    found = listed(cast[login], Wanted(todo=todo), today=now.date())
    return db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0


def number(house: Flask, cast: Cast, login: str, todo: Todo, now: datetime) -> str | None:
    """The number on the card, None without one; the list behind it holds as many."""
    found = figure(house, cast, login, f"pledges.{todo.value}", now)
    assert int(found.number if found else 0) == in_list(cast, login, todo, now)
    return found.number if found else None


def end(login: str, on: date) -> None:
    person = select(Person.id).where(Person.login == login).scalar_subquery()
    db.session.execute(update(Authority).where(Authority.person_id == person).values(until_on=on))


@pytest.mark.usefixtures("texts")
class TestAuthority:
    """甲方 authority (rules 10): R10·甲方授权."""

    def test_each_counts_what_their_own_authority_reaches(self, house: Flask, cast: Cast, now: datetime) -> None:
        for grid in ("MY-01", "MY-01", "MY-02", "SB-01"):
            on_paper(cast, now, grid)
        asked = {login: number(house, cast, login, Todo.CONFIRM, now) for login in
                 ("grid", "staff", "village", "office", "secretary", "leader", "admin")}  # fmt: skip
        assert asked == {
            "grid": "2", "staff": "3", "village": "1", "office": "4", "secretary": None, "leader": None, "admin": None,
        }  # fmt: skip
        assert number(house, cast, "office", Todo.NOBODY, now) is None, "somebody may everywhere"

    def test_an_authority_counts_on_its_days_alone(self, house: Flask, cast: Cast, now: datetime) -> None:
        on_paper(cast, now)
        end("grid", now.date() + timedelta(days=1))
        assert number(house, cast, "grid", Todo.CONFIRM, now) == "1", "its last day"
        assert number(house, cast, "grid", Todo.CONFIRM, now + timedelta(days=1)) is None

    def test_where_nobody_holds_it_it_stands_with_the_office(self, house: Flask, cast: Cast, now: datetime) -> None:
        for grid in ("MY-01", "MY-02", "SB-01"):
            on_paper(cast, now, grid)
        end("office", now.date())
        assert number(house, cast, "office", Todo.CONFIRM, now) is None
        assert number(house, cast, "office", Todo.NOBODY, now) is None
        end("village", now.date())
        assert number(house, cast, "office", Todo.NOBODY, now) == "1"
        end("staff", now.date())
        assert number(house, cast, "office", Todo.NOBODY, now) == "2", "the grid worker of MY-01 is still there"
        db.session.execute(update(Person).where(Person.login == "grid").values(state=PersonState.LOCKED))
        assert number(house, cast, "office", Todo.NOBODY, now) == "3", "whoever is locked out cannot confirm"
        assert number(house, cast, "secretary", Todo.NOBODY, now) is None
        with request(house):
            found = PLEDGES.read(cast["office"], now, 8)
            assert (found.count, len(found.lines)) == (3, 3)
            assert {line.word for line in found.lines} == {"待确认"}

    def test_who_can_confirm_is_who_is_counted(self, house: Flask, cast: Cast, now: datetime) -> None:
        """The count and the door agree, whoever asks."""
        for login in ("grid", "staff", "village", "office", "secretary"):
            pledge = on_paper(cast, now, "MY-02")
            before = int(number(house, cast, login, Todo.CONFIRM, now) or 0)
            with request(house):
                lines = PLEDGES.read(cast[login], now, 8).lines
            if before:
                services.confirm(pledge, by=cast[login], now=now)
                assert int(number(house, cast, login, Todo.CONFIRM, now) or 0) == before - 1
            else:
                assert not lines
                with pytest.raises(Refused):
                    services.confirm(pledge, by=cast[login], now=now)


@pytest.mark.usefixtures("texts")
class TestCounts:
    """A number of the desk is the length of its list."""

    @pytest.mark.parametrize(
        ("days", "todo"),
        [
            pytest.param(-30, Todo.LAPSED, id="R5·过期"),
            pytest.param(0, Todo.LAPSED, id="R5·昨天是最后一天"),
            pytest.param(1, Todo.TODAY, id="R5·今天是最后一天"),
            pytest.param(2, Todo.SOON, id="R5·明天是最后一天"),
            pytest.param(30, Todo.SOON, id="R5·三十天"),
            pytest.param(31, None, id="R5·还早"),
        ],
    )
    def test_ends(self, house: Flask, cast: Cast, now: datetime, days: int, todo: Todo | None) -> None:
        in_force(cast, now, now.date() + timedelta(days=days))
        counted = {one for one in (Todo.LAPSED, Todo.TODAY, Todo.SOON) if number(house, cast, "staff", one, now) != "0"}
        assert counted == ({Todo.TODAY, Todo.SOON} if todo is Todo.TODAY else {todo} - {None})
        with request(house):
            found = PLEDGES.read(cast["staff"], now, 8)
        assert (found.count, len(found.lines)) == ((1, 1) if todo else (0, 0))
        assert found.late == (todo is Todo.LAPSED)

    def test_nothing_is_promised_that_cannot_come(self, house: Flask, cast: Cast, now: datetime) -> None:
        """A vacant shop, one whose operator has left, and one that has signed anew have nothing to renew."""
        vacant, left, anew = (in_force(cast, now, now.date() - timedelta(days=3)) for _ in range(3))
        assert number(house, cast, "staff", Todo.LAPSED, now) == "3"
        db.session.execute(update(Shop).where(Shop.id == vacant.shop_id).values(state=ShopState.VACANT))
        ended = update(Tenure).where(Tenure.id == left.tenure_id)
        db.session.execute(ended.values(until_on=now.date(), ended_by="测试"))
        on_paper(cast, now, shop=db.session.get_one(Shop, anew.shop_id))
        assert number(house, cast, "staff", Todo.LAPSED, now) == "0"
        assert number(house, cast, "staff", Todo.CONFIRM, now) == "1"
        with request(house):
            found = PLEDGES.read(cast["staff"], now, 8)
        assert (found.count, len(found.lines), found.late) == (1, 1, 0)

    @pytest.mark.parametrize(
        ("received", "late"),
        [
            pytest.param(datetime(2026, 11, 20, 9), 0, id="R10·今天18点到期"),
            pytest.param(datetime(2026, 11, 19, 9), 1, id="R10·昨天到期"),
            pytest.param(datetime(2026, 11, 25, 9), 0, id="R10·今天收件"),
        ],
    )
    def test_a_limit_runs_from_the_day_the_office_got_it(
        self, house: Flask, cast: Cast, now: datetime, received: datetime, late: int
    ) -> None:
        """Three working days from 收件, not from the day on the paper (rules 10)."""
        pledge = on_paper(cast, now)
        at = received.replace(tzinfo=now.tzinfo)
        db.session.execute(update(Paper).where(Paper.id == pledge.paper_id).values(requested_at=at))
        db.session.execute(update(Pledge).where(Pledge.id == pledge.id).values(signed_at=now - timedelta(days=200)))
        found = figure(house, cast, "staff", "pledges.confirm", now)
        assert found is not None and (found.number, found.late) == ("1", bool(late))
        with request(house):
            todo = PLEDGES.read(cast["staff"], now, 8)
        assert (todo.count, todo.late, [line.lamp for line in todo.lines]) == (1, late, ["late" if late else "soon"])

    def test_kept_figures_say_the_same(
        self, house: Flask, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for days in (-3, 1, 9):
            in_force(cast, now, now.date() + timedelta(days=days))
        for grid in ("MY-01", "MY-02", "SB-01"):
            on_paper(cast, now, grid)
        live = queries.board(cast["office"], now)
        services.tally(now=now)
        monkeypatch.setattr(queries.desk, "LIVE_MOST", -1)
        kept = queries.board(cast["office"], now)
        assert kept.as_of == now and live.as_of is None
        assert {grid: dict(words) for grid, words in kept.todo.items()} == live.todo
        assert kept.sums == live.sums
