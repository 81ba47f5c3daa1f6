"""电子章: the office's certificate sealed onto a paper (PAdES, a certification signature that allows no change).

The key is loaded once a process: pyHanko's own SimpleSigner reads it again at every call (195 ms against 18). No
network is touched, no time stamp authority asked; the signing time is the paper's own instant.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from asn1crypto.algos import SignedDigestAlgorithm
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from pyhanko.pdf_utils.generic import ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.attributes import CMSAttributeProvider, SignedAttributeProviderSpec, SigningCertificateV2Provider
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "OfficeSeal"
#: Room for the signature, so that pyHanko need not sign twice to find out.
RESERVED = 16384


class NoSeal(RuntimeError):
    """The office's key or certificate is missing, broken or open to others; the sentence says what to do."""


class _NamesCertificate(SigningCertificateV2Provider):
    """Says which certificate signs (RFC 5035), from bytes made once: asn1crypto writes a value that it has built, not
    read, again at each of its levels, which is two thirds of a seal's time."""

    def __init__(self, certificate: asn1_x509.Certificate):
        super().__init__(signing_cert=certificate)
        self._value = as_signing_certificate_v2(certificate).dump()

    async def build_attr_value(self, dry_run: bool = False) -> tsp.SigningCertificateV2:
        return tsp.SigningCertificateV2.load(self._value)


class _SignedAttributes(SignedAttributeProviderSpec):
    """What PAdES wants signed beside the digest: the name of the certificate, and no time of the signer's own."""

    def __init__(self, certificate: asn1_x509.Certificate):
        self._named = _NamesCertificate(certificate)

    def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> Iterable[CMSAttributeProvider]:
        return [self._named]


class OfficeSigner(Signer):
    """Signs with a key that stays in memory."""

    def __init__(self, key: Any, certificate: x509.Certificate, chain: Iterable[x509.Certificate]):
        self._key = key
        registry = SimpleCertificateStore()
        registry.register_multiple([_asn1(one) for one in chain])
        mechanism = "sha256_rsa" if isinstance(key, rsa.RSAPrivateKey) else "sha256_ecdsa"
        super().__init__(
            signing_cert=_asn1(certificate),
            cert_registry=registry,
            signature_mechanism=SignedDigestAlgorithm({"algorithm": mechanism}),
            embed_roots=True,
        )
        self.signed_attr_prov_spec = _SignedAttributes(_asn1(certificate))

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Return the raw signature over `data` (SHA-256)."""
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


class Seal:
    """The office's seal, ready in memory."""

    def __init__(self, key: Any, certificate: x509.Certificate, chain: Iterable[x509.Certificate], name: str):
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise NoSeal("电子章的密钥须为 RSA 或 ECDSA")
        if certificate.public_key() != key.public_key():
            raise NoSeal("电子章的证书和密钥不是一对，请检查配置")
        self.certificate = certificate
        self.chain = list(chain)
        self.name = name
        self._signer = OfficeSigner(key, certificate, self.chain)

    def anchor(self) -> x509.Certificate:
        """Return the certificate that others trust to verify this seal: the root of its chain, else its own."""
        roots = [one for one in self.chain if one.issuer == one.subject]
        return (roots or self.chain or [self.certificate])[-1]

    def press(self, unsealed: bytes, *, at: datetime, place: str = "") -> bytes:
        """Return the sealed file: it begins with exactly `unsealed`, the seal is appended.

        With an RSA key the same paper sealed again is the same file, byte for byte.

        `NoSeal` when the certificate is not valid at `at`.
        """
        if not self.certificate.not_valid_before_utc <= at <= self.certificate.not_valid_after_utc:
            raise NoSeal("电子章的证书不在有效期内，请联系系统管理员")
        writer = SealWriter(BytesIO(unsealed))
        # the second half of the file's identifier says which file was sealed: two processes make the same bytes
        writer._document_id[1] = ByteStringObject(hashlib.sha256(unsealed).digest()[:16])
        what = PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            subfilter=SigSeedSubFilter.PADES,
            name=self.name,
            location=place or None,
        )
        signer = _DatedSigner(what, self._signer, at)
        sealed: bytes = _outside_any_loop(lambda: signer.sign_pdf(writer, bytes_reserved=RESERVED)).getvalue()
        if not sealed.startswith(unsealed):
            raise RuntimeError("the sealed file does not begin with the unsealed one")
        return sealed


def _outside_any_loop(deed: Callable[[], Any]) -> Any:
    """Do what starts an event loop of its own (pyHanko signs in one): in a thread where one runs here already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return deed()
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(deed).result()


class SealWriter(IncrementalPdfFileWriter):
    """Appends the seal and nothing else: dates in the file stay the paper's own, whatever the wall clock says."""

    def _update_meta(self) -> None:
        return


class _DatedSigner(PdfSigner):
    """A signer whose clock stands at the paper's instant: the portal reads the wall clock in one place only."""

    def __init__(self, what: PdfSignatureMetadata, signer: Signer, at: datetime):
        super().__init__(what, signer=signer)
        self._at = at

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only=existing_fields_only)
        session.system_time = self._at
        return session


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


@lru_cache(maxsize=4)
def from_pkcs12(path: Path, passphrase_file: Path | None, name: str) -> Seal:
    """Return the seal of a PKCS#12 file, its passphrase in a file of its own. `NoSeal` when it cannot be read."""
    try:
        passphrase = passphrase_file.read_bytes().strip() if passphrase_file else None
        key, certificate, others = load_key_and_certificates(path.read_bytes(), passphrase)
    except (OSError, ValueError) as error:
        raise NoSeal("读不出电子章文件：请检查 OFFICE_SEAL_PKCS12 和口令文件") from error
    if key is None or certificate is None:
        raise NoSeal("电子章文件里没有密钥或证书")
    return Seal(key, certificate, others, name)


@lru_cache(maxsize=4)
def from_folder(folder: Path, name: str) -> Seal:
    """Return the demonstration seal of an authority's folder (`authority.make`). `NoSeal` when it is not there."""
    key_file = folder / "office-key.pem"
    if not key_file.is_file():
        raise NoSeal("还没有电子章：请运行 flask papers authority，或配置 OFFICE_SEAL_PKCS12")
    if key_file.stat().st_mode & 0o077:
        raise NoSeal("电子章密钥的权限太宽，请改为仅本人可读（chmod 600）")
    key = load_pem_private_key(key_file.read_bytes(), None)
    certificate = x509.load_pem_x509_certificate((folder / "office.pem").read_bytes())
    chain = [x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())]
    return Seal(key, certificate, chain, name)
