"""One area at a time on both databases: entered, renamed, retyped, closed while nothing stands in it, used again."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.areas import queries, services
from portal.areas.models import Area, AreaEvent
from portal.areas.terms import AreaKind, AreaType
from portal.ground.db import db
from portal.ground.errors import Refused
from tests import trail
from tests.cast import Cast


def area(code: str) -> Area:
    return db.session.scalars(select(Area).where(Area.code == code)).one()


def lines(one: Area) -> list[tuple[str, str]]:
    db.session.flush()
    return [(kind.label, text) for _at, kind, text, _by in queries.events(one.id)]


def add(cast: Cast, now: datetime, **but: Any) -> Area:
    usual = {"name": "三网格", "kind": AreaKind.GRID, "community": "MY", "area_type": AreaType.BACKSTREET}
    return services.add(**{**usual, **but}, by=cast["admin"], now=now)


def test_a_grid_gets_the_next_number_of_its_community(house: Flask, cast: Cast, now: datetime) -> None:
    grid = add(cast, now)
    db.session.commit()
    assert (grid.code, grid.parent.code if grid.parent else "") == ("MY-03", "MY")
    assert lines(grid) == [("建立", "")]
    [line] = trail.lines("areas.add")
    assert trail.details(line) == {"code": "MY-03", "kind": "grid"}
    assert grid.id in [one.id for one in queries.places().grids]


def test_a_section_stands_beside_the_tree(house: Flask, cast: Cast, now: datetime) -> None:
    first = add(cast, now, name="综合行政执法大队", kind=AreaKind.SECTION, community="", area_type=None)
    second = add(cast, now, name="便民服务中心", kind=AreaKind.SECTION, community="", area_type=None)
    assert (first.code, second.code) == ("K01", "K02")
    tree = queries.places()
    assert [one.name for one in tree.sections] == ["综合行政执法大队", "便民服务中心"]
    assert first.parent_id == tree.office.id
    assert "K01" not in {one.code for one in tree.communities}


@pytest.mark.parametrize(
    ("but", "field", "says"),
    [
        pytest.param({"code": "MY-02"}, "code", "已经是二网格", id="a code that is taken"),
        pytest.param({"code": "SB"}, "code", "已经是石坝村", id="the code of another kind"),
        pytest.param({"code": "MY-3"}, "code", "MY-02", id="a code of another form"),
        pytest.param({"name": "二网格"}, "name", "已有的 MY-02 重复", id="a name that is taken in the community"),
        pytest.param({"area_type": None}, "area_type", "要填区域类型", id="R1 a grid without its type"),
        pytest.param({"community": "ZZ", "code": ""}, "code", "不在表里", id="no such community"),
        pytest.param(
            {"kind": AreaKind.COMMUNITY, "code": "", "community": "", "area_type": None}, "code", "两个大写字母",
            id="a community without a code",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_entered(
    house: Flask, cast: Cast, now: datetime, but: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(Refused, match=says) as refused:
        add(cast, now, **but)
    assert refused.value.field == field


def test_a_name_may_stand_in_two_communities(house: Flask, cast: Cast, now: datetime) -> None:
    assert add(cast, now, community="SB", name="二网格").code == "SB-02"


def test_rename_and_retype(house: Flask, cast: Cast, now: datetime) -> None:
    grid = area("MY-02")
    changed = services.edit(
        grid, name="东二网格", kind=grid.kind, area_type=AreaType.KEY, version=grid.version, by=cast["admin"], now=now
    )
    db.session.commit()
    assert changed and (grid.name, grid.area_type) == ("东二网格", AreaType.KEY)
    assert lines(grid) == [("修改", "名称 二网格 → 东二网格；区域类型 背街小巷 → 重点区域")]
    [line] = trail.lines("areas.edit")
    assert trail.details(line) == {"code": "MY-02", "fields": ["name", "area_type"]}
    assert queries.places().by_code["MY-02"].type is AreaType.KEY


def test_a_change_of_type_alone_is_a_line_of_its_own(house: Flask, cast: Cast, now: datetime) -> None:
    grid = area("MY-02")
    services.edit(
        grid, name=grid.name, kind=grid.kind, area_type=AreaType.FRINGE, version=grid.version, by=cast["admin"], now=now
    )
    assert lines(grid) == [("改区域类型", "区域类型 背街小巷 → 城乡接合部")]


def test_nothing_different_changes_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    grid = area("MY-02")
    assert not services.edit(
        grid, name=grid.name, kind=grid.kind, area_type=grid.area_type, version=grid.version, by=cast["admin"], now=now
    )
    assert lines(grid) == [] and trail.lines("areas.edit") == []


def test_the_later_of_two_keepers_is_told(house: Flask, cast: Cast, now: datetime) -> None:
    grid, seen = area("MY-02"), area("MY-02").version
    for name in ("甲网格", "乙网格"):
        try:
            services.edit(
                grid, name=name, kind=grid.kind, area_type=grid.area_type, version=seen, by=cast["admin"], now=now
            )
        except Refused as refused:
            assert (name, refused.sentence) == ("乙网格", "他人已先修改，请刷新")
    assert grid.name == "甲网格"


def test_a_village_becomes_a_community(house: Flask, cast: Cast, now: datetime) -> None:
    village = area("SB")
    services.edit(
        village, name="石坝社区", kind=AreaKind.COMMUNITY, area_type=None, version=village.version, by=cast["admin"],
        now=now,
    )  # fmt: skip
    assert lines(village) == [("修改", "名称 石坝村 → 石坝社区；类别 村 → 社区")]


def test_close_and_use_again(house: Flask, cast: Cast, now: datetime) -> None:
    grid = add(cast, now)
    services.close(grid, reason="并入二网格", version=grid.version, by=cast["admin"], now=now)
    db.session.commit()
    tree = queries.places()
    assert "MY-03" not in tree.by_code and tree.by_id[grid.id].closed
    assert grid.id not in {one.id for one in tree.grids}
    assert db.session.scalars(queries.by_codes(["MY-03"])).all() == []
    services.reopen(grid, reason="撤错了", version=grid.version, by=cast["admin"], now=now)
    db.session.commit()
    assert "MY-03" in queries.places().by_code
    assert lines(grid) == [("恢复", "撤错了"), ("撤销", "并入二网格"), ("建立", "")]
    told = [line for name in ("areas.close", "areas.reopen") for line in trail.lines(name)]
    assert [trail.details(line)["reason"] for line in told] == ["并入二网格", "撤错了"]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        pytest.param("GX", "街道不能撤销", id="the office"),
        pytest.param("MY", "网格 2 个", id="a community with grids"),
        pytest.param("MY-01", "人员 1 人", id="a grid with its worker"),
    ],
)
def test_what_is_in_use_stays(house: Flask, cast: Cast, now: datetime, code: str, says: str) -> None:
    one = area(code)
    with pytest.raises(Refused, match=says):
        services.close(one, reason="x", version=one.version, by=cast["admin"], now=now)
    assert one.closed_at is None


def test_a_closed_code_is_not_given_twice(house: Flask, cast: Cast, now: datetime) -> None:
    grid = add(cast, now)
    services.close(grid, reason="x", version=grid.version, by=cast["admin"], now=now)
    assert add(cast, now, name="四网格").code == "MY-04"
    with pytest.raises(Refused, match="已经撤销"):
        add(cast, now, code="MY-03", name="五网格")


def test_closed_twice_and_opened_twice(house: Flask, cast: Cast, now: datetime) -> None:
    grid = add(cast, now)
    with pytest.raises(Refused, match="现在就在用"):
        services.reopen(grid, reason="x", version=grid.version, by=cast["admin"], now=now)
    services.close(grid, reason="x", version=grid.version, by=cast["admin"], now=now)
    with pytest.raises(Refused, match="已经撤销了"):
        services.close(grid, reason="x", version=grid.version, by=cast["admin"], now=now)


def test_a_name_that_was_taken_meanwhile(house: Flask, cast: Cast, now: datetime) -> None:
    grid = add(cast, now)
    services.close(grid, reason="x", version=grid.version, by=cast["admin"], now=now)
    add(cast, now)
    with pytest.raises(Refused, match="已经有一个“三网格”"):
        services.reopen(grid, reason="x", version=grid.version, by=cast["admin"], now=now)


def test_lines_are_signed(house: Flask, cast: Cast, now: datetime) -> None:
    add(cast, now)
    db.session.flush()
    event = db.session.scalars(select(AreaEvent).order_by(AreaEvent.id.desc()).limit(1)).one()
    assert (event.by, event.at) == ("系统（演示）", now)


@pytest.mark.parametrize(
    ("login", "words", "codes"),
    [
        pytest.param("leader", "明月", ["MY", "MY-01", "MY-02"], id="a name, and what belongs to it"),
        pytest.param("leader", "myewg", [], id="initials run no further than one name"),
        pytest.param("leader", "ewg", ["MY-02"], id="initials"),
        pytest.param("leader", "erwangge", ["MY-02"], id="pinyin"),
        pytest.param("leader", "my02", ["MY-02"], id="a code without its dash"),
        pytest.param("leader", "石坝村一网格", ["SB-01"], id="both names together"),
        pytest.param("leader", "石坝 一", ["SB-01"], id="two pieces"),
        pytest.param("grid", "网格", ["MY-01"], id="reach"),
        pytest.param("auditor", "网格", [], id="no key"),
        pytest.param("leader", "%", [], id="a sign of LIKE"),
        pytest.param("leader", " ", [], id="nothing"),
    ],
)
def test_search(house: Flask, cast: Cast, login: str, words: str, codes: list[str]) -> None:
    assert [row[3] for row in queries.searched(cast[login], words, 20)] == codes


def test_words_of_an_older_office_are_filled_once(house: Flask, cast: Cast) -> None:
    one = area("MY")
    one.words = None
    db.session.flush()
    assert services.fill_words() == 1
    assert services.fill_words() == 0
    assert "mingyueshequ" in (one.words or "")
