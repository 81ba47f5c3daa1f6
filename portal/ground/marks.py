"""Marks: a number beside what changes rarely and is asked often, so that a process may keep what it has read.

Whoever changes the tree of areas, say, calls `bump("areas")` in the same transaction; whoever keeps the tree asks
`kept("areas", …)`. The numbers come with the query that identifies the person, so that asking costs nothing.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from flask import current_app, g, has_request_context
from sqlalchemy import ColumnElement, Integer, String, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import db

T = TypeVar("T")
NAMES = ("areas", "settings", "worktime", "tallies")


class Mark(db.Model):
    """How often something was changed; no row is 0."""

    __tablename__ = "ground_marks"
    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)


def columns() -> list[ColumnElement[int]]:
    """Return the numbers as columns of a statement, in the order of `NAMES`."""
    return [
        func.coalesce(select(Mark.number).where(Mark.name == name).scalar_subquery(), 0).label(f"mark_{name}")
        for name in NAMES
    ]


def note(numbers: Sequence[int]) -> None:
    """Keep for this request what a statement with `columns()` brought."""
    g.marks = dict(zip(NAMES, numbers, strict=True))


def bump(name: str) -> None:
    """Say that it has changed; from here to the end of the request nothing is kept, since it may be rolled back."""
    dialect = postgresql if db.session.connection().dialect.name == "postgresql" else sqlite
    first = dialect.insert(Mark).values(name=name, number=1)
    db.session.execute(first.on_conflict_do_update(index_elements=["name"], set_={"number": Mark.number + 1}))
    if has_request_context():
        g.marks = None


def kept(name: str, read: Callable[[], T]) -> T:
    """Return what `read` gave when it was last changed; read it anew when it was changed since, or just now.

    Outside a request nothing is kept.
    """
    numbers = g.get("marks") if has_request_context() else None
    if numbers is None:
        return read()
    store = cast(dict[object, tuple[int, T]], current_app.extensions.setdefault("kept by marks", {}))
    place = (name, read.__module__, read.__qualname__)
    found = store.get(place)
    if found is None or found[0] != numbers[name]:
        found = store[place] = (numbers[name], read())
    return found[1]
