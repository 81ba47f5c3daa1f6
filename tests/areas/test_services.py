"""The tree on both databases, and `flask areas load`."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.areas import queries, services
from portal.areas.models import Area
from portal.areas.terms import AreaKind, AreaRow, AreaType, Loaded
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from tests import trail
from tests.cast import Cast

ROWS = [
    AreaRow(2, "MY", "明月社区", AreaKind.COMMUNITY),
    AreaRow(3, "XQ-01", "一网格", AreaKind.GRID, AreaType.FRINGE),
    AreaRow(4, "XQ", "新桥社区", AreaKind.COMMUNITY),
    AreaRow(5, "MY-02", "东二网格", AreaKind.GRID, AreaType.RURAL),
]


def codes() -> list[str]:
    return [area.code for area in db.session.scalars(queries.tree()).unique()]


def test_load(house: Flask, cast: Cast, now: datetime) -> None:
    assert services.load(rows=ROWS, by=cast["admin"], now=now) == Loaded(added=2, changed=1, same=1)
    db.session.commit()
    assert codes() == ["GX", "MY", "MY-01", "MY-02", "SB", "SB-01", "XQ", "XQ-01"]
    grid = db.session.scalars(queries.by_codes(["XQ-01"])).one()
    assert (grid.parent.code if grid.parent else "", grid.area_type) == ("XQ", AreaType.FRINGE)
    [line] = trail.lines("areas.load")
    assert {"added": 2, "changed": 1}.items() <= trail.details(line).items()


def test_the_same_sheet_again_changes_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    services.load(rows=ROWS, by=cast["admin"], now=now)
    db.session.commit()
    assert services.load(rows=ROWS, by=cast["admin"], now=now) == Loaded(0, 0, 4)
    db.session.commit()
    assert len(trail.lines("areas.load")) == 1


def test_all_or_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    before = codes()
    with pytest.raises(Refused, match="第 9 行") as refused:
        services.load(rows=[*ROWS, AreaRow(9, "x", "", AreaKind.GRID)], by=cast["admin"], now=now)
    assert refused.value.sentence.count("\n") == 2, "every fault is said"
    db.session.rollback()
    assert codes() == before and trail.lines() == []


def test_an_empty_sheet(house: Flask, cast: Cast, now: datetime) -> None:
    with pytest.raises(Refused, match="没有社区"):
        services.load(rows=[], by=cast["admin"], now=now)


def test_the_root_is_planted_once(house: Flask, now: datetime) -> None:
    assert services.plant(name="桂溪街道", now=now) is None
    assert db.session.scalar(select(func.count()).select_from(Area).where(Area.kind == AreaKind.OFFICE)) == 1


@pytest.mark.parametrize(
    ("login", "parts", "grids"),
    [
        pytest.param("leader", ["MY", "SB"], ["MY-01", "MY-02", "SB-01"], id="the whole street"),
        pytest.param("staff", ["MY"], ["MY-01", "MY-02"], id="a community"),
        pytest.param("grid", ["MY"], ["MY-01"], id="a grid, and the community around it"),
        pytest.param("auditor", [], [], id="no key, nothing"),
    ],
)
def test_reach(house: Flask, cast: Cast, login: str, parts: list[str], grids: list[str]) -> None:
    actor = cast[login]
    assert [area.code for area in db.session.scalars(queries.communities(actor, Can.AREAS_READ))] == parts
    assert [area.code for area in db.session.scalars(queries.grids(actor, Can.AREAS_READ))] == grids


# --- the command ----------------------------------------------------------------------------------------------------

HEADINGS = ["编号", "名称", "类别", "区域类型"]
CLERK: list[list[str | None]] = [
    ["xq", "新桥社区", "社区", None],
    ["ＸＱ－01", " 一网格 ", "网格", "城乡接合部"],
    ["MY", "明月社区", "社区", ""],
]


def book(path: Path, rows: list[list[str | None]]) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in [HEADINGS, *rows]:
        sheet.append(row)
    workbook.save(path)
    return path


def run(site: Flask, *words: str) -> tuple[int, str]:
    found = site.test_cli_runner().invoke(args=["areas", *words])
    return found.exit_code, found.output


def test_a_sheet_as_clerks_write_it(site: Flask, tmp_path: Path) -> None:
    file = str(book(tmp_path / "areas.xlsx", CLERK))
    assert run(site, "load", file) == (0, "新增 2，修改 0，不变 1\n")
    assert run(site, "load", file) == (0, "新增 0，修改 0，不变 3\n")
    assert "XQ-01    　一网格　城乡接合部" in run(site, "list")[1]


def test_a_csv_of_an_office_pc(site: Flask, tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    lines = [",".join(HEADINGS), *(",".join(cell or "" for cell in row) for row in CLERK)]
    file.write_bytes("\r\n".join(lines).encode("gb18030"))
    code, said = run(site, "load", str(file))
    if code:  # the encoding had to be guessed: it asks
        assert "--answer" in said
        key = next(word for line in said.splitlines() for word in line.split() if word.startswith("encoding=gb"))
        code, said = run(site, "load", str(file), "--answer", key)
    assert code == 0 and "新增 2" in said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param([["XQ", "新桥社区", "小区", None]], "C2 类别“小区”", id="unknown kind"),
        pytest.param([["XQ", None, "社区", None]], "B2 名称", id="no name"),
        pytest.param([["XQ-01", "一网格", "网格", "城乡接合部"]], "XQ 不在表里", id="no parent"),
    ],
)
def test_what_is_wrong_is_said_by_cell(site: Flask, tmp_path: Path, rows: list[list[str | None]], said: str) -> None:
    code, output = run(site, "load", str(book(tmp_path / "areas.xlsx", rows)))
    assert code == 1 and said in output, output
    assert "XQ" not in run(site, "list")[1]


def test_the_template_is_read_back(site: Flask, tmp_path: Path) -> None:
    file = tmp_path / "empty.xlsx"
    assert run(site, "template", str(file))[0] == 0
    workbook = openpyxl.load_workbook(file)
    for row, cells in enumerate(CLERK[:2], 2):
        for column, typed in enumerate(cells, 1):
            workbook.worksheets[0].cell(row, column).value = typed
    workbook.save(file)
    assert run(site, "load", str(file))[1].endswith("新增 2，修改 0，不变 0\n")


def test_no_sheet_at_all(site: Flask, tmp_path: Path) -> None:
    file = tmp_path / "areas.xlsx"
    file.write_text("nothing of the kind")
    assert run(site, "load", str(file))[0] == 1
