"""Reading settings: the value of a key on a day, the offered default where the office has set none."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from portal.ground.db import db
from portal.ground.declare import SettingSpec, offers
from portal.settings.models import Setting
from portal.settings.terms import PHASES, Phase, Version, on_day, phase_on, typed


def spec(key: str) -> SettingSpec:
    """Return what a room offers under `key`. KeyError when none does."""
    found = next((one for one in offers().settings if one.key == key), None)
    if found is None:
        raise KeyError(key)
    return found


def value(key: str, *, on: date) -> Any:
    """Return the value of `key` that is good on the day `on`, as its kind says: a number, a text, a `time`, a `date`.

    KeyError when no room offers the key.
    """
    return in_force(key, on=on).value


def in_force(key: str, *, on: date) -> Version:
    """Return the value of `key` on the day `on` with its version: 0 and `date.min` for the shipped default."""
    return _in_force(_book([key]), key, on)


def phase(on: date) -> Phase | None:
    """Return the phase of the plan that a day belongs to (R5, R13, R14); None before the first one began."""
    book = _book([key for pair in PHASES for key in pair])
    return phase_on([(_in_force(book, name, on).value, _in_force(book, first, on).value) for name, first in PHASES], on)


def _in_force(book: Mapping[str, Sequence[Version]], key: str, on: date) -> Version:
    offered = spec(key)
    found = on_day(book.get(key, ()), on) or Version(0, date.min, offered.default)
    return found._replace(value=typed(offered.kind, found.value))


def _book(keys: Sequence[str]) -> Mapping[str, Sequence[Version]]:
    book: defaultdict[str, list[Version]] = defaultdict(list)
    wanted = select(Setting.key, Setting.version, Setting.from_on, Setting.value).where(Setting.key.in_(keys))
    for key, number, from_on, stored in db.session.execute(wanted):
        book[key].append(Version(number, from_on, stored))
    return book
