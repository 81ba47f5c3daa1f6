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
from portal.merchants.queries import tree
from portal.merchants.queries import wanted as shops_wanted
from portal.merchants.terms import Listing, ShopState
from portal.papers.models import Paper
from portal.pledges import queries, services
from portal.pledges.models import Pledge
from portal.pledges.offers.desk import TASKS
from portal.pledges.queries import Wanted, listed
from portal.pledges.terms import RENEW_DAYS, RENEW_LATE, Todo
from portal.settings import services as settings
from portal.worktime import services as worktime
from tests.cast import Cast
from tests.pledges import ways

(PLEDGES,) = TASKS


@pytest.fixture
def texts(house: Flask, now: datetime) -> None:
    services.sow_templates(now)


def on_paper(cast: Cast, now: datetime, grid: str = "MY-01", *, shop: Shop | None = None) -> Pledge:
    """A pledge on paper that waits for 甲方."""
    return ways.on_paper(shop or ways.a_shop(now, grid=grid), by=cast["secretary"], now=now)


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


def a_new_operator(cast: Cast, now: datetime, at: datetime, grid: str = "MY-01") -> Shop:
    """A shop that had signed and whose operator changed at an hour."""
    shop = ways.a_shop(at - timedelta(days=90), grid=grid)
    services.confirm(on_paper(cast, at - timedelta(days=60), grid, shop=shop), by=cast["office"], now=at)
    ways.handed_on(shop, at=at)
    return shop


def shops_listed(cast: Cast, login: str, word: str, now: datetime) -> set[int]:
    """The shops of the list behind a word of 责任书."""
    asked = Listing(offered=(("pledge", (word,)),))
    found = shops_wanted(asked, actor=cast[login], tree=tree(), now=now)
    return set(db.session.scalars(found.ids()))


def overdue(house: Flask, cast: Cast, login: str, now: datetime) -> set[int]:
    """The shops of 先办这些 that are past the limit; card, headline and list say as many."""
    found = figure(house, cast, login, "pledges.unsigned", now)
    assert found is not None
    with request(house):
        tasks = PLEDGES.read(cast[login], now, 40)
    lines = [one for one in tasks.lines if one.title.endswith("换了经营者，还没换签")]
    listed_ = shops_listed(cast, login, RENEW_LATE, now)
    assert {int(one.url.rsplit("/", 1)[1]) for one in lines} == listed_
    assert (tasks.late, tasks.count) == (len(lines), len(tasks.lines))
    assert {(one.lamp, one.word, one.until_at < now) for one in lines} <= {("late", "逾期", True)}
    words = f"，超期 {len(lines)}" if lines else ""
    renew = len(shops_listed(cast, login, "renew", now))
    assert found.second == (f"其中待换签 {renew}{words}" if renew else "从没签过")
    assert found.part == ((words[1:], f"/merchants/?pledge={RENEW_LATE}") if lines else ("", ""))
    assert found.late is bool(lines) and listed_ <= shops_listed(cast, login, "renew", now)
    return listed_


