"""What the desk says."""

from datetime import datetime

import pytest

from portal.desk.rules import greeting, headline, over, when
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
    assert headline(0, 0, 2) == "手上没有要办的事，系统有 2 项要留意。"


@pytest.mark.parametrize(
    ("until", "when_said", "over_said"),
    [
        (datetime(2026, 11, 25, 18), "今天 18:00", ""),
        (datetime(2026, 11, 25, 9, 18), "今天 09:18", "超 42 分钟"),
        (datetime(2026, 11, 25, 7), "今天 07:00", "超 3 小时"),
        (datetime(2026, 11, 25, 23, 59), "今天", ""),
        (datetime(2026, 11, 24, 18), "昨天 18:00", "超 1 天"),
        (datetime(2026, 11, 26, 18), "明天 18:00", ""),
        (datetime(2026, 11, 20, 18), "11月20日", "超 5 天"),
        (datetime(2027, 1, 4, 18), "2027年1月4日", ""),
    ],
)
def test_limits_near_now_in_words(until: datetime, when_said: str, over_said: str) -> None:
    now = datetime(2026, 11, 25, 10, tzinfo=SHANGHAI)
    at = until.replace(tzinfo=SHANGHAI)
    assert (when(at, now), over(at, now)) == (when_said, over_said)


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
