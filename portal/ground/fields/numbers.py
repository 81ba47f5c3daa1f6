"""数字: a number in any form a person types, understood or refused, never bent (rules 10 Sheets in)."""

import re
from decimal import Decimal

from portal.ground.fields.letters import BLANKS, Misread, half_width

_SHAPE = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?|[+-]?\.\d+")


def clean_number(
    text: str,
    *,
    unit: tuple[str, ...] = (),
    least: Decimal | int | None = None,
    most: Decimal | int | None = None,
    places: int = 2,
) -> Decimal:
    """A number, exact: full-width digits, thousands' commas and one of `unit` behind it (`6.2 米`) are
    understood.

    `least` and `most` are included; more than `places` digits behind the point are refused. Raises `Misread`.
    """
    plain = half_width(text.strip(BLANKS)).replace("，", ",").replace("−", "-").replace("—", "-")
    for name in sorted(unit, key=len, reverse=True):
        if plain.lower().endswith(name.lower()):
            plain = plain[: -len(name)]
            break
    plain = "".join(c for c in plain if c not in BLANKS)
    if not plain:
        raise Misread("请填数字")
    if not _SHAPE.fullmatch(plain):
        raise Misread(f"“{text.strip(BLANKS)[:20]}”不是一个数，只填数字，例如 {_example(places)}")
    value = Decimal(plain.replace(",", ""))
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        raise Misread(f"最多 {places} 位小数" if places else "要整数，不带小数")
    if least is not None and value < least:
        raise Misread(f"不能小于 {least}")
    if most is not None and value > most:
        raise Misread(f"不能大于 {most}")
    return value


def clean_count(text: str, *, unit: tuple[str, ...] = (), least: int = 0, most: int | None = None) -> int:
    """A whole number (`2 个` with unit `个`). Raises `Misread`."""
    return int(clean_number(text, unit=unit, least=least, most=most, places=0))


def _example(places: int) -> str:
    return "6" if places == 0 else "6.2"
