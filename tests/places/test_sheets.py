"""A sheet of streets: whose row it is, grids and keepers as people write them; entry; an export changes nothing."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.terms import PersonState
from portal.areas.queries import places
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.sheets.dry import Answers
from portal.places import queries, services
from portal.places.models import Street, WaitingSheet
from portal.places.terms import Listing
from tests import trail
from tests.cast import Cast
from tests.places.streets import a_street, book, grid_id, person, row, statements


def look(cast: Cast, now: datetime, *rows: Any, login: str = "staff", answers: Answers | None = None) -> Any:
    return services.preview(
        book(*rows), "路段.xlsx", answers or Answers(), actor=cast[login], tree=places(), today=now.date()
    )


def test_what_a_sheet_would_do(house: Flask, cast: Cast, now: datetime) -> None:
    a_street(now, name="老井巷", runs_from="", runs_to="", length_m=None)
    a_street(now, name="文庙巷", keeper="staff")
    found = look(
        cast, now, row(), row(name="老井巷"), row(name="文庙巷", kind="支路", keeper="grid"),
        row(name="明月大道", kind="主干道", grids="MY-01、MY-02"),
    )  # fmt: skip
    assert [(one.row, one.kind) for one in found.entries] == [(2, "new"), (3, "same"), (4, "changed"), (5, "new")]
    assert found.entries[2].told == "类别 背街小巷 → 支路；责任人 李网格（演示）"
    assert found.entries[0].facts.area_type.label == "重点区域"  # of its first grid
    assert found.entries[3].facts.grids == {grid_id("MY-01"), grid_id("MY-02")}
    assert found.ready


@pytest.mark.parametrize(
    "written", ["MY-01、MY-02", "my-01,my-02", "ＭＹ－０１；MY-02", "MY-01 MY-02", "明月社区一网格、二网格"]
)
def test_grids_as_people_write_them(house: Flask, cast: Cast, now: datetime, written: str) -> None:
    [entry] = look(cast, now, row(grids=written)).entries
    assert entry.facts.grids == {grid_id("MY-01"), grid_id("MY-02")}


@pytest.mark.parametrize(
    ("but", "address", "says", "cure"),
    [
        pytest.param({"grids": "MY-03"}, "E2", "没有“MY-03”", "MY-02", id="no such grid"),
        pytest.param({"grids": "SB-01"}, "E2", "不在您的管辖范围", None, id="a grid out of reach"),
        pytest.param({"grids": "MY"}, "E2", "不是网格", None, id="a community"),
        pytest.param({"kind": "背街小项"}, "C2", "最接近", "背街小巷", id="a kind misspelt"),
        pytest.param({"name": None}, "B2", "名称必填", None, id="no name"),
        pytest.param({"keeper": "gird"}, "F2", "不在这条路段可以选的责任人里", "grid", id="an account misspelt"),
        pytest.param({"length": "很长"}, "I2", "整米数", None, id="no length"),
        pytest.param({"code": "L0099"}, "A2", "没有这个代码", None, id="no such street"),
        pytest.param({"code": "99"}, "A2", "路段代码是 L", None, id="no code at all"),
    ],
)
def test_what_is_wrong_is_said_by_cell(
    house: Flask, cast: Cast, now: datetime, but: dict[str, Any], address: str, says: str, cure: str | None
) -> None:
    found = look(cast, now, row(**but))
    fault = next(one for one in found.faults if one.address == address)
    assert says in fault.why
    if cure:
        assert fault.cure == cure
    assert not found.ready


def test_a_keeper_by_name_and_one_without_a_post(house: Flask, cast: Cast, now: datetime) -> None:
    [entry] = look(cast, now, row(keeper="李网格")).entries
    assert entry.keeper is not None and entry.keeper.login == "grid"
    person("grid").name = "周敏"
    db.session.flush()
    assert "不止一个" in look(cast, now, row(keeper="周敏")).faults[0].why
    for role in person("grid").roles:
        role.until_on = now.date()
    db.session.flush()
    assert "不在这条路段可以选的责任人里" in look(cast, now, row(keeper="grid")).faults[0].why


@pytest.mark.parametrize(
    "called",
    [
        pytest.param("auditor", id="R6·a separate duty"),
        pytest.param("securit", id="R6·an account nearly guessed"),
        pytest.param("village", id="R3·another community's"),
        pytest.param("volunteer", id="R3·a volunteer"),
        pytest.param("locked", id="R3·a locked account"),
    ],
)
def test_the_sheet_is_no_directory_of_accounts(house: Flask, cast: Cast, now: datetime, called: str) -> None:
    locked = person("secretary")
    locked.login, locked.state = "locked", PersonState.LOCKED
    db.session.flush()
    [known] = look(cast, now, row(keeper=called)).faults
    [unknown] = look(cast, now, row(keeper="zzzzzz")).faults
    assert known.why == unknown.why.replace("zzzzzz", called) and known.cure is None
    [by_name] = look(cast, now, row(keeper="审计")).faults
    assert by_name.why == unknown.why.replace("zzzzzz", "审计")


def test_r3_whoever_may_answer_follows_the_grids_of_the_row(house: Flask, cast: Cast, now: datetime) -> None:
    rows = (
        row(keeper="village"),
        row(name="坝口路", grids="SB-01", keeper="village"),
        row(name="水塔巷", keeper="leader"),
    )
    found = look(cast, now, *rows, login="office")
    assert [fault.address for fault in found.faults] == ["F2"]
    assert [one.keeper.login for one in found.entries] == ["village", "leader"]
    a_street(now, "MY-01", "SB-01", name="界巷", keeper="staff")
    [entry] = look(cast, now, row(name="界巷", keeper="village")).entries
    assert entry.keeper.login == "village", "the street runs on where the clerk does not reach"


def test_naming_who_answers_now_changes_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now, keeper="grid", runs_from="", runs_to="", length_m=None)
    street.keeper_id = person("auditor").id  # as an older sheet has left it
    db.session.flush()
    db.session.expire_all()
    assert [one.kind for one in look(cast, now, row(keeper="auditor"), row(name="老井巷")).entries] == ["same", "new"]


def test_constant_queries_however_long_the_sheet(house: Flask, cast: Cast, now: datetime) -> None:
    def asked(count: int) -> int:
        rows = [row(name=f"{number}号巷", keeper="grid") for number in range(count)]
        with statements() as seen:
            assert look(cast, now, *rows).ready
        return len(seen)

    asked(2)  # the tree of areas is read once
    assert asked(2) == asked(40)


def test_a_name_twice(house: Flask, cast: Cast, now: datetime) -> None:
    found = look(cast, now, row(), row(grids="MY-02"))
    assert [(fault.address, "第 2 行" in fault.why) for fault in found.faults] == [("B3", True)]
    assert look(cast, now, row(), row(grids="SB-01"), login="office").ready


def test_renaming_by_code_and_a_name_that_is_taken(house: Flask, cast: Cast, now: datetime) -> None:
    a_street(now)
    a_street(now, name="老井巷")
    [entry] = look(cast, now, row(code="L0001", name="桂花一巷")).entries
    assert entry.words.startswith("名称 桂花巷 → 桂花一巷")
    assert "也叫" in look(cast, now, row(code="L0001", name="老井巷")).faults[0].why


def test_a_closed_street_is_not_written_over(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now)
    services.close(street, reason="x", version=street.version, by=cast["staff"], now=now)
    assert "已经撤销" in look(cast, now, row(code="L0001")).faults[0].why
    assert look(cast, now, row()).entries[0].kind == "new"


def test_grids_out_of_reach_stay(house: Flask, cast: Cast, now: datetime) -> None:
    a_street(now, "MY-01", "SB-01", runs_from="", runs_to="", length_m=None)
    [entry] = look(cast, now, row(code="L0001", grids="MY-02")).entries
    assert entry.facts.grids == {grid_id("MY-02"), grid_id("SB-01")}


def kept(cast: Cast, now: datetime, *rows: Any) -> WaitingSheet:
    return services.keep_sheet(book(*rows), "路段.xlsx", by=cast["staff"], now=now)


def entered(sheet: WaitingSheet, cast: Cast, now: datetime, seen: str | None = None) -> dict[str, int]:
    found = services.preview(
        services.sheet_bytes(sheet), sheet.file_name, Answers.load(sheet.answers), actor=cast["staff"], tree=places(),
        today=now.date(),
    )  # fmt: skip
    return services.import_sheet(sheet, found, seen=found.digest if seen is None else seen, by=cast["staff"], now=now)


def test_entry(house: Flask, cast: Cast, now: datetime) -> None:
    a_street(now, name="老井巷", keeper="staff")
    sheet = kept(cast, now, row(keeper="grid"), row(name="老井巷", kind="支路", keeper="grid"), row(name="水塔巷"))
    assert entered(sheet, cast, now) == {"added": 2, "changed": 1, "unchanged": 0}
    db.session.commit()
    streets = {one.name: one for one in db.session.scalars(select(Street))}
    assert [streets[name].code for name in ("老井巷", "桂花巷", "水塔巷")] == ["L0001", "L0002", "L0003"]
    assert streets["桂花巷"].keeper_id == streets["老井巷"].keeper_id == person("grid").id
    assert [one.name for one in queries.keepings(streets["老井巷"].id)] == ["李网格（演示）", "周敏（演示）"]
    assert sheet.content is None
    [line] = trail.lines("places.import")
    assert trail.details(line)["counts"] == {"added": 2, "changed": 1, "unchanged": 0}
    with pytest.raises(Refused, match="已经办完"):
        entered(sheet, cast, now)


def test_the_same_sheet_again_changes_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    rows = (row(keeper="grid", length="320", remark="窄"), row(name="水塔巷"))
    entered(kept(cast, now, *rows), cast, now)
    db.session.commit()
    assert entered(kept(cast, now, *rows), cast, now) == {"added": 0, "changed": 0, "unchanged": 2}
    assert db.session.scalars(select(Street.version).where(Street.name == "水塔巷")).one() == 1


def test_what_changed_since_the_preview_is_looked_at_again(house: Flask, cast: Cast, now: datetime) -> None:
    street = a_street(now)
    sheet = kept(cast, now, row(kind="支路"))
    seen = look(cast, now, row(kind="支路")).digest
    services.assign(street, person("grid"), by=cast["staff"], now=now)
    with pytest.raises(Refused, match="核对以后"):
        entered(sheet, cast, now, seen)


def test_given_up(house: Flask, cast: Cast, now: datetime) -> None:
    services.discard_sheet(kept(cast, now, row()), by=cast["staff"], now=now)
    db.session.commit()
    assert db.session.scalars(select(WaitingSheet)).all() == []
    assert len(trail.lines("places.discard")) == 1


def test_an_export_comes_in_and_changes_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    a_street(now, "MY-01", "MY-02", keeper="grid", remark="=1+1")
    a_street(now, name="老井巷", runs_from="", runs_to="", length_m=None)
    tree = places()
    want = queries.wanted(Listing(), actor=cast["staff"], tree=tree, on=now.date(), key=Can.PLACES_KEEP)
    sheet = services.export_sheet(want, line="全部", tree=tree, by=cast["staff"], now=now)
    services.note_export(sheet, by=cast["staff"], now=now)
    data = sheet.data
    found = services.preview(data, "导出.xlsx", Answers(), actor=cast["staff"], tree=tree, today=now.date())
    assert found.problems == [] and not found.open_notices and not found.faults
    assert [one.kind for one in found.entries] == ["same", "same"]
    db.session.commit()
    [line] = trail.lines("places.export")
    assert trail.details(line)["count"] == 2
