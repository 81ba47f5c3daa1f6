"""Enums with Chinese labels: `GENERAL = "general", "一般"`."""

from enum import Enum
from typing import Self


class Label(str, Enum):  # noqa: UP042 (StrEnum has no room for a label)
    """A string enum whose members carry the Chinese word that the screens show."""

    label: str

    # The default is for type checkers: `Grade("general")` looks a member up and never comes here.
    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return (value, label) pairs in the order of declaration, as a select field wants them."""
        return [(member.value, member.label) for member in cls]
