"""Checking a copy: its bytes, its database, its files; and a drill, which restores it on trial (SEC-6)."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app

from portal.audit.services import record
from portal.ground import secrets
from portal.ground.actor import Actor
from portal.ground.db import Base, db
from portal.ground.errors import Refused
from portal.ground.sealed import Sealed, SealedRow
from portal.ground.sealing import SealBroken, load_keys
from portal.upkeep.models import Drill
from portal.upkeep.services import engines, shelf
from portal.upkeep.terms import Copy, Drilled

#: Faults of files that are named one by one; the rest are counted.
NAMED = 5


def verify(copy: Copy, *, now: datetime) -> Copy:
    """Check a copy against its manifest, and keep what was found beside it; returns it with its faults."""
    faults = tuple(_faults(copy))
    kept = json.dumps({"at": now.isoformat(), "faults": faults}, ensure_ascii=False)
    shelf.write(copy.folder / shelf.CHECKED, kept + "\n")
    return Copy(copy.folder, copy.manifest, now, faults)


def verify_newest(*, now: datetime) -> Copy:
    """Check the newest copy. `Refused` when there is none, or it does not hold."""
    copy = verify(shelf.find("newest"), now=now)
    if copy.faults:
        raise Refused(f"备份 {copy.name} 核对不上：{copy.faults[0]}。请马上另做一份，并检查磁盘。")
    return copy


def _faults(copy: Copy) -> Iterator[str]:
    database, manifest = copy.folder / copy.manifest.database, copy.manifest
    if not database.is_file():
        yield "数据库文件不在了"
        return
    if digest(database) != manifest.sha256:
        yield "数据库文件和做备份时不一样，哪怕只差一个字节"
    elif engines.engine().name == manifest.engine:
        yield from engines.engine().faults(database)
    wrong = list(_wrong_files(copy))
    yield from wrong[:NAMED]
    if len(wrong) > NAMED:
        yield f"还有 {len(wrong) - NAMED} 个文件不对"


def _wrong_files(copy: Copy) -> Iterator[str]:
    store = copy.folder.parent / "files"
    for name in shelf.named_files(copy.folder):
        path = store / name
        if not path.is_file():
            yield f"文件 {name[3:11]}… 不在了"
        elif digest(path) != path.name[:64]:
            yield f"文件 {name[3:11]}… 被改动过"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def drill(copy: Copy, *, now: datetime) -> Drilled:
    """Bring a copy back on trial, into a scratch database: rows of every table, the trail's head, one sealed value."""
    faults = verify(copy, now=now).faults
    lines: list[tuple[str, bool, str]] = [
        ("备份完好", not faults, faults[0] if faults else f"{copy.manifest.files} 个文件都在")
    ]
    engine = engines.engine()
    if engine.name != copy.manifest.engine:
        lines.append(("数据库种类", False, f"备份是 {copy.manifest.engine}，现在用的是 {engine.name}"))
        return Drilled(lines)
    if faults:
        return Drilled(lines)
    database = copy.folder / copy.manifest.database
    with (
        tempfile.TemporaryDirectory(prefix="portal-drill-") as scratch,
        engine.on_trial(database, Path(scratch)) as ask,
    ):
        lines += _compared(engine.counted(ask), copy)
        lines.append(_opened(ask))
    return Drilled(lines)


def _compared(found: engines.Counted, copy: Copy) -> Iterator[tuple[str, bool, str]]:
    manifest = copy.manifest
    other = [name for name in {*found.tables, *manifest.tables} if found.tables.get(name) != manifest.tables.get(name)]
    total = f"{len(found.tables)} 张表，共 {sum(found.tables.values()):,} 行"
    yield "行数一致", not other, f"{total}；对不上的：{'、'.join(sorted(other))}" if other else total
    same = found.head == tuple(manifest.head)
    yield "留痕末端一致", same, f"第 {found.head[0]:,} 行 {found.head[1][:16]}"


def _opened(ask: engines.Ask) -> tuple[str, bool, str]:
    """Whether the keys that are here open what is sealed there."""
    try:
        keys = load_keys(secrets.folder(current_app.config["INSTANCE"]) / "sealing")
    except (RuntimeError, OSError) as error:
        return "密钥能打开封存的数据", False, f"密钥不在或不能用（{error}）：请先把密钥文件夹还原到 secrets/"
    for table, column in _sealed_columns():
        found = ask(f'SELECT {column}_sealed, seal_ref FROM "{table}" WHERE {column}_sealed IS NOT NULL LIMIT 1')
        if not found:
            continue
        try:
            keys.open(found[0][0], where=f"{table}.{column}", ref=found[0][1])
        except SealBroken:
            return "密钥能打开封存的数据", False, "打不开：这些密钥不是当时的，请还原那时的密钥文件夹"
        return "密钥能打开封存的数据", True, "试开了一条"
    return "密钥能打开封存的数据", True, "备份里还没有封存的数据"


def _sealed_columns() -> Iterator[tuple[str, str]]:
    for mapper in Base.registry.mappers:
        kind: Any = mapper.class_
        if issubclass(kind, SealedRow):
            for name, value in vars(kind).items():
                if isinstance(value, Sealed):
                    yield kind.__tablename__, name


def note_drill(copy: Copy, found: Drilled, *, by: Actor, now: datetime) -> None:
    """Write a drill into the record and the trail."""
    words = "\n".join(f"{what}：{'是' if good else '否'}，{text}" for what, good, text in found.lines)
    db.session.add(Drill(at=now, by=by.name, copy=copy.name, holds=found.holds, words=words))
    record("upkeep.drill", f"copy:{copy.name}", by=by, now=now, holds=found.holds)
