"""Settings on both databases."""

from datetime import date

import pytest
from flask import Flask

from portal.settings import queries


@pytest.mark.usefixtures("house")
def test_the_phase_of_the_day_as_shipped() -> None:
    """R14"""
    found = queries.phase(date(2026, 11, 25))
    assert found is not None
    assert (found.name, found.number, found.begins_on, found.day_number) == ("常态整治阶段", 3, date(2026, 10, 1), 56)


def test_a_key_that_no_room_offers_is_no_setting(house: Flask) -> None:
    with pytest.raises(KeyError):
        queries.value("no.such_key", on=date(2026, 11, 25))
