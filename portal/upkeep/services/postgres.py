"""PostgreSQL: `pg_dump` under a snapshot in which the rows are counted too; `pg_restore` into a database of its own,
which takes the office's name when it stands."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.pool import NullPool

from portal.ground.errors import Refused
from portal.upkeep.services.counting import Ask, Counted, count
from portal.upkeep.services.trouble import disk_full

_FULL = ("No space left on device", "File too large", "Disk quota exceeded")
NO_RIGHT = "数据库账号 {user} 不能建库，还原不了。请以 postgres 身份运行：ALTER ROLE {user} CREATEDB;"


class PostgreSQL:
    """A server, reached as the office reaches it."""

    name, file = "postgresql", "portal.dump"

    def __init__(self, url: URL):
        self.url = url.set(drivername="postgresql")

    def copy(self, target: Path) -> Counted:
        """Dump what one snapshot sees, in pg_dump's own compressed form."""
        with self._connected() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
            counted = self.counted(lambda statement: connection.execute(statement).fetchall())
            assert snapshot is not None
            self._run("pg_dump", "-Fc", f"--snapshot={snapshot[0]}", "-f", str(target), at=target)
        return counted

    def counted(self, ask: Ask) -> Counted:
        """Count the rows of every table of ours."""
        names = ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        return count(ask, [str(row[0]) for row in names])

    def faults(self, copy: Path) -> list[str]:
        """Have pg_restore read the whole of it, table after table, without a database."""
        try:
            self._run("pg_restore", "-f", os.devnull, str(copy), at=copy)
        except Refused as refused:
            return [f"数据库读不出来：{refused.sentence}"]
        return []

    @contextmanager
    def on_trial(self, copy: Path, scratch: Path) -> Iterator[Connection]:
        """Bring it back as a database of its own beside the office's."""
        name = f"{str(self.url.database)[:40]}_drill_{os.getpid()}"
        with self._made(name):
            self._fill(name, copy)
            engine = create_engine(self.url.set(drivername="postgresql+psycopg", database=name), poolclass=NullPool)
            try:
                with engine.connect() as connection:
                    yield connection
            finally:
                self._drop(name)

    def stands(self) -> bool:
        """Tell whether the server has a database of this name."""
        with self._told(), self._connected("postgres") as connection:
            return self._has(connection, str(self.url.database))

    def in_use(self) -> bool:
        """Tell whether any program is connected to the office's database."""
        with self._told(), self._connected("postgres") as connection:
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'",
                (self.url.database,),
            ).fetchone()
        return bool(found and found[0])

    def put_back(self, copy: Path, aside: Path) -> str:
        """Swap the names in one transaction: there is a database at every instant, the former or the restored one."""
        here = str(self.url.database)
        fresh, kept = f"{here[:40]}_restoring", f"{here[:40]}_{aside.name.replace('-', '_')}"
        with self._made(fresh):
            self._fill(fresh, copy)
            with self._told(), self._connected("postgres") as connection:
                if stood := self._has(connection, here):
                    self._rename(connection, here, kept)
                self._rename(connection, fresh, here)
        (aside / "database.txt").write_text(f"{kept}\n" if stood else "", "utf8")
        return kept if stood else ""

    @contextmanager
    def _made(self, name: str) -> Iterator[None]:
        """An empty database that sorts words as the office's does; gone again when anything goes wrong."""
        with self._told(), self._connected("postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            found = connection.execute(
                "SELECT datcollate, datctype FROM pg_database WHERE datname = %s", (self.url.database,)
            ).fetchone()
            collate, letters = found or ("C.UTF-8", "C.UTF-8")
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE {} LC_CTYPE {}").format(
                    sql.Identifier(name), sql.Literal(collate), sql.Literal(letters)
                )
            )
        try:
            yield
        except BaseException:
            self._drop(name)
            raise

    def _fill(self, name: str, copy: Path) -> None:
        self._run(
            "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "-d", name, str(copy),
            at=copy, database=name,
        )  # fmt: skip

    def _drop(self, name: str) -> None:
        with self._told(), self._connected("postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _has(self, connection: "psycopg.Connection[Any]", name: str) -> bool:
        found = connection.execute("SELECT count(*) FROM pg_database WHERE datname = %s", (name,)).fetchone()
        return bool(found and found[0])

    def _rename(self, connection: "psycopg.Connection[Any]", old: str, new: str) -> None:
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))

    def _connected(self, database: str | None = None, *, autocommit: bool = False) -> "psycopg.Connection[Any]":
        url = self.url if database is None else self.url.set(database=database)
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=autocommit)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in Chinese what the server refuses."""
        try:
            yield
        except psycopg.errors.InsufficientPrivilege as error:
            raise Refused(NO_RIGHT.format(user=self.url.username)) from error
        except psycopg.errors.ObjectInUse as error:
            raise Refused("还有程序连着数据库，没有换成。请先停下所有机器上的网站和定时任务。") from error
        except psycopg.errors.DiskFull as error:
            raise Refused("数据库服务器的磁盘满了，放不下还原的数据。请先腾出空间，再来一次。") from error
        except psycopg.Error as error:
            raise Refused(f"数据库不答应：{_last_line(str(error))}") from error

    def _run(self, *command: str, at: Path, database: str | None = None) -> None:
        """Run one of PostgreSQL's programs; the password goes by its environment, where `ps` does not show it."""
        environment = {**os.environ, "LC_ALL": "C", **self._environment(database)}
        try:
            subprocess.run(
                command, check=True, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL
            )
        except FileNotFoundError:
            raise Refused(f"服务器上没有 {command[0]}，请安装 postgresql-client。") from None
        except subprocess.CalledProcessError as failed:
            if failed.returncode == -signal.SIGXFSZ or any(words in failed.stderr for words in _FULL):
                raise disk_full(at) from failed
            raise Refused(f"{command[0]} 没有办成：{_last_line(failed.stderr)}") from failed

    def _environment(self, database: str | None) -> dict[str, str]:
        """The office's address as libpq's environment."""
        url = self.url
        query = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
        known: dict[str, object] = {f"PG{name.upper()}": value for name, value in query.items()}
        known |= {
            "PGHOST": url.host or query.get("host"), "PGPORT": url.port or query.get("port"),
            "PGUSER": url.username, "PGPASSWORD": url.password, "PGDATABASE": database or url.database,
        }  # fmt: skip
        return {name: str(value) for name, value in known.items() if value}


def _last_line(said: str) -> str:
    return (said.strip().splitlines() or ["没有说原因"])[-1]
