"""Bringing a copy back: only over an office at rest, only what a drill has found whole, the present one put aside."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from flask import current_app

from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.files import FileStore
from portal.ground.running import lock_file
from portal.upkeep.services import engines, shelf
from portal.upkeep.services.checking import drill
from portal.upkeep.services.copying import place
from portal.upkeep.terms import Copy


def restore(copy: Copy, *, now: datetime) -> str:
    """Put the database of a copy in the present one's place and add its files; returns what the present one is called
    now. `Refused`, with nothing changed, while the office runs, or when the copy or the keys do not hold.
    """
    with _at_rest():
        found = drill(copy, now=now)
        for what, good, words in found.lines:
            if not good:
                raise Refused(f"没有还原，现在的数据没有动。{what}：否，{words}。")
        engine = engines.engine()
        _refuse_others(engine)
        try:
            _files(copy)
            aside = engine.put_back(copy.folder / copy.manifest.database, f"{now:%Y%m%d-%H%M%S}")
        except OSError as error:
            raise Refused(f"没有还原，现在的数据没有动：{error.strerror}（{error.filename}）。") from error
    return aside


@contextmanager
def _at_rest() -> Iterator[None]:
    """Hold the office still: whoever serves it holds the same lock, shared."""
    handle = os.open(lock_file(current_app.config["INSTANCE"]), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused("门户正在运行，不能还原。请先停下网站和定时任务，再来一次。") from None
        yield
    finally:
        os.close(handle)


def _refuse_others(engine: engines.Engine) -> None:
    db.session.remove()
    db.engine.dispose()
    if others := engine.others():
        raise Refused(f"还有 {others} 个程序连着数据库，不能还原。请先停下所有机器上的网站和定时任务。")


def _files(copy: Copy) -> None:
    store: FileStore = current_app.extensions["files"]
    source: Path = copy.folder.parent / "files"
    need = sum(
        (source / name).stat().st_size for name in shelf.named_files(copy.folder) if not (store.root / name).exists()
    )
    store.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(store.root).free < need:
        raise Refused("没有还原，现在的数据没有动：磁盘放不下备份里的文件，请先腾出空间。")
    for name in shelf.named_files(copy.folder):
        place(source / name, store.root / name)
