"""How copies lie in their folder.

    backups/files/ab/abcd….pdf      every file of the office once, for all copies
    backups/20261125-023000/        one copy: database, manifest.json, files.txt, anchors.txt, SHA256SUMS, checked.json

`SHA256SUMS` names the bytes of all but `checked.json`, which says what the last check found. The folder is the truth
about copies: a database that was brought back knows nothing of later ones.
"""

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app

from portal.ground.errors import Refused
from portal.upkeep.services import trouble
from portal.upkeep.terms import FORMAT, Copy, Manifest

MANIFEST, FILES, ANCHORS, SUMS, CHECKED = "manifest.json", "files.txt", "anchors.txt", "SHA256SUMS", "checked.json"
#: What a check writes beside a copy, and what is left of that when the machine dies over it: no part of the copy.
LOOSE = (CHECKED, f".{CHECKED}.part")
STORE = "files"
#: The mark by which the folder of copies is known again.
HOME = ".home"
GONE = (
    "备份文件夹 {home} 不是原来的那一个：磁盘没有接上，或者没有挂载。为了不把备份写到别的磁盘上，什么也没有做。"
    "请接好磁盘，再来一次；确实换了新磁盘的，在服务器上运行 flask backup now --new-disk。"
)
_NAMES = "[0-9]*-[0-9]*"
_PIECE = 1024 * 1024
#: Seconds that somebody waits for another one who makes or checks copies.
PATIENCE = 30.0
_SUMS = re.compile(r"(?:[0-9a-f]{64}  [\w.-]+\n)+", re.ASCII)


def folder() -> Path:
    """Return the folder of copies: `PORTAL_BACKUP`, else `backups` in the instance folder."""
    return Path(current_app.config["BACKUP"] or current_app.config["INSTANCE"] / "backups")


def second_folder() -> Path | None:
    """Return the second place, `PORTAL_BACKUP_SECOND`: another disk or a share. None where there is none."""
    named = current_app.config["BACKUP_SECOND"]
    return Path(named) if named else None


def gone() -> str:
    """Say that the folder of copies that is configured is not the one that stood, "" when it is, or is new.

    A mount that is missing leaves its mount point, and copies made there would fill the first disk and be no copies of
    another one. So the instance remembers the folder, and the folder bears the same mark.
    """
    home, (stood, mark) = folder(), _remembered()
    if not current_app.config["BACKUP"] or stood != str(home):
        return ""
    try:
        return "" if (home / HOME).read_text("utf8").strip() == mark else GONE.format(home=home)
    except OSError:
        return GONE.format(home=home)


def remember(home: Path, *, new_disk: bool) -> None:
    """Mark the folder of copies, where it is configured for the first time, or a new disk has taken its place."""
    if current_app.config["BACKUP"] and (new_disk or _remembered()[0] != str(home)):
        mark = secrets.token_hex(8)
        write(home / HOME, f"{mark}\n")
        write(_memory(), f"{home}\n{mark}\n")


def _memory() -> Path:
    return Path(current_app.config["INSTANCE"]) / "backup-home"


def _remembered() -> tuple[str, str]:
    try:
        lines = _memory().read_text("utf8").splitlines()
    except FileNotFoundError:
        return "", ""
    return (lines[0], lines[1]) if len(lines) == 2 else ("", "")


def copies(where: Path | None = None) -> list[Copy]:
    """Return the copies of a folder, the newest first; what is half-made or unreadable is none."""
    return [copy for copy in map(_read, _places(where or folder())) if copy]


def newest(where: Path | None = None, *, sound: bool = False) -> Copy | None:
    """Return the newest copy (the newest whose last check found nothing), None where there is none."""
    found = (copy for copy in map(_read, _places(where or folder())) if copy and (copy.sound or not sound))
    return next(found, None)


def unreadable(where: Path | None = None) -> list[str]:
    """Return the names of folders that should be copies and whose manifest cannot be read."""
    return [place.name for place in _places(where or folder()) if _read(place) is None]


def _places(where: Path) -> list[Path]:
    return sorted((place for place in where.glob(_NAMES) if place.is_dir()), key=lambda place: place.name, reverse=True)


def _read(place: Path) -> Copy | None:
    try:
        return Copy(place, read_manifest(place), *_checked(place))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def find(name: str, where: Path | None = None) -> Copy:
    """Return the copy of this name, the newest sound one for `newest`. `Refused` when it is not there."""
    where = where or folder()
    if name == "newest" and (copy := newest(where, sound=True) or newest(where)):
        return copy
    if name in unreadable(where):
        raise Refused(f"备份 {name} 的清单读不出来，不能用它还原。请换一份：flask backup list。")
    found = copies(where)
    if (copy := next((one for one in found if one.name == name), None)) is None:
        known = "、".join(one.name for one in found[:5]) or "一份也没有"
        raise Refused(f"{where} 里没有叫 {name} 的备份。现有：{known}。")
    return copy


def read_manifest(place: Path) -> Manifest:
    """Read what a copy says of itself. ValueError, KeyError or TypeError for what is no manifest of ours."""
    data: dict[str, Any] = json.loads((place / MANIFEST).read_text("utf8"))
    if data["format"] > FORMAT:
        raise ValueError("made by a later portal")
    made_at, head = datetime.fromisoformat(data["made_at"]), (int(data["head"][0]), str(data["head"][1]))
    return Manifest(
        **{**{field.name: data[field.name] for field in fields(Manifest)}, "made_at": made_at, "head": head}
    )


