"""How copies lie in their folder.

    backups/files/ab/abcd….pdf      every file once, for all copies (a hard link where the disk allows it)
    backups/20261125-023000/        one copy: the database, manifest.json, files.txt, checked.json

The folder is the truth about copies: a database that was brought back knows nothing of later ones.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app

from portal.ground.errors import Refused
from portal.upkeep.terms import Copy, Manifest

MANIFEST, FILES, CHECKED = "manifest.json", "files.txt", "checked.json"


def folder() -> Path:
    """Return the folder of copies: `PORTAL_BACKUP`, else `backups` in the instance folder."""
    return Path(os.environ.get("PORTAL_BACKUP") or current_app.config["INSTANCE"] / "backups")


def second_folder() -> Path | None:
    """Return the second place, `PORTAL_BACKUP_SECOND`: another disk or a share. None where there is none."""
    named = os.environ.get("PORTAL_BACKUP_SECOND")
    return Path(named) if named else None


def key_folder() -> Path:
    """Return where copies of the keys go, apart from the copies: `PORTAL_BACKUP_KEYS`."""
    return Path(os.environ.get("PORTAL_BACKUP_KEYS") or current_app.config["INSTANCE"] / "backup-keys")


def copies(where: Path | None = None) -> list[Copy]:
    """Return the copies of a folder, the newest first; what is half-made or unreadable is none."""
    return sorted(_copies(where or folder()), key=lambda copy: copy.name, reverse=True)


def _copies(where: Path) -> Iterator[Copy]:
    for place in where.glob("[0-9]*-[0-9]*"):
        try:
            yield Copy(place, read_manifest(place), *_checked(place))
        except (OSError, ValueError, KeyError, TypeError):
            continue


def newest(where: Path | None = None) -> Copy | None:
    """Return the newest copy, None where there is none."""
    return next(iter(copies(where)), None)


def find(name: str, where: Path | None = None) -> Copy:
    """Return the copy of this name, the newest for `newest`. `Refused` when it is not there."""
    found = copies(where)
    if name == "newest" and found:
        return found[0]
    copy = next((one for one in found if one.name == name), None)
    if copy is None:
        known = "、".join(one.name for one in found[:5]) or "一份也没有"
        raise Refused(f"没有叫 {name} 的备份。现有：{known}。")
    return copy


def read_manifest(place: Path) -> Manifest:
    """Read what a copy says of itself. ValueError, KeyError or TypeError for what is no manifest of ours."""
    data: dict[str, Any] = json.loads((place / MANIFEST).read_text("utf8"))
    made_at = datetime.fromisoformat(data.pop("made_at"))
    data.pop("format")
    return Manifest(**{**data, "made_at": made_at, "head": tuple(data["head"])})


def manifest_text(manifest: Manifest, number: int) -> str:
    """Return a manifest as the text of its file."""
    data = {"format": number, **asdict(manifest), "made_at": manifest.made_at.isoformat()}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _checked(place: Path) -> tuple[datetime | None, tuple[str, ...]]:
    file = place / CHECKED
    if not file.is_file():
        return None, ()
    data = json.loads(file.read_text("utf8"))
    return datetime.fromisoformat(data["at"]), tuple(data["faults"])


def write(path: Path, text: str) -> None:
    """Write a small file whole: beside its place, onto the disk, then under its name."""
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.chmod(0o600)
    part.replace(path)


def named_files(place: Path) -> list[str]:
    """Return the files that a copy needs: `ab/abcd….pdf`, one a line in `files.txt`."""
    return [line for line in (place / FILES).read_text("utf8").splitlines() if line]
