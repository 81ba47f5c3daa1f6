"""Number formats: what a number in a cell looks like to the clerk."""

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"',
    30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: "h:mm", 33: "h:mm:ss", 34: "h:mm", 35: "h:mm:ss",
    36: 'yyyy"年"m"月"', 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"', 55: "h:mm",
    56: "h:mm", 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
_LAST_SERIAL = 2_958_465  # 9999-12-31


class Shown(NamedTuple):
    """What a number shows: `stored` where the value behind differs, `short` for a day that hides its year
    or day.
    """

    text: str
    kind: str
    stored: str | None = None
    short: bool = False
    fault: str | None = None


def plain(value: float) -> str:
    """A number without a format: the 15 digits that a sheet keeps, never with an exponent."""
    text = f"{Decimal(f'{value:.15g}'):f}"
    return "0" if text in ("-0", "0") else text


def shown(value: float, code: str, *, from_1904: bool = False) -> Shown:
    """What the value shows under a format code. A format that is not understood shows the value itself."""
    if is_day(code):
        return _day(value, code, from_1904)
    bare = plain(value)
    if abs(value) >= 1e15:
        why = f"是 {len(bare.lstrip('-'))} 位数字，表格只存得下前 15 位，后面已经变了；请把该列设为文本后重填"
        return Shown(bare, "number", fault=why)
    text = _number(Decimal(bare), code)
    if text is None or text == bare:
        return Shown(bare, "number")
    hides = _digits(text) != _digits(bare) and not _same_value(text, bare)
    return Shown(text, "number", stored=bare if hides else None)


@lru_cache(maxsize=512)
def is_day(code: str) -> bool:
    """Whether a format code shows a day or a time."""
    first = _sections(code)[0]
    if re.search(r"\[(h+|m+|s+)\]", first, re.IGNORECASE):
        return True
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.', "", first)
    bare = re.sub(r"general|E[+-]", "", bare, flags=re.IGNORECASE)
    return re.search(r"[ymdhs]|aaa", bare, re.IGNORECASE) is not None


def _day(value: float, code: str, from_1904: bool) -> Shown:
    if not 0 <= value < _LAST_SERIAL - 1462 * from_1904 + 1:
        return Shown(plain(value), "number", fault="是日期格式，但数值不是任何一天，请重填日期")
    bare = re.sub(r'"[^"]*"|\\.|\[\$[^\]]*\]', "", code.split(";")[0]).lower()
    if value < 1 and not from_1904:
        return Shown(_clock(value), "moment")
    base = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30 if value >= 60 else 31)  # noqa: DTZ001
    at = base + timedelta(days=int(value), seconds=round(value % 1 * 86400))
    short = "y" not in bare or "d" not in bare
    if at.time() == datetime.min.time():
        return Shown(at.date().isoformat(), "day", short=short)
    return Shown(_instant(at), "moment", short="y" not in bare)


def _clock(part: float) -> str:
    seconds = round(part * 86400)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return text if seconds % 60 == 0 else f"{text}:{seconds % 60:02}"


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}" + (f":{at:%S}" if at.second else "")


def day_text(value: date | datetime) -> Shown:
    """A day or an instant that a reader hands over as such."""
    if isinstance(value, datetime) and value.time() != datetime.min.time():
        return Shown(_instant(value), "moment")
    return Shown(f"{value:%Y-%m-%d}", "day")


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[str, ...]:
    parts = re.findall(r'(?:"[^"]*"|\\.|[^;"\\]|["\\])+|(?<=;)(?=;|$)', code)
    return tuple(parts) or ("General",)


def _number(value: Decimal, code: str) -> str | None:
    """The number under its format, or None for a format that is not understood here."""
    sections = _sections(code)
    if any(re.search(r"\[[<>=]", section) for section in sections):
        return None
    index = 1 if value < 0 and len(sections) > 1 else 2 if value == 0 and len(sections) > 2 else 0
    section = sections[index]
    if section.strip().lower() in ("general", "@", ""):
        return None if section.strip() or len(sections) == 1 else ""
    tokens = _tokens(section)
    if tokens is None:
        return None
    sign = "-" if value < 0 and index == 0 else ""
    return (sign + _filled(abs(value), tokens)).strip()


