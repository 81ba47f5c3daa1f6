"""I10: the chain verifies, and stops verifying after any change, removal or swap of lines.

Both judges are asked each time: the portal's own (`flask audit verify`) and `tools/verify_trail.py`, which imports
nothing of ours. The trail is spoilt as somebody would who owns the database: with the triggers taken down.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from portal.audit import ddl, queries, rules
from portal.audit.models import TrailLine
from portal.audit.services import export, record, verify
from portal.audit.terms import GENESIS, Checked, Result
from portal.ground.actor import Actor
from portal.ground.clock import SHANGHAI
from portal.ground.db import db
from tools import verify_trail

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI)
CLERK = Actor("person", 7, "周敏（演示）", address="10.1.2.3")
Facts = dict[str, Any]


def write(count: int) -> None:
    """Write lines, three to a transaction, as different as lines can be."""
    for number in range(count):
        record(
            "merchants.edit", f"shop:{number}", by=CLERK if number % 2 else Actor("system", None, "系统"),
            now=NOW + timedelta(seconds=number, microseconds=number), result=list(Result)[number % 3],
            fields=["店招", "𠮷"], number=number, nothing=None, yes=True, nested={"b": 1, "a": "é"},
        )  # fmt: skip
        if number % 3 == 2:
            db.session.commit()
    db.session.commit()


def foreign(url: str, *more: str) -> int:
    """Ask the stand-alone script in a process of its own, without our packages on its path."""
    script = [sys.executable, "-I", str(ROOT / "tools" / "verify_trail.py"), url, *more]
    found = subprocess.run(script, capture_output=True, text=True, check=False)
    return found.returncode


def database(url: str) -> str:
    return url.removeprefix("sqlite:///")


def both(url: str) -> tuple[bool, bool]:
    """What the two judges say."""
    db.session.rollback()
    own = verify().whole
    db.session.rollback()
    return own, verify_trail.main([database(url)]) == 0


def spoil(*statements: str, **values: Any) -> None:
    """Take the guard down, do the deed, and put the guard up again."""
    connection = db.session.connection()
    ddl.unguard(connection)
    for statement in statements:
        connection.execute(text(statement), values)
    for statement in ddl.SQLITE if connection.dialect.name == "sqlite" else ddl.POSTGRESQL:
        connection.execute(text(statement))
    db.session.commit()


def test_a_chain_holds(house: Flask, database_url: str) -> None:
    assert both(database_url) == (True, True), "an empty one"
    write(20)
    assert both(database_url) == (True, True)
    assert verify().count == 20
    assert foreign(database(database_url)) == 0


@pytest.mark.parametrize(
    "column", [c.name for c in TrailLine.__table__.columns if c.name not in {"seq", "at", "actor_id"}]
)
def test_any_changed_column_is_found(house: Flask, database_url: str, column: str) -> None:
    write(9)
    size = {"actor_kind": 12, "address": 45, "action": 48, "hash": 64, "previous_hash": 64}.get(column, 60)
    for seq in (1, 5, 9):
        line = db.session.get_one(TrailLine, seq)
        was = line.result.value if column == "result" else getattr(line, column)
        other = ("failed" if was == "ok" else "ok") if column == "result" else "x" * size
        change = f"UPDATE audit_lines SET {column} = :other WHERE seq = :seq"
        spoil(change, other=other, seq=seq)
        assert both(database_url) == (False, False)
        spoil(change, other=was, seq=seq)
        assert both(database_url) == (True, True), "put back, it holds again"


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param("UPDATE audit_lines SET actor_id = 8 WHERE seq = 4", id="another person"),
        pytest.param("UPDATE audit_lines SET actor_id = NULL WHERE seq = 4", id="nobody"),
        pytest.param("DELETE FROM audit_lines WHERE seq = 1", id="the first line gone"),
        pytest.param("DELETE FROM audit_lines WHERE seq = 5", id="one in the middle gone"),
        pytest.param("DELETE FROM audit_lines WHERE seq = 9", id="the last line gone"),
        pytest.param("DELETE FROM audit_lines WHERE seq > 3", id="the end cut off"),
        pytest.param("DELETE FROM audit_lines", id="all gone"),
        pytest.param("UPDATE audit_lines SET seq = seq + 1 WHERE seq = 9", id="a number moved"),
        pytest.param("UPDATE audit_head SET seq = 8", id="the head moved back"),
        pytest.param("UPDATE audit_head SET hash = '" + "0" * 64 + "'", id="the head's hash changed"),
    ],
)
def test_what_one_might_do(house: Flask, database_url: str, deed: str) -> None:
    write(9)
    spoil(deed)
    assert both(database_url) == (False, False)


def test_a_time_changed_by_a_microsecond(house: Flask, database_url: str) -> None:
    write(6)
    line = db.session.get_one(TrailLine, 4)
    later = line.at.astimezone(UTC) + timedelta(microseconds=1)
    sqlite = database_url.startswith("sqlite")
    spoil(
        "UPDATE audit_lines SET at = :later WHERE seq = 4",
        later=later.strftime("%Y-%m-%d %H:%M:%S.%f") if sqlite else later,
    )
    assert both(database_url) == (False, False)


def test_two_lines_swapped(house: Flask, database_url: str) -> None:
    write(9)
    spoil(
        "UPDATE audit_lines SET seq = 100 WHERE seq = 3",
        "UPDATE audit_lines SET seq = 3 WHERE seq = 4",
        "UPDATE audit_lines SET seq = 4 WHERE seq = 100",
    )
    assert both(database_url) == (False, False)


def test_what_was_rewritten_as_a_whole_is_found_by_an_anchor(house: Flask, database_url: str) -> None:
    """Who owns the database can write a new chain; a head that was printed before finds it."""
    write(6)
    seq, printed = queries.head()
    lines = rewritten(list(stored()), change=2)
    for line in lines:
        spoil(
            "UPDATE audit_lines SET subject = :subject, previous_hash = :previous_hash, hash = :hash WHERE seq = :seq",
            **{name: line[name] for name in ("subject", "previous_hash", "hash", "seq")},
        )
    spoil("UPDATE audit_head SET hash = :hash", hash=lines[-1]["hash"])
    assert both(database_url) == (True, True), "the chain alone cannot tell"
    anchor = f"{seq}:{printed}"
    assert not verify(anchors=[(seq, printed)]).whole
    db.session.rollback()
    assert verify_trail.main([database(database_url), "--anchor", anchor]) == 1
    write(3)
    assert not verify(anchors=[(seq, printed)]).whole, "later lines do not heal it"


def stored() -> Iterator[Facts]:
    for line in queries.stream():
        yield {**line, "at": rules.instant(line["at"]), "result": line["result"].value}


def rewritten(lines: list[Facts], *, change: int) -> list[Facts]:
    """The same lines with one changed and every later link made anew."""
    previous = GENESIS
    for number, line in enumerate(lines):
        if number == change:
            line["subject"] = "shop:other"
        line["previous_hash"] = previous
        previous = line["hash"] = rules.line_hash(line)
    return lines


def test_an_export_is_checked_without_the_portal(house: Flask, database_url: str, tmp_path: Path) -> None:
    write(12)
    file = tmp_path / "trail.jsonl"
    file.write_text("".join(export()), "utf8")
    assert foreign(str(file)) == 0
    rest = tmp_path / "rest.jsonl"
    rest.write_text("".join(export(after=7)), "utf8")
    assert foreign(str(rest)) == 1, "what it follows must be named"
    assert foreign(str(rest), "--after", f"7:{queries.hash_of(7)}") == 0
    lines = file.read_text("utf8").splitlines(keepends=True)
    for spoilt in ([*lines[:4], *lines[5:]], lines[:-1], [*lines[:-2], lines[-1]], lines[1:], [*lines, lines[4]]):
        file.write_text("".join(spoilt), "utf8")
        assert foreign(str(file)) == (0 if spoilt == lines[1:] else 1)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_text('{"trail": 1,')
    (tmp_path / "list.jsonl").write_text("[]\n")
    for where in ("broken.jsonl", "list.jsonl", "nowhere.sqlite3"):
        assert foreign(str(tmp_path / where)) == 2


def test_step_by_step_is_the_same_as_at_once(house: Flask, database_url: str) -> None:
    write(25)
    after, steps = 0, 0
    while (found := verify(after=after, limit=7)).whole and found.count:
        after, steps = found.seq, steps + 1
    assert (after, steps, found.whole) == (25, 4, True)
    spoil("UPDATE audit_lines SET subject = 'shop:other' WHERE seq = 16")
    assert verify(after=7, limit=7).whole
    assert verify(after=14, limit=7).broken_at == 16
    assert not verify(after=99, limit=7).whole, "a line that is not there"


# --- with Hypothesis: any change, removal or swap, on the lines themselves -----------------------------------------


def chain(size: int) -> list[Facts]:
    lines, previous = [], GENESIS
    for seq in range(1, size + 1):
        line: Facts = {
            "seq": seq, "at": rules.instant(NOW + timedelta(seconds=seq)), "actor_kind": "person", "actor_id": seq % 4,
            "actor_name": "周敏（演示）", "address": "10.1.2.3", "action": "merchants.edit",
            "subject": f"shop:{seq % 5}",
            "result": "ok", "details": rules.canonical({"number": seq}), "previous_hash": previous,
        }  # fmt: skip
        previous = line["hash"] = rules.line_hash(line)
        lines.append(line)
    return lines


def own(lines: list[Facts], head: tuple[int, str]) -> Checked:
    found = rules.check(lines, after=0, previous=GENESIS)
    return rules.check_head(found, before=head, after=head)


def theirs(lines: list[Facts], head: tuple[int, str]) -> bool:
    end = {"head": {"seq": head[0], "hash": head[1]}}
    _count, _last, because = verify_trail.verify(iter([*lines, end]), [], (0, GENESIS))
    return because == ""


spoilt_text = st.text(min_size=0, max_size=6)
deeds = st.one_of(
    st.tuples(st.just("change"), st.integers(0, 99), st.sampled_from([*rules.FIELDS, "hash"]), spoilt_text),
    st.tuples(st.just("nudge"), st.integers(0, 99), st.sampled_from(["seq", "actor_id"]), st.integers(-3, 3)),
    st.tuples(st.just("remove"), st.integers(0, 99), st.integers(1, 5)),
    st.tuples(st.just("swap"), st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("again"), st.integers(0, 99)),
    st.tuples(st.just("move"), st.integers(0, 99), st.integers(0, 99)),
)


def do(lines: list[Facts], deed: tuple[Any, ...]) -> list[Facts]:
    kind, at = deed[0], deed[1] % len(lines)
    lines = [dict(line) for line in lines]
    if kind == "change":
        lines[at][deed[2]] = deed[3] if deed[2] not in {"seq", "actor_id"} else len(deed[3])
    elif kind == "nudge":
        lines[at][deed[2]] += deed[3]
    elif kind == "remove":
        del lines[at : at + deed[2]]
    elif kind == "swap":
        other = deed[2] % len(lines)
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == "again":
        lines.insert(at, dict(lines[at]))
    else:
        lines.insert(deed[2] % len(lines), lines.pop(at))
    return lines


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(size=st.integers(1, 30), done=st.lists(deeds, min_size=1, max_size=4))
def test_i10_any_change_removal_or_swap_is_found(size: int, done: list[tuple[Any, ...]]) -> None:
    lines = chain(size)
    head = (lines[-1]["seq"], lines[-1]["hash"])
    spoilt = lines
    for deed in done:
        if spoilt:
            spoilt = do(spoilt, deed)
    untouched = spoilt == lines
    assert own(spoilt, head).whole is untouched
    assert theirs(spoilt, head) is untouched


@given(details=st.dictionaries(st.text(max_size=8), st.one_of(st.text(), st.integers(), st.booleans(), st.none())))
def test_both_judges_reckon_the_same_hash(details: Facts) -> None:
    line = {**chain(1)[0], "details": rules.canonical(details)}
    assert rules.line_hash(line) == verify_trail.line_hash(line)
    assert json.loads(line["details"]) == details


@pytest.mark.parametrize(
    "instant",
    [
        NOW,
        NOW + timedelta(microseconds=1),
        datetime(2026, 1, 1, 0, 0, tzinfo=SHANGHAI),
        datetime(2026, 3, 1, tzinfo=UTC),
    ],
)
def test_both_judges_write_an_instant_alike(instant: datetime) -> None:
    kept = instant.astimezone(UTC).replace(tzinfo=None)
    readings: list[Callable[[], str]] = [
        lambda: verify_trail.instant(kept.strftime("%Y-%m-%d %H:%M:%S.%f")),
        lambda: verify_trail.instant(kept),
        lambda: verify_trail.instant(instant),
    ]
    assert {reading() for reading in readings} == {rules.instant(instant)}


def test_the_script_imports_nothing_of_ours() -> None:
    tree = ast.parse((ROOT / "tools" / "verify_trail.py").read_text("utf8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= {*sys.stdlib_module_names, "psycopg"}
