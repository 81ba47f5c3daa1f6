"""When a duty is due: the newest missed time, once; never because the clock went back."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clockwork import DUTIES
from portal.duties.rules import in_words, newest_due, next_due
from portal.ground.clock import SHANGHAI

CRONS = sorted({duty.cron for duty in DUTIES} | {"* * * * *", "30 8 * * mon", "0 3 1 * *", "0 9 1 11 *"})
START = datetime(2026, 1, 1, tzinfo=SHANGHAI)
instants = st.integers(0, 730 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("* * * * *", "每分钟"),
        ("*/10 * * * *", "每 10 分钟"),
        ("5 * * * *", "每小时第 5 分"),
        ("30 2 * * *", "每天 02:30"),
        ("30 8 * * mon", "每周一 08:30"),
        ("0 9 * * mon,fri", "每周一、五 09:00"),
        ("0 3 1 * *", "每月 1 日 03:00"),
        ("0 9 1 11 *", "每年 11 月 1 日 09:00"),
    ],
)
def test_cron_in_the_words_of_an_office(cron: str, words: str) -> None:
    assert in_words(cron) == words


@given(st.sampled_from(CRONS), instants, st.integers(1, 500 * 24 * 60))
def test_what_was_missed_is_due_once_and_newest(cron: str, after: datetime, minutes: int) -> None:
    now = after + timedelta(minutes=minutes)
    found = newest_due(cron, after=after, now=now)
    if found is None:
        following = next_due(cron, now=after)
        assert following is None or following > now
        return
    assert after < found <= now
    following = next_due(cron, now=found)
    assert following is None or following > now, "a newer one was due"
    assert newest_due(cron, after=found, now=now) is None, "the same time is due twice"


@given(st.sampled_from(CRONS), instants, st.integers(0, 500 * 24 * 60))
def test_a_clock_that_steps_back_makes_nothing_due(cron: str, after: datetime, minutes: int) -> None:
    assert newest_due(cron, after=after, now=after - timedelta(minutes=minutes)) is None


@pytest.mark.parametrize("cron", CRONS)
def test_a_duty_that_never_ran_is_due_with_its_newest_time(cron: str) -> None:
    now = datetime(2026, 11, 25, 10, 0, 30, tzinfo=SHANGHAI)
    found = newest_due(cron, after=None, now=now)
    assert found is not None and now - timedelta(days=370) < found <= now


def test_every_duty_has_a_name_of_its_own_and_words() -> None:
    assert len({duty.name for duty in DUTIES}) == len(DUTIES)
    for duty in DUTIES:
        room, _, verb = duty.name.partition(".")
        assert room and verb and duty.label and duty.says and in_words(duty.cron)
