"""Sealed columns: personal data that stands in the database only as ciphertext.

A row makes its own `seal_ref`, since its id is unknown before the insert; `table.column` and that reference are the
associated data (proofs.md, Traps). Searching goes by keyed indexes: the whole value, and a telephone's last four.
"""

from typing import Any, overload
from uuid import uuid4

from flask import current_app
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.fields.telephones import tail
from portal.ground.sealing import Sealer


def sealer() -> Sealer:
    """Return the running application's sealer."""
    return current_app.extensions["sealer"]


class SealedRow:
    """A row with sealed columns."""

    seal_ref: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid4()))


class Sealed:
    """`phone = Sealed("phone", index=True, tail=True)` over `phone_sealed`, `phone_index`, `phone_tail`.

    Setting seals and indexes; reading opens. Empty text becomes None.
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

    def __set__(self, row: Any, value: str | None) -> None:
        if row.seal_ref is None:
            row.seal_ref = str(uuid4())
        where = self.where(row)
        sealed = sealer().seal(value, where=where, ref=row.seal_ref) if value else None
        setattr(row, f"{self.column}_sealed", sealed)
        if self.index:
            setattr(row, f"{self.column}_index", sealer().index(value, where) if value else None)
        if self.tail:
            setattr(row, f"{self.column}_tail", sealer().index(tail(value), f"{where}.tail") if value else None)
