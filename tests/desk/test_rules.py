"""What the desk says."""

from datetime import datetime

import pytest

from portal.desk.rules import greeting, headline
from portal.ground.clock import SHANGHAI
from portal.pledges.terms import numbers_meant


@pytest.mark.parametrize(
    ("hour", "words"),
    [
        (0, "夜深了"),
        (5, "早上好"),
        (8, "早上好"),
        (9, "上午好"),
        (12, "中午好"),
        (14, "下午好"),
        (18, "晚上好"),
        (23, "晚上好"),
    ],
)
def test_greeting(hour: int, words: str) -> None:
    assert greeting(datetime(2026, 11, 25, hour, 59, tzinfo=SHANGHAI)) == words


def test_headline_says_red_first_and_is_calm_without() -> None:
    assert headline(3, 20) == "有 3 件事已经逾期。"
    assert headline(0, 1234) == "有 1,234 件事要办，没有逾期的。"
    assert headline(0, 0) == "手上没有要办的事。"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("142", ["桂三包〔2027〕第0142号", "桂三包〔2026〕第0142号"]),
        ("2026 142", ["桂三包〔2026〕第0142号"]),
        ("〔2026〕第142号", ["桂三包〔2026〕第0142号"]),
        ("桂三包〔2026〕第0142号", ["桂三包〔2026〕第0142号"]),
        ("jxlzc", []),
        ("建新路 18", []),
        ("", []),
    ],
)
def test_numbers_that_somebody_may_mean(typed: str, meant: list[str]) -> None:
    assert numbers_meant(typed, 2027) == meant
