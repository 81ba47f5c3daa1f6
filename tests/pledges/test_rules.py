"""Rules of pledges, without an app and without a database."""

import json
import math
from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.clock import SHANGHAI
from portal.merchants.terms import NOT_OWING, ShopState
from portal.pledges import demo, rules
from portal.pledges.terms import PROOFS, PledgeState, Proof, Shown, Signer, Standing
from tests.pledges.ways import ink

DOT = [[[50, 50, n] for n in range(200)]]
TREMBLE = [[[50 + n % 2 * 2, 50 + n % 3, n * 8] for n in range(400)]]


def text(strokes: object) -> str:
    return json.dumps(strokes)


@pytest.mark.parametrize(
    "strokes",
    [
        pytest.param([], id="PLEDGE-1·blank"),
        pytest.param([[]], id="PLEDGE-1·an empty stroke"),
        pytest.param([[[10, 10, 0]]], id="PLEDGE-1·a tap"),
        pytest.param(DOT, id="PLEDGE-1·a dot"),
        pytest.param(TREMBLE, id="PLEDGE-1·a trembling dot"),
        pytest.param([[[0, 0, 0], [100, 100, 9]]], id="two points"),
        pytest.param([[[n, 0, n] for n in range(39)]], id="38 px"),
    ],
)
def test_what_is_no_signature(strokes: list[list[list[float]]]) -> None:
    with pytest.raises(ValueError, match="签"):
        rules.read_strokes(text(strokes))


def test_where_a_signature_begins() -> None:
    """8 points and 40 px in all, over several strokes too (rules 1, Kiosk signing ⑤)."""
    assert rules.ink_fault([[[n * 10, 0, n] for n in range(8)]]) is None
    assert rules.ink_fault([[[n * 10, 0, n] for n in range(7)]]) == rules.TOO_SHORT
    assert rules.ink_fault([[[n * 5.72, 0, n] for n in range(8)]]) is None
    assert rules.ink_fault([[[n * 5.70, 0, n] for n in range(8)]]) == rules.TOO_SHORT
    assert rules.ink_fault([[[0, 0, 0], [30, 0, 1]], [[n * 2, 8, n] for n in range(6)]]) is None


@pytest.mark.parametrize(
    "raw",
    [
        "", "null", "{}", "7", '"签名"', "[1]", "[[1]]", "[[[1]]]", "[[[1,2]]]", "[[[1,2,3,0.5]]]", "[[[1,2,null]]]",
        "[[[NaN,1,2]]]", "[[[1,Infinity,2]]]", "[[[1,2,-1]]]", "[[[1e9,2,3]]]", "[[[1e400,2,3]]]", "[[[true,2,3]]]",
        '[[["1",2,3]]]', "[[[1,2,3]", "[" * 5000, f"[[[1,2,1{'0' * 400}]]]", f"[[[-1{'0' * 400},2,3]]]",
    ],
)  # fmt: skip
def test_broken_ink_is_a_sentence_never_a_fault(raw: str) -> None:
    with pytest.raises(ValueError) as error:
        rules.read_strokes(raw)
    assert "签" in str(error.value)


def test_too_much_ink() -> None:
    long = [[[n % 900, n % 300, n] for n in range(20_001)]]
    with pytest.raises(ValueError, match="太多"):
        rules.read_strokes(text(long))
    with pytest.raises(ValueError, match="太多"):
        rules.read_strokes(text([[[0, 0, 0], [9, 9, 9]]] * 301))
    with pytest.raises(ValueError, match="太多"):
        rules.read_strokes(" " * 1_500_001)
    assert rules.read_strokes(text([long[0][:20_000]]))


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=5))
def test_coarse_keeps_the_ends_and_bounds_the_points(lengths: list[int]) -> None:
    strokes = [[[float(n), float(n % 7), float(n)] for n in range(length)] for length in lengths]
    kept = rules.coarse(strokes)
    assert sum(map(len, kept)) <= 800 + 2 * len(lengths)
    assert [(stroke[0], stroke[-1]) for stroke in kept] == [(stroke[0], stroke[-1]) for stroke in strokes]
    assert all(point in stroke for thin, stroke in zip(kept, strokes, strict=True) for point in thin[:3])


def test_a_finger_that_left_the_pad_is_no_fault() -> None:
    moved = [[[x - 60, y - 40, t] for x, y, t in stroke] for stroke in ink()]
    assert rules.read_strokes(text(moved)) == moved


