"""What stands in a database: the rows of each table, the trail's head, the migrations' revision. By plain statements,
since copies are counted too, with no application behind them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: Runs one statement and returns its rows.
Ask = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Counted:
    """What stood in a database at one instant."""

    tables: dict[str, int]
    head: tuple[int, str]
    revision: str


def count(ask: Ask, tables: list[str]) -> Counted:
    """Count the rows of these tables, and read the trail's head and the migrations' revision."""
    found = {name: int(ask(f'SELECT count(*) FROM "{name}"')[0][0]) for name in tables}
    head = ask("SELECT seq, hash FROM audit_lines ORDER BY seq DESC LIMIT 1") if "audit_lines" in found else []
    revision = ask("SELECT version_num FROM alembic_version") if "alembic_version" in found else []
    return Counted(
        found, (int(head[0][0]), str(head[0][1])) if head else (0, ""), str(revision[0][0]) if revision else ""
    )
