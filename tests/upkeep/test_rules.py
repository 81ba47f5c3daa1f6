"""Which copies stay: thirty days, twelve months, the newest always; a broken one pushes no sound one out."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.clock import SHANGHAI
from portal.upkeep.rules import kept
from portal.upkeep.terms import in_size

START = datetime(2026, 1, 1, 2, 30, tzinfo=SHANGHAI)
instants = st.lists(st.integers(0, 800 * 24).map(lambda hours: START + timedelta(hours=hours)), unique=True)


@given(instants)
def test_the_newest_stays_and_no_more_than_forty_two(made: list[datetime]) -> None:
    stay = kept(made)
    assert stay <= set(made) and len(stay) <= 42
    assert not made or max(made) in stay
    assert kept(sorted(stay)) == stay, "what stays, stays"


@given(instants, st.data())
def test_a_broken_copy_pushes_no_sound_one_out(made: list[datetime], data: st.DataObject) -> None:
    broken = data.draw(st.sets(st.sampled_from(made))) if made else set()
    sound = [at for at in made if at not in broken]
    assert kept(sound, sorted(broken)) & set(sound) == kept(sound)


def test_two_years_of_nights() -> None:
    nights = [START + timedelta(days=day) for day in range(730)]
    stay = sorted(kept(nights))
    assert stay[-30:] == nights[-30:]
    assert {(at.year, at.month) for at in stay} == {(2027, month) for month in range(1, 13)}


def test_night_by_night_it_is_the_same_as_at_once() -> None:
    """What is dropped on the way would have been dropped in the end."""
    nights = [START + timedelta(days=day) for day in range(500)]
    stay: set[datetime] = set()
    for night in nights:
        stay = kept(sorted(stay | {night}))
    assert stay == kept(nights)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KB"),
        (7_491_584, "7.1 MB"),
        (1024**3 - 1, "1023 MB"),
        (2 * 1024**3 - 1, "1.9 GB"),
    ],
)
def test_sizes_are_cut_and_never_rounded(count: float, words: str) -> None:
    assert in_size(count) == words