@given(st.integers(0, 2**32), st.integers(2, 4))
def test_the_demonstrations_hand_writes_signatures(seed: int, characters: int) -> None:
    strokes = demo.signature(Random(seed), characters)
    assert rules.read_strokes(text(strokes)) == strokes
    times = [point[2] for stroke in strokes for point in stroke]
    assert times == sorted(times) and all(math.isfinite(n) for n in times)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda x: st.lists(x, max_size=9)))
def test_any_json_is_a_signature_or_a_sentence(value: object) -> None:
    try:
        strokes = rules.read_strokes(json.dumps(value))
    except ValueError as error:
        assert "签" in str(error)
    else:
        assert rules.ink_fault(strokes) is None


@pytest.mark.parametrize(
    ("starts", "months", "until"),
    [
        pytest.param(date(2026, 4, 9), 12, date(2027, 4, 9), id="一年·到前一日"),
        pytest.param(date(2028, 2, 29), 12, date(2029, 3, 1), id="闰日"),
        pytest.param(date(2026, 1, 31), 1, date(2026, 3, 1), id="短月"),
        pytest.param(date(2026, 12, 15), 1, date(2027, 1, 15), id="跨年"),
    ],
)
def test_term(starts: date, months: int, until: date) -> None:
    assert rules.term_end(starts, months=months) == until


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)), st.integers(1, 60))
def test_a_term_is_never_shorter_than_its_months(starts: date, months: int) -> None:
    until = rules.term_end(starts, months=months)
    assert 28 * months <= (until - starts).days <= 31 * months + 1


@pytest.mark.parametrize(
    ("state", "ended", "days", "shown"),
    [
        pytest.param(PledgeState.LIVE, False, 31, Shown.LIVE, id="31 天"),
        pytest.param(PledgeState.LIVE, False, 30, Shown.SOON, id="30 天"),
        pytest.param(PledgeState.LIVE, False, 1, Shown.SOON, id="最后一天"),
        pytest.param(PledgeState.LIVE, False, 0, Shown.LAPSED, id="到期"),
        pytest.param(PledgeState.LIVE, True, 90, Shown.ENDED, id="经营者变更"),
        pytest.param(PledgeState.WAITING, False, 90, Shown.WAITING, id="待街道确认"),
        pytest.param(PledgeState.WAITING, True, 90, Shown.ENDED, id="等着时经营者变更"),
        pytest.param(PledgeState.VOID, True, 90, Shown.VOID, id="作废就是作废"),
        pytest.param(PledgeState.RENEWED, True, 90, Shown.RENEWED, id="换签"),
    ],
)
def test_shown(state: PledgeState, ended: bool, days: int, shown: Shown) -> None:
    today = date(2026, 11, 25)
    assert (
        rules.shown(state, tenure_ended=ended, until_on=today + timedelta(days=days), today=today, soon_days=30)
        is shown
    )


FACTS = st.builds(
    rules.ShopFacts,
    st.sampled_from(ShopState),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(FACTS)
def test_i13_one_column_for_every_shop(facts: rules.ShopFacts) -> None:
    """I13, word for word: 空置 and 拆除 → 不用签; else 生效; 待街道确认; 暂缓; 拒签; 待换签; 未签."""
    if facts.state in NOT_OWING:
        wanted = Standing.EXEMPT
    elif facts.live:
        wanted = Standing.LIVE
    elif facts.waiting:
        wanted = Standing.WAITING
    elif facts.deferred:
        wanted = Standing.DEFERRED
    elif facts.refused:
        wanted = Standing.REFUSED
    elif facts.earlier:
        wanted = Standing.RENEW
    else:
        wanted = Standing.UNSIGNED
    assert rules.standing(facts) is wanted


@pytest.mark.parametrize("signer", Signer)
@pytest.mark.parametrize("proof", Proof)
def test_what_serves_for_whom(signer: Signer, proof: Proof) -> None:
    assert (rules.proof_fault(signer, proof) is None) == (proof in PROOFS[signer])


def test_the_clock_may_stand_five_minutes_back() -> None:
    newest = datetime(2026, 11, 25, 10, tzinfo=SHANGHAI)
    assert rules.clock_fault(newest, None) is None
    assert rules.clock_fault(newest - timedelta(minutes=5), newest) is None
    assert rules.clock_fault(newest - timedelta(minutes=5, seconds=1), newest) is not None
