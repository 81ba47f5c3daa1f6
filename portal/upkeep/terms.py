"""Words of upkeep: what a copy says of itself, how long copies are kept, what a check or a drill found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

#: rules 6, Backup: thirty daily and twelve monthly copies.
DAILY, MONTHLY = 30, 12
#: A copy that does not hold counts for none of them, and goes after as many days.
BROKEN_KEPT = timedelta(days=DAILY)
LATE_HOURS = "upkeep.backup_late_hours"
#: An orphaned file is swept once it is this old: an upload is on the disk before its row commits.
ORPHAN_HOURS = 24
#: A disk with less than this left is told of: a share of it, and bytes.
LITTLE_SHARE, LITTLE_BYTES = 0.1, 2 * 1024**3
#: A drill is due again after so long: the duty does one each month.
DRILL_LATE = timedelta(days=40)
#: An office server without NTP may step back: so far behind the newest line of the trail nobody signs (proofs.md).
CLOCK_BEHIND = timedelta(minutes=5)
#: Copies and drills that 系统状态 shows at first.
COPIES_SHOWN, DRILLS_SHOWN = 8, 6
FORMAT = 1
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Manifest:
    """What a copy says of itself; it stands beside the copy as `manifest.json`."""

    name: str
    made_at: datetime
    engine: str  # sqlite | postgresql
    revision: str  # of the migrations
    version: str  # of the portal
    database: str  # file name
    size: int  # of the database, bytes
    files: int
    files_size: int  # bytes
    tables: Mapping[str, int]  # rows of each
    head: tuple[int, str]  # of the trail: line number and hash
    key_ids: Sequence[str]  # of the sealing keys that stood then
    key_set: str  # the folder of keys that belongs to this copy

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(self.tables.values())


@dataclass(frozen=True)
class Copy:
    """A copy in a folder: its manifest, and what the last check of it found (None: never checked)."""

    folder: Path
    manifest: Manifest
    checked_at: datetime | None = None
    faults: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Its name: the instant at which it was made."""
        return self.manifest.name

    @property
    def sound(self) -> bool:
        """Whether its last check found nothing."""
        return self.checked_at is not None and not self.faults


@dataclass(frozen=True)
class Finding:
    """One line of a drill: what was looked at, whether it holds, and in words."""

    what: str
    holds: bool
    words: str


@dataclass(frozen=True)
class Drilled:
    """What a drill found, line by line."""

    lines: Sequence[Finding]

    @property
    def holds(self) -> bool:
        """Whether everything holds."""
        return all(line.holds for line in self.lines)

    @property
    def first_fault(self) -> Finding | None:
        """The first line that does not hold."""
        return next((line for line in self.lines if not line.holds), None)


@dataclass(frozen=True)
class Restored:
    """What a restore has done: where the former database is now, and how many lines of the trail it holds beyond."""

    copy: Copy
    aside: str
    former_head: int | None  # None: the former database could not be read, or there was none
    numbers_used: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # of the former: label, sequence, last
    unknown: Sequence[str] = ()  # labels of numbers about which the former database could not be asked

    @property
    def lost_lines(self) -> int:
        """Lines of the trail that came after the copy."""
        return max(0, (self.former_head or 0) - self.copy.manifest.head[0])


def in_size(count: float) -> str:
    """Bytes in the words of an office, cut and never rounded: 812 KB, 3.4 GB."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if count < 1024 or unit == "TB":
            tenths = int(count * 10) / 10
            return f"{int(count)} {unit}" if unit in ("B", "KB") or count >= 100 else f"{tenths:.1f} {unit}"
        count /= 1024
    raise AssertionError("every size has a unit")
