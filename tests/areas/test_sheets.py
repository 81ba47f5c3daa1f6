"""A sheet of areas: the dry run names cell and cure; entry is all or nothing; an export changes nothing."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.areas import queries, services
from portal.areas.models import Area, WaitingSheet
from portal.areas.terms import AreaKind, Listing
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.sheets.dry import Answers
from tests import trail
from tests.areas.pages import book
from tests.cast import Cast

NEW = ("XQ", "新桥社区", "社区", None)
GRID = ("XQ-01", "一网格", "网格", "城乡接合部")


def look(*rows: tuple[object, ...], answers: Answers | None = None) -> services.Preview:
    return services.preview(book(*rows), "表.xlsx", answers or Answers())


def test_what_a_sheet_would_do(house: Flask, cast: Cast) -> None:
    found = look(NEW, GRID, ("MY", "明月社区", "社区", None), ("MY-02", "东二网格", "网格", "背街小巷"))
    assert [(one.row, one.kind, one.words) for one in found.entries] == [
        (2, "new", ""), (3, "new", ""), (4, "same", ""), (5, "changed", "名称 二网格 → 东二网格"),
    ]  # fmt: skip
    assert found.ready


@pytest.mark.parametrize(
    ("row", "address", "says", "cure"),
    [
        pytest.param(("XQ-1", "一网格", "网格", "城乡接合部"), "A3", "XQ", "XQ-01", id="one digit"),
        pytest.param(("XQ-01", "一网格", "网格", None), "D3", "要填区域类型", None, id="R1 no type"),
        pytest.param(("XQ-01", "一网格", "网格", "城乡结合部"), "D3", "最接近", "城乡接合部", id="a type misspelt"),
        pytest.param(("ZZ-01", "一网格", "网格", "农村地区"), "A3", "ZZ 不在表里", None, id="no community"),
        pytest.param(("MY", "明月社区", "网格", "农村地区"), "A3", "MY-02", None, id="a grid's code of two letters"),
        pytest.param(("K1", "民生办", "科室", None), "A3", "K03", None, id="a section's code"),
        pytest.param(("XQ", "新桥社区", "社区", None), "A3", "和第 2 行重复", None, id="a code twice"),
        pytest.param((None, "一网格", "网格", "农村地区"), "A3", "编号必填", None, id="no code"),
        pytest.param(("XQ-01", "一网\u200b格", "网格", "农村地区"), "B3", "零宽空格", "一网格", id="an unseen sign"),
    ],
)
def test_what_is_wrong_is_said_by_cell(
    house: Flask, cast: Cast, row: tuple[object, ...], address: str, says: str, cure: str | None
) -> None:
    found = look(NEW, row)
    fault = next(one for one in found.faults if one.address == address)
    assert says in fault.why and fault.cure == cure
    assert not found.ready


def test_grids_are_not_blamed_for_their_communitys_row(house: Flask, cast: Cast) -> None:
    found = look(("XQ", None, "社区", None), GRID)
    assert [fault.address for fault in found.faults] == ["B2"]


def test_a_cell_put_right_and_a_row_skipped(house: Flask, cast: Cast) -> None:
    rows = (NEW, ("XQ-1", "一网格", "网格", "农村地区"), ("XQ-02", "二网格", "网格", "?"))
    found = look(*rows, answers=Answers(cells={"A3": "XQ-01"}, skipped=[4]))
    assert found.ready and [one.said.code for one in found.entries] == ["XQ", "XQ-01"]


def kept(cast: Cast, now: datetime, *rows: tuple[object, ...]) -> WaitingSheet:
    return services.keep_sheet(book(*rows), "表.xlsx", by=cast["admin"], now=now)


def entered(sheet: WaitingSheet, cast: Cast, now: datetime, seen: str | None = None) -> dict[str, int]:
    found = services.preview(services.sheet_bytes(sheet), sheet.file_name, Answers.load(sheet.answers))
    return services.import_sheet(sheet, found, seen=found.digest if seen is None else seen, by=cast["admin"], now=now)


def test_entry(house: Flask, cast: Cast, now: datetime) -> None:
    sheet = kept(cast, now, GRID, NEW, ("K07", "平安法治办公室", "科室", None))
    assert entered(sheet, cast, now) == {"added": 3, "changed": 0, "unchanged": 0}
    db.session.commit()
    area = db.session.scalars(select(Area).where(Area.code == "XQ-01")).one()
    assert area.parent is not None and area.parent.code == "XQ"
    assert [kind.label for _at, kind, _text, _by in queries.events(area.id)] == ["导入建立"]
    assert sheet.content is None
    [line] = trail.lines("areas.import")
    assert trail.details(line)["counts"] == {"added": 3, "changed": 0, "unchanged": 0}
    assert {one.name for one in queries.places().sections} == {"平安法治办公室"}


def test_entered_once(house: Flask, cast: Cast, now: datetime) -> None:
    sheet = kept(cast, now, NEW)
    entered(sheet, cast, now)
    with pytest.raises(Refused, match="已经办完"):
        entered(sheet, cast, now)


def test_what_changed_since_the_preview_is_looked_at_again(house: Flask, cast: Cast, now: datetime) -> None:
    sheet = kept(cast, now, ("MY-02", "东二网格", "网格", "背街小巷"))
    seen = services.preview(services.sheet_bytes(sheet), sheet.file_name, Answers()).digest
    grid = db.session.scalars(select(Area).where(Area.code == "MY-02")).one()
    services.edit(
        grid, name="西二网格", kind=AreaKind.GRID, area_type=grid.area_type, version=grid.version, by=cast["admin"],
        now=now,
    )  # fmt: skip
    with pytest.raises(Refused, match="核对以后"):
        entered(sheet, cast, now, seen)


def test_given_up_and_swept(house: Flask, cast: Cast, now: datetime) -> None:
    services.discard_sheet(kept(cast, now, NEW), by=cast["admin"], now=now)
    db.session.flush()
    assert db.session.scalars(select(WaitingSheet)).all() == []
    assert len(trail.lines("areas.upload")) == 0  # nothing is in the trail before the door commits
    db.session.commit()
    assert len(trail.lines("areas.upload")) == len(trail.lines("areas.discard")) == 1


def test_an_export_comes_in_and_changes_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    services.load(
        rows=[services.preview(book(("K01", "党政办公室", "科室", None)), "a.xlsx", Answers()).entries[0].said],
        by=cast["admin"], now=now,
    )  # fmt: skip
    tree = queries.places()
    groups = queries.listed(Listing(), actor=cast["admin"], tree=tree)
    sheet = services.export_sheet(groups, line="全部", tree=tree, by=cast["admin"], now=now)
    services.note_export(sheet, by=cast["admin"], now=now)
    data = sheet.data
    found = services.preview(data, "导出.xlsx", Answers())
    assert found.problems == [] and not found.open_notices and not found.faults
    assert {one.kind for one in found.entries} == {"same"}
    assert [one.said.code for one in found.entries] == ["MY", "MY-01", "MY-02", "SB", "SB-01", "K01"]
    db.session.commit()
    [line] = trail.lines("areas.export")
    assert trail.details(line)["count"] == 6
