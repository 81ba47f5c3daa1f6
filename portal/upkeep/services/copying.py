"""Making a copy: database first, then the files that it may name, keys apart; whole, or not at all."""

import errno
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from flask import current_app

from portal.ground import secrets
from portal.ground.config import VERSION
from portal.ground.errors import Refused
from portal.ground.files import FileStore
from portal.upkeep import rules
from portal.upkeep.services import engines, shelf
from portal.upkeep.services.checking import verify
from portal.upkeep.terms import FORMAT, Copy, Manifest

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def back_up(*, now: datetime) -> Copy:
    """Make a copy, check it, put it into the second folder too, and let go of old ones. Touches no table.

    `Refused` when a disk is full or a folder cannot be written: nothing half-made stays that looks whole.
    """
    home = shelf.folder()
    place = home / f"{now:%Y%m%d-%H%M%S}"
    part = home / f".{place.name}.part"
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep_parts(home)
        _make(part, place.name, now)
        part.replace(place)
        _keys()
        copy = _checked(place, now)
        _second(copy, now)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise Refused(_sentence(error, home)) from error
    except (sqlite3.Error, Refused) as error:
        shutil.rmtree(part, ignore_errors=True)
        if isinstance(error, Refused):
            raise
        full = "full" in str(error) or "disk I/O" in str(error)
        raise Refused(FULL_DISK.format(home=home) if full else f"数据库没有拷成：{error}") from error
    prune(home)
    return copy


FULL_DISK = "备份的磁盘满了（{home}），这次没有备份，没有留下半份。请腾出空间，再按“立即备份”。"


def _sentence(error: OSError, home: Path) -> str:
    if error.errno in FULL:
        return FULL_DISK.format(home=home)
    return f"备份没有写成（{error.filename or home}：{error.strerror}），这次没有备份。请检查文件夹的权限和磁盘。"


def _make(part: Path, name: str, now: datetime) -> None:
    part.mkdir(mode=0o700)
    engine = engines.engine()
    database = part / engine.file
    counted = engine.copy(database)
    database.chmod(0o600)
    with database.open("rb+") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    files = _files(shelf.folder() / "files")
    shelf.write(part / shelf.FILES, "".join(f"{one}\n" for one in files))
    manifest = Manifest(
        name, now, engine.name, counted.revision, VERSION, engine.file, digest, database.stat().st_size,
        counted.tables, counted.head, _key_ids(), len(files),
    )  # fmt: skip
    shelf.write(part / shelf.MANIFEST, shelf.manifest_text(manifest, FORMAT))


def _files(store: Path) -> list[str]:
    """Bring every file of the office into the copies' store, once; return their names in order."""
    source: FileStore = current_app.extensions["files"]
    names = []
    for digest in source.digests():
        path = source.path(digest)
        name = f"{digest[:2]}/{path.name}"
        names.append(name)
        place(path, store / name)
    return names


def place(path: Path, target: Path) -> None:
    """Put a file under a name where it is not yet: a hard link on the same disk, else a copy written whole."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    shutil.copyfile(path, part)
    part.chmod(0o600)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(target)


def _key_ids() -> list[str]:
    folder = secrets.folder(current_app.config["INSTANCE"]) / "sealing"
    return sorted(path.stem for path in folder.glob("*.key"))


def _keys() -> None:
    """Keep the keys apart from the copies: who has one of both cannot read sealed data."""
    target = shelf.key_folder()
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in sorted(secrets.folder(current_app.config["INSTANCE"]).rglob("*.key")):
        place(path, target / path.name)


def _checked(place: Path, now: datetime) -> Copy:
    copy = verify(Copy(place, shelf.read_manifest(place)), now=now)
    if copy.faults:
        raise Refused(f"备份做好了，但核对不上：{copy.faults[0]}。请马上检查磁盘。")
    return copy


def _second(copy: Copy, now: datetime) -> None:
    """The same copy in the second folder, checked there too."""
    second = shelf.second_folder()
    if second is None:
        return
    if not second.is_dir():
        raise Refused(f"第二份备份的文件夹 {second} 不在（没有接上的磁盘？），第一份已经做好。")
    for name in shelf.named_files(copy.folder):
        place(shelf.folder() / "files" / name, second / "files" / name)
    part = second / f".{copy.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(copy.folder, part)
    part.replace(second / copy.name)
    if faults := verify(Copy(second / copy.name, copy.manifest), now=now).faults:
        raise Refused(f"第二份备份核对不上：{faults[0]}。")
    prune(second)


def _sweep_parts(home: Path) -> None:
    for left in home.glob(".*.part"):
        shutil.rmtree(left, ignore_errors=True)


def prune(home: Path) -> int:
    """Let go of copies past their time, and of files that no copy needs any more; return how many copies went."""
    found = shelf.copies(home)
    stay = rules.kept([copy.manifest.made_at for copy in found])
    gone = [copy for copy in found if copy.manifest.made_at not in stay]
    for copy in gone:
        shutil.rmtree(copy.folder)
    if gone:
        _drop_files(home, [copy for copy in found if copy.manifest.made_at in stay])
    return len(gone)


def _drop_files(home: Path, stay: Sequence[Copy]) -> None:
    needed = {name for copy in stay for name in shelf.named_files(copy.folder)}
    for path in (home / "files").glob("[0-9a-f][0-9a-f]/*"):
        if f"{path.parent.name}/{path.name}" not in needed:
            path.unlink()
