"""Build static/vendor/icons.svg: one <symbol> for each icon name that templates, Python or scripts use.

Names are Tabler's; a name that ends in -filled comes from its filled set. An unknown name stops the set-up.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLER = ROOT / "node_modules/@tabler/icons/icons"
SPRITE = ROOT / "static/vendor/icons.svg"
# How thick the pen is says app.css: a width here would win over it.
OUTLINE = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
SVG = "{http://www.w3.org/2000/svg}"

NAME = r"""["']([a-z0-9]+(?:-[a-z0-9]+)*)["']"""
# A lamp may be written as a pair, its kind and its icon: ("soon", "refresh").
KINDS = "late|soon|fine|held|done|firm"
PAIR = rf"\([\"'](?:{KINDS})[\"'],\s*(?![\"'](?:{KINDS})[\"'])"
WORD = re.compile(NAME)
CALLED = re.compile(rf"(?:\bicon(?:\(\s*|\s*=\s*|[\"']\s*:\s*)|{PAIR})" + NAME)
IN_SCRIPT = re.compile(
    r"(?:data-icon=|\bdataset\.icon\s*=\s*|\bicon(?:\(\s*|\s*[:=]\s*))\\?" + NAME.replace("[\"']", "\\\\?[\"']")
)
PLACES = [("templates", "*.html", CALLED), ("portal", "*.py", CALLED), ("static", "*.js", IN_SCRIPT)]


def used_names(root: Path = ROOT) -> dict[str, str]:
    """Icon name → the first place that uses it, as "file:line"."""
    found: dict[str, str] = {}
    for folder, pattern, names in PLACES:
        for path in sorted((root / folder).rglob(pattern)):
            if "vendor" not in path.parts:
                for name, line in names_in(path.read_text("utf-8"), names):
                    found.setdefault(name, f"{path.relative_to(root)}:{line}")
    for path in sorted([*(root / "portal").glob("*/offers.py"), *(root / "portal").glob("*/offers/*.py")]):
        # An offer names its icon by its place: whatever word there is a drawing's name is meant as one.
        for name, line in names_in(path.read_text("utf-8"), WORD):
            if source_of(name).is_file():
                found.setdefault(name, f"{path.relative_to(root)}:{line}")
    return found


def names_in(text: str, names: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    """Each icon name in a text with its line number."""
    for match in names.finditer(text):
        yield match[1], text.count("\n", 0, match.start()) + 1


def source_of(name: str) -> Path:
    """The drawing that a name stands for; it may not exist."""
    if name.endswith("-filled"):
        return TABLER / "filled" / f"{name.removesuffix('-filled')}.svg"
    return TABLER / "outline" / f"{name}.svg"


def symbol(name: str) -> str:
    """One drawing as a <symbol> in the text's colour, without Tabler's invisible frame."""
    drawing = ElementTree.parse(source_of(name)).getroot()
    shapes = [shape for shape in drawing if shape.get("d") != "M0 0h24v24H0z"]
    for shape in drawing.iter():
        shape.tag, shape.tail, shape.text = shape.tag.removeprefix(SVG), None, None
    body = "".join(ElementTree.tostring(shape, encoding="unicode") for shape in shapes)
    look = 'fill="currentColor"' if name.endswith("-filled") else OUTLINE
    return f'<symbol id="{name}" viewBox="0 0 24 24" {look}>{body}</symbol>'


def main() -> int:
    """Write the sprite when it differs; name every unknown icon and fail."""
    used = used_names()
    unknown = [f"{place}: there is no icon {name!r}" for name, place in used.items() if not source_of(name).is_file()]
    if unknown:
        print(
            "\n".join(unknown),
            "see node_modules/@tabler/icons/icons for the names",
            sep="\n",
            file=sys.stderr,
        )
        return 1
    symbols = "\n".join(symbol(name) for name in sorted(used))
    text = f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
    if not SPRITE.is_file() or SPRITE.read_text("utf-8") != text:
        print(f"==> icons: {len(used)} in static/vendor/icons.svg")
        SPRITE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
