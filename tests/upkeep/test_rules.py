"""Which copies stay: thirty days, twelve months, the newest always."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.ground.clock import SHANGHAI
from portal.upkeep.rules import kept

START = datetime(2026, 1, 1, 2, 30, tzinfo=SHANGHAI)
instants = st.lists(st.integers(0, 800 * 24).map(lambda hours: START + timedelta(hours=hours)), unique=True)


@given(instants)
def test_the_newest_stays_and_no_more_than_forty_two(made: list[datetime]) -> None:
    stay = kept(made)
    assert stay <= set(made) and len(stay) <= 42
    assert not made or max(made) in stay
    assert kept(sorted(stay)) == stay, "what stays, stays"


def test_two_years_of_nights() -> None:
    nights = [START + timedelta(days=day) for day in range(730)]
    stay = sorted(kept(nights))
    assert stay[-30:] == nights[-30:]
    assert {(at.year, at.month) for at in stay} == {(2027, month) for month in range(1, 13)}
