"""Decisions about shops: what makes two addresses one, two names alike, two files one shop; where a search hits."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from portal.ground.fields.letters import BLANKS, DASHES, half_width
from portal.ground.fields.pinyin import search_keys, search_term
from portal.merchants.terms import FIELDS

#: From this likeness on two shop names are called similar.
ALIKE = 0.6


def address_key(street: str, door_no: str) -> str:
    """Street and door in one comparable form: 「桂花巷 7 号」 and 「桂花巷7号」 are one address."""
    plain = half_width(f"{street}{door_no}").lower()
    joined = "".join("-" if c in DASHES else c for c in plain if c not in BLANKS)
    return joined.removesuffix("号")


def similar(one: str, other: str) -> bool:
    """Whether two shop names are alike: the same letters, one within the other, or mostly the same."""
    a, b = search_term(one), search_term(other)
    shorter, longer = sorted((a, b), key=len)
    if len(shorter) >= 2 and shorter in longer:
        return True
    return a == b or SequenceMatcher(None, a, b, autojunk=False).ratio() >= ALIKE


def same_shop(mine: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    """Say why two files may be of one shop (rules 1, duplicates), None when nothing says so.

    Both give `uscc`, `address_key`, `phone_index` and `sign_name`.
    """
    if mine["uscc"] and mine["uscc"] == other["uscc"]:
        return "统一社会信用代码相同"
    if mine["address_key"] == other["address_key"]:
        return "地址和门牌相同"
    if mine["phone_index"] and mine["phone_index"] == other["phone_index"]:
        return "电话相同、店名相近" if similar(mine["sign_name"], other["sign_name"]) else None
    return None


def search_text(*, sign_name: str, licence_name: str, number: str, address: str) -> str:
    """What a shop is found by, one kind a line, the name first: a piece that begins a line or a word ranks higher."""
    pinyin, initials = search_keys(sign_name)
    licence = search_term(licence_name)
    lines = [search_term(sign_name), search_term(number), search_term(address), initials, pinyin, licence]
    return "\n" + "\n".join(line for line in lines if line) + "\n"


def search_pieces(typed: str) -> list[str]:
    """What was typed, in pieces that must all be found; at most five."""
    return [piece for word in typed.split()[:5] if (piece := search_term(word)[:40])]


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The fields that differ, in the order of the file."""
    return [name for name in FIELDS if name in after and before.get(name) != after[name]]


def hit(text: str, pieces: list[str]) -> tuple[int, int] | None:
    """Where the first piece that is found in `text` stands: (from, until), also through pinyin and initials."""
    for piece in pieces:
        found = _literal(text, piece) or _spoken(text, piece)
        if found:
            return found
    return None


def _literal(text: str, piece: str) -> tuple[int, int] | None:
    """A piece as it stands in the text; what `search_term` drops may lie between its characters."""
    for start in range(len(text)):
        place, left = start, piece
        while left and place < len(text):
            sign = search_term(text[place])
            if (sign and not left.startswith(sign)) or (not sign and place == start):
                break
            left = left[len(sign) :]
            place += 1
        if not left:
            return start, place
    return None


def _spoken(text: str, piece: str) -> tuple[int, int] | None:
    """A piece as pinyin or as initials of the text."""
    if not piece.isascii():
        return None
    for start in range(len(text)):
        for by_initials in (True, False):
            end = _follow(text, start, piece, by_initials)
            if end is not None:
                return start, end
    return None


def _follow(text: str, place: int, left: str, by_initials: bool) -> int | None:
    """Where the reading of the text from `place` on has used up `left`, None when it does not."""
    if not left:
        return place
    if place >= len(text):
        return None
    for reading in _sounds(text[place]):
        if by_initials:
            step = reading[:1] if left.startswith(reading[:1]) else None
        else:
            step = reading if left.startswith(reading) else left if reading.startswith(left) else None
        if step:
            end = _follow(text, place + 1, left[len(step) :], by_initials)
            if end is not None:
                return end
    return None


@lru_cache(maxsize=8192)
def _sounds(character: str) -> tuple[str, ...]:
    """Every reading of one character."""
    return tuple(search_keys(character)[0].split())


@dataclass(frozen=True)
class Plan:
    """The area of responsibility drawn to one scale: pixels in a picture 272 wide; `metre` is one metre's length."""

    left: float
    right: float
    bottom: float
    metre: float
    bar: int
    area: Decimal

    @property
    def middle(self) -> float:
        """Half way across."""
        return (self.left + self.right) / 2

    @property
    def roomy(self) -> bool:
        """Whether words find room inside."""
        return self.right - self.left >= 96 and self.bottom - TOP >= 44


#: Where the wall stands, and the most room that the area may take below it.
TOP, WIDEST, DEEPEST, CENTRE = 64, 184, 132, 152


def plan(frontage_cm: int | None, depth_cm: int | None) -> Plan | None:
    """Draw an area to scale, None when it has not been measured."""
    if not frontage_cm or not depth_cm:
        return None
    wide, deep = frontage_cm / 100, depth_cm / 100
    metre = min(WIDEST / wide, DEEPEST / deep)
    half = wide * metre / 2
    bar = next((length for length in (1, 2, 5, 10, 20, 50) if length * metre >= 18), 100)
    area = (Decimal(frontage_cm) * Decimal(depth_cm) / 10_000).quantize(Decimal("0.1"), ROUND_DOWN)
    left, right, bottom = CENTRE - half, CENTRE + half, TOP + deep * metre
    return Plan(round(left, 1), round(right, 1), round(bottom, 1), round(metre, 2), bar, area)
