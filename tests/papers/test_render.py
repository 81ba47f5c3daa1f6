"""I9: the same data give the same unsealed bytes; and what a paper must look like to a machine."""

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import segno
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from portal.ground.config import ROOT
from portal.papers.engine import canonical, compose, render
from portal.papers.engine.figures import Easel
from portal.papers.engine.fonts import Faces
from portal.papers.terms import PaperArea
from tests.conftest import NOON
from tests.papers.papermakers import (
    BOUNDS,
    FONTS,
    ISSUER,
    RARE,
    TERMS,
    a_signature,
    an_evidence,
    environment,
    text_of,
    unsealed,
)

LONG = "重庆垫江老周家传石磨豆花餐饮有限公司明月路第二分店"
VARIANTS: dict[str, dict[str, Any]] = {
    "as pictured": {},
    "long name, narrow shop": {"shop": LONG, "area": PaperArea("1.2", "1.5", BOUNDS)},
    "longest name, wide shop": {"shop": "牡丹" * 20, "area": PaperArea("60", "3.5", BOUNDS)},
    "not measured": {"area": PaperArea("", "", BOUNDS)},
    "no bounds": {"area": PaperArea("4", "2", {})},
    "signed on paper": {"signature": a_signature(strokes=(), role="店员", authority="店主授权书")},
    "by family": {"signature": a_signature(5, role="家属", authority="配偶，出示结婚证和授权书")},
    "rare characters": {"keeper": RARE, "shop": f"{RARE}饭店", "signature": a_signature(signer=RARE)},
    "without a licence": {"licence_number": "", "licence_name": ""},
}


@pytest.mark.parametrize("but", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_paper_is_one_sound_page(but: dict[str, Any], tmp_path: Path) -> None:
    evidence = an_evidence(**but)
    pdf = unsealed(evidence)
    assert pdf == unsealed(evidence)
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf)
    check = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True)
    assert check.returncode == 0 and "WARNING" not in check.stdout + check.stderr, check.stdout + check.stderr
    fonts = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts and all(line.split()[-5] == "yes" for line in fonts), "every face is embedded"
    assert all("Paper-" in line for line in fonts), "no face of the machine"
    assert len(PdfReader(BytesIO(pdf)).pages) == 1


@pytest.mark.parametrize("but", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_character_comes_back(but: dict[str, Any], tmp_path: Path) -> None:
    evidence = an_evidence(**but)
    html = compose.compose(environment(), "pledges/paper.html", evidence, FONTS).html
    body = re.sub(r"<title>.*?</title>", "", html, flags=re.S)
    want = Counter(c for c in unescape(re.sub(r"<[^>]+>", "", body)) if not c.isspace())
    got = Counter(c for c in text_of(unsealed(evidence), tmp_path) if not c.isspace())
    assert want - got == Counter() and "\ufffd" not in got


def test_rare_characters_of_extensions_a_b_and_e(tmp_path: Path) -> None:
    text = text_of(unsealed(an_evidence(keeper=RARE)), tmp_path)
    assert all(character in text for character in "䶮㛃𠮷𬭎")


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text("老周豆花饭店明月路一二三ABC123", min_size=1, max_size=40),
    st.integers(0, 50),
    st.sampled_from(["1.2", "6.4", "18", "60"]),
)
def test_the_same_data_give_the_same_bytes(shop: str, seed: int, frontage: str) -> None:
    evidence = an_evidence(shop=shop, signature=a_signature(seed), area=PaperArea(frontage, "2.5", BOUNDS))
    assert unsealed(evidence) == unsealed(canonical.load(canonical.text(evidence)))


def test_another_process_gives_the_same_bytes(plain_file: bytes, tmp_path: Path) -> None:
    script = (
        "import sys; from tests.papers.papermakers import an_evidence, unsealed; "
        "unsealed(an_evidence(shop='先做别的一份')) if sys.argv[2] == 'warm' else None; "
        "open(sys.argv[1], 'wb').write(unsealed(an_evidence()))"
    )
    for place, state in enumerate(("cold", "warm")):
        out = tmp_path / state
        environ = {"PYTHONHASHSEED": str(place + 7), "PATH": "/usr/bin:/bin", "TZ": ("UTC", "America/Lima")[place]}
        subprocess.run([sys.executable, "-c", script, out, state], check=True, cwd=ROOT, env=environ)
        assert out.read_bytes() == plain_file, state


def test_one_changed_word_changes_the_bytes(plain_file: bytes) -> None:
    assert unsealed(an_evidence(witness="陈小梅（演示）")) != plain_file


def test_the_evidence_lies_in_the_file_and_its_digest_is_printed(plain_file: bytes, tmp_path: Path) -> None:
    evidence = an_evidence()
    attached = PdfReader(BytesIO(plain_file)).attachments
    assert attached["evidence.json"] == [canonical.text(evidence).encode()]
    assert TERMS.as_text().encode() == attached["terms.txt"][0]
    digest = canonical.sha256(attached["evidence.json"][0])
    assert digest in text_of(plain_file, tmp_path).replace(" ", "").replace("\n", "")
    assert b"13812345678" not in attached["evidence.json"][0] and "138****5678" in canonical.text(evidence)


