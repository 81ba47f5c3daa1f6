"""Changing settings: a new value is added with its day, who and why; one that has not come yet can be taken back."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.ground import marks
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.settings import queries, rules
from portal.settings.models import Setting
from portal.settings.terms import STALE, Version, on_day, stored, value_fault, worded


def put(key: str, value: Any, *, from_on: date, reason: str, seen: int, by: Actor, now: datetime) -> Setting:
    """Let `value` be good from `from_on` on, until a later value stands.

    `seen` is the newest version of the key that the editor saw (0: none). Refused for a day that is past, a value out
    of its bounds or out of order with its neighbour, one that changes nothing, and where somebody else was quicker.
    """
    book = queries.book()
    spec, number = book.specs[key], book.newest.get(key, 0)
    if number != seen:
        raise Refused(STALE)
    if fault := rules.day_fault(from_on, today=now.date()):
        raise Refused(fault, field="from_on")
    before = book.value(key, from_on)
    if fault := value_fault(spec, value) or rules.idle_fault(value, before=before) or _order(book, key, value, from_on):
        raise Refused(fault, field="value")
    added = Setting(
        key=key, version=number + 1, value=stored(value), from_on=from_on, set_at=now, set_by=by.name, reason=reason
    )
    _insert(added)
    record(
        "settings.set", f"setting:{key}", by=by, now=now, setting=spec.label, version=number + 1,
        before=worded(spec, before), after=worded(spec, value), from_on=from_on.isoformat(), reason=reason,
    )  # fmt: skip
    return added


def withdraw(key: str, version: int, *, reason: str, seen: int, by: Actor, now: datetime) -> Setting:
    """Take back a value that has not come into force yet: a row of its own says so, nothing is deleted."""
    book = queries.book()
    spec, number = book.specs[key], book.newest.get(key, 0)
    if number != seen:
        raise Refused(STALE)
    if not reason:
        raise Refused("请写明为什么撤回，再按一次。")
    found = next((one for one in book.standing(key) if one.number == version), None)
    fault = rules.withdrawal_fault(found, today=now.date())
    if found is None or fault:
        raise Refused(fault or STALE)
    added = Setting(
        key=key, version=number + 1, value=None, from_on=now.date(), set_at=now, set_by=by.name, reason=reason,
        withdraws=version,
    )  # fmt: skip
    _insert(added)
    record(
        "settings.withdraw", f"setting:{key}", by=by, now=now, setting=spec.label, version=version,
        before=worded(spec, found.value), from_on=found.from_on.isoformat(), reason=reason,
    )  # fmt: skip
    return added


def note_export(*, rows: int, filters: str, by: Actor, now: datetime) -> None:
    """Write an export of the settings into the trail."""
    record("settings.export", "settings", by=by, now=now, rows=rows, filters=filters)


def note_print(*, by: Actor, now: datetime) -> None:
    """Write down who prints the settings in force (rules 6, Audit)."""
    record("settings.print", "settings", by=by, now=now)


def _insert(added: Setting) -> None:
    """The guard of two editors: (key, version) is unique, so the later one is told."""
    try:
        with db.session.begin_nested():
            db.session.add(added)
    except IntegrityError:
        raise Refused(STALE) from None
    marks.bump("settings")


def _order(book: queries.Book, key: str, value: Any, from_on: date) -> str | None:
    """Say what would stand in the wrong order on the day itself or on any later day on which a value changes."""
    touched = {one for pair in rules.pairs(key, book.specs) for one in pair}
    changed = [*book.standing(key), Version(book.newest.get(key, 0) + 1, from_on, value)]
    days = {from_on, *(one.from_on for other in touched for one in book.standing(other) if one.from_on > from_on)}

    def value_on(other: str, day: date) -> Any:
        found = on_day(changed, day) if other == key else None
        return found.value if found else book.value(other, day)

    return rules.order_fault(key, book.specs, days=days, value_on=value_on)
