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
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.ground.sealed import keys_named
from portal.upkeep.services import shelf

_LOST = (
    "没有做新密钥：数据库里有封存的资料（电话、签名人等），而 {where} 里没有它们的密钥，新做的打不开。{cure}"
    "备份该配哪一套，看 flask backup list 的 keys 一栏。"
    "确实再也找不回来的，才用 flask secrets make --lost：原来封存的从此打不开。"
)
_APART = "密钥不能和备份放在一起（{keys}）：拿到这一处就能读出封存的数据。请把 PORTAL_BACKUP_KEYS 设到别处，比如 U 盘。"


def folder() -> Path:
    """Return where copies of the keys go: `PORTAL_BACKUP_KEYS`, else `backup-keys` in the instance folder."""
    return Path(current_app.config["BACKUP_KEYS"] or current_app.config["INSTANCE"] / "backup-keys")


def make(*, lost: bool) -> bool:
    """Make the secrets that are missing; tells whether any was. `Refused` where sealed data stands that the new keys
    could not open, unless they are `lost` for good; a new key never takes the name of one that sealed data names."""
    instance = current_app.config["INSTANCE"]
    if secrets.can_open(instance):
        if lost:
            raise Refused("密钥都在，没有丢，什么也没有做。")
        return secrets.make(instance)
    named = _named()
    if named and not lost:
        raise Refused(_LOST.format(where=secrets.folder(instance), cure=_cure(instance)))
    return secrets.make(instance, above=max((int(one) for one in named if one.isdecimal()), default=0))


def _named() -> set[str]:
    """The ids of keys that sealed data names; a database that is not there yet is not made by asking."""
    file = db.engine.url.database
    if db.engine.dialect.name == "sqlite" and not (file and Path(file).exists()):
        return set()
    token = writing.set(False)  # it waits for nobody who writes
    try:
        with db.engine.connect() as connection:
            return keys_named(connection)
    finally:
        writing.reset(token)


def _cure(instance: Path) -> str:
    """What to type: the set that was kept last, where one is at hand."""
    sets = [place for place in folder().glob("*/secrets") if secrets.can_open(place.parent)]
    if not sets:
        return f"请把密钥备份（备份时另存的 编号/secrets，平时在 U 盘或别的磁盘上）整个拷到 {instance}，再启动。"
    newest = max(sets, key=lambda place: place.stat().st_mtime)
    return f"请运行 cp -rp {newest} {instance}/ ，再启动。"


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
