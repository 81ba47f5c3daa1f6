"""I9: the seal. Foreign tools trust it, a flip in the signed ranges breaks it, a flip anywhere is found."""

import random
import re
import socket
import subprocess
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from portal.papers import rules
from portal.papers.engine import authority, canonical, proof, seal
from portal.papers.terms import FileVerdict, SealWord
from tests.conftest import NOON


def pdfsig(data: bytes, store: str, folder: Path) -> str:
    file = folder / "sealed.pdf"
    file.write_bytes(data)
    done = subprocess.run(["pdfsig", "-nssdir", store, file], capture_output=True, text=True)
    return done.stdout + done.stderr


def signed_ranges(data: bytes) -> tuple[int, int, int]:
    """Return where the gap begins and ends, and the end of what is signed."""
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\s*\]", data)
    assert found
    gap, second, rest = map(int, found.groups())
    return gap, second, second + rest


def flipped(data: bytes, place: int, bit: int = 1) -> bytes:
    return data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]


def test_the_sealed_file_begins_with_the_unsealed_one(
    plain_file: bytes, sealed_file: bytes, office_seal: seal.Seal
) -> None:
    assert sealed_file.startswith(plain_file) and len(sealed_file) > len(plain_file)
    assert office_seal.press(plain_file, at=NOON) == sealed_file, "the same paper sealed again is the same file"


def test_pdfsig_trusts_it(sealed_file: bytes, trust_store: str, tmp_path: Path) -> None:
    said = pdfsig(sealed_file, trust_store, tmp_path)
    assert "Signature is Valid." in said and "Certificate is Trusted." in said and "Total document signed" in said
    assert "垫江县桂溪街道办事处" in said and "ETSI.CAdES.detached" in said
    check = subprocess.run(["qpdf", "--check", tmp_path / "sealed.pdf"], capture_output=True, text=True)
    assert check.returncode == 0 and "WARNING" not in check.stdout + check.stderr


def test_pdfsig_does_not_trust_it_without_our_authority(sealed_file: bytes, tmp_path: Path) -> None:
    (tmp_path / "nss").mkdir()
    store = f"sql:{tmp_path / 'nss'}"
    subprocess.run(["certutil", "-N", "-d", store, "--empty-password"], check=True)
    assert "Certificate is Trusted." not in pdfsig(sealed_file, store, tmp_path)


def test_a_flip_in_the_signed_ranges_breaks_it_for_pdfsig(sealed_file: bytes, trust_store: str, tmp_path: Path) -> None:
    gap, second, end = signed_ranges(sealed_file)
    dice = random.Random(9)
    places = (
        [dice.randrange(0, gap) for _ in range(6)] + [dice.randrange(second, end) for _ in range(4)] + [200, end - 1]
    )
    for place in places:
        said = pdfsig(flipped(sealed_file, place), trust_store, tmp_path)
        assert "Signature is Valid." not in said, f"flip at {place}: {said}"


def test_it_is_a_certification_that_allows_no_change(sealed_file: bytes, authority_folder: Path) -> None:
    (embedded,) = PdfFileReader(BytesIO(sealed_file)).embedded_signatures
    assert embedded.docmdp_level == MDPPerm.NO_CHANGES
    assert str(embedded.sig_object["/SubFilter"]) == "/ETSI.CAdES.detached"
    root = x509.load_pem_x509_certificate((authority_folder / "ca.pem").read_bytes())
    trust = ValidationContext(trust_roots=[seal._asn1(root)], moment=NOON, allow_fetching=False)
    status = validate_pdf_signature(embedded, trust)
    assert status.intact and status.valid and status.trusted and status.bottom_line
    assert status.signer_reported_dt == NOON
    x, y, width, height = embedded.sig_field["/Rect"]
    assert (x, y, width, height) == (0, 0, 0, 0), "the field is invisible: the seal is drawn in the page"


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flip_anywhere_is_found(
    data: st.DataObject, plain_file: bytes, sealed_file: bytes, authority_folder: Path
) -> None:
    """The seal says so in the signed ranges; in the padding, where no seal looks, the register's hash does."""
    own = authority.own_certificates(authority_folder)
    place = data.draw(st.integers(0, len(sealed_file) - 1))
    changed = flipped(sealed_file, place, 1 << data.draw(st.integers(0, 7)))
    word = proof.examine(changed, own)
    gap, second, end = signed_ranges(sealed_file)
    if place < gap or second <= place < end:
        assert word is not SealWord.INTACT
    digest = canonical.sha256(changed)
    facts = rules.DroppedFile(
        same_as_register=digest == canonical.sha256(sealed_file), same_as_other=False,
        same_as_unsealed=digest == canonical.sha256(plain_file), seal=word,
    )  # fmt: skip
    assert rules.file_verdict(facts) is not FileVerdict.OURS
    assert rules.file_verdict(facts) in (
        FileVerdict.CHANGED,
        FileVerdict.ADDED,
        FileVerdict.UNKNOWN,
        FileVerdict.FOREIGN,
    )


