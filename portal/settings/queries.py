"""Reading settings: the value of a key on a day, the offered default where the office has set none.

The whole small table is read at once and kept by the process until somebody changes a setting (`ground.marks`): a page
asks as often as it likes. Where nobody was identified (logging in) and outside requests each call is one query, so
`values` asks for several keys at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from portal.ground import marks
from portal.ground.db import rows
from portal.ground.declare import SettingSpec, offers
from portal.settings.models import Setting
from portal.settings.terms import GROUPS, PHASES, Change, Line, Phase, Stamp, Version, on_day, phase_on, typed, worded


class Book:
    """Every setting that the rooms offer, and what has been set, as of one reading."""

    def __init__(self, specs: Iterable[SettingSpec], set_rows: Sequence[Any]):
        self.specs = {one.key: one for one in specs}
        self._shipped = {key: Version(0, date.min, typed(one.kind, one.default)) for key, one in self.specs.items()}
        self._standing: defaultdict[str, list[Version]] = defaultdict(list)
        self._numbered: dict[tuple[str, int], Version] = {}
        self.newest: dict[str, int] = {}
        gone = {(key, withdraws) for key, _number, _from_on, _value, withdraws in set_rows if withdraws is not None}
        for key, number, from_on, value, withdraws in set_rows:
            if key not in self.specs:
                continue
            self.newest[key] = max(number, self.newest.get(key, 0))
            if withdraws is None:
                version = self._numbered[key, number] = Version(number, from_on, typed(self.specs[key].kind, value))
                if (key, number) not in gone:
                    self._standing[key].append(version)

    def in_force(self, key: str, on: date) -> Version:
        """Return the value of `key` on a day with its version; KeyError when no room offers it."""
        shipped = self._shipped[key]
        standing = self._standing.get(key)
        return shipped if standing is None else on_day(standing, on) or shipped

    def value(self, key: str, on: date) -> Any:
        """Return the value of `key` on a day."""
        return self.in_force(key, on).value

    def standing(self, key: str) -> Sequence[Version]:
        """Return every value of `key` that was set and not taken back."""
        return self._standing.get(key, ())

    def coming(self, key: str, after: date) -> list[Version]:
        """Return the values that come into force later than a day, the nearest first: those that nothing overtakes."""
        days = sorted({one.from_on for one in self.standing(key) if one.from_on > after})
        return [self.in_force(key, day) for day in days]

    def numbered(self, key: str, number: int) -> Version:
        """Return a version by its number, also one that has been withdrawn."""
        return self._numbered[key, number] if number else self._shipped[key]


@cache
def _all() -> Select[*tuple[Any, ...]]:
    return select(Setting.key, Setting.version, Setting.from_on, Setting.value, Setting.withdraws)


def book() -> Book:
    """Return everything that is set; read once, until somebody changes a setting."""
    return marks.kept("settings", _read)


def _read() -> Book:
    return Book(offers().settings, rows(_all()))


def spec(key: str) -> SettingSpec:
    """Return what a room offers under `key`. KeyError when none does."""
    return book().specs[key]


def value(key: str, *, on: date) -> Any:
    """Return the value of `key` that is good on the day `on`, as its kind says: a number, a text, a `time`, a `date`.

    KeyError when no room offers the key.
    """
    return book().value(key, on)


def values(keys: Sequence[str], *, on: date) -> list[Any]:
    """Return the values of several keys on a day, in their order."""
    found = book()
    return [found.value(key, on) for key in keys]


def in_force(key: str, *, on: date) -> Version:
    """Return the value of `key` on the day `on` with its version: 0 and `date.min` for the shipped default."""
    return book().in_force(key, on)


def stamp(keys: Sequence[str], *, on: date) -> dict[str, int]:
    """Return what a result keeps of the settings that it was computed with: each key and its version on that day."""
    found = book()
    return {key: found.in_force(key, on).number for key in keys}


def stamped(kept: Stamp) -> list[tuple[str, str, int]]:
    """Return what a result was computed with, as (label, value in words, version); keys that are gone are left out."""
    found = book()
    return [
        (found.specs[key].label, worded(found.specs[key], found.numbered(key, number).value), number)
        for key, number in kept.items()
        if key in found.specs
    ]


def phase(on: date) -> Phase | None:
    """Return the phase of the plan that a day belongs to (R5, R13, R14); None before the first one began."""
    return phase_on([(name, first) for name, first, _last in phases(on)], on)


def phases(on: date) -> list[tuple[str, date, date | None]]:
    """Return the plan's phases as they are dated on a day: name, first day, first day of the next one."""
    found = book()
    days = [(found.value(name, on), found.value(first, on)) for name, first in PHASES]
    ends = [first for _name, first in days[1:]]
    return [(name, first, end) for (name, first), end in zip(days, [*ends, None], strict=True)]


def lines(on: date) -> list[Line]:
    """Return every setting with its value of a day, in the order of the page: groups, and keys as rooms offer them."""
    found = book()
    places = {group: place for place, group in enumerate(GROUPS)}
    ordered = sorted(found.specs.values(), key=lambda one: places.get(one.group, len(places)))
    return [Line(one, found.in_force(one.key, on), found.coming(one.key, on)) for one in ordered]


def set_by(on: date) -> dict[str, tuple[str, str]]:
    """Return who set the values that are good on a day, and why, by key; for the export and the printed sheet."""
    found = book()
    told = {
        (key, number): (who, why)
        for key, number, who, why in rows(select(Setting.key, Setting.version, Setting.set_by, Setting.reason))
    }
    standing = {key: found.in_force(key, on).number for key in found.specs}
    return {key: told[key, number] for key, number in standing.items() if number}


@cache
def _history() -> Select[*tuple[Any, ...]]:
    of_key = Setting.key == bindparam("key")
    columns = (Setting.version, Setting.from_on, Setting.value, Setting.withdraws, Setting.set_at, Setting.set_by)
    return select(*columns, Setting.reason).where(of_key).order_by(Setting.version.desc())


def history(key: str) -> list[Change]:
    """Return everything that was done to a setting, the newest first."""
    found, offered = rows(_history(), {"key": key}), spec(key)
    gone = {row.withdraws for row in found}
    return [
        Change(
            row.version,
            "" if row.withdraws else worded(offered, row.value),
            row.from_on,
            row.set_at,
            row.set_by,
            row.reason,
            row.withdraws,
            row.version in gone,
        )
        for row in found
    ]
