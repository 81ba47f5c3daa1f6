"""Bringing a copy back: only over an office at rest, only what a drill has found whole, the present one put aside."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from portal.audit import queries as audit
from portal.audit.services import cut_anchors, record
from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.ground.declare import offers
from portal.ground.errors import Refused
from portal.ground.running import lock_file
from portal.upkeep.services import engines, shelf
from portal.upkeep.services.checking import office_files
from portal.upkeep.services.drilling import drill
from portal.upkeep.services.trouble import told
from portal.upkeep.terms import Copy, Restored

#: Beside the office's data: what a restore has put aside, one folder each. Delete what nobody needs any more.
ASIDE = "aside"
_UNTOUCHED = "没有还原，现在的数据没有动。"


def restore(copy: Copy, *, now: datetime) -> Restored:
    """Put the database of a copy in the present one's place and bring its files; says where the present one is now.

    `Refused`, with nothing changed, while the office runs, or when the copy or the keys do not hold. What the present
    office has beyond the copy stays: its database, its anchors, and its files, which no sweep takes while they lie
    aside. To be called `at_rest`; then come the migrations, and `note_restore`.
    """
    instance: Path = current_app.config["INSTANCE"]
    with told(done=_UNTOUCHED, full="磁盘满了", failed="没有还原成"):
        if fault := drill(copy, now=now).first_fault:
            raise Refused(f"{_UNTOUCHED}{fault.what}：否，{fault.words}。")
        head, used, unknown = _former()
        engine = engines.engine()
        if engine.in_use():
            raise Refused("还有程序开着数据库，不能还原。请先停下网站、定时任务和正在运行的 flask 命令，再来一次。")
        with shelf.looking(copy.folder.parent):
            _bring_files(copy)
            aside = _aside(instance, now)
            try:
                _list_files(copy, aside)
                kept = engine.put_back(copy.folder / copy.manifest.database, aside)
            except BaseException:
                _unmade(aside)
                raise
    _anchors(copy, aside)
    return Restored(copy, kept, head, used, unknown)


def note_restore(restored: Restored, *, now: datetime) -> None:
    """Write a restore into the trail of the office that was brought back; numbers that were given out since the copy
    (of papers, shops, streets) are passed over, so that none is given out twice."""
    passed = sum(given.pass_over(restored.numbers_used.get(given.label, {})) for given in offers().numbers)
    name, manifest = restored.copy.name, restored.copy.manifest
    record(
        "upkeep.restore", f"copy:{name}", by=SYSTEM, now=now, line=manifest.head[0], lost=restored.lost_lines,
        aside=Path(restored.aside).name, passed=passed,
    )  # fmt: skip


def stands() -> bool:
    """Tell whether this machine has a database of the office at all."""
    return engines.engine().stands()


@contextmanager
def at_rest() -> Iterator[None]:
    """Hold the office still: whoever serves it holds the same lock, shared. `Refused` while it runs."""
    instance: Path = current_app.config["INSTANCE"]
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(lock_file(instance), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("门户正在运行，不能还原。请先停下网站和定时任务，再来一次。") from None
        yield
    finally:
        os.close(handle)


def _former() -> tuple[int | None, dict[str, Mapping[str, int]], list[str]]:
    """Return the present trail's newest line, the numbers in use by label, and the labels of what cannot be read."""
    given = offers().numbers
    stands = engines.engine().stands()
    head = _read(lambda: audit.head()[0]) if stands else None
    asked = {one.label: _read(one.used) for one in given} if stands else {}
    db.session.remove()
    db.engine.dispose()
    used = {label: found for label, found in asked.items() if found is not None}
    return head, used, [one.label for one in given if one.label not in used]


def _read(ask: Callable[[], Any]) -> Any:
    """Return what a database answers that may be broken or of another version; None when it does not."""
    try:
        return ask()
    except SQLAlchemyError:
        db.session.rollback()
        return None


def _aside(instance: Path, now: datetime) -> Path:
    aside = instance / ASIDE / f"{now:%Y%m%d-%H%M%S}"
    aside.mkdir(parents=True, mode=0o700)
    (instance / ASIDE).chmod(0o700)
    return aside


def _unmade(aside: Path) -> None:
    """Take away the folder of a restore that did not come about, unless a database lies in it by now."""
    left = [path for path in aside.iterdir() if path.name != shelf.FILES and not path.name.endswith(".part")]
    if not left:
        shutil.rmtree(aside)
        with suppress(OSError):  # others lie there
            aside.parent.rmdir()


def _bring_files(copy: Copy) -> None:
    store, source = office_files(), copy.folder.parent / shelf.STORE
    needed = [name for name in shelf.named_files(copy.folder) if not store.verify(shelf.sha_of(name))]
    store.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(store.root).free < sum((source / name).stat().st_size for name in needed):
        raise Refused(f"{_UNTOUCHED}磁盘放不下备份里的文件，请先腾出空间。")
    for name in needed:
        shelf.bring(source / name, store.root / name)


def _list_files(copy: Copy, aside: Path) -> None:
    """Name the files that the present office has and the copy does not: they belong to the database put aside."""
    have = {shelf.sha_of(name) for name in shelf.named_files(copy.folder)}
    shelf.write(aside / shelf.FILES, "".join(f"{one}\n" for one in office_files().digests() if one not in have))


def files_aside(instance: Path) -> set[str]:
    """Return the hashes of files that belong to a database put aside: no orphans while it is kept."""
    lists = (instance / ASIDE).glob(f"*/{shelf.FILES}")
    return {line for path in lists for line in path.read_text("utf8").splitlines() if line}


def _anchors(copy: Copy, aside: Path) -> None:
    """Anchors of lines that are gone go aside; a machine without any takes those of the copy."""
    kept = copy.folder / shelf.ANCHORS
    gone = cut_anchors(after=copy.manifest.head[0], other=kept.read_text("utf8") if kept.is_file() else "")
    if gone:
        shelf.write(aside / shelf.ANCHORS, "".join(f"{line}\n" for line in gone))
