"""What tests of copies do to them: change one byte, count, clone a night."""

import json
import shutil
from datetime import datetime
from pathlib import Path

from portal.upkeep import services
from portal.upkeep.services import shelf
from portal.upkeep.terms import Copy


def spoil(path: Path, at: float = 0.5) -> None:
    """Flip one bit of a file, at this share of its length."""
    data = bytearray(path.read_bytes())
    data[min(len(data) - 1, int(len(data) * at))] ^= 1
    path.write_bytes(data)


def clone(copy: Copy, made_at: datetime, *, sound: bool = True) -> Path:
    """Another night's copy with the same content, as the folder would hold it."""
    place = copy.folder.with_name(f"{made_at:%Y%m%d-%H%M%S}")
    shutil.copytree(copy.folder, place)
    data = json.loads((place / shelf.MANIFEST).read_text()) | {"name": place.name, "made_at": made_at.isoformat()}
    (place / shelf.MANIFEST).write_text(json.dumps(data))
    shelf.write_sums(place)
    shelf.note_check(place, at=made_at, faults=() if sound else ("坏了",))
    return place


def stored() -> list[Path]:
    """The files that the copies share."""
    return sorted((services.folder() / shelf.STORE).glob("*/*"))


def edited(copy: Copy, **fields: object) -> Copy:
    """A copy whose manifest says something else, its sums made anew: what a careful forger would leave."""
    data = json.loads((copy.folder / shelf.MANIFEST).read_text()) | fields
    (copy.folder / shelf.MANIFEST).write_text(json.dumps(data))
    shelf.write_sums(copy.folder)
    return services.find(copy.name)
