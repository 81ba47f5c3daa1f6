"""拼音: what a name is found by: every reading of it, and the initials of every reading.

Chinese surnames are often read otherwise than their characters usually are (单 Shan, 仇 Qiu): the surname's
own reading comes first, every other reading follows, so that no way of typing misses (proofs.md, Traps).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from portal.ground import later
from portal.ground.fields.letters import is_han
from portal.ground.fields.surnames import COMPOUND, READ_ONE, READ_TWO

#: A dictionary of 55 MB, which a process that enters and searches no names does not need.
pypinyin = later.module("pypinyin")
READINGS_MOST = 48
_DEVIATIONS_MOST = 2
#: Names whose keys a process keeps: as many as the longest sheet has rows, so that they can be made before a lock.
_KEPT = 5000
_RARE = {"𠮷": ["ji"], "〇": ["ling"], "㛃": ["jie"], "䶮": ["yan"], "𬭎": ["hong"]}


@lru_cache(maxsize=_KEPT)
def search_keys(name: str) -> tuple[str, str]:
    """What a live search looks in: `(pinyin, initials)`, each the readings of the name joined by one blank.

    建新路早餐店 → (`jianxinluzaocandian …`, `jxlzcd …`): a typed piece is found by `LIKE '%piece%'`. The
    surname's own reading comes first; at most `READINGS_MOST` readings, those with the fewest unusual ones
    first. Latin letters and digits stand in both as they are; ü is v, and u beside it.
    """
    characters = [c for c in unicodedata.normalize("NFKC", name).lower() if is_han(c) or c.isalnum()]
    if not characters:
        return "", ""
    choices = _choices("".join(characters))
    readings = list(_readings(choices))
    whole = dict.fromkeys("".join(reading) for reading in readings)
    initials = dict.fromkeys(
        "".join(r[0] if is_han(c) else r for c, r in zip(characters, reading, strict=True)) for reading in readings
    )
    return " ".join(whole), " ".join(initials)


def search_term(typed: str) -> str:
    """What was typed into a search box, in the form of `search_keys`: lower case, half width, ü as v, no
    blanks.
    """
    plain = unicodedata.normalize("NFKC", typed).lower().replace("ü", "v").replace("u:", "v")
    return re.sub(r"[\s'’·\-]+", "", plain)


def _choices(text: str) -> list[list[str]]:
    """For every character its readings, the likeliest first."""
    usual = _usual(text)
    choices: list[list[str]] = []
    for character, likely in zip(text, usual, strict=True):
        if not is_han(character):
            choices.append([character])
            continue
        known = _RARE.get(character) or pypinyin.pinyin(character, heteronym=True, style=pypinyin.Style.NORMAL)[0]
        spoken = [r for r in dict.fromkeys([likely, *known]) if r]
        choices.append([*spoken, *(r.replace("v", "u") for r in spoken if "v" in r)])
    return choices


def _usual(text: str) -> list[str]:
    """The likeliest reading of every character: words first, then the surname's own in front."""
    spoken: list[str] = []
    for run in re.findall(r"[^\x00-\x7f]+|[\x00-\x7f]", text):
        readings = pypinyin.lazy_pinyin(run, errors=_each)
        spoken.extend(readings if len(readings) == len(run) else list(run))
    for character, place in zip(text, range(len(spoken)), strict=True):
        spoken[place] = _RARE[character][0] if character in _RARE else spoken[place]
    two = READ_TWO.get(text[:2])
    if two:
        spoken[:2] = two
    elif text[:2] not in COMPOUND:
        spoken[0] = READ_ONE.get(text[0], spoken[0])
    return spoken


def _each(unread: str) -> list[str]:
    return list(unread)


def _readings(choices: list[list[str]]) -> Iterator[tuple[str, ...]]:
    """The likeliest reading, then those that differ in one place, then in two, to the bound."""
    first = [c[0] for c in choices]
    yield tuple(first)
    count = 1
    open_places = [place for place, c in enumerate(choices) if len(c) > 1]
    for size in range(1, _DEVIATIONS_MOST + 1):
        for places in combinations(open_places, size):
            for reading in _varied(first, choices, places):
                if count == READINGS_MOST:
                    return
                yield reading
                count += 1


def _varied(first: list[str], choices: list[list[str]], places: tuple[int, ...]) -> Iterator[tuple[str, ...]]:
    """Every way to read the named places unusually, the others as in `first`."""
    place, *rest = places
    for other in choices[place][1:]:
        varied = [*first[:place], other, *first[place + 1 :]]
        if rest:
            yield from _varied(varied, choices, tuple(rest))
        else:
            yield tuple(varied)
