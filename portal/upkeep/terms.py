"""Words of upkeep: what a copy says of itself, how long copies are kept, what a check found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

#: rules 6, Backup: thirty daily and twelve monthly copies.
DAILY, MONTHLY = 30, 12
LATE_HOURS = "upkeep.backup_late_hours"
#: An orphaned file is swept once it is this old: an upload is on the disk before its row commits.
ORPHAN_HOURS = 24
#: A disk with less than this left is told of: a share of it, and bytes.
LITTLE_SHARE, LITTLE_BYTES = 0.1, 2 * 1024**3
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """What a copy says of itself; it stands beside the copy as `manifest.json`."""

    name: str
    made_at: datetime
    engine: str  # sqlite | postgresql
    revision: str  # of the migrations
    version: str  # of the portal
    database: str  # file name
    sha256: str
    size: int
    tables: Mapping[str, int]
    head: tuple[int, str]  # of the trail: line number and hash
    keys: Sequence[str]
    files: int


@dataclass(frozen=True)
class Copy:
    """A copy in the folder: its manifest, and what the last check of it found (None: never checked)."""

    folder: Path
    manifest: Manifest
    checked_at: datetime | None = None
    faults: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Its name: the instant at which it was made."""
        return self.manifest.name


@dataclass(frozen=True)
class Drilled:
    """What a drill found, line by line: (what, whether it holds, words)."""

    lines: Sequence[tuple[str, bool, str]]

    @property
    def holds(self) -> bool:
        """Whether everything holds."""
        return all(good for _what, good, _words in self.lines)


def in_size(count: float) -> str:
    """Bytes in the words of an office: 812 MB, 3.4 GB."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1024 or unit == "GB":
            return f"{count:.1f} {unit}" if unit == "GB" else f"{count:.0f} {unit}"
        count /= 1024
    return ""
