"""SQLite: one file, copied by the online backup in one go while the office goes on (WAL: nobody waits for it)."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from portal.ground.errors import Refused
from portal.upkeep.services import shelf
from portal.upkeep.services.counting import Ask, Counted, count
from portal.upkeep.services.trouble import disk_full


class SQLite:
    """The embedded database."""

    name, file = "sqlite", "portal.sqlite3"

    def __init__(self, path: Path):
        self.path = path

    def copy(self, target: Path) -> Counted:
        """Copy every page as of one instant. A whole copy in one step: in several, each write would begin it anew."""
        try:
            with (
                closing(sqlite3.connect(f"{self.path.as_uri()}?mode=rw", uri=True)) as source,
                closing(sqlite3.connect(target)) as copy,
            ):
                source.backup(copy, pages=-1)
                copy.execute("PRAGMA journal_mode=DELETE")
            with self._opened(target) as ask:
                return self.counted(ask)
        except sqlite3.Error as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
                raise disk_full(target) from error
            raise Refused(f"数据库没有拷成（{error}），这次没有备份。请把这句话告诉维护人员。") from error

    def counted(self, ask: Ask) -> Counted:
        """Count the rows of every table of ours."""
        names = ask("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        return count(ask, [str(row[0]) for row in names])

    def faults(self, copy: Path) -> list[str]:
        """Have SQLite look at every page, and at every row that points at another."""
        try:
            with self._opened(copy) as ask:
                said = [str(row[0]) for row in ask("PRAGMA integrity_check(10)")]
                loose = ask("PRAGMA foreign_key_check")
        except sqlite3.Error as error:
            return [f"数据库打不开：{error}"]
        found = [] if said == ["ok"] else [f"数据库不完整：{'；'.join(said[:3])}"]
        return found + ([f"数据库里有 {len(loose)} 行指着没有的行（{loose[0][0]}）"] if loose else [])

    @contextmanager
    def _opened(self, path: Path) -> Iterator[Ask]:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as raw:
            yield lambda statement: raw.execute(statement).fetchall()

    @contextmanager
    def on_trial(self, copy: Path, scratch: Path) -> Iterator[Connection]:
        """Bring it back as a file of its own in the scratch folder, and open it as the office would."""
        trial = scratch / self.file
        shelf.bring(copy, trial)
        engine = create_engine(f"sqlite:///{trial}", poolclass=NullPool)
        with engine.connect() as connection:
            yield connection

    def stands(self) -> bool:
        """Tell whether there is a file."""
        return self.path.is_file()

    def in_use(self) -> bool:
        """Tell whether another program has the file open: only who is alone can leave WAL. A broken file is nobody's.

        It also brings everything that is still in the log into the file.
        """
        if not self.stands():
            return False
        try:
            with closing(sqlite3.connect(self.path, timeout=0, isolation_level=None)) as raw:
                return str(raw.execute("PRAGMA journal_mode=DELETE").fetchone()[0]) != "delete"
        except sqlite3.OperationalError as error:
            return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        except sqlite3.DatabaseError:
            return False

    def put_back(self, copy: Path, aside: Path) -> str:
        """Swap the file by one rename: there is a database at every instant, the former or the restored one."""
        fresh = self.path.with_name(f".{self.path.name}.restoring")
        fresh.unlink(missing_ok=True)
        shelf.bring(copy, fresh)  # a full disk ends here
        kept = aside / self.path.name
        if self.path.exists():
            os.link(self.path, kept)
        for suffix in ("-wal", "-shm"):  # of a broken file only; a log that stayed would be read into the restored one
            log = self.path.with_name(self.path.name + suffix)
            if log.exists():
                log.replace(aside / log.name)
        fresh.replace(self.path)
        shelf.sync(aside)
        shelf.sync(self.path.parent)
        return str(kept) if kept.exists() else ""
