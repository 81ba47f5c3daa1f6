"""Sealed columns: personal data that stands in the database only as ciphertext.

A row makes its own `seal_ref`, since its id is unknown before the insert; `table.column` and that reference are the
associated data (proofs.md, Traps). Searching goes by keyed indexes: the whole value, and a telephone's last four.
"""

from collections.abc import Iterator
from typing import Any, overload
from uuid import uuid4

from flask import current_app
from sqlalchemy import Connection, String, inspect
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Base
from portal.ground.fields.masks import UNREADABLE
from portal.ground.fields.telephones import tail
from portal.ground.sealing import SealBroken, Sealer


def sealer() -> Sealer:
    """Return the running application's sealer."""
    return current_app.extensions["sealer"]


def shown(sealed: str, *, where: str, ref: str) -> str:
    """Return what was sealed, to be looked at: 打不开 where it cannot be opened, and the log says which. One bad cell
    takes no page down; whoever works with the value opens it instead, and gets `SealBroken`."""
    try:
        return current_app.extensions["sealer"].open(sealed, where=where, ref=ref)
    except SealBroken as broken:
        current_app.logger.error("sealed value cannot be opened, seal_ref %s: %s", ref, broken)
        return UNREADABLE


def looked_at(row: Any, name: str) -> Any:
    """Return an attribute of a row, sealed or not: 打不开 where its seal is broken."""
    kind = getattr(type(row), name)
    return kind.shown(row) if isinstance(kind, Sealed) else getattr(row, name)


def sealed_columns() -> Iterator[tuple[str, str]]:
    """Yield table and column of everything that is sealed."""
    for mapper in Base.registry.mappers:
        kind = mapper.class_
        if issubclass(kind, SealedRow):
            table = str(mapper.local_table)
            yield from ((table, name) for name, value in vars(kind).items() if isinstance(value, Sealed))


def keys_named(connection: Connection) -> set[str]:
    """Return the ids of the keys that sealed data of a database were sealed with: none where nothing is sealed yet, or
    no table stands. Reads all of it: only who has lost keys asks."""
    found, named = inspect(connection), set()
    stand = set(found.get_table_names())
    for table, column in sealed_columns():
        if table in stand and f"{column}_sealed" in {one["name"] for one in found.get_columns(table)}:
            asked = f'SELECT DISTINCT substr({column}_sealed, 1, 20) FROM "{table}" WHERE {column}_sealed IS NOT NULL'
            named |= {f"{row[0]}::".split(":")[1] for row in connection.exec_driver_sql(asked)}
    return named


class SealedRow:
    """A row with sealed columns."""

    seal_ref: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid4()))


class Sealed:
    """`phone = Sealed("phone", index=True, tail=True)` over `phone_sealed`, `phone_index`, `phone_tail`.

    Setting seals and indexes; reading opens. Empty text becomes None; 打不开 leaves what stands as it is, so that a
    form that shows it and leaves it alone changes nothing.
    """

    def __init__(self, column: str, *, index: bool = False, tail: bool = False):
        self.column, self.index, self.tail = column, index, tail

    def where(self, row: Any) -> str:
        """Return `table.column`, the place that the seal is bound to."""
        return f"{row.__tablename__}.{self.column}"

    @overload
    def __get__(self, row: None, owner: Any) -> "Sealed": ...
    @overload
    def __get__(self, row: object, owner: Any) -> str | None: ...
    def __get__(self, row: Any, owner: Any) -> Any:
        if row is None:
            return self
        text = getattr(row, f"{self.column}_sealed")
        return None if text is None else sealer().open(text, where=self.where(row), ref=row.seal_ref)

    def shown(self, row: Any) -> str | None:
        """What stands in a row, to be looked at: 打不开 where it cannot be opened."""
        text = getattr(row, f"{self.column}_sealed")
        return None if text is None else shown(text, where=self.where(row), ref=row.seal_ref)

    def __set__(self, row: Any, value: str | None) -> None:
        if value == UNREADABLE:
            return
        if row.seal_ref is None:
            row.seal_ref = str(uuid4())
        where = self.where(row)
        sealed = sealer().seal(value, where=where, ref=row.seal_ref) if value else None
        setattr(row, f"{self.column}_sealed", sealed)
        if self.index:
            setattr(row, f"{self.column}_index", sealer().index(value, where) if value else None)
        if self.tail:
            setattr(row, f"{self.column}_tail", sealer().index(tail(value), f"{where}.tail") if value else None)
