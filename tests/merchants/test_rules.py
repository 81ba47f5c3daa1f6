"""Rules and pure text of the shop file: addresses, likeness, search, drawing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.fields.letters import Misread
from portal.merchants.rules import address_key, changed_fields, same_shop, similar
from portal.merchants.terms import CLEANERS, ShopState, Trade, hit, plan, search_pieces, search_text
from portal.merchants.terms.drawing import DEEPEST, TOP, WIDEST


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("桂花巷", "7 号"), ("桂花巷", "7号"), id="blank"),
        pytest.param(("桂花巷", "７号"), ("桂花巷", "7"), id="full width, 号 left out"),
        pytest.param(("明月大道", "101 号附 1–3 号"), ("明月大道", "101号附1-3号"), id="dashes"),
    ],
)
def test_one_address_in_two_hands(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert address_key(*one) == address_key(*other)


def test_another_door_is_another_address() -> None:
    assert address_key("桂花巷", "7 号") != address_key("桂花巷", "17 号")


@pytest.mark.parametrize(
    ("one", "other"), [("阿婆豆花", "阿婆豆花店"), ("德顺五金建材", "德顺五金"), ("ABC 文印", "abc文印")]
)
def test_similar(one: str, other: str) -> None:
    assert similar(one, other)
    assert similar(other, one)


def test_not_similar() -> None:
    assert not similar("阿婆豆花", "学府文印")


def keys(**but: object) -> dict[str, object]:
    return {"uscc": None, "address_key": "a", "phone_index": None, "sign_name": "阿婆豆花", **but}


@pytest.mark.parametrize(
    ("mine", "other", "because"),
    [
        (keys(uscc="X"), keys(uscc="X", address_key="b"), "统一社会信用代码相同"),
        (keys(), keys(sign_name="别的店"), "地址和门牌相同"),
        (keys(phone_index="p"), keys(phone_index="p", address_key="b", sign_name="阿婆豆花店"), "电话相同、店名相近"),
        (keys(phone_index="p"), keys(phone_index="p", address_key="b", sign_name="学府文印"), None),
        (keys(), keys(address_key="b"), None),
    ],
)
def test_same_shop(mine: dict[str, object], other: dict[str, object], because: str | None) -> None:
    assert same_shop(mine, other) == because


TEXT = search_text(sign_name="建新路早餐店", licence_name="垫江县早点店", number="GX-XQ-0086", address="建新路 12 号")


@pytest.mark.parametrize(
    "typed",
    [
        "jxlzc",
        "JXLZC",
        "jianxinlu",
        "早餐",
        "建新路12",
        "GX-XQ-0086",
        "xq0086",
        "0086",
        "XQ-0086",
        "垫江县早点",
        "建新 早餐",
    ],
)
def test_found_by(typed: str) -> None:
    assert all(piece in TEXT for piece in search_pieces(typed))


@pytest.mark.parametrize("typed", ["jxlzx", "火锅", "%", "_"])
def test_not_found_by(typed: str) -> None:
    pieces = search_pieces(typed)
    assert not pieces or not all(piece in TEXT for piece in pieces)


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("jxlzc", "建新路早餐"),
        ("zaocan", "早餐"),
        ("早餐店", "早餐店"),
        ("zaoc", "早餐"),
        ("xyz", None),
        ("cd", "餐店"),
    ],
)
def test_hit(typed: str, marked: str | None) -> None:
    found = hit("建新路早餐店", search_pieces(typed))
    assert (found and "建新路早餐店"[found[0] : found[1]]) == marked


@given(st.text(max_size=30), st.text(max_size=12))
def test_hit_never_leaves_the_name(name: str, typed: str) -> None:
    found = hit(name, search_pieces(typed))
    assert found is None or 0 <= found[0] < found[1] <= len(name)


@given(st.integers(30, 20_000), st.integers(30, 20_000))
def test_plan_is_to_scale_and_fits(wide: int, deep: int) -> None:
    drawn = plan(wide, deep)
    assert drawn is not None
    across, down = drawn.right - drawn.left, drawn.bottom - TOP
    assert 0 < across <= WIDEST + 0.2
    assert 0 < down <= DEEPEST + 0.2
    assert abs(across / (wide / 100) - down / (deep / 100)) * max(wide, deep) / 100 < 0.5 * max(wide, deep) / min(
        wide, deep
    )
    assert drawn.area <= Decimal(wide) * deep / 10_000


def test_plan_needs_both_lengths() -> None:
    assert plan(620, None) is None


@pytest.mark.parametrize(
    ("typed", "value"), [("6.2", 620), ("6.2 米", 620), ("６．２ｍ", 620), (".5", 50), ("12", 1200)]
)
def test_metres(typed: str, value: int) -> None:
    assert CLEANERS["frontage_cm"](typed) == value


@pytest.mark.parametrize("typed", ["0", "6.255", "六米", "300", "-4"])
def test_metres_refused(typed: str) -> None:
    with pytest.raises(Misread):
        CLEANERS["frontage_cm"](typed)


def test_trade_names_the_nearest() -> None:
    assert CLEANERS["trade"]("餐 饮") is Trade.FOOD
    with pytest.raises(Misread, match="小吃店") as refused:
        CLEANERS["trade"]("小吃店")
    assert refused.value.cure == "餐饮"


def test_no_licence() -> None:
    assert CLEANERS["licence"]("无照") == (None, True)


def test_changed_fields_in_the_order_of_the_file() -> None:
    before = {"street": "a", "sign_name": "b", "state": ShopState.OPEN}
    after = {"street": "x", "sign_name": "y", "state": ShopState.OPEN}
    assert changed_fields(before, after) == ["sign_name", "street"]
