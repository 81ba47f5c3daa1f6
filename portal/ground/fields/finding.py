"""找: what was typed into a search box, and where it hits a text, also through pinyin and initials. Pure."""

from collections.abc import Sequence
from functools import lru_cache

from portal.ground.fields.pinyin import search_keys, search_term


def search_pieces(typed: str) -> list[str]:
    """What was typed, in pieces that must all be found; at most five."""
    return [piece for word in typed.split()[:5] if (piece := search_term(word)[:40])]


def hit(text: str, pieces: Sequence[str]) -> tuple[int, int] | None:
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
