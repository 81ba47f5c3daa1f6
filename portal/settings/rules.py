"""Decisions about settings: from which day a change may hold, what may be withdrawn, which value must follow which."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from portal.ground.declare.office import SettingSpec
from portal.settings.terms import YEARS_AHEAD, Version, worded


def day_fault(from_on: date, *, today: date) -> str | None:
    """Return why a value cannot come into force on a day, None when it can: nothing is changed backwards."""
    if from_on < today:
        return "不能早于今天：已经按原来的值办了的事不倒改。"
    if from_on.year > today.year + YEARS_AHEAD:
        return f"离今天超过 {YEARS_AHEAD} 年，请核对年份。"
    return None


def idle_fault(value: Any, *, before: Any) -> str | None:
    """Return why a change would change nothing: the value of that day already is the one that was typed."""
    return "和那天本来的值一样，不用改。" if value == before else None


def withdrawal_fault(version: Version | None, *, today: date) -> str | None:
    """Return why a version cannot be taken back: only what has not come into force yet can be."""
    if version is None:
        return "这一版已经撤回，或者没有这一版。"
    if version.from_on <= today:
        return "这一版已经生效，不能撤回。请另设一个新的值。"
    return None


def order_fault(
    key: str, specs: Mapping[str, SettingSpec], *, days: Iterable[date], value_on: Callable[[str, date], Any]
) -> str | None:
    """Return which value `key` would overtake on one of the days, None when every pair stays in its order.

    `value_on` gives each value as it would be after the change; `days` are those on which one of a pair changes.
    """
    for day in sorted(days):
        for lower, upper in pairs(key, specs):
            if value_on(lower, day) < value_on(upper, day):
                continue
            other = specs[lower if upper == key else upper]
            later, sooner = ("晚于", "早于") if other.kind in ("date", "time") else ("大于", "小于")
            than = later if upper == key else sooner
            return f"要{than}“{other.label}”（{worded(other, value_on(other.key, day))}）。"
    return None


def pairs(key: str, specs: Mapping[str, SettingSpec]) -> list[tuple[str, str]]:
    """Return the pairs (lower, upper) that a setting stands in (`SettingSpec.after`)."""
    return [(one.after, one.key) for one in specs.values() if one.after and key in (one.after, one.key)]
