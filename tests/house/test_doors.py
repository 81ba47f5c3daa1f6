"""Every door names its key; services neither commit nor look at the request (house.md sections 2 and 4)."""

import ast
from pathlib import Path

import pytest
from flask import Flask

from portal.ground.can import Can
from portal.web import Room

PORTAL = Path(__file__).resolve().parents[2] / "portal"
PUBLIC = {"house", "check", "accounts.login", "accounts.submit_login", "static"}


def test_a_door_without_needs_is_a_type_error() -> None:
    room = Room("nowhere", __name__)
    with pytest.raises(TypeError):
        room.get("/")  # type: ignore[call-arg]


def test_every_rule_of_the_map_is_a_door(site: Flask) -> None:
    for rule in site.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        view = site.view_functions[rule.endpoint]
        assert hasattr(view, "needs"), f"{rule} has no needs"


def test_every_key_is_used_or_given(site: Flask) -> None:
    from portal.accounts.terms import KEYS

    assert set(KEYS) == set(Can)


@pytest.mark.parametrize("path", sorted(PORTAL.rglob("*.py")), ids=lambda path: str(path.relative_to(PORTAL)))
def test_only_doors_commit(path: Path) -> None:
    piece = path.relative_to(PORTAL).parts[1] if path.parent != PORTAL else path.name
    doors = {"views", "views.py", "commands.py", "jobs.py", "door.py", "start.py", "demo.py"}
    if piece in doors or path.name in doors:
        return
    if path == PORTAL / "ground" / "db.py":  # where a transaction that could only read is ended
        return
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr != "commit", f"{path}:{node.lineno} commits"


@pytest.mark.parametrize("path", sorted(PORTAL.glob("*/services*")), ids=str)
def test_services_do_not_read_the_request(path: Path) -> None:
    for file in [path] if path.is_file() else path.rglob("*.py"):
        names = {
            alias.name
            for node in ast.walk(ast.parse(file.read_text("utf8")))
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("flask")
            for alias in node.names
        }
        assert not names & {"request", "session", "g", "render_template", "flash"}, f"{file} looks at the request"
