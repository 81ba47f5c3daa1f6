"""A value and the days on which it is good; how values of each kind are typed, kept and shown. Pure functions."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import Any, NamedTuple

from portal.ground.declare.office import SettingSpec
from portal.ground.fields.days import clean_day
from portal.ground.fields.letters import BLANKS, Misread, half_width, refuse_unseen
from portal.ground.fields.numbers import clean_count

#: What results keep: the version of each setting that they were computed with.
Stamp = Mapping[str, int]

TEXT_MOST = 60
#: Nobody plans further ahead than this: more is a slip of the pen.
YEARS_AHEAD = 5
STALE = "他人已先修改，请刷新"


class Version(NamedTuple):
    """A value that was set: the version counts per key from 1 on, 0 is the default that the portal ships."""

    number: int
    from_on: date
    value: Any


def on_day(versions: Sequence[Version], on: date) -> Version | None:
    """Return the version that is good on a day: the latest `from_on` that has come, of these the highest number."""
    return max((one for one in versions if one.from_on <= on), key=lambda one: (one.from_on, one.number), default=None)


def typed(kind: str, stored: Any) -> Any:
    """Return a stored value as the kind of its setting says: times and dates are kept as ISO text."""
    if isinstance(stored, str):
        if kind == "time":
            return time.fromisoformat(stored)
        if kind == "date":
            return date.fromisoformat(stored)
    return stored


def stored(value: Any) -> Any:
    """Return what is kept of a value: `typed` backwards."""
    if isinstance(value, time):
        return value.isoformat("minutes")
    return value.isoformat() if isinstance(value, date) else value


def worded(spec: SettingSpec, value: Any) -> str:
    """Return a value as a page says it, with its unit: 12 个月, 08:30, 2026年10月1日."""
    value = typed(spec.kind, value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if spec.kind == "choice":
        return dict(spec.choices).get(value, str(value))
    return f"{value} {spec.unit}".strip() if value != "" else "空着"


def bounds(spec: SettingSpec) -> str:
    """Return what may be typed, as the hint below the field says it."""
    if spec.kind == "number":
        if spec.least is not None and spec.most is not None:
            return f"{spec.least} 到 {spec.most} {spec.unit}".strip()
        return f"最少 {spec.least} {spec.unit}".strip() if spec.least is not None else ""
    if spec.kind == "text":
        most = spec.most or TEXT_MOST
        return f"{spec.least} 到 {most} 个字" if spec.least else f"最多 {most} 个字，可以空着"
    return {"time": "几点几分，例如 08:30", "date": "例如 2026-10-01"}.get(spec.kind, "")


def clean(spec: SettingSpec, text: str) -> Any:
    """Return what was typed for a setting as its value. `Misread` says what is wrong and what would do."""
    value = _CLEANERS[spec.kind](spec, text)
    fault = value_fault(spec, value)
    if fault:
        raise Misread(fault)
    return value


def value_fault(spec: SettingSpec, value: Any) -> str | None:
    """Return why a value cannot stand by itself, None when it can."""
    if spec.kind == "number" and not _within(value, spec.least, spec.most):
        return f"要在 {bounds(spec)}之间。" if spec.most is not None else f"{bounds(spec)}。"
    if spec.kind == "text":
        if len(value) < (spec.least or 0):
            return f"至少 {spec.least} 个字。"
        if len(value) > (spec.most or TEXT_MOST):
            return f"最多 {spec.most or TEXT_MOST} 个字，现在有 {len(value)} 个。"
    if spec.kind == "choice" and value not in dict(spec.choices):
        return "请选一项。"
    return spec.refuse(value) if spec.refuse else None


def _within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _number(spec: SettingSpec, text: str) -> int:
    return clean_count(text, unit=(spec.unit,) if spec.unit else (), least=-(10**6), most=10**6)


def clean_text(_spec: SettingSpec | None, text: str) -> str:
    """Return one line of text, without what cannot be seen."""
    plain = re.sub(f"[{BLANKS}]+", " ", text.strip(BLANKS))
    refuse_unseen(plain, "")
    return plain


def _time(_spec: SettingSpec, text: str) -> time:
    """8:30, 08：30, 8点30分, 8时 and 0830 are understood."""
    plain = half_width(text.strip(BLANKS)).replace("：", ":")
    found = re.fullmatch(r"(\d{1,2})(?:[:点时](\d{1,2})?分?)(?::00)?", plain) or re.fullmatch(r"(\d{2})(\d{2})", plain)
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise Misread("请写成几点几分，例如 08:30。")
    return time(int(found[1]), int(found[2] or 0))


_CLEANERS: dict[str, Callable[[SettingSpec, str], Any]] = {
    "number": _number,
    "text": clean_text,
    "time": _time,
    "date": lambda _spec, text: clean_day(text),
    "choice": lambda _spec, text: text,
}