@pytest.mark.parametrize("tail", [b"\n", b"\n% more\n", b"\n1 0 obj\n<<>>\nendobj\n%%EOF\n"])
def test_what_is_added_after_the_seal_is_seen(sealed_file: bytes, authority_folder: Path, tail: bytes) -> None:
    own = authority.own_certificates(authority_folder)
    assert proof.examine(sealed_file, own) is SealWord.INTACT
    assert proof.examine(sealed_file + tail, own) is SealWord.ADDED


class Careless(PdfSigner):
    """A signer that signs although the certification forbids it, as a forger's would."""

    def _enforce_certification_constraints(self, reader: object) -> None:
        return


def test_a_second_signature_by_another_is_something_added(
    sealed_file: bytes, authority_folder: Path, tmp_path: Path
) -> None:
    authority.make(tmp_path / "other", office="别的机关", now=NOON)
    other = seal.from_folder(tmp_path / "other", "别的机关")
    own = authority.own_certificates(authority_folder)
    writer = seal.SealWriter(BytesIO(sealed_file))
    what = PdfSignatureMetadata(field_name="Other", md_algorithm="sha256")
    twice = Careless(what, signer=other._signer).sign_pdf(writer, bytes_reserved=16384).getvalue()
    assert proof.examine(twice, own) is SealWord.ADDED


def test_another_office_is_not_ours(plain_file: bytes, authority_folder: Path, tmp_path: Path) -> None:
    """The same name, a valid signature, even from an authority of the same name: it is not our certificate."""
    authority.make(tmp_path / "other", office="垫江县桂溪街道办事处", now=NOON)
    forged = seal.from_folder(tmp_path / "other", "垫江县桂溪街道办事处").press(plain_file, at=NOON)
    assert proof.examine(forged, authority.own_certificates(authority_folder)) is SealWord.FOREIGN
    assert proof.examine(forged, authority.own_certificates(tmp_path / "other")) is SealWord.INTACT


@given(st.binary(max_size=400))
def test_rubbish_is_never_ours_and_never_raises(rubbish: bytes) -> None:
    assert proof.examine(b"%PDF-1.7 /ByteRange [0 20 30 40]" + rubbish, []) in (SealWord.NONE, SealWord.FOREIGN)


def test_no_seal_no_proof(plain_file: bytes, authority_folder: Path) -> None:
    assert proof.examine(plain_file, authority.own_certificates(authority_folder)) is SealWord.NONE


def test_sealing_asks_nobody(plain_file: bytes, office_seal: seal.Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert office_seal.press(plain_file, at=NOON)


def test_keys_are_the_owners_alone(authority_folder: Path, tmp_path: Path) -> None:
    for name in ("ca-key.pem", "office-key.pem"):
        assert (authority_folder / name).stat().st_mode & 0o777 == 0o600
    authority.make(tmp_path / "open", office="某街道", now=NOON)
    (tmp_path / "open" / "office-key.pem").chmod(0o644)
    with pytest.raises(seal.NoSeal, match="权限"):
        seal.from_folder(tmp_path / "open", "某街道")


def test_a_certificate_out_of_its_term_does_not_seal(plain_file: bytes, office_seal: seal.Seal) -> None:
    with pytest.raises(seal.NoSeal, match="有效期"):
        office_seal.press(plain_file, at=NOON + timedelta(days=4000))


def test_a_real_office_brings_a_pkcs12(plain_file: bytes, authority_folder: Path, tmp_path: Path) -> None:
    key = load_pem_private_key((authority_folder / "office-key.pem").read_bytes(), None)
    own, ca = (
        x509.load_pem_x509_certificate((authority_folder / name).read_bytes()) for name in ("office.pem", "ca.pem")
    )
    sealed_key = pkcs12.serialize_key_and_certificates(b"office", key, own, [ca], BestAvailableEncryption(b"word"))
    (tmp_path / "office.p12").write_bytes(sealed_key)
    (tmp_path / "word").write_text("word\n")
    real = seal.from_pkcs12(tmp_path / "office.p12", tmp_path / "word", "垫江县桂溪街道办事处")
    assert proof.examine(real.press(plain_file, at=NOON), [own]) is SealWord.INTACT
    (tmp_path / "wrong").write_text("other")
    with pytest.raises(seal.NoSeal):
        seal.from_pkcs12(tmp_path / "office.p12", tmp_path / "wrong", "x")
