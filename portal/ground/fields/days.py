"""日期: a day in any form a person types, understood or refused, never bent (rules 10 Sheets in)."""

import calendar
import re
from datetime import date

from portal.ground.fields.letters import BLANKS, DASHES, Misread, half_width

HINT = "按 2026-12-02 这样填"
_SHAPE = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[-T ]?(\d{1,2}):(\d{2})(?::\d{2})?)?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})()()")


def clean_day(text: str) -> date:
    """2026-12-02, 2026/12/2, 2026.12.2, 2026年12月2日 or 20261202 → the day.

    A time of day other than midnight, a year of two digits and an order that can be read two ways are
    refused. Raises `Misread`.
    """
    plain = half_width(text.strip(BLANKS))
    plain = "".join("-" if c in DASHES else c for c in plain).replace("。", ".")
    tight = re.sub(rf"[{BLANKS}]*([-./年月日])[{BLANKS}]*", r"\1", plain)
    if not tight:
        raise Misread(f"请填日期，{HINT}")
    found = _SHAPE.fullmatch(tight) or _PACKED.fullmatch(tight)
    if not found:
        raise Misread(_why(tight))
    if found[4] and int(found[4]) * 60 + int(found[5]):
        raise Misread(f"只要日期，不要几点几分，{HINT}")
    return _day(int(found[1]), int(found[2]), int(found[3]))


def _day(year: int, month: int, day: int) -> date:
    if not 1900 <= year <= 2099:
        raise Misread(f"年份 {year} 不对，{HINT}")
    if not 1 <= month <= 12:
        raise Misread(f"没有 {month} 月，{HINT}")
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise Misread(f"{year} 年 {month} 月只有 {last} 天，没有 {day} 日，{HINT}")
    return date(year, month, day)


def _why(text: str) -> str:
    if re.fullmatch(r"\d{1,2}[-./年]\d{1,2}[-./月]\d{1,4}日?", text):
        return f"年份要写四位并放在最前，{HINT}"
    part = re.fullmatch(r"(\d{4})[-./年](\d{1,2})月?", text)
    if part:
        month = int(part[2])
        return f"没有 {month} 月，{HINT}" if not 1 <= month <= 12 else f"只有年和月，还差日，{HINT}"
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return f"{text} 是表格里的日期序号，请把该格设为日期，{HINT}"
    return f"“{text[:20]}”不是日期，{HINT}"
