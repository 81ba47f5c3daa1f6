"""Copies of the keys, apart from the copies of the data: whoever has one of both cannot read what is sealed.

    backup-keys/3f0c9a51b27e/secrets/…      the session key and the sealing keys as they stood
    backup-keys/3f0c9a51b27e/authority/…    the demonstration authority, where there is one
    backup-keys/3f0c9a51b27e/seal/…         the office's PKCS#12 and its passphrase, where they are configured

A set is called by what it holds; each copy's manifest names the set that belongs to it.
"""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from flask import current_app

from portal.ground import secrets
from portal.ground.errors import Refused
from portal.upkeep.services import shelf

_APART = "密钥不能和备份放在一起（{keys}）：拿到这一处就能读出封存的数据。请把 PORTAL_BACKUP_KEYS 设到别处，比如 U 盘。"


def folder() -> Path:
    """Return where copies of the keys go: `PORTAL_BACKUP_KEYS`, else `backup-keys` in the instance folder."""
    return Path(current_app.config["BACKUP_KEYS"] or current_app.config["INSTANCE"] / "backup-keys")


def ids() -> list[str]:
    """Return the ids of the sealing keys that stand."""
    return sorted(path.stem for path in (secrets.folder(current_app.config["INSTANCE"]) / "sealing").glob("*.key"))


def files() -> dict[str, Path]:
    """Return every file of keys that stands, by its name in a set."""
    config = current_app.config
    found: dict[str, Path] = {}
    for name, root in (
        ("secrets", secrets.folder(config["INSTANCE"])),
        ("authority", config["INSTANCE"] / "authority"),
    ):
        found |= {f"{name}/{path.relative_to(root)}": path for path in sorted(root.rglob("*")) if path.is_file()}
    for named in (config["SEAL_PKCS12"], config["SEAL_PASSPHRASE_FILE"]):
        if named and Path(named).is_file():
            found[f"seal/{Path(named).name}"] = Path(named)
    return found


def keep() -> str:
    """Keep the keys that stand as a set; return what it is called. Nothing is written where it is kept already.

    `Refused` where the folder of keys lies within a folder of copies.
    """
    home = folder().resolve()
    for copies in filter(None, (shelf.folder(), shelf.second_folder())):
        if home.is_relative_to(copies.resolve()):
            raise Refused(_APART.format(keys=home))
    standing = files()
    name = _called(standing)
    if _holds(home / name, name):
        return name
    part = home / f".{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(home / name, ignore_errors=True)  # a set that is broken
    shelf.own_folder(home)
    part.mkdir(mode=0o700)
    try:
        for inside, path in standing.items():
            shelf.bring(path, part / inside)
        shelf.stand(part, home / name)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return name


def fault(name: str) -> str:
    """Return what is wrong with a set, "" when it is there and whole."""
    place = folder() / name
    if not place.is_dir():
        return f"这份备份的密钥（{name}）不在 {folder()}：没有它，封存的数据打不开"
    return "" if _holds(place, name) else f"这份备份的密钥（{name}）被改动过：请再做一份备份"


def _holds(place: Path, name: str) -> bool:
    if not place.is_dir():
        return False
    return _called({str(path.relative_to(place)): path for path in place.rglob("*") if path.is_file()}) == name


def _called(standing: Mapping[str, Path]) -> str:
    seen = hashlib.sha256()
    for inside in sorted(standing):
        seen.update(f"{inside}\0{shelf.digest(standing[inside])}\n".encode())
    return seen.hexdigest()[:12]