@lru_cache(maxsize=512)
def _tokens(section: str) -> tuple[tuple[str, str], ...] | None:
    """Digits' places and literal signs of a section; None where it holds more than these."""
    bare = re.sub(r"\[\$([^\]-]*)[^\]]*\]", r'"\1"', section)
    bare = re.sub(r"\[(?!\$)[^\]]*\]", "", bare)
    if "[DBNum" in section or re.search(r"E[+-]|/", re.sub(r'"[^"]*"|\\.', "", bare)):
        return None
    tokens = []
    for found in re.finditer(r'"([^"]*)"|\\(.)|_.|\*.|([0#?])|([.,%])|(.)', bare):
        if found[1] is not None or found[2] is not None or found[5] is not None:
            tokens.append(("sign", found[1] or found[2] or found[5] or ""))
        elif found[3] is not None or found[4] is not None:
            tokens.append((found[3] or found[4], found[0]))
    if any(sign.lower() == "general" for kind, sign in tokens if kind == "sign"):
        return None
    text = "".join(sign for kind, sign in tokens if kind == "sign").lower()
    return None if "general" in text else tuple(tokens)


def _filled(value: Decimal, tokens: tuple[tuple[str, str], ...]) -> str:
    kinds = [kind for kind, _ in tokens]
    digits = [i for i, kind in enumerate(kinds) if kind in "0#?"]
    if not digits:
        return "".join(sign for kind, sign in tokens if kind == "sign")
    point = kinds.index(".") if "." in kinds else len(kinds)
    last = max((i for i in digits if i < point), default=-1)
    scaling = sum(1 for i, kind in enumerate(kinds) if kind == "," and last < i < point)
    grouping = any(kind == "," and i < last for i, kind in enumerate(kinds))
    value = value * 100 ** kinds.count("%") / 1000**scaling
    behind = [i for i in digits if i > point]
    rounded = value.quantize(Decimal(1).scaleb(-len(behind)), ROUND_HALF_UP)
    whole, _, part = f"{rounded:f}".partition(".")
    out = dict(_front(whole.lstrip("0"), [(i, kinds[i]) for i in digits if i < point], grouping))
    kept = len(part.rstrip("0"))
    for place, i in enumerate(behind):
        out[i] = part[place] if place < kept or kinds[i] == "0" else ""
    shows_point = any(out[i] for i in behind) or any(kinds[i] == "0" for i in behind)
    rest = {".": "." if shows_point or not behind else "", "%": "%", ",": ""}
    return "".join(
        out.get(i, "") if kind in "0#?" else sign if kind == "sign" else rest[kind]
        for i, (kind, sign) in enumerate(tokens)
    )


def _front(whole: str, places: list[tuple[int, str]], grouping: bool) -> list[tuple[int, str]]:
    """Digits before the point, filled in from the right; what has no place left goes to the first."""
    out: list[tuple[int, str]] = []
    rest = whole
    for number, (i, kind) in enumerate(reversed(places)):
        is_first = number == len(places) - 1
        digit = rest if is_first else rest[-1:]
        rest = "" if is_first else rest[:-1]
        digit = digit or ("0" if kind == "0" else "")
        if grouping and digit:
            digit = _grouped(digit, number)
        out.append((i, digit))
    return out


def _grouped(digits: str, behind: int) -> str:
    """Digits with commas, `behind` of them standing to their right already."""
    out = ""
    for number, digit in enumerate(reversed(digits)):
        before = behind + number
        out = digit + ("," if before and before % 3 == 0 else "") + out
    return out


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _same_value(text: str, bare: str) -> bool:
    """Whether what is shown is the stored value, dressed up (6.20 米, 1,234, 50%, 00012)."""
    found = re.search(r"-?\d[\d,]*\.?\d*|-?\.\d+", text)
    if not found:
        return False
    value = Decimal(found[0].replace(",", "").rstrip(".") or "0") / (100 if "%" in text else 1)
    return abs(value) == abs(Decimal(bare))