def manifest_text(manifest: Manifest) -> str:
    """Return a manifest as the text of its file."""
    data = {"format": FORMAT, **asdict(manifest), "made_at": manifest.made_at.isoformat()}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _checked(place: Path) -> tuple[datetime | None, tuple[str, ...]]:
    file = place / CHECKED
    if not file.is_file():
        return None, ()
    data = json.loads(file.read_text("utf8"))
    return datetime.fromisoformat(data["at"]), tuple(data["faults"])


def note_check(place: Path, *, at: datetime, faults: tuple[str, ...]) -> None:
    """Keep beside a copy what a check of it found."""
    write(place / CHECKED, json.dumps({"at": at.isoformat(), "faults": faults}, ensure_ascii=False) + "\n")


def write(path: Path, text: str) -> None:
    """Write a small file whole: beside its place, onto the disk, then under its name."""
    part = path.with_name(f".{path.name}.part")
    with trouble.named(path), os.fdopen(_made(part), "w", encoding="utf8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def stand(part: Path, place: Path) -> None:
    """Give a finished folder its name, for good: it appears whole, or not at all."""
    sync(part)
    part.rename(place)
    sync(place.parent)


def own_folder(place: Path) -> None:
    """Make a folder and those above it where they are missing, closed to other accounts of the machine."""
    if not place.is_dir():
        own_folder(place.parent)
        place.mkdir(mode=0o700, exist_ok=True)


def sync(place: Path) -> None:
    """Force the names in a folder onto the disk."""
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def bring(path: Path, target: Path, *, sha256: str = "") -> bool:
    """Copy a file under a name, whole or not at all, mode 0600; tells whether it did.

    It does not when `sha256` is given and the bytes are others: then nothing changes.
    """
    own_folder(target.parent)
    part = target.with_name(f".{target.name}.part")
    seen = hashlib.sha256()
    try:
        with trouble.named(target), path.open("rb") as source, os.fdopen(_made(part), "wb") as file:
            while piece := source.read(_PIECE):
                seen.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if sha256 and seen.hexdigest() != sha256:
            return False
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    sync(target.parent)
    return True


def _made(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def sha_of(name: str) -> str:
    """Return the hash in the name of a stored file: `ab/abcd….pdf`."""
    return name[3:67]


def named_files(place: Path) -> list[str]:
    """Return the files that a copy needs: `ab/abcd….pdf`, one a line in `files.txt`."""
    return [line for line in (place / FILES).read_text("utf8").splitlines() if line]


def write_sums(place: Path) -> None:
    """Write the SHA-256 of every file of a copy, as `sha256sum -c SHA256SUMS` reads it."""
    names = sorted(path.name for path in place.iterdir() if path.name not in (SUMS, *LOOSE))
    write(place / SUMS, "".join(f"{digest(place / name)}  {name}\n" for name in names))


def read_sums(place: Path) -> dict[str, str] | None:
    """Return the SHA-256 of each file of a copy by its name, None where they are missing or anything but ours."""
    try:
        text = (place / SUMS).read_bytes().decode("ascii")
    except (OSError, UnicodeDecodeError):
        return None
    if not _SUMS.fullmatch(text):
        return None
    return {line[66:]: line[:64] for line in text.split("\n") if line}


@contextmanager
def alone(where: Path) -> Iterator[None]:
    """Be the only one who changes the copies of a folder. `Refused` while somebody else does, or looks closely."""
    own_folder(where)
    with _locked(where, fcntl.LOCK_EX):
        yield


@contextmanager
def looking(where: Path) -> Iterator[None]:
    """Look closely at the copies of a folder while none of them goes. A folder that cannot be written needs no lock."""
    with _locked(where, fcntl.LOCK_SH):
        yield


@contextmanager
def _locked(where: Path, how: int) -> Iterator[None]:
    handle = None
    try:
        handle = os.open(where / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        if how == fcntl.LOCK_EX:
            raise
    try:
        if handle is not None:
            _wait(handle, how)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _wait(handle: int, how: int) -> None:
    """Wait a little for whoever is at it: a copy of a small office takes a second or two."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise Refused("另一个程序正在做备份或核对备份，请等它做完，再来一次。") from None
        time.sleep(0.1)


def sweep_parts(where: Path) -> None:
    """Clear away what a crash has left half-made."""
    for left in where.glob(".*.part"):
        shutil.rmtree(left, ignore_errors=True)
    for left in (where / STORE).glob("[0-9a-f][0-9a-f]/.*.part"):
        left.unlink(missing_ok=True)


def let_go(copy: Copy) -> None:
    """Drop a copy: first its name, so that what a crash leaves of it is no copy."""
    part = copy.folder.with_name(f".{copy.folder.name}.part")
    copy.folder.rename(part)
    shutil.rmtree(part)


def drop_files(where: Path, stay: list[Copy]) -> None:
    """Drop the files that no copy needs any more."""
    needed = {name for copy in stay for name in named_files(copy.folder)}
    for path in (where / STORE).glob("[0-9a-f][0-9a-f]/*"):
        if f"{path.parent.name}/{path.name}" not in needed:
            with suppress(FileNotFoundError):
                path.unlink()
