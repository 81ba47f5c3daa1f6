"""`flask audit …`"""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from portal.audit import ddl
from portal.audit.services import record
from portal.ground.actor import SYSTEM
from portal.ground.db import db, writing
from tests.conftest import NOON
from tools import verify_trail


@pytest.fixture
def written(site: Flask) -> Flask:
    with site.app_context():
        writing.set(True)
        for number in range(5):
            record("merchants.edit", f"shop:{number}", by=SYSTEM, now=NOON)
        db.session.commit()
    return site


def run(site: Flask, *words: str) -> tuple[int, str]:
    found = site.test_cli_runner().invoke(args=["audit", *words])
    return found.exit_code, found.output


def rewrite(site: Flask, statement: str) -> None:
    with site.app_context():
        writing.set(True)
        connection = db.session.connection()
        ddl.unguard(connection)
        connection.execute(text(statement))
        db.session.commit()


def test_verify(written: Flask) -> None:
    code, said = run(written, "verify")
    assert code == 0 and "lines 5" in said and "the chain holds" in said


def test_verify_says_where_it_breaks(written: Flask) -> None:
    rewrite(written, "UPDATE audit_lines SET subject = 'x' WHERE seq = 3")
    code, said = run(written, "verify")
    assert code == 1 and "BROKEN at line 3" in said


def test_head_and_anchor(written: Flask) -> None:
    _code, head = run(written, "head")
    assert run(written, "verify", "--anchor", head.strip())[0] == 0
    assert run(written, "verify", "--anchor", f"5:{'0' * 64}")[0] == 1
    assert run(written, "verify", "--anchor", "nonsense")[0] == 2


def test_an_anchor_a_day_is_kept_and_compared(written: Flask) -> None:
    assert run(written, "anchor")[1].startswith("2026-11-25 5:")
    assert "stands" in run(written, "anchor")[1]
    assert "anchors 1" in run(written, "verify")[1]
    rewrite(written, f"UPDATE audit_lines SET hash = '{'1' * 64}' WHERE seq = 5")
    rewrite_head = f"UPDATE audit_head SET hash = '{'1' * 64}'"
    with written.app_context():
        writing.set(True)
        db.session.execute(text(rewrite_head))
        db.session.commit()
    assert run(written, "verify")[0] == 1


def test_export(written: Flask, tmp_path: Path) -> None:
    file = tmp_path / "trail.jsonl"
    assert run(written, "export", "--output", str(file))[0] == 0
    assert verify_trail.main([str(file)]) == 0
    assert len(file.read_text("utf8").splitlines()) == 7
    assert run(written, "export", "--after", "77")[0] == 2
