"""The area of responsibility as a drawing to scale: lengths in pixels of a picture 272 wide."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal


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
