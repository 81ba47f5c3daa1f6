"""The desk of every role: each number opens a list of as many rows, whatever the reach; queries are few."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
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
from portal.pledges.terms import Proof, Signer, Standing
from tests.cast import PEOPLE, Cast
from tests.conftest import Visitor, a_visitor
from tests.desk.lists import FIGURE, PART, plain, rows_in
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


def hand_on(site: Flask, now: datetime, count: int, grid: str = "MY-01") -> None:
    """Shops that had signed, and whose new operators have not within their five working days."""
    with site.app_context():
        writing.set(True)
        services.sow_templates(now)
        cast = Cast.load(now)
        for _ in range(count):
            shop = ways.a_shop(now - timedelta(days=200), grid=grid)
            services.confirm(ways.on_paper(shop, by=cast["secretary"], now=now), by=cast["office"], now=now)
            ways.handed_on(shop, at=now - timedelta(days=20))
        db.session.commit()
        db.session.remove()


def rows_of(visitor: Visitor, url: str) -> int:
    """How many rows the list behind a number has."""
    return rows_in(visitor.get(unescape(url)).get_data(as_text=True))


BAR = re.compile(r'<a id="bar-\d+" href="([^"]+)">[^<]*</a><b>([\d,]+) / ([\d,]+)</b>')
OWING = [one.value for one in Standing if one is not Standing.EXEMPT]


def test_each_number_opens_a_list_of_as_many_rows(office: Flask, clock: StoppedClock) -> None:
    """Every figure, every bar and the number of things to do, of each of the fifteen roles, on both databases."""
    fill(office, clock.now(), 12)
    hand_on(office, clock.now(), 2)
    hand_on(office, clock.now(), 1, "SB-01")
    overdue = {}
    assert len(ROLES) == 15
    for role in sorted(ROLES):
        visitor = a_visitor(office).sign_in(LOGIN_OF[role])
        page = visitor.get("/desk/").get_data(as_text=True)
        assert "第 56 天" in page and "上午好" in page
        figures = FIGURE.findall(page)
        assert len(figures) == page.split("<main", 1)[1].count("<b>") - len(BAR.findall(page)), role
        assert figures, role
        for url, label, number, unit in figures:
            if unit == "%":
                share = 1000 * rows_of(visitor, "/merchants/?pledge=live") // rows_of(visitor, _shops(OWING))
                assert float(number) == share / 10, role
            else:
                assert rows_of(visitor, url) == plain(number), (role, label, url)
        overdue[role] = [(number, rows_of(visitor, url)) for url, number in PART.findall(page)]
        for url, done, whole in BAR.findall(page):
            assert rows_of(visitor, url) == plain(whole), (role, url)
            assert rows_of(visitor, f"/merchants/?pledge=live&{url.rsplit('&amp;', 1)[1]}") == plain(done), (role, url)
        said = re.search(r"按时限排列，共 ([\d,]+) 件", page)
        printed = visitor.get("/desk/print").get_data(as_text=True)
        assert printed.count("<td>□</td>") == (plain(said[1]) if said else 0), role
        assert printed.count("换了经营者，还没换签") == sum(count for _number, count in overdue[role]), role
    assert all(int(number) == count for found in overdue.values() for number, count in found)
    some = {role: found[0][1] for role, found in overdue.items() if found}
    assert some["campaign_office"] == some["leader"] == 3 and some["community_staff"] == some["grid_worker"] == 2


def _shops(words: list[str]) -> str:
    return "/merchants/?" + "&".join(f"pledge={word}" for word in words)


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


def test_queries_are_constant_and_few(site: Flask, clock: StoppedClock) -> None:
    """Nine and one for each card, for each of the fifteen roles, with one row of each kind and with thirty."""
    visitors = {role: a_visitor(site).sign_in(LOGIN_OF[role]) for role in sorted(ROLES)}
    fill(site, clock.now(), 4)
    hand_on(site, clock.now(), 1)
    first = {role: asked_by(site, visitor) for role, visitor in visitors.items()}
    fill(site, clock.now(), 26)
    hand_on(site, clock.now(), 29)
    for role, visitor in visitors.items():
        page = visitor.get("/desk/").get_data(as_text=True)
        cards = len(FIGURE.findall(page))
        assert asked_by(site, visitor) == first[role], role
        desk, printed, search = first[role]
        assert desk <= 9 + cards, (role, desk, cards)
        assert printed <= 9 + cards, (role, printed)
        assert search <= 12, (role, search)


def asked_by(site: Flask, visitor: Visitor) -> tuple[int, int, int]:
    """How many queries the desk, its sheet and the one search ask; each looked at once before."""

    def ask(url: str) -> int:
        assert visitor.get(url).status_code == 200
        return counted(site, lambda: visitor.get(url))

    return ask("/desk/"), ask("/desk/print"), ask("/search?q=apdh")


def test_kept_figures_are_shown_with_their_time(
    site: Flask, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process reads them once for each time they are counted; whoever has a part of the office sees that part."""
    visitors = [a_visitor(site).sign_in(login) for login in ("office", "staff", "village")]
    for more in (8, 5):
        fill(site, clock.now(), more)
        hand_on(site, clock.now(), 2)
        hand_on(site, clock.now(), 1, "MY-02")
        monkeypatch.setattr(queries.desk, "LIVE_MOST", -1)
        with site.app_context():
            writing.set(True)
            assert services.tally(now=clock.now()) > 0
            db.session.commit()
            db.session.remove()
        kept = [FIGURE.findall(visitor.get("/desk/").get_data(as_text=True)) for visitor in visitors]
        assert "10:00 的数" in visitors[0].get("/desk/").get_data(as_text=True)
        monkeypatch.setattr(queries.desk, "LIVE_MOST", 3000)
        live = [FIGURE.findall(visitor.get("/desk/").get_data(as_text=True)) for visitor in visitors]
        assert kept == live and len(set(map(str, live))) > 1


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
    assert shop in staff.get(f"/search?q={shop[:2]}").get_data(as_text=True)
    assert number in staff.get("/search?q=1").get_data(as_text=True)
    assert "没有找到" in staff.get("/search?q=没有这样的店名").get_data(as_text=True)
    assert "想找什么" in staff.get("/search").get_data(as_text=True)
    fragment = staff.htmx("get", f"/search?q={shop[:2]}", "found").get_data(as_text=True)
    assert fragment.lstrip().startswith('<div class="found')
    village = a_visitor(site).sign_in("village").get(f"/search?q={shop}").get_data(as_text=True)
    assert "没有找到" in village
    volunteer = a_visitor(site).sign_in("volunteer").get(f"/search?q={shop}").get_data(as_text=True)
    assert "没有找到" in volunteer
    assert staff.get("/search?q=" + "长" * 500).status_code == 200


@pytest.mark.parametrize(
    "words",
    [
        "%",
        "_",
        "%%%",
        "'; DROP TABLE merchants_shops; --",
        '"',
        "\\",
        "a\x00b",
        "‮花",
        "﻿",
        "<script>alert(1)</script>",
        "(",
        "*",
        "1" * 60,
    ],
)
def test_hostile_words_find_nothing_and_break_nothing(office: Flask, clock: StoppedClock, words: str) -> None:
    fill(office, clock.now(), 1)
    for login in ("staff", "admin"):
        answer = a_visitor(office).sign_in(login).get("/search", query_string={"q": words})
        page = answer.get_data(as_text=True)
        assert answer.status_code == (400 if "\x00" in words else 200)
        found = re.findall(r"<li><a [^>]*><b>([^<]*)</b><small>([^<]*)", page)
        assert [one for one in found if words not in "".join(one)] == [], "a pattern is taken by its letters"
        assert len(found) <= 1, "an underline stands in one account's name"
        assert "<script>alert" not in page
