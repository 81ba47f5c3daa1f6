#!/usr/bin/env python3
"""Check the portal's trail without the portal: nothing of it is imported, Python alone is enough.

    python verify_trail.py portal.sqlite3              a SQLite file
    python verify_trail.py postgresql://…              a PostgreSQL database (needs psycopg)
    python verify_trail.py trail.jsonl                 an export (`flask audit export --output trail.jsonl`)

Each line's hash is the SHA-256 of the canonical JSON (UTF-8, no blanks) of the list of its fields: number, instant
(UTC, microseconds, Z), kind, id and name of who acted, address, action, subject, result, details, hash of the line
before. The first line links to 64 zeros. Prints how many lines hold, the head, and the first line that does not.
Exit code: 0 the chain holds, 1 it does not, 2 it could not be read.

    --anchor SEQ:HASH   a head that was printed or kept elsewhere; it finds a trail that was rewritten as a whole
    --after SEQ:HASH    the line that an export with `--after` follows
"""

import argparse
import hashlib
import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FIELDS = [
    "seq", "at", "actor_kind", "actor_id", "actor_name", "address", "action", "subject", "result", "details",
    "previous_hash",
]  # fmt: skip
COLUMNS = ", ".join([*FIELDS, "hash"])
GENESIS = "0" * 64
Anchor = tuple[int, str]


class Unreadable(Exception):
    """The trail cannot be read at all."""


def instant(value: Any) -> str:
    """Return an instant of a database as the chain writes it."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def line_hash(line: dict[str, Any]) -> str:
    """Return the hash that a line must have."""
    text = json.dumps([line[name] for name in FIELDS], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def from_sqlite(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a SQLite file, then its head."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    connection.execute("BEGIN")  # lines and head of one instant
    for row in connection.execute(f"SELECT {COLUMNS} FROM audit_lines ORDER BY seq"):
        yield {**dict(row), "at": instant(row["at"])}
    head = connection.execute("SELECT seq, hash FROM audit_head").fetchone()
    yield {"head": dict(head) if head else {"seq": 0, "hash": GENESIS}}


def from_postgresql(url: str) -> Iterator[dict[str, Any]]:
    """Yield the lines of a PostgreSQL database, then its head."""
    try:
        import psycopg
    except ImportError as error:
        raise Unreadable("a PostgreSQL database needs psycopg: use an export instead") from error
    address = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)
    try:
        connection = psycopg.connect(address)
    except psycopg.Error as error:
        raise Unreadable(str(error)) from error
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.cursor("lines", row_factory=psycopg.rows.dict_row) as cursor:
            cursor.execute(f"SELECT {COLUMNS} FROM audit_lines ORDER BY seq")
            for row in cursor:
                yield {**row, "at": instant(row["at"])}
        head = connection.execute("SELECT seq, hash FROM audit_head").fetchone()
        yield {"head": {"seq": head[0], "hash": head[1]} if head else {"seq": 0, "hash": GENESIS}}


def from_export(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of an export; its first says what it follows, its last is the head."""
    with path.open(encoding="utf8") as file:
        for number, text in enumerate(file, 1):
            try:
                line = json.loads(text)
            except ValueError as error:
                raise Unreadable(f"line {number} of the file is no JSON") from error
            if not isinstance(line, dict):
                raise Unreadable(f"line {number} of the file is no line of a trail")
            yield line


def source(where: str) -> Iterator[dict[str, Any]]:
    """Return the lines of whatever is named."""
    if re.match(r"postgres(ql)?(\+\w+)?://", where):
        return from_postgresql(where)
    path = Path(where)
    if not path.is_file():
        raise Unreadable(f"there is no file {where}")
    with path.open("rb") as file:
        return from_sqlite(path) if file.read(15) == b"SQLite format 3" else from_export(path)


def fault(line: dict[str, Any], seq: int, previous: str) -> str:
    """Say why a line does not follow the one before it; empty when it does."""
    if not {*FIELDS, "hash"} <= line.keys():
        return "fields are missing"
    if line["seq"] != seq + 1:
        return f"line {seq + 1} should come here"
    if line["previous_hash"] != previous:
        return "it does not link to the line before"
    if line_hash(line) != line["hash"]:
        return "its content does not have its hash"
    return ""


def verify(lines: Iterator[dict[str, Any]], anchors: list[Anchor], after: Anchor) -> tuple[int, Anchor, str]:
    """Return how many lines hold, the last one, and what is wrong with the next; empty when nothing is."""
    count, (seq, previous), head = 0, after, None
    wanted = dict(anchors)
    for line in lines:
        if head is not None:
            return count, (seq, previous), "lines after the head"
        if "trail" in line:
            if count or line.get("after") != seq or line.get("previous_hash") != previous:
                return count, (seq, previous), f"the export follows line {line.get('after')}: name it with --after"
            continue
        if "head" in line:
            head = (line["head"].get("seq"), line["head"].get("hash"))
            continue
        if because := fault(line, seq, previous):
            return count, (seq, previous), f"line {line.get('seq')}: {because}"
        count, seq, previous = count + 1, line["seq"], line["hash"]
        if wanted.pop(seq, previous) != previous:
            return count - 1, (seq, previous), f"line {seq}: it is not the line of the anchor"
    if head is None:
        return count, (seq, previous), f"line {seq + 1}: the head is missing, the end was cut off"
    if head != (seq, previous):
        return count, (seq, previous), f"line {seq + 1}: the head says line {head[0]}, the end was changed"
    if wanted:
        return count, (seq, previous), f"line {min(wanted)}: the anchor's line is missing"
    return count, (seq, previous), ""


def anchor(text: str) -> Anchor:
    """Read SEQ:HASH."""
    match = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError("SEQ:HASH, the hash in 64 hex digits")
    return int(match[1]), match[2]


def main(arguments: list[str] | None = None) -> int:
    """Check what the command line names."""
    parser = argparse.ArgumentParser(description="Check the portal's trail without the portal.")
    parser.add_argument("where", help="a SQLite file, a PostgreSQL URL, or an export (JSON lines)")
    parser.add_argument("--anchor", action="append", type=anchor, default=[], metavar="SEQ:HASH")
    parser.add_argument("--after", type=anchor, default=(0, GENESIS), metavar="SEQ:HASH")
    chosen = parser.parse_args(arguments)
    try:
        count, (seq, digest), because = verify(source(chosen.where), chosen.anchor, chosen.after)
    except (Unreadable, sqlite3.Error, OSError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    print(f"lines {count}  head {seq}:{digest}")
    if because:
        print(f"BROKEN {because}")
        return 1
    print("the chain holds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