def test_dates_and_identifier_are_the_papers_own(plain_file: bytes) -> None:
    reader = PdfReader(BytesIO(plain_file))
    assert reader.metadata is not None
    dates = {str(reader.metadata[name]) for name in ("/CreationDate", "/ModDate")}
    assert dates == {"D:20261125020000Z"}
    first = reader.trailer["/ID"][0]
    wanted = bytes.fromhex(canonical.sha256(canonical.text(an_evidence())))[:16]
    assert (first.original_bytes if hasattr(first, "original_bytes") else bytes(first)) == wanted
    xmp = reader.trailer["/Root"]["/Metadata"].get_data()
    assert b'pdfaid:part="3"' in xmp and b'pdfaid:conformance="B"' in xmp, "written as PDF/A-3b"


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.png", "https://portal.test/x.png", "file:///etc/passwd"])
def test_nothing_foreign_is_fetched(address: str) -> None:
    page = compose.Composed(f'<p>x<img src="{address}">', Easel(), ())
    with pytest.raises(render.ForeignAddress):
        render.Press(Faces(FONTS), ROOT / "static" / "img").render(page, evidence="{}", at=NOON, attached={})


def test_a_name_that_looks_like_markup_is_only_a_name(tmp_path: Path) -> None:
    shop = '<img src="file:///etc/passwd">'
    assert shop in text_of(unsealed(an_evidence(shop=shop)), tmp_path).replace("\n", "")


def test_missing_characters_are_named() -> None:
    faces = Faces(FONTS)
    assert faces.missing_characters(f"{RARE}（演示）·Ab1 \n　") == []
    assert faces.missing_characters("张\ue000三\ue000😀") == ["\ue000", "😀"]


def test_what_is_missing_for_papers_is_said(tmp_path: Path) -> None:
    assert render.troubles(Faces(FONTS)) == []
    assert any("song-400.ttf" in trouble for trouble in render.troubles(Faces(tmp_path)))


@pytest.mark.parametrize("address", ["", "https://check.portal.test"])
def test_the_qr_can_be_read(address: str, tmp_path: Path) -> None:
    """Sample the middle of every module of the printed code: it is the code that was meant."""
    text = compose.scan_text("7K3M-92QX-T4", address)
    assert text == ("7K3M-92QX-T4" if not address else "https://check.portal.test/check/7K3M-92QX-T4")
    evidence = an_evidence(issuer=replace(ISSUER, public_address=address))
    (tmp_path / "p.pdf").write_bytes(unsealed(evidence))
    subprocess.run(["pdftoppm", "-r", "300", "-gray", "-png", tmp_path / "p.pdf", tmp_path / "p"], check=True)
    page = Image.open(tmp_path / "p-1.png").convert("L")
    wide, grey = page.width, page.tobytes()
    matrix = [list(row) for row in segno.make(text, error="m", micro=False, boost_error=True).matrix]
    dots, side = 300 / 25.4, 21 / len(matrix)

    def dark(x: float, y: float) -> bool:
        return grey[round(y) * wide + round(x)] < 128

    column, end = (25 + side / 2) * dots, round(275 * dots)
    rule = next(y for y in range(round(250 * dots), end) if dark(column, y))
    top = next(y for y in range(rule + 4, end) if dark(column, y))
    for y, row in enumerate(matrix):
        for x, wanted in enumerate(row):
            found = dark((25 + side * (x + 0.5)) * dots, top + side * (y + 0.5) * dots)
            assert found is bool(wanted), (x, y)


def test_without_a_public_address_no_link_leads_into_the_intranet(plain_file: bytes, tmp_path: Path) -> None:
    text = text_of(plain_file, tmp_path)
    assert "到大厅自助机查验" in text and "http" not in text and "查验码 7K3M-92QX-T4" in text and "校验码" not in text
    assert "演示数据，不具效力" in text
    real = unsealed(
        an_evidence(issuer=replace(ISSUER, demo=False, below="", public_address="https://check.portal.test"))
    )
    assert "不具效力" not in text_of(real, tmp_path) and "check.portal.test/check" in text_of(real, tmp_path)


def test_papers_use_no_element_that_the_press_does_not_know() -> None:
    known = {name for names in render.ELEMENTS.values() for name in names} | {"!doctype"}
    templates = Path(__file__).resolve().parents[2] / "templates"
    papers = [templates / "print.html", *templates.glob("*/paper*.html")]
    assert len(papers) > 1
    used = {tag.lower() for file in papers for tag in re.findall(r"<(!?[A-Za-z][A-Za-z0-9]*)", file.read_text("utf8"))}
    assert used <= known, used - known
