"""演练: a copy is brought back on trial, into a scratch database, and looked at as closely as can be (SEC-6)."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from flask import current_app
from flask_migrate import Migrate
from sqlalchemy import Connection, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from portal.audit.services import record, verify_in
from portal.ground import secrets
from portal.ground.actor import Actor
from portal.ground.db import db, writing
from portal.ground.declare import offers
from portal.ground.errors import Refused
from portal.ground.sealed import sealed_columns
from portal.ground.sealing import SealBroken, Sealer, load_keys
from portal.upkeep.models import Drill
from portal.upkeep.services import engines, keys, shelf
from portal.upkeep.services.checking import engine_words, verify
from portal.upkeep.services.counting import Ask, Counted
from portal.upkeep.services.trouble import told
from portal.upkeep.terms import ENGINES, Copy, Drilled, Finding

WITHOUT_KEYS = "请把这份备份的密钥（{where}）拷回 {here}，再来一次"


def drill(copy: Copy, *, now: datetime) -> Drilled:
    """Bring a copy back on trial: its bytes, rows of every table, the trail's chain and its head, every file that a row
    names, a sealed value of each kind. Nothing of the office changes. `Refused` where there is no room to try.
    """
    faults = verify(copy, now=now).faults
    size = f"数据库和 {copy.manifest.files:,} 个文件都在，一个字节没变"
    lines = [Finding("备份完好", not faults, faults[0] if faults else size)]
    lines += _foreign(copy)
    if not all(line.holds for line in lines):
        return Drilled(lines)
    # Where the disk of copies is gone, one from elsewhere can still be tried, and brought back.
    engine, scratch = engines.engine(), shelf.folder() if not shelf.gone() else Path(current_app.config["INSTANCE"])
    with told(done="什么都没有改动。", full="没有地方试着还原，磁盘满了", failed="没有试成"):
        shelf.own_folder(scratch)
        with (
            shelf.looking(copy.folder.parent),
            tempfile.TemporaryDirectory(prefix=".drill-", suffix=".part", dir=scratch) as place,
            _writing(),
            engine.on_trial(copy.folder / copy.manifest.database, Path(place)) as trial,
        ):
            lines += _compared(engine.counted(_asking(trial)), copy)
            lines.append(_chained(trial))
            lines.append(_files(trial, copy))
            lines.append(_opened(trial, copy))
    return Drilled(lines)


class _writing:
    """The scratch database is ours to write, whatever the door may do with the office's."""

    def __enter__(self) -> None:
        self._token = writing.set(True)

    def __exit__(self, *_error: object) -> None:
        writing.reset(self._token)


def _asking(connection: Connection) -> Ask:
    return lambda statement: [tuple(row) for row in connection.exec_driver_sql(statement)]


def _foreign(copy: Copy) -> Iterator[Finding]:
    """Lines that stand only where they do not hold: another database, a portal that is older than the copy."""
    if (here := engines.engine().name) != copy.manifest.engine:
        words = f"备份是 {engine_words(copy)} 的，现在用的是 {ENGINES[here]}：请照备份的种类设 DATABASE_URL"
        yield Finding("数据库种类", False, words)
    if copy.manifest.revision not in _known_revisions():
        words = f"备份是用更新的程序（{copy.manifest.version}）做的，这里不认得：请先升级程序"
        yield Finding("程序认得", False, words)


def _known_revisions() -> set[str]:
    migrate: Migrate = current_app.extensions["migrate"].migrate
    return {
        line.split('"')[1]
        for path in (Path(migrate.directory) / "versions").glob("*.py")
        for line in path.read_text("utf8").splitlines()
        if line.startswith("revision")
    }


def _compared(found: Counted, copy: Copy) -> Iterator[Finding]:
    manifest = copy.manifest
    other = [name for name in {*found.tables, *manifest.tables} if found.tables.get(name) != manifest.tables.get(name)]
    total = f"{len(found.tables)} 张表，共 {sum(found.tables.values()):,} 行，和做备份时一样"
    apart = f"对不上的表：{'、'.join(sorted(other)[:5])}"
    yield Finding("行数一致", not other, apart if other else total)
    same = found.head == manifest.head
    words = f"第 {found.head[0]:,} 行，{found.head[1][:16]}…"
    yield Finding("留痕末端一致", same, words if same else f"{words}；清单写的是第 {manifest.head[0]:,} 行")


