"""验章: what a file that somebody drops in carries as its seal, without trusting a byte of it.

The file is never parsed as a PDF (a stranger's PDF may unpack to gigabytes): the byte ranges and the signature stand
in it as plain text, and that is all we need. Whether it is ours is said by the office's own certificate and nothing
else: "valid signature" alone says nothing (rules 10, Seals). The register's hash has the last word (`rules.py`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from portal.papers.terms import SealWord

RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
#: More signatures than this are not looked at: our papers carry one.
MOST = 8
DIGESTS: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@dataclass(frozen=True)
class _Signature:
    """A signature as it stands in the file: its range and its CMS bytes."""

    start: int
    gap: int
    gap_end: int
    end: int
    der: bytes


def examine(data: bytes, own: Sequence[x509.Certificate]) -> SealWord:
    """Return the state of the seal in `data`; `own` are this office's certificates. Never raises for bad input."""
    known = [certificate.public_bytes(Encoding.DER) for certificate in own]
    states = [_state(data, signature, known) for signature in _signatures(data)]
    for state in (SealWord.BROKEN, SealWord.ADDED, SealWord.INTACT):
        if state in states:
            return SealWord.ADDED if state is SealWord.INTACT and len(states) > 1 else state
    lowered = data.lower() if data.startswith(b"%PDF") else b""
    if any(certificate.hex().encode() in lowered for certificate in known):
        return SealWord.BROKEN  # our certificate in a seal that cannot be read any more
    return SealWord.FOREIGN if states else SealWord.NONE


def _signatures(data: bytes) -> list[_Signature]:
    found = []
    for match in list(RANGE.finditer(data))[:MOST]:
        start, length, second, rest = (int(number) for number in match.groups())
        gap = data[length:second] if start == 0 and 0 < length < second <= len(data) else b""
        if gap[:1] != b"<" or gap[-1:] != b">":
            continue
        try:
            der = bytes.fromhex(gap[1:-1].decode("ascii"))
        except ValueError:
            continue
        found.append(_Signature(start, length, second, second + rest, der))
    return found


def _state(data: bytes, signature: _Signature, known: Sequence[bytes]) -> SealWord:
    try:
        signed = cms.ContentInfo.load(signature.der)["content"]
        signer = signed["signer_infos"][0]
        certificate = _signer_certificate(signed, signer)
        ours = certificate.dump() in known
        whole = _holds(data, signature, signer, certificate.dump())
    except Exception:  # anything may stand in a stranger's file
        return SealWord.FOREIGN
    if not ours:
        return SealWord.FOREIGN
    if not whole or signature.end > len(data):
        return SealWord.BROKEN
    return SealWord.INTACT if signature.end == len(data) else SealWord.ADDED


def _signer_certificate(signed: cms.SignedData, signer: cms.SignerInfo) -> Any:
    wanted = signer["sid"].chosen
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if certificate.issuer == wanted["issuer"] and certificate.serial_number == wanted["serial_number"].native:
            return certificate
    raise ValueError("the signer's certificate is missing")


def _holds(data: bytes, signature: _Signature, signer: cms.SignerInfo, certificate: bytes) -> bool:
    """Tell whether the digest of the ranges and the signature over the attributes are right."""
    algorithm = DIGESTS[signer["digest_algorithm"]["algorithm"].native]()
    digest = hashes.Hash(algorithm)
    digest.update(data[: signature.gap])
    digest.update(data[signature.gap_end : signature.end])
    told = next(a["values"][0].native for a in signer["signed_attrs"] if a["type"].native == "message_digest")
    if told != digest.finalize():
        return False
    key = x509.load_der_x509_certificate(certificate).public_key()
    attributes = signer["signed_attrs"].untag().dump()
    raw = signer["signature"].native
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(raw, attributes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(raw, attributes, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True
