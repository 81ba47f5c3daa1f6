"""Cut the fonts of papers into instance/fonts/, once, from the named files of Debian's fonts-noto-cjk.

Each face comes twice. The small one holds GB2312 and the signs of a paper as TrueType outlines, which
WeasyPrint embeds several times faster; the full one is the whole simplified-Chinese face behind it, for
rare characters (䶮 㛃 𠮷 𬭎). A collection opens with its Japanese face, so ours is looked for by name.
"""

import hashlib
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "instance/fonts"
SOURCE = Path("/usr/share/fonts/opentype/noto")
FACES = {
    "song-400": ("NotoSerifCJK-Regular.ttc", "NotoSerifCJKsc-Regular"),
    "song-700": ("NotoSerifCJK-Bold.ttc", "NotoSerifCJKsc-Bold"),
    "hei-400": ("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular"),
    "hei-700": ("NotoSansCJK-Bold.ttc", "NotoSansCJKsc-Bold"),
}
RARE = "䶮㛃𠮷𬭎"
SIGNS = "〇·—–‘’“”…※→←↑↓✓✗×÷±°′″℃㎡№①②③④⑤⑥⑦⑧⑨⑩■□●○◆◇★☆▲△▼▽¥€©®™\u00a0\u2002\u2003\u3000"
MAX_ERROR = 0.6  # of 1000 units an em: a thousandth of a millimetre at 12 pt


def common_characters() -> set[int]:
    """Code points of GB2312, ASCII, Latin-1 punctuation and the signs of a paper."""
    pairs = (bytes([row, cell]) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    text = "".join(pair.decode("gb2312", "ignore") for pair in pairs)
    return set(range(0x20, 0x7F)) | {ord(character) for character in text + SIGNS}


def opened(collection: Path, postscript_name: str) -> TTFont:
    """The face of a collection with this PostScript name; LookupError when there is none."""
    for face in TTCollection(str(collection), lazy=True).fonts:
        if face["name"].getDebugName(6) == postscript_name:
            return face
    raise LookupError(f"{collection} has no face {postscript_name}")


def cut(font: TTFont) -> None:
    """Keep only the common characters and what they need to be set upright."""
    options = subset.Options(
        layout_features=["kern"],  # locl and ccmp would double the glyphs with Japanese and Korean shapes
        hinting=False,
        desubroutinize=True,
        name_IDs=[0, 1, 2, 4, 6, 13],
        drop_tables=["VORG", "BASE", "vhea", "vmtx", "DSIG"],
        notdef_outline=True,
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=common_characters() & set(font.getBestCmap()))
    cutter.subset(font)


def to_truetype(font: TTFont) -> None:
    """Change a font's cubic outlines into TrueType's quadratic ones, in place."""
    order, drawings = font.getGlyphOrder(), font.getGlyphSet()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(None)
        drawings[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    del font["CFF "]
    font["loca"], table = newTable("loca"), newTable("glyf")
    table.glyphOrder, table.glyphs = order, glyphs
    font["glyf"] = table
    for name in order:
        glyphs[name].recalcBounds(table)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyphs[name], "xMin", 0))
    limits = font["maxp"] = newTable("maxp")
    limits.tableVersion, limits.numGlyphs = 0x00010000, len(order)
    limits.maxZones, limits.maxTwilightPoints, limits.maxStorage = 1, 0, 0
    limits.maxFunctionDefs = limits.maxInstructionDefs = limits.maxStackElements = limits.maxSizeOfInstructions = 0
    limits.maxComponentElements = max(
        (len(glyph.components) for glyph in glyphs.values() if glyph.isComposite()), default=0
    )
    font["post"].formatType = 3.0
    font["head"].glyphDataFormat = 0
    font.sfntVersion = "\x00\x01\x00\x00"


def make(face: str) -> str:
    """Write both files of one face; returns a line to print. Two runs give the same bytes."""
    began = time.monotonic()
    family, weight = face.split("-")
    file, name = FACES[face]
    full = OUT / f"{family}-full-{weight}.otf"
    # Untouched tables are copied as they are; to look into one here would make the save parse them all.
    written(opened(SOURCE / file, name), full)
    small = TTFont(full, lazy=True)
    missing = [character for character in RARE if ord(character) not in small.getBestCmap()]
    if missing:
        raise LookupError(f"{file} lacks {''.join(missing)}: install fonts-noto-cjk of Debian 12 or later")
    cut(small)
    to_truetype(small)
    written(small, OUT / f"{face}.ttf")
    seconds = time.monotonic() - began
    return f"==> font {face}: {len(small.getGlyphOrder())} glyphs, full face behind it, {seconds:.0f} s"


def written(font: TTFont, path: Path) -> None:
    """Save a font so that a half-written file never stands under its name."""
    part = path.with_suffix(".part")
    font.recalcTimestamp = False
    font.save(part)
    part.replace(path)


def stamp() -> str:
    """What the files depend on: this program and the size and date of each source."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for file, _ in FACES.values():
        facts = (SOURCE / file).stat()
        digest.update(f"{file} {facts.st_size} {facts.st_mtime_ns}".encode())
    return digest.hexdigest()


def main() -> int:
    """Make what is missing; say which file to install where a source is not there."""
    absent = [str(SOURCE / file) for file, _ in FACES.values() if not (SOURCE / file).is_file()]
    if absent:
        print("fonts of papers are missing (Debian: fonts-noto-cjk):", *absent, sep="\n    ", file=sys.stderr)
        return 1
    seal, word = OUT / ".stamp", stamp()
    if seal.is_file() and seal.read_text() == word:
        return 0
    OUT.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(2) as pool:
        for line in pool.map(make, FACES):
            print(line, flush=True)
    seal.write_text(word)
    return 0


if __name__ == "__main__":
    sys.exit(main())
