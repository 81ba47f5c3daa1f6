"""Imports go downstairs only, and inside a room each piece of furniture may see only what house.md section 2 allows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PORTAL = Path(__file__).resolve().parents[2] / "portal"
FLOORS = {
    "ground": -8, "web": -7, "audit": -6, "settings": -5, "areas": -5, "accounts": -4, "batches": -3, "worktime": -2,
    "duties": -2, "papers": -1, "reminders": -1, "kiosk": 0, "upkeep": 0, "places": 1, "merchants": 2, "pledges": 3,
    "cases": 3, "ladders": 4, "markets": 5, "patrols": 5, "volunteers": 6, "land": 6, "plaques": 7, "griddays": 7,
    "supervision": 8, "assessment": 9, "bulletins": 10, "desk": 11,
}  # fmt: skip
ABOVE_ALL = {"__init__", "hang", "start", "clockwork"}
FURNITURE: dict[str, set[str]] = {
    "__init__": set(),
    "terms": set(),
    "models": {"terms"},
    "rules": {"terms"},
    "queries": {"terms", "models"},
    "services": {"terms", "models", "rules", "queries"},
    "forms": {"terms"},
    "views": {"terms", "models", "queries", "services", "forms"},
    "jobs": {"services"},
    "offers": {"terms", "queries", "services", "jobs", "demo"},
    "commands": {"terms", "models", "queries", "services", "jobs"},
    "demo": {"terms", "models", "queries", "services"},
}
#: Other rooms may use these, never a room's rules, forms, views or jobs.
LENT = {"terms", "models", "queries", "services"}
NO_FLASK = {"terms", "rules"}
#: Pieces that stand in one room alone, and what may use them there.
OWN_PIECES = {"engine", "ddl"}


def modules() -> list[Path]:
    return sorted(PORTAL.rglob("*.py"))


def place(path: Path) -> tuple[str, str]:
    """Return (room, piece): portal/pledges/views/kiosk.py is ("pledges", "views")."""
    parts = path.relative_to(PORTAL).with_suffix("").parts
    return ("", parts[0]) if len(parts) == 1 else (parts[0], parts[1])


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (room, piece) for each import of ours; "" for the whole room or for names of a package."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "portal" and len(parts) > 1:
                yield parts[1], parts[2] if len(parts) > 2 else ""


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PORTAL)))
def test_floors(path: Path) -> None:
    room, piece = place(path)
    if not room:
        assert piece in ABOVE_ALL
        return
    assert room in FLOORS, f"{room} has no floor"
    if room not in {"ground", "web"}:
        assert piece in FURNITURE.keys() | OWN_PIECES, f"{piece} is no furniture of a room"
    for other, other_piece in imports(path):
        if other != room:
            assert other in FLOORS, f"{path}: imports portal.{other}, which stands above all rooms"
            assert FLOORS[other] < FLOORS[room], f"{path}: {room} looks up to {other}"
            if other not in {"ground", "web"}:
                assert other_piece in LENT, f"{path}: {other}.{other_piece} is not lent to other rooms"
        elif room not in {"ground", "web"} and piece in FURNITURE and other_piece not in OWN_PIECES:
            assert other_piece == piece or other_piece in FURNITURE[piece], f"{path}: {piece} may not see {other_piece}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PORTAL)))
def test_no_imports_inside_functions(path: Path) -> None:
    tree = ast.parse(path.read_text("utf8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            hidden = [n.lineno for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not hidden, f"{path}:{hidden} hides an import"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PORTAL)))
def test_pure_pieces_know_neither_flask_nor_database(path: Path) -> None:
    room, piece = place(path)
    if room in {"", "ground", "web"} or piece not in NO_FLASK:
        return
    source = path.read_text("utf8")
    for forbidden in (
        "import flask",
        "from flask",
        "sqlalchemy",
        "portal.ground.db",
        "portal.ground.clock import Sys",
    ):
        assert forbidden not in source, f"{path}: {forbidden}"


def test_every_room_says_what_it_is() -> None:
    for init in PORTAL.glob("*/__init__.py"):
        tree = ast.parse(init.read_text("utf8"))
        assert ast.get_docstring(tree), f"{init} says nothing"
        if init.parent.name not in {"ground", "web"}:
            assert len(tree.body) == 1, f"{init} holds more than its docstring"
