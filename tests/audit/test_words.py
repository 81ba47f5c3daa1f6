"""Every deed and every kind of subject that the code writes has its Chinese word."""

import ast
from collections.abc import Iterator
from pathlib import Path

from portal.audit.terms import ACTIONS, DETAILS, SUBJECTS, subject_code, subject_word

PORTAL = Path(__file__).resolve().parents[2] / "portal"


def recorded() -> Iterator[tuple[str, ast.Call]]:
    for path in PORTAL.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf8"))):
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if name == "record" and isinstance(node, ast.Call) and len(node.args) >= 2:
                yield str(path.relative_to(PORTAL)), node


def test_every_deed_has_a_word() -> None:
    missing = {
        f"{path}: {call.args[0].value!r}"
        for path, call in recorded()
        if isinstance(call.args[0], ast.Constant) and call.args[0].value not in ACTIONS
    }
    assert not missing


def test_every_kind_of_subject_has_a_word() -> None:
    missing = set()
    for path, call in recorded():
        subject = call.args[1]
        if isinstance(subject, ast.JoinedStr):
            subject = subject.values[0]
        if isinstance(subject, ast.Constant):
            kind = str(subject.value).partition(":")[0]
            if kind not in SUBJECTS:
                missing.add(f"{path}: {kind}")
    assert not missing


def test_subjects_are_typed_as_they_are_shown() -> None:
    for kind in SUBJECTS:
        shown = subject_word(f"{kind}:17")
        assert subject_word(subject_code(shown)) == shown
    assert subject_code("人员17") == "person:17"
    assert subject_code("shop:17") == "shop:17"
    assert subject_code("别的") == "别的"


def test_every_key_of_the_details_has_a_word() -> None:
    given = {word.arg for _path, call in recorded() for word in call.keywords if word.arg}
    assert given - {"by", "now", "result"} <= DETAILS.keys()