@pytest.mark.usefixtures("texts")
class TestNewOperators:
    """换签 after a change of operator: 5 working days from the hour in which it was registered (rules 10)."""

    @pytest.mark.parametrize(
        ("known", "late"),
        [
            pytest.param(datetime(2026, 11, 25, 9), False, id="R10·今天登记"),
            pytest.param(datetime(2026, 11, 18, 9), False, id="R10·第五个工作日是今天"),
            pytest.param(datetime(2026, 11, 17, 17, 30), True, id="R10·第五个工作日是昨天"),
            pytest.param(datetime(2026, 9, 28, 9), True, id="R10·过了一个长假"),
            pytest.param(datetime(2026, 5, 6, 9), True, id="R10·提醒早就过去了"),
        ],
    )
    def test_the_limit_is_the_reminders(
        self, house: Flask, cast: Cast, now: datetime, known: datetime, late: bool
    ) -> None:
        at = known.replace(tzinfo=now.tzinfo)
        worktime.keep(now=at)
        shop = a_new_operator(cast, now, at)
        assert overdue(house, cast, "staff", now) == ({shop.id} if late else set())
        with request(house):
            [told] = queries.taken_over(at.date(), since=at - timedelta(days=1))
            lines = PLEDGES.read(cast["staff"], now, 8).lines
        assert [one.until_at for one in lines] == ([told.limit.until_at] if late else [])
        assert (told.limit.until_at < now) is late
        end = told.limit.until_at
        assert overdue(house, cast, "staff", end) == set(), "the last instant is in time"
        assert overdue(house, cast, "staff", end + timedelta(seconds=1)) == {shop.id}

    def test_its_number_of_days_is_a_setting(self, house: Flask, cast: Cast, now: datetime) -> None:
        shop = a_new_operator(cast, now, now - timedelta(days=5))  # on Friday
        assert overdue(house, cast, "staff", now) == set()
        settings.put(RENEW_DAYS, 2, from_on=now.date(), reason="试行", seen=0, by=cast["admin"], now=now)
        assert overdue(house, cast, "staff", now) == {shop.id}

    def test_who_has_signed_or_need_not_is_none(self, house: Flask, cast: Cast, now: datetime) -> None:
        at = now - timedelta(days=30)
        shops = [a_new_operator(cast, now, at) for _ in range(5)]
        assert overdue(house, cast, "staff", now) == {one.id for one in shops}
        waits, signed, lapsed, void, vacant = shops
        on_paper(cast, now, shop=waits)
        services.confirm(on_paper(cast, now, shop=signed), by=cast["staff"], now=now)
        own = on_paper(cast, now, shop=lapsed)
        services.confirm(own, by=cast["staff"], now=now)
        values = {"until_on": now.date() - timedelta(days=2), "starts_on": at.date()}
        db.session.execute(update(Pledge).where(Pledge.id == own.id).values(**values))
        wrong = on_paper(cast, now, shop=void)
        services.confirm(wrong, by=cast["staff"], now=now)
        services.ask_voiding(wrong, reason="签错了店", by=cast["staff"], now=now)
        services.answer_voiding(wrong.id, agreed=True, answer="", by=cast["office"], now=now)
        db.session.execute(update(Shop).where(Shop.id == vacant.id).values(state=ShopState.VACANT))
        never = ways.a_shop(at)
        ways.handed_on(never, at=at)  # nobody there has ever signed: 未签, not 待换签
        db.session.expire_all()
        with request(house):
            found = PLEDGES.read(cast["staff"], now, 8)
            late = {one.url for one in found.lines if one.lamp == "late"}
        assert late == {f"/merchants/{void.id}", f"/merchants/{lapsed.id}"}, "one 待换签, one 已到期"
        assert (found.count, found.late) == (3, 2)
        assert shops_listed(cast, "staff", RENEW_LATE, now) == {void.id}

    def test_of_two_changes_the_last_counts(self, house: Flask, cast: Cast, now: datetime) -> None:
        shop = a_new_operator(cast, now, now - timedelta(days=30))
        ways.handed_on(shop, at=now - timedelta(days=1), operator="何秋")
        assert overdue(house, cast, "staff", now) == set()

    def test_each_within_their_reach_kept_or_live(
        self, house: Flask, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Kept figures say the same; who has signed since these were counted is no line of 先办这些 any more."""
        grids = ("MY-01", "MY-01", "MY-02", "SB-01")
        shops = [a_new_operator(cast, now, now - timedelta(days=20 + place), grid) for place, grid in enumerate(grids)]
        everybody = {"grid": 2, "staff": 3, "village": 1, "office": 4, "leader": 4, "secretary": 3}
        live = {login: overdue(house, cast, login, now) for login in everybody}
        assert {login: len(found) for login, found in live.items()} == everybody
        services.tally(now=now)
        monkeypatch.setattr(queries.desk, "LIVE_MOST", -1)
        for login, count in everybody.items():
            found = figure(house, cast, login, "pledges.unsigned", now)
            assert found is not None and found.late
            assert (found.number, found.second) == (str(count), f"其中待换签 {count}，超期 {count} · 10:00 的数")
            with request(house):
                tasks = PLEDGES.read(cast[login], now, 2)
            oldest = sorted(live[login], key=[one.id for one in shops].index, reverse=True)[:2]
            assert [one.url for one in tasks.lines] == [f"/merchants/{one}" for one in oldest]
            assert (tasks.count, tasks.late) == (count, count)
        services.confirm(on_paper(cast, now, "SB-01", shop=shops[3]), by=cast["office"], now=now)
        with request(house):
            urls = [one.url for one in PLEDGES.read(cast["office"], now, 8).lines]
        assert urls == [f"/merchants/{one.id}" for one in (shops[2], shops[1], shops[0])]
