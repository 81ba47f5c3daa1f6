"""The desk of every role: each number opens a list of as many rows, whatever the reach; queries are few."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update

from portal.accounts.terms import ROLES
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.merchants.queries import current_tenure
from portal.pledges import queries, services
from portal.pledges.models import Pledge
from portal.pledges.terms import Proof, Signer
from tests.cast import PEOPLE, Cast
from tests.conftest import Visitor, a_visitor
from tests.pledges import ways

LOGIN_OF = {role: login for login, _name, role, _where in reversed(PEOPLE)}


def fill(site: Flask, now: datetime, count: int) -> None:
    """Shops, of which some signed on paper: waiting, confirmed, to lapse soon, lapsed; some never signed."""
    with site.app_context():
        writing.set(True)
        services.sow_templates(now)
        cast = Cast.load(now)
        for number in range(count):
            tenure = current_tenure(ways.a_shop(now).id)
            assert tenure is not None
            if number % 4 == 3:
                continue
            sheet = services.Sheet(now.date(), Signer.OWNER, "何桂兰", Proof.IDENTITY, 1)
            pledge = services.enter(tenure, sheet, by=cast["staff"], now=now)
            if number % 4:
                services.confirm(pledge, by=cast["office"], now=now)
                until = now.date() + timedelta(days=-3 if number % 4 == 1 else 9)
                values = {"until_on": until, "starts_on": until - timedelta(days=300)}
                db.session.execute(update(Pledge).where(Pledge.id == pledge.id).values(**values))
        db.session.commit()
        db.session.remove()


def rows_of(visitor: Visitor, url: str) -> int:
    """How many rows the list behind a number has, from its own words."""
    page = visitor.get(url.replace("&amp;", "&")).get_data(as_text=True)
    found = re.search(r"共 ([\d,]+) [份家人条]", page)
    return int(found[1].replace(",", "")) if found else 0


@pytest.mark.parametrize("role", sorted(ROLES))
def test_each_number_opens_a_list_of_as_many_rows(site: Flask, clock: StoppedClock, role: str) -> None:
    fill(site, clock.now(), 12)
    visitor = a_visitor(site).sign_in(LOGIN_OF[role])
    page = visitor.get("/desk/").get_data(as_text=True)
    assert "第 56 天" in page and "上午好" in page
    figures = re.findall(
        r'<a[^>]*href="([^"]+)"[^>]*><span>.*?</span><b>([\d,.]+)<small>(份|家|人|%)</small>', page, re.S
    )
    for url, number, unit in figures:
        if unit != "%":
            assert rows_of(visitor, url) == int(number.replace(",", "")), (role, url)
    assert visitor.get("/desk/print").status_code == 200


def counted(site: Flask, ask: Callable[[], Any]) -> int:
    asked: list[str] = []
    with site.app_context():
        engine = db.engine

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    ask()
    event.remove(engine, "before_cursor_execute", note)
    return len([one for one in asked if one.lstrip().upper().startswith("SELECT")])


@pytest.mark.parametrize("login", ["office", "staff", "grid", "leader", "admin", "security", "volunteer"])
def test_queries_are_constant_and_few(site: Flask, clock: StoppedClock, login: str) -> None:
    visitor = a_visitor(site).sign_in(login)

    def look() -> None:
        assert visitor.get("/desk/").status_code == 200

    fill(site, clock.now(), 4)  # one of each kind
    look()
    one = counted(site, look)
    fill(site, clock.now(), 26)
    assert counted(site, look) == one <= 14


def test_kept_figures_are_shown_with_their_time(
    site: Flask, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(site, clock.now(), 8)
    monkeypatch.setattr(queries.desk, "LIVE_MOST", 3)
    visitor = a_visitor(site).sign_in("office")
    with site.app_context():
        writing.set(True)
        assert services.tally(now=clock.now()) > 0
        db.session.commit()
        db.session.remove()
    page = visitor.get("/desk/").get_data(as_text=True)
    assert "10:00 的数" in page
    live = re.findall(r"<b>([\d,.]+)<small>", page)
    monkeypatch.setattr(queries.desk, "LIVE_MOST", 3000)
    assert re.findall(r"<b>([\d,.]+)<small>", visitor.get("/desk/").get_data(as_text=True)) == live


def test_the_desk_is_the_first_page(site: Flask) -> None:
    visitor = a_visitor(site).sign_in("staff")
    assert visitor.get("/", follow_redirects=True).request.path == "/desk/"


def test_a_rate_is_cut_and_full_only_when_none_is_missing(site: Flask, clock: StoppedClock) -> None:
    fill(site, clock.now(), 12)
    page = a_visitor(site).sign_in("office").get("/desk/").get_data(as_text=True)
    assert "责任书签订率" in page and ">25<small>%" in page and "还差 9 家" in page


def test_search_finds_in_every_room_within_reach(site: Flask, clock: StoppedClock) -> None:
    fill(site, clock.now(), 2)
    staff = a_visitor(site).sign_in("staff")
    with site.app_context():
        writing.set(False)
        shop, number = db.session.execute(
            db.text(
                "SELECT s.sign_name, p.number FROM pledges_pledges p JOIN merchants_shops s ON s.id = p.shop_id LIMIT 1"
            )
        ).one()
        db.session.rollback()
    assert shop in staff.get(f"/desk/search?q={shop[:2]}").get_data(as_text=True)
    assert number in staff.get("/desk/search?q=1").get_data(as_text=True)
    assert "没有找到" in staff.get("/desk/search?q=没有这样的店名").get_data(as_text=True)
    assert "想找什么" in staff.get("/desk/search").get_data(as_text=True)
    fragment = staff.htmx("get", f"/desk/search?q={shop[:2]}", "found").get_data(as_text=True)
    assert fragment.lstrip().startswith('<div class="found')
    village = a_visitor(site).sign_in("village").get(f"/desk/search?q={shop}").get_data(as_text=True)
    assert "没有找到" in village
    volunteer = a_visitor(site).sign_in("volunteer").get(f"/desk/search?q={shop}").get_data(as_text=True)
    assert "没有找到" in volunteer
    assert staff.get("/desk/search?q=" + "长" * 500).status_code == 200
