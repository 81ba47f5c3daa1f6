"""Decisions about shops: what makes two addresses one, two names alike, two files one shop; what an edit changes."""

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from portal.ground.fields.letters import BLANKS, DASHES, half_width
from portal.ground.fields.pinyin import search_term
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


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The fields that differ, in the order of the file."""
    return [name for name in FIELDS if name in after and before.get(name) != after[name]]
