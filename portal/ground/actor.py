"""Who acts: the one thing about people that every floor may know."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.ground.can import Can


@dataclass(frozen=True)
class Reach:
    """Where a key is good: the whole street office, or the named communities and grids (row ids)."""

    everything: bool = False
    communities: frozenset[int] = frozenset()
    grids: frozenset[int] = frozenset()

    def __or__(self, other: "Reach") -> "Reach":
        return Reach(
            self.everything or other.everything,
            self.communities | other.communities,
            self.grids | other.grids,
        )

    def covers(self, *, community: int | None, grid: int | None) -> bool:
        """Tell whether a row that stands in this community and grid is within reach."""
        return self.everything or community in self.communities or grid in self.grids


NOWHERE = Reach()
EVERYWHERE = Reach(everything=True)


@dataclass(frozen=True)
class Actor:
    """A person, an enrolled device or the system itself, with its keys and where each is good."""

    kind: str  # person | device | system
    id: int | None
    name: str
    title: str = ""
    reaches: Mapping[Can, Reach] = field(default_factory=dict)
    address: str = ""

    def may(self, key: Can) -> bool:
        """Tell whether the actor holds the key anywhere."""
        return key in self.reaches

    def reach(self, key: Can) -> Reach:
        """Return where the key is good; nowhere when it is not held."""
        return self.reaches.get(key, NOWHERE)


SYSTEM = Actor("system", None, "系统", reaches={})
