"""What a shop is found by: a pure function of text."""

from portal.ground.fields.finding import hit, search_pieces
from portal.ground.fields.pinyin import search_keys, search_term

__all__ = ["hit", "search_pieces", "search_text"]


def search_text(*, sign_name: str, licence_name: str, number: str, address: str) -> str:
    """What a shop is found by, one kind a line, the name first: a piece that begins a line or a word ranks higher."""
    pinyin, initials = search_keys(sign_name)
    licence = search_term(licence_name)
    lines = [search_term(sign_name), search_term(number), search_term(address), initials, pinyin, licence]
    return "\n" + "\n".join(line for line in lines if line) + "\n"
