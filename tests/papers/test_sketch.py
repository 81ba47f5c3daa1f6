"""The area of responsibility is drawn true to scale, narrow or wide."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.papers.engine import sketch
from tests.papers.papermakers import BOUNDS

METRES = st.decimals("0.3", "120", places=2).map(lambda value: f"{value.normalize():f}")


@pytest.mark.parametrize(
    ("frontage", "depth", "scale"),
    [
        ("6.4", "3", 100),
        ("1.2", "1.5", 50),
        ("12", "4", 200),
        ("60", "3", 1000),
        ("30", "8.5", 500),
        ("3.2", "1.4", 50),
    ],
)
def test_scale(frontage: str, depth: str, scale: int) -> None:
    assert sketch.draw(frontage=frontage, depth=depth, bounds=BOUNDS, shop="老周豆花饭店")[1] == scale


@given(METRES, METRES, st.text("明月路A1", max_size=40), st.text("墙界0123456789号", max_size=60))
def test_everything_stays_in_the_picture(frontage: str, depth: str, shop: str, words: str) -> None:
    figure, scale = sketch.draw(frontage=frontage, depth=depth, bounds={**BOUNDS, "东": words}, shop=shop)
    assert f"{frontage} 米" in "".join(label.words for label in figure.labels)
    for label in figure.labels:
        assert 0 <= label.x <= figure.width and 0 < label.y <= figure.height
    assert Decimal(frontage) * 1000 / scale <= Decimal(sketch.WIDEST) or scale == sketch.SCALES[-1]


@pytest.mark.parametrize(
    ("bounds", "side"),
    [
        (BOUNDS, "北"),
        ({"东": "本店外墙", "西": "路缘石"}, "东"),
        ({"南": "店门", "北": "河堤"}, "南"),
        ({"东": "16号", "西": "20号"}, None),
        ({"东": "邻店外墙", "西": "邻店外墙"}, None),
        ({}, None),
    ],
)
def test_which_side_the_shop_stands_on(bounds: dict[str, str], side: str | None) -> None:
    assert sketch.wall_side(bounds) == side
    figure, _ = sketch.draw(frontage="6", depth="2", bounds=bounds, shop="店")
    assert any(label.words == "北" for label in figure.labels) is (side is not None)


@pytest.mark.parametrize(
    ("frontage", "depth", "area"), [("6.4", "3", "19.2"), ("3.33", "3.33", "11"), ("5", "2", "10")]
)
def test_square_metres_are_cut_not_rounded(frontage: str, depth: str, area: str) -> None:
    assert sketch.square(frontage, depth) == area


@pytest.mark.parametrize(("frontage", "depth"), [("0", "3"), ("3", "-1")])
def test_an_area_has_a_size(frontage: str, depth: str) -> None:
    with pytest.raises(ValueError):
        sketch.draw(frontage=frontage, depth=depth, bounds={}, shop="店")
