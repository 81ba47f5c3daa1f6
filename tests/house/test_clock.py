"""Nobody asks the time but the clock, and no parameter defaults to now (house.md section 4)."""

import ast
from pathlib import Path

import pytest

PORTAL = Path(__file__).resolve().parents[2] / "portal"
ASKERS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
MODULES = {"datetime", "date", "time"}


@pytest.mark.parametrize("path", sorted(PORTAL.rglob("*.py")), ids=lambda path: str(path.relative_to(PORTAL)))
def test_only_the_clock_reads_the_wall_clock(path: Path) -> None:
    if path == PORTAL / "ground" / "clock.py":
        return
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in ASKERS and isinstance(node.func.value, ast.Name | ast.Attribute):
            owner = node.func.value.attr if isinstance(node.func.value, ast.Attribute) else node.func.value.id
            assert owner not in MODULES, f"{path}:{node.lineno} asks {owner}.{node.func.attr}()"
