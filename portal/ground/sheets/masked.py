"""Cells that carry stars: an export that comes back changes nothing, any other mask is refused (rules 10, Sheets)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.ground.fields.letters import BLANKS
from portal.ground.fields.masks import masked_telephone


@dataclass(frozen=True)
class Masked:
    """A name or telephone in a sheet that carries stars: good only where it is the mask of what is registered."""

    text: str


def or_masked(clean: Callable[[str], Any]) -> Callable[[str], Any]:
    """A cleaner that keeps a text with stars as such."""

    def cleaned(text: str) -> Any:
        plain = text.strip(BLANKS)
        return Masked(plain) if "*" in plain and plain.strip("*") else clean(text)

    return cleaned


def half_masked(text: str) -> str:
    """A telephone that could not be read: its head and its tail, what lies between as stars."""
    signs = "".join(sign for sign in text if sign not in BLANKS)
    if len(signs) < 8:
        return text
    return masked_telephone(signs) if len(signs) == 11 and signs.isdigit() else f"{signs[:3]}****{signs[-3:]}"
