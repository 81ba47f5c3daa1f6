"""How each database is copied, opened on trial and put back: SQLite by its online backup, PostgreSQL by pg_dump."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from portal.ground.db import db
from portal.ground.errors import Refused

#: Runs one statement of the copy and returns its rows.
Ask = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Counted:
    """What stood in the database at the instant of the copy."""

    tables: dict[str, int]
    head: tuple[int, str]
    revision: str


class Engine(Protocol):
    """One kind of database."""

    name: str
    file: str

    def copy(self, target: Path) -> Counted: ...
    def faults(self, copy: Path) -> list[str]: ...
    def on_trial(self, copy: Path, scratch: Path) -> AbstractContextManager[Ask]: ...
    def counted(self, ask: Ask) -> Counted: ...
    def put_back(self, copy: Path, stamp: str) -> str: ...
    def others(self) -> int: ...


def engine() -> Engine:
    """Return the engine of the running office's database."""
    url = make_url(db.engine.url)
    return SQLite(Path(str(url.database))) if url.get_backend_name() == "sqlite" else PostgreSQL(url)


def count(ask: Ask, tables: list[str]) -> Counted:
    """Count the rows of every table, and read the trail's head and the migrations' revision."""
    found = {name: int(ask(f'SELECT count(*) FROM "{name}"')[0][0]) for name in tables}
    head = ask("SELECT seq, hash FROM audit_lines ORDER BY seq DESC LIMIT 1") if "audit_lines" in found else []
    revision = ask("SELECT version_num FROM alembic_version")
    return Counted(found, (int(head[0][0]), str(head[0][1])) if head else (0, ""), str(revision[0][0]))


class SQLite:
    """The embedded database: one file, copied page by page while the office goes on."""

    name, file = "sqlite", "portal.sqlite3"

    def __init__(self, path: Path):
        self.path = path

    def copy(self, target: Path) -> Counted:
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy, pages=4096)
            copy.execute("PRAGMA journal_mode=DELETE")
        with self._opened(target) as ask:
            return count(ask, self._tables(ask))

    def _tables(self, ask: Ask) -> list[str]:
        names = ask("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        return [str(row[0]) for row in names]

    def faults(self, copy: Path) -> list[str]:
        try:
            with self._opened(copy) as ask:
                said = [str(row[0]) for row in ask("PRAGMA integrity_check(10)")]
        except sqlite3.Error as error:
            return [f"数据库打不开：{error}"]
        return [] if said == ["ok"] else [f"数据库不完整：{'；'.join(said[:3])}"]

    @contextmanager
    def _opened(self, path: Path) -> Iterator[Ask]:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as raw:
            yield lambda statement: raw.execute(statement).fetchall()

    @contextmanager
    def on_trial(self, copy: Path, scratch: Path) -> Iterator[Ask]:
        trial = scratch / self.file
        shutil.copyfile(copy, trial)
        with self._opened(trial) as ask:
            yield ask

    def counted(self, ask: Ask) -> Counted:
        return count(ask, self._tables(ask))

    def put_back(self, copy: Path, stamp: str) -> str:
        fresh = self.path.with_name(f"{self.path.name}.restoring")
        shutil.copyfile(copy, fresh)
        fresh.chmod(0o600)
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        aside = f"{self.path.name}.before-{stamp}"
        for suffix in ("", "-wal", "-shm"):
            present = self.path.with_name(self.path.name + suffix)
            if present.exists():
                present.replace(self.path.with_name(aside + suffix))
        fresh.replace(self.path)
        return aside

    def others(self) -> int:
        return 0


class PostgreSQL:
    """A server: pg_dump under a snapshot in which the rows are counted too."""

    name, file = "postgresql", "portal.dump"

    def __init__(self, url: URL):
        self.url = url.set(drivername="postgresql")

    def _address(self, database: str | None = None) -> str:
        url = self.url if database is None else self.url.set(database=database)
        return url.render_as_string(hide_password=False)

    def _run(self, *command: str) -> None:
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except FileNotFoundError:
            raise Refused(f"服务器上没有 {command[0]}，请安装 postgresql-client。") from None
        except subprocess.CalledProcessError as failed:
            raise Refused(f"{command[0]} 没有办成：{failed.stderr.strip().splitlines()[-1:]}") from failed

    def copy(self, target: Path) -> Counted:
        with psycopg.connect(self._address()) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
            counted = self.counted(lambda statement: connection.execute(statement).fetchall())
            self._run(
                "pg_dump", "-Fc", f"--snapshot={snapshot[0] if snapshot else ''}", "-f", str(target), self._address()
            )
        return counted

    def counted(self, ask: Ask) -> Counted:
        names = ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        return count(ask, [str(row[0]) for row in names])

    def faults(self, copy: Path) -> list[str]:
        try:
            self._run("pg_restore", "--list", str(copy))
        except Refused as refused:
            return [refused.sentence]
        return []

    @contextmanager
    def on_trial(self, copy: Path, scratch: Path) -> Iterator[Ask]:
        name = f"portal_drill_{os.getpid()}"
        self._made(name)
        try:
            self._run("pg_restore", "--no-owner", "--exit-on-error", "-d", self._address(name), str(copy))
            with psycopg.connect(self._address(name)) as connection:
                yield lambda statement: connection.execute(statement).fetchall()
        finally:
            self._dropped(name)

    def _made(self, name: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))

    def _dropped(self, name: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def put_back(self, copy: Path, stamp: str) -> str:
        here, fresh = str(self.url.database), f"{self.url.database}_restoring"
        aside = f"{self.url.database}_before_{stamp.replace('-', '_')}"
        db.session.remove()
        db.engine.dispose()
        self._made(fresh)
        self._run("pg_restore", "--no-owner", "--exit-on-error", "-d", self._address(fresh), str(copy))
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            for old, new in ((here, aside), (fresh, here)):
                connection.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new))
                )
        return aside

    def others(self) -> int:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                (self.url.database,),
            ).fetchone()
        return int(found[0]) if found else 0
