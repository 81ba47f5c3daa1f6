"""What is wrong with a sheet of areas, said by row."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.areas import rules
from portal.areas.terms import AreaKind, AreaRow, AreaType

MY = AreaRow(2, "MY", "明月社区", AreaKind.COMMUNITY)
MY_01 = AreaRow(3, "MY-01", "一网格", AreaKind.GRID, AreaType.KEY)
STANDING = {
    "GX": rules.Standing(AreaKind.OFFICE, None),
    "SB": rules.Standing(AreaKind.VILLAGE, "GX"),
    "SB-01": rules.Standing(AreaKind.GRID, "SB"),
}


def row(number: int = 4, **but: Any) -> AreaRow:
    return replace(AreaRow(number, "MY-02", "二网格", AreaKind.GRID, AreaType.RURAL), **but)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param(row(), None, id="good"),
        pytest.param(row(code="SB-02"), None, id="a grid of a village that stands already"),
        pytest.param(row(code="SB", kind=AreaKind.COMMUNITY, area_type=None), None, id="a village becomes a community"),
        pytest.param(row(code="MY-1"), "MY-02", id="one digit"),
        pytest.param(row(code="my-02"), "MY-02", id="small letters"),
        pytest.param(row(code="MY", kind=AreaKind.COMMUNITY, area_type=None), "和第 2 行重复", id="code twice"),
        pytest.param(row(code="MY-01"), "和第 3 行重复", id="grid's code twice"),
        pytest.param(row(name="一网格"), "名称“一网格”和第 3 行重复", id="name twice in one community"),
        pytest.param(row(code="SB-02", name="一网格"), None, id="the same name elsewhere"),
        pytest.param(row(name=""), "没有名称", id="no name"),
        pytest.param(row(name="字" * 41), "最多 40 个字", id="long name"),
        pytest.param(row(area_type=None), "要填区域类型", id="R1 a grid without its type"),
        pytest.param(row(code="AB", kind=AreaKind.VILLAGE), "请留空", id="a village with a type"),
        pytest.param(row(code="ZZ-01"), "ZZ 不在表里", id="no such community"),
        pytest.param(row(code="ABC", kind=AreaKind.VILLAGE, area_type=None), "两个大写字母", id="three letters"),
        pytest.param(row(code="GX", kind=AreaKind.COMMUNITY, area_type=None), "已经是街道", id="the office's code"),
        pytest.param(row(code="GX", kind=AreaKind.OFFICE, area_type=None), "街道不从表格导入", id="the office"),
    ],
)
def test_faults(more: AreaRow, said: str | None) -> None:
    found = rules.faults([MY, MY_01, more], STANDING)
    assert (found == []) if said is None else any(said in one and f"第 {more.number} 行" in one for one in found), found


def test_every_fault_is_said() -> None:
    found = rules.faults([row(2, name=""), row(3, code="x", area_type=None)], {})
    assert len(found) == 4


@given(st.lists(st.builds(row, number=st.integers(2, 9), code=st.text(max_size=6), name=st.text(max_size=3))))
def test_no_sheet_is_too_odd(rows: list[AreaRow]) -> None:
    assert all(one.startswith("第 ") for one in rules.faults(rows, STANDING))
