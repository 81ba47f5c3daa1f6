"""Checking copies: the bytes of each, its database, its files; and mending a file that the office still has whole."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from flask import current_app

from portal.ground.errors import Refused
from portal.ground.files import FileStore
from portal.upkeep.services import engines, keys, shelf
from portal.upkeep.terms import ENGINES, Copy

#: Faults of files that are named one by one; the rest are counted.
NAMED = 5


def verify(copy: Copy, *, now: datetime) -> Copy:
    """Check a copy against what it says of itself, and keep beside it what was found; returns it with its faults."""
    with shelf.looking(copy.folder.parent):
        return _looked_at(copy, now=now, wrong=None)


def verify_all(*, now: datetime) -> int:
    """Check every copy, here and in the second folder, and the keys; return how many. `Refused` names what is wrong.

    A stored file is read once, however many copies need it.
    """
    if fault := shelf.gone():
        raise Refused(fault)
    count, faults = 0, []
    for where in filter(None, (shelf.folder(), shelf.second_folder())):
        with shelf.looking(where):
            found = shelf.copies(where)
            wrong = _wrong({name for copy in found for name in _named(copy)}, where)
            for copy in found:
                count += 1
                looked = _looked_at(copy, now=now, wrong=wrong)
                faults += [f"{where.name}/{copy.name}：{looked.faults[0]}"] if looked.faults else []
            faults += [f"{where.name}/{name}：清单读不出来" for name in shelf.unreadable(where)]
    if (newest := shelf.newest()) is None:
        raise Refused("还没有备份，没有可核对的。请先做一份：定时任务“每夜备份”，立即执行。")
    faults += [fault] if (fault := keys.fault(newest.manifest.key_set)) else []
    if faults:
        more = f"；另有 {len(faults) - 1} 处" if len(faults) > 1 else ""
        raise Refused(f"核对不上：{faults[0]}{more}。请马上另做一份备份，并检查磁盘。")
    return count


def _looked_at(copy: Copy, *, now: datetime, wrong: dict[str, str] | None) -> Copy:
    faults = tuple(faults_of(copy, wrong=wrong))
    try:
        shelf.note_check(copy.folder, at=now, faults=faults)
    except OSError as error:
        # Read from a disk that takes no writing: what was found is told all the same.
        current_app.logger.warning("copy %s: the check is not noted: %s", copy.name, error)
    return Copy(copy.folder, copy.manifest, now, faults)


def faults_of(copy: Copy, *, wrong: dict[str, str] | None = None) -> Iterator[str]:
    """Yield what is wrong with a copy: its own bytes, its database by the database's own check, the files it needs.

    `wrong` are the faults of stored files where they have been looked at already.
    """
    changed = list(_changed(copy.folder))
    yield from changed
    if not changed and (engine := engines.engine()).name == copy.manifest.engine:
        yield from engine.faults(copy.folder / copy.manifest.database)
    named = _named(copy)
    faults = _wrong(named, copy.folder.parent) if wrong is None else wrong
    own = [faults[name] for name in named if name in faults]
    yield from own[:NAMED]
    if len(own) > NAMED:
        yield f"还有 {len(own) - NAMED} 个文件不对"


def _changed(place: Path) -> Iterator[str]:
    """What differs from SHA256SUMS, and what it does not name."""
    kept = shelf.read_sums(place)
    if kept is None:
        yield f"{shelf.SUMS} 不在或读不出来，没法核对"
        return
    for name in sorted({*kept, shelf.MANIFEST, shelf.FILES, *_own_files(place)}):
        path = place / name
        if not path.is_file():
            yield f"{_in_words(name)}不在了"
        elif shelf.digest(path) != kept.get(name):
            yield f"{_in_words(name)}和做备份时不一样，哪怕只差一个字节"


def _own_files(place: Path) -> set[str]:
    return {path.name for path in place.iterdir()} - {shelf.SUMS, *shelf.LOOSE}


def _in_words(name: str) -> str:
    words = {shelf.MANIFEST: "清单", shelf.FILES: "文件名单", shelf.ANCHORS: "留痕封存"}
    return words.get(name) or ("数据库文件" if name.startswith("portal.") else f"{name} ")


def _named(copy: Copy) -> list[str]:
    try:
        return shelf.named_files(copy.folder)
    except (OSError, ValueError):
        return []  # `_changed` has said so


def _wrong(names: Iterable[str], where: Path) -> dict[str, str]:
    """Return the fault of each stored file that is missing or changed."""
    found = {}
    for name in sorted(names):
        path = where / shelf.STORE / name
        if not path.is_file():
            found[name] = f"文件 {shelf.sha_of(name)[:8]}… 不在了"
        elif shelf.digest(path) != shelf.sha_of(name):
            found[name] = f"文件 {shelf.sha_of(name)[:8]}… 被改动过"
    return found


def mended(copy: Copy) -> dict[str, str]:
    """Bring anew what is missing or changed of a copy's files, where the office has it whole; return what is left."""
    where, store = copy.folder.parent, office_files()
    wrong = _wrong(_named(copy), where)
    for name in list(wrong):
        source = store.root / name
        if not source.is_file():
            continue
        if shelf.bring(source, where / shelf.STORE / name, sha256=shelf.sha_of(name)):
            del wrong[name]
        else:
            wrong[name] += "，门户里的那一份也坏了"
    return wrong


def office_files() -> FileStore:
    """Return the office's own store of files."""
    store: FileStore = current_app.extensions["files"]
    return store


def engine_words(copy: Copy) -> str:
    """Return the name of a copy's database as people write it."""
    return ENGINES.get(copy.manifest.engine, copy.manifest.engine)
