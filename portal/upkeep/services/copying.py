"""Making a copy: database first, then the files that it may name, keys apart; whole, or not at all."""

import os
import shutil
from datetime import datetime
from pathlib import Path

from portal.audit.services import anchors_file
from portal.ground.config import VERSION
from portal.ground.errors import Refused
from portal.upkeep import rules
from portal.upkeep.services import engines, keys, shelf
from portal.upkeep.services.checking import faults_of, mended, office_files
from portal.upkeep.services.trouble import named, told
from portal.upkeep.terms import Copy, Manifest

_NOTHING = "这次没有备份，没有留下半份。"
_FIRST = "第一份备份已经做好。"


def back_up(*, now: datetime, new_disk: bool = False) -> Copy:
    """Make a copy, check it, put it into the second folder too, and let go of old ones. Touches no table.

    `Refused` when the folder that stood is gone (and no `new_disk` has taken its place); when a disk is full or a
    folder cannot be written (nothing half-made stays that looks whole); and when the copy stands and something in it
    does not hold: the sentence says which.
    """
    home = shelf.folder()
    with told(done=_NOTHING, full="备份的磁盘满了", failed="备份没有写成"):
        if not new_disk and (fault := shelf.gone()):
            raise Refused(fault)
        with shelf.alone(home):
            shelf.remember(home, new_disk=new_disk)
            shelf.sweep_parts(home)
            copy = _first(home, now)
    with told(done=_FIRST, full="磁盘满了", failed="旧备份没有清掉"), shelf.alone(home):
        prune(home)
    with told(done=_FIRST, full="第二处的磁盘满了", failed="第二份备份没有写成"):
        _second(home, now)
    if copy.faults:
        raise Refused(f"备份做好了，但核对不上：{copy.faults[0]}。请检查磁盘，并把这句话告诉维护人员。")
    return copy


def _first(home: Path, now: datetime) -> Copy:
    name = _free_name(home, now)
    part = home / f".{name}.part"
    part.mkdir(mode=0o700)
    try:
        copy = Copy(part, _made(part, name, now))
        wrong = mended(copy)
        faults = tuple(faults_of(copy, wrong=wrong))
        shelf.note_check(part, at=now, faults=faults)
        shelf.stand(part, home / name)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return Copy(home / name, copy.manifest, now, faults)


def _free_name(home: Path, now: datetime) -> str:
    """The instant; the second copy of one second is called -2."""
    stamp, number = f"{now:%Y%m%d-%H%M%S}", 1
    name = stamp
    while (home / name).exists():
        number += 1
        name = f"{stamp}-{number}"
    return name


def _made(part: Path, name: str, now: datetime) -> Manifest:
    """Write everything that a copy holds into its folder."""
    engine = engines.engine()
    database = part / engine.file
    counted = engine.copy(database)
    database.chmod(0o600)
    with named(database), database.open("rb+") as file:
        os.fsync(file.fileno())
    names, size = _files(part.parent / shelf.STORE)
    shelf.write(part / shelf.FILES, "".join(f"{one}\n" for one in names))
    if anchors_file().is_file():
        shelf.bring(anchors_file(), part / shelf.ANCHORS)
    manifest = Manifest(
        name=name, made_at=now, engine=engine.name, revision=counted.revision, version=VERSION, database=engine.file,
        size=database.stat().st_size, files=len(names), files_size=size, tables=counted.tables, head=counted.head,
        key_ids=keys.ids(), key_set=keys.keep(),
    )  # fmt: skip
    shelf.write(part / shelf.MANIFEST, shelf.manifest_text(manifest))
    shelf.write_sums(part)
    return manifest


def _files(store: Path) -> tuple[list[str], int]:
    """Bring every file of the office into the copies' store, once; return their names in order, and their bytes.

    A file that is not what its name says is not taken: the check tells of it.
    """
    source, names, size = office_files(), [], 0
    for digest in source.digests():
        try:
            path = source.path(digest)
            size += path.stat().st_size
        except FileNotFoundError:
            continue  # swept meanwhile: no row names it
        name = f"{digest[:2]}/{path.name}"
        names.append(name)
        if not (store / name).exists():
            shelf.bring(path, store / name, sha256=digest)
    return names, size


def _second(home: Path, now: datetime) -> None:
    """The same copies in the second folder, each checked there; one that was missed on an earlier night comes too."""
    second = shelf.second_folder()
    if second is None:
        return
    if not second.is_dir():
        raise Refused(f"第二处的文件夹 {second} 不在（磁盘没有接上？），{_FIRST}请接好磁盘，再来一次。")
    with shelf.alone(second):
        shelf.sweep_parts(second)
        there = {copy.name for copy in shelf.copies(second)}
        for copy in shelf.copies(home):
            if copy.sound and copy.name not in there:
                _brought(copy, second, now)
        prune(second)


def _brought(copy: Copy, second: Path, now: datetime) -> None:
    part = second / f".{copy.name}.part"
    part.mkdir(mode=0o700)
    try:
        for path in copy.folder.iterdir():
            if path.name not in shelf.LOOSE:
                shelf.bring(path, part / path.name)
        for name in shelf.named_files(copy.folder):
            if not (second / shelf.STORE / name).exists():
                source = copy.folder.parent / shelf.STORE / name
                shelf.bring(source, second / shelf.STORE / name, sha256=shelf.sha_of(name))
        there = Copy(part, copy.manifest)
        if faults := tuple(faults_of(there, wrong=mended(there))):
            raise Refused(f"第二份备份核对不上：{faults[0]}。{_FIRST}请检查第二处的磁盘。")
        shelf.note_check(part, at=now, faults=())
        shelf.stand(part, second / copy.name)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def prune(home: Path) -> int:
    """Let go of copies past their time, and of files that no copy needs any more; return how many copies went."""
    found = shelf.copies(home)
    stay = rules.kept(
        [copy.manifest.made_at for copy in found if copy.sound],
        [copy.manifest.made_at for copy in found if not copy.sound],
    )
    gone = [copy for copy in found if copy.manifest.made_at not in stay]
    for copy in gone:
        shelf.let_go(copy)
    if gone and not shelf.unreadable(home):
        shelf.drop_files(home, [copy for copy in found if copy not in gone])
    return len(gone)


def retention() -> tuple[int, int]:
    """Return how many of the copies that stand are kept as daily ones, and how many as monthly ones."""
    made = [copy.manifest.made_at for copy in shelf.copies() if copy.sound]
    return len(rules.daily(made)), len(rules.monthly(made))
