"""Who answers for which street when it follows from the grids (R3); which grids a clerk may change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.places import rules
from portal.places.terms import clean_code, clean_length

ONE, TWO = frozenset({7}), frozenset({7, 8})


@pytest.mark.parametrize(
    ("grids", "workers", "person"),
    [
        pytest.param({1}, {1: ONE}, 7, id="R3·one grid, one worker"),
        pytest.param({1}, {1: TWO}, None, id="R3·two workers: somebody decides"),
        pytest.param({1}, {}, None, id="R3·a vacant grid"),
        pytest.param({1, 2}, {1: ONE, 2: ONE}, 7, id="R3·two grids, the same worker"),
        pytest.param({1, 2}, {1: ONE}, None, id="R3·one of two grids is vacant"),
        pytest.param({1, 2}, {1: ONE, 2: frozenset({8})}, None, id="R3·two grids, two workers"),
        pytest.param(set(), {1: ONE}, None, id="R3·no grid"),
    ],
)
def test_allotted(grids: set[int], workers: dict[int, frozenset[int]], person: int | None) -> None:
    assert rules.allotted([(5, frozenset(grids))], workers) == ({5: person} if person else {})


_ids = st.integers(1, 6)
_some = st.frozensets(_ids, max_size=4)


@given(st.dictionaries(_ids, _some), st.dictionaries(_ids, _some))
def test_whoever_is_named_works_in_every_grid_of_the_street(
    streets: dict[int, frozenset[int]], workers: dict[int, frozenset[int]]
) -> None:
    for street, person in rules.allotted(streets.items(), workers).items():
        assert all(workers[grid] == {person} for grid in streets[street]) and streets[street]


@given(_some, _some, _some)
def test_what_lies_outside_the_clerks_reach_stays(
    chosen: frozenset[int], before: frozenset[int], within: frozenset[int]
) -> None:
    after = rules.merged_grids(chosen, before, within=within)
    assert after - within == before - within
    assert after & within == chosen & within


NEAR = frozenset({1, 2, 3})  # the community, its grid, the office


@pytest.mark.parametrize(
    ("active", "posts", "says"),
    [
        pytest.param(True, [("grid_worker", 2)], None, id="R3·the grid's worker"),
        pytest.param(True, [("secretary", 1)], None, id="R3·the community's secretary"),
        pytest.param(True, [("section", 3)], None, id="R3·of the office"),
        pytest.param(True, [("volunteer", 1), ("grid_worker", 2)], None, id="R3·one post of two will do"),
        pytest.param(False, [("grid_worker", 2)], "不能登录", id="R3·a locked account"),
        pytest.param(True, [], "还没有岗位", id="R3·no post"),
        pytest.param(True, [("auditor", 3)], "岗位不能负责路段", id="R6·a separate duty does no business"),
        pytest.param(True, [("volunteer", 1)], "岗位不能负责路段", id="R3·a volunteer"),
        pytest.param(True, [("grid_worker", 9)], "不在这条路段的社区", id="R3·another community's worker"),
        pytest.param(
            True, [("volunteer", 1), ("grid_worker", 9)], "不在这条路段的社区", id="R3·the post that fits is far"
        ),
    ],
)
def test_keeper_refusal(active: bool, posts: list[tuple[str, int]], says: str | None) -> None:
    refusal = rules.keeper_refusal("王芳", active=active, posts=posts, near=NEAR)
    assert (refusal is None) if says is None else says in (refusal or "")


@pytest.mark.parametrize(("typed", "code"), [("L0012", "L0012"), ("ｌ１２", "L0012"), (" l00012 ", "L0012")])
def test_codes_as_people_write_them(typed: str, code: str) -> None:
    assert clean_code(typed) == code


@pytest.mark.parametrize("typed", ["12", "M0012", "L", "L١٢", "L12345678"])
def test_what_is_no_code(typed: str) -> None:
    with pytest.raises(ValueError, match="路段代码"):
        clean_code(typed)


@pytest.mark.parametrize(("typed", "metres"), [("320", 320), ("３２０米", 320), ("1,200 m", 1200)])
def test_lengths_as_people_write_them(typed: str, metres: int) -> None:
    assert clean_length(typed) == metres


@pytest.mark.parametrize("typed", ["0", "-3", "约300", "60000", "3.5", "²"])
def test_what_is_no_length(typed: str) -> None:
    with pytest.raises(ValueError, match="米"):
        clean_length(typed)
