"""机关: who issues papers, as the deployment sets it: names, the public address, whether this is a demonstration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Issuer:
    """The office as its papers name it.

    `name` stands as author, `seal` goes round the seal and under it, `below` is the small line in the seal.
    `public_address` (`https://…`, without a slash at its end) is where anyone can check; empty inside an intranet.
    """

    name: str
    seal: str
    below: str
    public_address: str
    demo: bool

    def as_evidence(self) -> dict[str, Any]:
        """Return what a paper keeps of it, so that the same paper can be drawn again."""
        return {
            "name": self.name,
            "seal": self.seal,
            "below": self.below,
            "public_address": self.public_address,
            "demo": self.demo,
        }

    @classmethod
    def from_evidence(cls, kept: Mapping[str, Any]) -> "Issuer":
        """Return the issuer that a paper's evidence names."""
        return cls(kept["name"], kept["seal"], kept["below"], kept["public_address"], bool(kept["demo"]))