def _chained(trial: Connection) -> Finding:
    try:
        found = verify_in(trial)
    except SQLAlchemyError as error:
        return Finding("留痕链条完整", False, f"读不出来（{type(error).__name__}）")
    words = f"{found.count:,} 行，一行接一行" if found.whole else f"第 {found.broken_at} 行：{found.because}"
    return Finding("留痕链条完整", found.whole, words)


def _files(trial: Connection, copy: Copy) -> Finding:
    """Whether every file that a row of the copy names is among the copy's files."""
    have = {shelf.sha_of(name) for name in shelf.named_files(copy.folder)}
    tables, count, missing = _columns(trial), 0, []
    for offer in offers().file_names:
        column = offer.column().property.columns[0]
        if column.name not in tables.get(column.table.name, ()):
            continue  # a copy of an older portal
        named = trial.execute(select(column).where(column.is_not(None)).distinct()).scalars()
        for digest in named:
            count += 1
            missing += [] if digest in have else [f"{offer.label} {digest[:8]}…"]
    words = f"登记的 {count:,} 个文件都在" if not missing else f"缺 {len(missing)} 个：{missing[0]}"
    return Finding("文件齐全", not missing, words)


def _opened(trial: Connection, copy: Copy) -> Finding:
    """Whether the keys that are here open what is sealed there: one value of each sealed column."""
    what, here = "密钥能打开封存的数据", secrets.folder(current_app.config["INSTANCE"])
    cure = WITHOUT_KEYS.format(where=keys.folder() / copy.manifest.key_set / "secrets", here=here)
    try:
        sealer = load_keys(here / "sealing")
    except (RuntimeError, OSError) as error:
        return Finding(what, False, f"密钥不在，或者不能用（{error}）：{cure}")
    count, tables = 0, _columns(trial)
    for table, column in sealed_columns():
        if {f"{column}_sealed", "seal_ref"} <= tables.get(table, set()):
            try:
                count += _open_one(trial, sealer, table, column)
            except SealBroken as broken:
                return Finding(what, False, f"打不开（{broken}）：现有的密钥不是当时的，{cure}")
    return Finding(what, True, f"试开了 {count} 处，每处一条" if count else "备份里还没有封存的数据")


def _open_one(trial: Connection, sealer: Sealer, table: str, column: str) -> int:
    found = trial.exec_driver_sql(
        f'SELECT {column}_sealed, seal_ref FROM "{table}" WHERE {column}_sealed IS NOT NULL LIMIT 1'
    ).first()
    if found is None:
        return 0
    sealer.open(found[0], where=f"{table}.{column}", ref=found[1])
    return 1


def _columns(trial: Connection) -> dict[str, set[str]]:
    """Return the columns of every table that stands in the scratch database."""
    found = inspect(trial)
    return {name: {str(column["name"]) for column in found.get_columns(name)} for name in found.get_table_names()}


def note_drill(copy: Copy, found: Drilled, *, by: Actor, now: datetime) -> Drill:
    """Write a drill into the record and the trail."""
    words = "\n".join(f"{line.what}：{'是' if line.holds else '否'}，{line.words}" for line in found.lines)
    drilled = Drill(at=now, by=by.name, copy=copy.name, holds=found.holds, words=words)
    db.session.add(drilled)
    record("upkeep.drill", f"copy:{copy.name}", by=by, now=now, holds=found.holds)
    return drilled


def drill_newest(*, by: Actor, now: datetime) -> Drilled:
    """Try the newest copy and write down what was found. `Refused` when there is no copy."""
    copy = shelf.find("newest")
    found = drill(copy, now=now)
    note_drill(copy, found, by=by, now=now)
    return found


def insist(found: Drilled) -> None:
    """`Refused` when a drill did not hold: the sentence says where."""
    if fault := found.first_fault:
        raise Refused(f"演练没有通过。{fault.what}：否，{fault.words}。")
