"""文件: a store in which a file is called by what it holds (SHA-256), written whole or not at all.

`put` returns only when the bytes are on the disk, so the row that names them may commit after it.
"""

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from portal.ground.fields.letters import unseen

_NAME = re.compile(r"([0-9a-f]{64})(\.[a-z0-9]{1,8})?")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PART = ".part"


class StoreFull(ValueError):
    """The disk has no room left; the sentence is for the person who was uploading."""


class FileStore:
    """Files under `root`, each in a folder named by the first two digits of its hash.

    No web server looks there.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def put(self, data: bytes, suffix: str = "") -> str:
        """Keep the bytes and return their SHA-256 (64 hex digits); the same bytes twice are one file.

        `suffix` (`.jpg`) is for people who look into the folder. `StoreFull` when the disk is full: then
        nothing is left behind.
        """
        digest = hashlib.sha256(data).hexdigest()
        if not _NAME.fullmatch(digest + suffix):
            raise ValueError(f"not a file suffix: {suffix!r}")
        known = self._known(digest)
        if known is not None and known.read_bytes() == data:
            return digest
        target = known or self.root / digest[:2] / (digest + suffix)
        try:
            self._folder(target.parent)
            _write_whole(target, data)
        except OSError as error:
            if error.errno in _FULL:
                raise StoreFull("磁盘已满，文件没有存下；请联系管理员腾出空间后再传一次") from error
            raise
        return digest

    def path(self, digest: str) -> Path:
        """Return where the file stands. `FileNotFoundError` when it is not here, `ValueError` for no hash."""
        found = self._find(digest)
        if found is None:
            raise FileNotFoundError(digest)
        return found

    def has(self, digest: str) -> bool:
        """Tell whether the file is here."""
        return self._find(digest) is not None

    def read(self, digest: str) -> bytes:
        """Return the bytes. `FileNotFoundError` when the file is not here."""
        return self.path(digest).read_bytes()

    def verify(self, digest: str) -> bool:
        """Tell whether the file is here and holds exactly what its name says."""
        found = self._find(digest)
        if found is None:
            return False
        with found.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest

    def remove(self, digest: str) -> None:
        """Delete the file for good, if it is here: only when its term of keeping has ended."""
        found = self._find(digest)
        if found is not None:
            found.unlink(missing_ok=True)
            _sync_folder(found.parent)

    def sweep(self, digest: str, *, before: float) -> bool:
        """Delete a file that no row names, unless somebody has put it again since `before` (seconds since 1970).

        It loses its name first, so that whoever puts it just now either finds it and is seen here, or writes it anew.
        """
        found = self._find(digest)
        if found is None:
            return False
        gone = found.with_name(f".{found.name}.swept{_PART}")
        try:
            found.rename(gone)
        except FileNotFoundError:
            return False
        if gone.stat().st_mtime >= before:
            gone.rename(found)
            return False
        gone.unlink()
        _sync_folder(found.parent)
        return True

    def digests(self) -> Iterator[str]:
        """Yield the hash of every file, in order: what no row names is an orphan."""
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            names = (_NAME.fullmatch(path.name) for path in sorted(folder.iterdir()))
            yield from (match[1] for match in names if match)

    def leftovers(self) -> list[Path]:
        """Return what a crash left half-written; no row can name any of it."""
        return sorted(self.root.glob(f"[0-9a-f][0-9a-f]/.*{_PART}"))

    def _known(self, digest: str) -> Path | None:
        """Return where the file stands, and mark it as wanted now: no sweep takes it before its row commits."""
        found = self._find(digest)
        try:
            if found is not None:
                os.utime(found)
        except FileNotFoundError:
            return None
        return found

    def _find(self, digest: str) -> Path | None:
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise ValueError("not a SHA-256 in 64 hex digits")
        return next(iter(sorted((self.root / digest[:2]).glob(digest + "*"))), None)

    def _folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def plain_name(name: str | None, *, other: str = "") -> str:
    """Return what a file was called, for people to read: no folders, no sign that cannot be seen or turns the line.

    `other` stands in for a name of which nothing is left.
    """
    leaf = re.split(r"[/\\]", name or "")[-1]
    return "".join(sign for sign in leaf if unseen(sign) is None).strip() or other


def _write_whole(target: Path, data: bytes) -> None:
    """Write beside the target, force to disk, then rename: a reader sees the whole file or none."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(8)}{_PART}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
