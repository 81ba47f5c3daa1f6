"""Templates: fragments keep their promise, no inline script or style, only htmx attributes that exist."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
#: Papers are drawn by WeasyPrint, where the browser's policy does not reach.
PAPERS = {"print.html", "pledges/paper.html"}
HX = {
    "hx-get", "hx-post", "hx-target", "hx-swap", "hx-trigger", "hx-select", "hx-include", "hx-indicator", "hx-push-url",
    "hx-replace-url", "hx-headers", "hx-vals", "hx-confirm", "hx-disabled-elt", "hx-sync", "hx-boost", "hx-params",
    "hx-select-oob",
    "hx-swap-oob", "hx-encoding", "hx-history", "hx-preserve", "hx-validate", "hx-ext", "hx-disinherit",
}  # fmt: skip


def name(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


def is_paper(path: Path) -> bool:
    return name(path) in PAPERS or name(path).startswith("papers/print")


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_htmx_attributes_exist(path: Path) -> None:
    used = set(re.findall(r"\b(hx-[a-z-]+)(?=[=\s>])", path.read_text("utf8")))
    assert not {one for one in used if not one.startswith("hx-on")} - HX


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_policy_allows_what_the_page_does(path: Path) -> None:
    if is_paper(path):
        return
    source = path.read_text("utf8")
    assert not re.search(r"<[^>]*\sstyle=", source), "a style attribute"
    assert "<style" not in source and "hx-on" not in source and not re.search(r"\son[a-z]+=", source)
    for script in re.findall(r"<script[^>]*>", source):
        assert "src=" in script or 'type="application/json"' in script, script


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_nothing_comes_from_outside(path: Path) -> None:
    for address in re.findall(r"(?:src|href|action)=\"(https?:[^\"]*)", path.read_text("utf8")):
        pytest.fail(f"{name(path)} points at {address}")


@pytest.mark.parametrize("path", [p for p in PAGES if p.name.startswith("_") and "kit" not in p.parts], ids=name)
def test_a_fragment_says_what_it_needs(path: Path) -> None:
    if is_paper(path):
        return
    assert path.read_text("utf8").startswith("{# needs:"), "a fragment's first line says what it needs"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_rooms_include_the_kit_and_their_own_folder(path: Path) -> None:
    own = path.relative_to(TEMPLATES).parts[0]
    for other in re.findall(r"{%-?\s*(?:include|import|from|extends)\s+\"([^\"]+)\"", path.read_text("utf8")):
        assert "/" not in other or other.split("/")[0] in {"kit", own}, f"{name(path)} takes {other}"
