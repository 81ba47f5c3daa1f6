"""掩码: what a person's data look like to those who need not see them (rules 10 Names, Telephones, masks)."""

import re

from portal.ground.fields.letters import half_width
from portal.ground.fields.names import DOT
from portal.ground.fields.surnames import COMPOUND

#: What stands in the place of something sealed that cannot be opened; a mask lets it through.
UNREADABLE = "打不开"


def surname(name: str) -> str:
    """The surname a mask may show: a compound one if the name is longer than it, else the first character."""
    for length in (4, 3, 2):
        if len(name) > length and name[:length] in COMPOUND:
            return name[:length]
    return name[:1] if len(name) > 1 else ""


def masked_name(name: str | None) -> str:
    """张三丰 → 张*, 欧阳娜娜 → 欧阳*, 买买提·吐尔逊 → 买*: surname and always one star; nothing → nothing."""
    if not name:
        return ""
    if name == UNREADABLE:
        return name
    return (name[:1] if DOT in name and len(name) > 1 else surname(name)) + "*"


def masked_telephone(telephone: str | None) -> str:
    """13812345678 → 138****5678, 023-74512345 → 023-****2345 (no extension); what is no stored telephone →
    ****.
    """
    if not telephone or telephone == UNREADABLE:
        return telephone or ""
    mobile = re.fullmatch(r"(1\d{2})\d{4}(\d{4})", telephone)
    if mobile:
        return f"{mobile[1]}****{mobile[2]}"
    landline = re.fullmatch(r"(0\d{2,3})-\d{3,4}(\d{4})(转\d+)?", telephone)
    return f"{landline[1]}-****{landline[2]}" if landline else "****"


def masked_middle(text: str) -> str:
    """Something typed that should have been a telephone or an ID number: a third of it in front, then stars.

    For the preview of a refused cell, where the fault is named and the rest need not be read.
    """
    keep = min(4, len(text) // 3)
    return text[:keep] + "*" * min(8, len(text) - keep)


#: Digits as people group them: with blanks, hyphens, dots, strokes or brackets between.
_NUMBER = re.compile(r"[+(]*\d(?:[\W_]{0,3}\d)*")


def masked_numbers(text: str) -> str:
    """A line that somebody typed, for sheets and pages that others read: 找 13812345678 → 找 138****5678.

    Whatever could be a telephone or an ID number carries stars; codes of shops and short numbers stay.
    """
    return _NUMBER.sub(_starred, half_width(text))


def _starred(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    beside = found.string[max(found.start() - 1, 0) : found.start()] + found.string[found.end() : found.end() + 1]
    if len(digits) < 7 or (len(digits) < 11 and re.search("[A-Za-z]", beside)):
        return found[0]
    if len(digits) in (17, 18):
        return f"{digits[:4]}**********"
    return masked_telephone(digits.removeprefix("0086").removeprefix("86") if len(digits) > 11 else digits)
