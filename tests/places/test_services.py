"""Streets on both databases: entered, edited, closed; who answers for them, dated, one at a time; handed over (R3)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal.accounts import services as accounts
from portal.accounts.models import PersonRole
from portal.areas.models import Area
from portal.areas.queries import places
from portal.areas.services import close as close_area
from portal.areas.terms import AreaKind
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.declare import offers
from portal.ground.errors import Refused
from portal.places import queries, rules, services
from portal.places.models import Keeping, Street
from portal.places.terms import Listing, StreetKind
from tests import trail
from tests.cast import Cast
from tests.places.streets import a_street, facts, grid_id, person, statements


def kept(street: Street) -> list[tuple[str, bool]]:
    db.session.flush()
    return [(one.name, one.until_at is None) for one in queries.keepings(street.id)]


def test_enter(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now, "MY-01", "MY-02", by=cast["staff"])
    db.session.commit()
    assert (street.code, {one.grid_id for one in street.grids}) == ("L0001", {grid_id("MY-01"), grid_id("MY-02")})
    assert [kind.label for _at, kind, _text, _by in queries.events(street.id)] == ["登记"]
    [line] = trail.lines("places.create")
    assert trail.details(line) == {"code": "L0001", "kind": "alley"}
    assert a_street(now, name="老井巷", by=cast["staff"]).code == "L0002"


@pytest.mark.parametrize(
    ("but", "field"),
    [
        pytest.param({}, "name", id="a namesake in the community"),
        pytest.param({"grids": frozenset()}, "grids", id="no grid"),
    ],
)
def test_what_cannot_be_entered(house: Flask, cast: Cast, now: datetime, but: dict[str, Any], field: str) -> None:
    a_street(now)
    with pytest.raises(Refused) as refused:
        a_street(now, "MY-02", **but)
    assert refused.value.field == field


def test_a_namesake_elsewhere_is_another_street(house: Flask, cast: Cast, now: datetime) -> None:
    a_street(now)
    assert a_street(now, "SB-01").code == "L0002"


def test_no_street_in_a_closed_grid(house: Flask, cast: Cast, now: datetime) -> None:
    grid = db.session.scalars(select(Area).where(Area.code == "MY-02")).one()
    close_area(grid, reason="x", version=grid.version, by=cast["admin"], now=now)
    with pytest.raises(Refused, match="已经撤销"):
        a_street(now, "MY-02")


def edited(street: Street, cast: Cast, now: datetime, *grids: str, **but: Any) -> list[str]:
    tree = places()
    return services.edit(
        street, facts(*grids, **but), within=frozenset(g.id for g in tree.grids), version=street.version, tree=tree,
        by=cast["staff"], now=now,
    )  # fmt: skip


def test_edit(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now)
    db.session.commit()
    assert edited(street, cast, now, "MY-01", "MY-02", kind=StreetKind.BRANCH, length_m=None) == [
        "kind", "grids", "length_m",
    ]  # fmt: skip
    db.session.commit()
    _at, kind, text, by = queries.events(street.id)[0]
    assert (kind.label, by) == ("修改", "周敏（演示）")
    assert text == "类别 背街小巷 → 支路；网格 明月社区一网格 → 明月社区一网格、明月社区二网格；长度 320 米 → （空）"
    [line] = trail.lines("places.edit")
    assert trail.details(line)["fields"] == ["kind", "grids", "length_m"]
    assert edited(street, cast, now, "MY-01", "MY-02", kind=StreetKind.BRANCH, length_m=None) == []


def test_a_clerk_changes_the_grids_of_the_own_community_alone(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now, "MY-01", "SB-01")
    own = queries.grids_of(cast["staff"], Can.PLACES_KEEP, places())
    services.edit(street, facts("MY-02"), within=own, version=street.version, tree=places(), by=cast["staff"], now=now)
    assert {one.grid_id for one in street.grids} == {grid_id("MY-02"), grid_id("SB-01")}


def test_the_later_of_two_clerks_is_told(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now)
    seen = street.version
    edited(street, cast, now, length_m=100)
    with pytest.raises(Refused, match="他人已先修改"):
        services.edit(
            street, facts(length_m=200), within=frozenset(), version=seen, tree=places(), by=cast["staff"], now=now
        )


def test_close_and_use_again(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now, keeper="grid")
    with pytest.raises(Refused, match="还有责任人"):
        services.close(street, reason="x", version=street.version, by=cast["staff"], now=now)
    services.release(street, reason="封闭", version=street.version, by=cast["staff"], now=now)
    services.close(street, reason="封闭", version=street.version, by=cast["staff"], now=now)
    with pytest.raises(Refused, match="已经撤销"):
        services.assign(street, person("grid"), by=cast["staff"], now=now)
    with pytest.raises(Refused, match="已经撤销了"):
        services.close(street, reason="x", version=street.version, by=cast["staff"], now=now)
    other = a_street(now)
    with pytest.raises(Refused, match="也叫"):
        services.reopen(street, reason="x", version=street.version, tree=places(), by=cast["staff"], now=now)
    edited(other, cast, now, name="桂花二巷")
    services.reopen(street, reason="通了", version=street.version, tree=places(), by=cast["staff"], now=now)
    db.session.commit()
    assert [kind.label for _at, kind, _text, _by in queries.events(street.id)] == ["恢复", "撤销", "登记"]
    assert {line.action for line in trail.lines()} >= {"places.release", "places.close", "places.reopen"}


def test_r3_a_keeper_is_a_dated_record(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now)
    services.assign(street, person("grid"), reason="逐巷定人", by=cast["staff"], now=now)
    services.assign(street, person("staff"), by=cast["secretary"], now=now + timedelta(days=3))
    db.session.commit()
    assert kept(street) == [("周敏（演示）", True), ("李网格（演示）", False)]
    first = queries.keepings(street.id)[1]
    assert (first.since_at, first.until_at) == (now, now + timedelta(days=3))
    assert (first.given_by, first.ended_by, first.reason) == ("周敏（演示）", "书记（演示）", "逐巷定人")
    assert street.keeper_id == person("staff").id
    assert [trail.details(line)["was"] for line in trail.lines("places.assign")] == ["", "grid"]


def test_the_same_person_twice_is_told(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now, keeper="grid")
    with pytest.raises(Refused, match="现在就是责任人"):
        services.assign(street, person("grid"), by=cast["staff"], now=now)
    assert kept(street) == [("李网格（演示）", True)]


@pytest.mark.parametrize("state", ["locked", "left", "bare"])
def test_who_cannot_answer(house: Flask, cast: Cast, now: datetime, state: str) -> None:
    street, somebody = a_street(now), person("grid")
    if state == "locked":
        accounts.lock(somebody, reason="x", by=cast["admin"], now=now)
    elif state == "left":
        accounts.leave(somebody, by=cast["admin"], now=now)
    else:
        accounts.end_role(
            somebody, role="grid_worker", area=cast.areas["MY-01"], by=cast["security"], now=now
        )  # fmt: skip
    with pytest.raises(Refused) as refused:
        services.assign(street, somebody, by=cast["staff"], now=now)
    assert refused.value.field == "person" and street.keeper_id is None


@pytest.mark.parametrize(
    ("login", "says"),
    [
        pytest.param("village", "不在这条路段的社区", id="R3·another community"),
        pytest.param("auditor", "岗位不能负责路段", id="R6·a separate duty"),
        pytest.param("volunteer", "岗位不能负责路段", id="R3·a volunteer"),
    ],
)
def test_who_may_not_answer_however_they_are_named(
    house: Flask, cast: Cast, now: datetime, login: str, says: str
) -> None:
    street = a_street(now, keeper="grid")
    with pytest.raises(Refused, match=says):
        services.assign(street, person(login), by=cast["staff"], now=now)
    with pytest.raises(Refused, match=f"L0001 桂花巷：.*{says}"):
        services.hand_over(giver=person("grid").id, taker=person(login).id, by=cast["admin"], now=now)
    groups = services.candidates([grid_id("MY-01")], tree=places(), on=now.date())
    assert person(login).id not in {one.person_id for some in groups.values() for one in some}
    assert street.keeper_id == person("grid").id


def test_release(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now, keeper="grid")
    services.release(street, reason="调走", version=street.version, by=cast["staff"], now=now)
    assert street.keeper_id is None and kept(street) == [("李网格（演示）", False)]
    with pytest.raises(Refused, match="现在没有责任人"):
        services.release(street, reason="x", version=street.version, by=cast["staff"], now=now)


def test_r3_the_grids_name_who_answers_until_nobody_is_missing(house: Flask, cast: Cast, now: datetime) -> None:
    one = a_street(now, "MY-01", name="一巷")
    a_street(now, "MY-02", name="二巷")  # its grid has no worker
    a_street(now, "MY-01", "MY-02", name="三巷")
    kept_by = a_street(now, "MY-01", name="四巷", keeper="staff")
    found = services.allotment(cast["office"], now=now)
    assert [(row.street.name, row.person.login) for row in found] == [("一巷", "grid")]
    wanted = {row.street.id: row.person.id for row in found}
    wanted[kept_by.id] = person("grid").id  # somebody answers already: left out
    assert services.allot(wanted, by=cast["office"], now=now) == 1
    assert services.allot(wanted, by=cast["office"], now=now) == 0  # pressed twice
    db.session.commit()
    assert one.keeper_id == person("grid").id and kept_by.keeper_id == person("staff").id
    assert [trail.details(line) for line in trail.lines("places.allot")] == [{"count": 1}]
    assert queries.tallies(cast["office"], tree=places(), on=now.date())["nobody"] == 2


def test_r3_nobody_allots_beyond_the_own_reach(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now, "MY-01")
    assert services.allotment(cast["village"], now=now) == []
    assert services.allot({street.id: person("grid").id}, by=cast["village"], now=now) == 0


def test_r3_a_worker_who_was_replaced_meanwhile_gets_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now, "MY-01")
    assert services.allot({street.id: person("staff").id}, by=cast["office"], now=now) == 0


def test_hand_over(house: Flask, cast: Cast, now: datetime) -> None:
    streets = [a_street(now, name=f"{n}巷", keeper="grid") for n in "甲乙丙"]
    a_street(now, name="丁巷", keeper="staff")
    giver, taker = person("grid"), person("staff")
    assert services.hand_over(giver=giver.id, taker=taker.id, by=cast["admin"], now=now) == 3
    assert services.hand_over(giver=giver.id, taker=taker.id, by=cast["admin"], now=now) == 0
    db.session.commit()
    assert [one.keeper_id for one in streets] == [taker.id] * 3
    assert kept(streets[0]) == [("周敏（演示）", True), ("李网格（演示）", False)]
    [line] = trail.lines("places.hand_over")
    assert trail.details(line) == {"count": 3, "keeper": "staff"}


def test_whoever_leaves_hands_their_streets_over_in_one_step(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now, keeper="grid")
    with pytest.raises(Refused, match="负责的路段 1 条"):
        accounts.leave(person("grid"), by=cast["admin"], now=now)
    db.session.rollback()
    street = a_street(now, keeper="grid")
    takers = {"places.streets": person("secretary")}
    assert accounts.leave(person("grid"), takers=takers, by=cast["admin"], now=now) == {"places.streets": 1}
    assert street.keeper_id == person("secretary").id


def test_a_grid_with_streets_stays(house: Flask, cast: Cast, now: datetime) -> None:
    a_street(now, "MY-02")
    grid = db.session.scalars(select(Area).where(Area.code == "MY-02")).one()
    with pytest.raises(Refused, match="路段 1 条"):
        close_area(grid, reason="x", version=grid.version, by=cast["admin"], now=now)


def test_one_keeping_at_a_time_is_held_by_the_database(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now, keeper="grid")
    db.session.commit()
    street.keeper_id = None  # what a colleague's transaction would not see yet
    db.session.flush()
    with pytest.raises(Refused, match="他人已先修改"):
        services.put_keeper(street, person("staff"), reason="", by=cast["staff"], now=now)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Keeping)) == 1


# --- lists ----------------------------------------------------------------------------------------------------------


def found(cast: Cast, login: str, now: datetime, **asked: Any) -> list[str]:
    tree = places()
    want = queries.wanted(Listing(**asked), actor=cast[login], tree=tree, on=now.date())
    return [line.name for line in queries.listed(want, number=1, size=50, tree=tree).items]


@pytest.fixture
def office(house: Flask, cast: Cast, now: datetime) -> None:
    a_street(now, "MY-01", keeper="grid")
    a_street(now, "MY-01", "MY-02", name="明月大道", kind=StreetKind.MAIN, keeper="staff")
    a_street(now, "MY-02", name="水塔巷")
    a_street(now, "MY-02", name="贡院巷", keeper="secretary")
    a_street(now, "SB-01", name="坝口路", kind=StreetKind.RURAL)


@pytest.mark.parametrize(
    ("login", "asked", "names"),
    [
        pytest.param("leader", {}, ["桂花巷", "明月大道", "水塔巷", "贡院巷", "坝口路"], id="the whole street"),
        pytest.param("staff", {}, ["桂花巷", "明月大道", "水塔巷", "贡院巷"], id="a community"),
        pytest.param("grid", {}, ["桂花巷", "明月大道"], id="a grid"),
        pytest.param("auditor", {}, [], id="no key"),
        pytest.param("leader", {"view": "nobody"}, ["水塔巷", "坝口路"], id="R3·无责任人"),
        pytest.param("leader", {"view": "others"}, ["贡院巷"], id="R3·不是网格员"),
        pytest.param("leader", {"view": "alleys"}, ["桂花巷", "水塔巷", "贡院巷"], id="背街小巷"),
        pytest.param("leader", {"grids": ("MY-02",)}, ["明月大道", "水塔巷", "贡院巷"], id="by grid"),
        pytest.param("leader", {"communities": ("SB",)}, ["坝口路"], id="by community"),
        pytest.param("staff", {"communities": ("SB",)}, [], id="a community out of reach"),
        pytest.param("leader", {"kinds": (StreetKind.MAIN,)}, ["明月大道"], id="by kind"),
        pytest.param("leader", {"words": "ghx"}, ["桂花巷"], id="initials"),
        pytest.param("leader", {"words": "shuita"}, ["水塔巷"], id="pinyin"),
        pytest.param("leader", {"words": "l0004"}, ["贡院巷"], id="code"),
        pytest.param("leader", {"words": "李网格"}, ["桂花巷"], id="its keeper"),
        pytest.param("leader", {"words": "%"}, [], id="a sign of LIKE"),
    ],
)
def test_list(
    house: Flask, cast: Cast, office: None, now: datetime, login: str, asked: dict[str, Any], names: list[str]
) -> None:
    assert found(cast, login, now, **asked) == names


def test_r3_coverage_and_tallies(house: Flask, cast: Cast, office: None, now: datetime) -> None:
    tree = places()
    counted = queries.tallies(cast["leader"], tree=tree, on=now.date())
    assert counted == {"": 5, "alleys": 3, "nobody": 2, "others": 1, "closed": 0, "alleys_nobody": 1}
    assert queries.vacancies(cast["leader"], tree=tree, on=now.date()) == (5, 2, 1), "what the desk asks"
    assert queries.vacancies(cast["grid"], tree=tree, on=now.date()) == (2, 0, 0), "within reach"
    parts = queries.coverage(tree, [grid.id for grid in tree.grids], on=now.date())
    by_code = {tree.by_id[area].code: tuple(part) for area, part in parts.items()}
    assert by_code == {
        "MY": (4, 1, 3, 1), "MY-01": (2, 0, 1, 0), "MY-02": (3, 1, 2, 1), "SB": (1, 1, 0, 0), "SB-01": (1, 1, 0, 0),
    }  # fmt: skip


def test_r3_the_figure_can_reach_zero(house: Flask, cast: Cast, office: None, now: datetime) -> None:
    tree = places()
    want = queries.wanted(Listing(view="nobody"), actor=cast["office"], tree=tree, on=now.date())
    for street in db.session.scalars(select(Street).where(Street.id.in_(want.ids()))):
        services.assign(street, person("office"), by=cast["office"], now=now)
    assert queries.tallies(cast["office"], tree=tree, on=now.date())["alleys_nobody"] == 0


def bare(cast: Cast, login: str, now: datetime) -> None:
    """Take every role from somebody."""
    for role in list(person(login).roles):
        accounts.end_role(person(login), role=role.role, area=role.area, by=cast["security"], now=now)
    db.session.flush()


def test_r3_who_lost_the_last_role_answers_for_nothing(house: Flask, cast: Cast, office: None, now: datetime) -> None:
    bare(cast, "grid", now)
    tree, today = places(), now.date()
    assert found(cast, "leader", now, view="nobody") == ["桂花巷", "水塔巷", "坝口路"]
    assert found(cast, "leader", now, view="others") == ["贡院巷"]
    counted = queries.tallies(cast["leader"], tree=tree, on=today)
    assert (counted["nobody"], counted["alleys_nobody"], counted["others"]) == (3, 2, 1)
    assert queries.vacancies(cast["leader"], tree=tree, on=today) == (5, 3, 2)
    part = queries.coverage(tree, [grid_id("MY-01")], on=today)[grid_id("MY-01")]
    assert (part.streets, part.nobody, part.alleys, part.alleys_nobody) == (2, 1, 1, 1)
    want = queries.wanted(Listing(view="nobody"), actor=cast["leader"], tree=tree, on=today)
    assert {line.keeper for line in queries.listed(want, number=1, size=50, tree=tree).items} == {""}
    assert found(cast, "leader", now, words="李网格") == ["桂花巷"], "found by whoever the record names"
    yesterday = queries.tallies(cast["leader"], tree=tree, on=today - timedelta(days=1))
    assert yesterday["nobody"] == 2


@pytest.mark.parametrize(
    "deed", [pytest.param("lock", id="R3·a locked account is on leave"), pytest.param("other", id="R3·another role")]
)
def test_who_still_has_a_role_goes_on_answering(
    house: Flask, cast: Cast, office: None, now: datetime, deed: str
) -> None:
    if deed == "lock":
        accounts.lock(person("grid"), reason="休假", by=cast["admin"], now=now)
    else:
        accounts.give_role(
            person("grid"), role="community_staff", area=cast.areas["MY"], from_on=now.date(), by=cast["security"],
            now=now,
        )  # fmt: skip
        accounts.end_role(person("grid"), role="grid_worker", area=cast.areas["MY-01"], by=cast["security"], now=now)
    assert found(cast, "leader", now, view="nobody") == ["水塔巷", "坝口路"]


@pytest.mark.parametrize(
    ("role", "where", "still"),
    [
        pytest.param("grid_worker", "MY-02", True, id="R3·the next grid of the community"),
        pytest.param("secretary", "MY", True, id="R3·the community"),
        pytest.param("leader", "GX", True, id="R3·the office"),
        pytest.param("section", "KS", True, id="R3·a section"),
        pytest.param("grid_worker", "SB-01", False, id="R3·moved to a grid elsewhere"),
        pytest.param("community_staff", "SB", False, id="R3·moved to another community"),
        pytest.param("volunteer", "MY", False, id="R3·a volunteer only"),
        pytest.param("auditor", "GX", False, id="R3·R6·a duty that stands apart"),
    ],
)
def test_who_answers_is_whoever_could_be_given_it(
    house: Flask, cast: Cast, now: datetime, role: str, where: str, still: bool
) -> None:
    street, keeper = a_street(now, "MY-01", keeper="grid"), person("grid")
    section = Area(code="KS", kind=AreaKind.SECTION, name="城管科", parent=cast.areas["GX"])
    db.session.add(section)
    db.session.flush()
    bare(cast, "grid", now)
    area = section if where == "KS" else cast.areas[where]
    db.session.add(PersonRole(person_id=keeper.id, role=role, area_id=area.id, from_on=now.date(), granted_by="x"))
    db.session.flush()
    near = places().around(one.grid_id for one in street.grids)
    refusal = rules.keeper_refusal(keeper.name, active=True, posts=[(role, area.id)], near=near)
    assert (refusal is None) is still, refusal
    tree, today = places(), now.date()
    assert queries.answers(street.id, on=today) is still
    assert found(cast, "leader", now, view="nobody") == ([] if still else ["桂花巷"])
    assert queries.vacancies(cast["leader"], tree=tree, on=today) == (1, int(not still), int(not still))
    counted = queries.tallies(cast["leader"], tree=tree, on=today)
    assert (counted["nobody"], counted["others"]) == (int(not still), int(still and role != "grid_worker"))
    part = queries.coverage(tree, [grid_id("MY-01")], on=today)[grid_id("MY-01")]
    assert part.nobody == int(not still)


@pytest.mark.parametrize(
    ("role", "where", "left"),
    [
        pytest.param("", "", {"places.streets": 2}, id="R3·the last role"),
        pytest.param("grid_worker", "SB-01", {"places.streets": 2}, id="R3·moved elsewhere"),
        pytest.param("volunteer", "MY", {"places.streets": 2}, id="R3·a volunteer only"),
        pytest.param("community_staff", "MY", {}, id="R3·another post in the community"),
        pytest.param("leader", "GX", {}, id="R3·a post in the office"),
    ],
)
def test_who_takes_the_last_keeping_role_back_reads_what_stays(
    house: Flask, cast: Cast, now: datetime, role: str, where: str, left: dict[str, int]
) -> None:
    a_street(now, "MY-01", keeper="grid")
    a_street(now, "MY-01", name="水塔巷", keeper="grid")
    keeper, by = person("grid"), cast["security"]
    if role:
        accounts.give_role(keeper, role=role, area=cast.areas[where], from_on=now.date(), by=by, now=now)
    stays = accounts.end_role(keeper, role="grid_worker", area=cast.areas["MY-01"], by=by, now=now)
    assert {one.key: count for one, count in stays} == left
    db.session.commit()
    [line] = trail.lines("accounts.end_role")
    assert trail.details(line).get("left", {}) == left
    assert found(cast, "leader", now, view="nobody") == (["桂花巷", "水塔巷"] if left else [])


def test_r3_a_role_that_never_began_leaves_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    a_street(now, "MY-01", keeper="grid")
    keeper, by, later = person("grid"), cast["security"], now.date() + timedelta(days=3)
    accounts.give_role(keeper, role="grid_worker", area=cast.areas["SB-01"], from_on=later, by=by, now=now)
    assert accounts.end_role(keeper, role="grid_worker", area=cast.areas["SB-01"], by=by, now=now) == []


def test_r3_the_grids_name_whoever_comes_after_who_lost_the_role(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now, keeper="staff")
    assert services.allotment(cast["office"], now=now) == []
    bare(cast, "staff", now)
    [one] = services.allotment(cast["office"], now=now)
    assert (one.street.id, one.person.login) == (street.id, "grid")
    assert services.allot({street.id: one.person.id}, by=cast["office"], now=now) == 1
    assert kept(street) == [("李网格（演示）", True), ("周敏（演示）", False)]
    assert services.allot({street.id: one.person.id}, by=cast["office"], now=now) == 0


def test_r3_constant_queries_and_by_the_index_of_roles(house: Flask, cast: Cast, now: datetime) -> None:
    tree = places()

    def asked(count: int) -> list[str]:
        for number in range(count):
            a_street(now, name=f"{count}-{number}巷", keeper="grid")
        db.session.flush()
        with statements() as seen:
            queries.tallies(cast["leader"], tree=tree, on=now.date())
            queries.coverage(tree, [grid.id for grid in tree.grids], on=now.date())
            want = queries.wanted(Listing(view="nobody"), actor=cast["leader"], tree=tree, on=now.date())
            queries.listed(want, number=1, size=50, tree=tree)
        return seen

    few = asked(2)
    assert len(asked(20)) == len(few)
    if db.engine.dialect.name == "sqlite":
        condition = select(Street.id).where(queries.nobody(now.date()))
        plan = str(condition.compile(db.engine, compile_kwargs={"literal_binds": True}))
        steps = " ".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {plan}")))
        assert "accounts_roles USING INDEX" in steps, steps


def test_what_places_offer(house: Flask, cast: Cast, office: None, now: datetime) -> None:
    house_offers = offers()
    [card] = [one for one in house_offers.cards if one.key == "places.nobody"]
    [search] = [one for one in house_offers.search if one.key == "places"]
    with house.test_request_context():
        figure = card.read(cast["secretary"], now)
        assert figure is not None and (figure.number, figure.second) == ("1", "其中背街小巷 1 条")
        assert figure.url == "/places/?view=nobody"
        empty = card.read(cast["auditor"], now)
        assert empty is None
        hits = search.find(cast["leader"], "bakou", 5)
        assert [(hit.title, hit.second) for hit in hits] == [("坝口路", "L0005 · 石坝村 · 无责任人")]
        assert search.find(cast["grid"], "bakou", 5) == []
        column = next(one for one in house_offers.on("columns", "areas") if one.heading == "路段")
        cells = column.cells([grid_id("MY"), grid_id("MY-02"), grid_id("GX")], now)
        assert {key: (cell.text, cell.second) for key, cell in cells.items()} == {
            grid_id("MY"): ("4 条", "1 条无责任人"), grid_id("MY-02"): ("3 条", "1 条无责任人"),
        }  # fmt: skip


def test_who_is_proposed(house: Flask, cast: Cast, now: datetime) -> None:
    groups = services.candidates([grid_id("MY-01")], tree=places(), on=now.date())
    assert [one.name for one in groups["本网格的网格员"]] == ["李网格（演示）"]
    assert {one.name for one in groups["同社区的"]} == {"书记（演示）", "周敏（演示）"}
    assert "系统（演示）" not in {one.name for one in groups["街道的"]}
