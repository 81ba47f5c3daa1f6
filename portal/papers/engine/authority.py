"""演示证书: a demonstration authority and the office's certificate under it, made once at set-up.

Keys are PEM files of mode 0600 in the authority's folder; `ca.pem` is what others trust (docs/verify.md). A real
office configures its own certificate (OFFICE_SEAL_PKCS12) and needs none of this.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

YEAR = timedelta(days=365)
#: The demonstration office signed its pledges over more than a year before its authority was made.
BACK = 3 * YEAR


def make(folder: Path, *, office: str, now: datetime) -> bool:
    """Make the authority and the office's certificate if they are not there; tells whether it did.

    They are good from three years before `now` on: 20 years for the authority, 10 for the office.
    """
    if (folder / "office.pem").is_file():
        return False
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ca_key, office_key = (rsa.generate_private_key(public_exponent=65537, key_size=3072) for _ in range(2))
    ca_name = _name("电子章演示根证书", "演示，不具效力")
    office_name = _name(f"{office}（演示）", "电子章，演示，不具效力")
    ca = _builder(ca_name, ca_name, ca_key.public_key(), now, 20 * YEAR, authority=True)
    ca = ca.add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
    ca_certificate = ca.sign(ca_key, hashes.SHA256())
    leaf = _builder(office_name, ca_name, office_key.public_key(), now, 10 * YEAR, authority=False)
    leaf = leaf.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
    office_certificate = leaf.sign(ca_key, hashes.SHA256())
    _write(folder / "ca-key.pem", _private(ca_key), 0o600)
    _write(folder / "office-key.pem", _private(office_key), 0o600)
    _write(folder / "ca.pem", ca_certificate.public_bytes(Encoding.PEM), 0o644)
    _write(folder / "office.pem", office_certificate.public_bytes(Encoding.PEM), 0o644)
    return True


def own_certificates(folder: Path) -> list[x509.Certificate]:
    """Return the office's own certificates that are known here: the present one, and earlier ones in `earlier/`."""
    files = [*sorted((folder / "earlier").glob("*.pem")), folder / "office.pem"]
    return [x509.load_pem_x509_certificate(file.read_bytes()) for file in files if file.is_file()]


def _name(common: str, unit: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, now: datetime, life: timedelta, *, authority: bool
) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=not authority, content_commitment=not authority, key_cert_sign=authority, crl_sign=authority,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACK)
        .not_valid_after(now + life)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(usage, critical=True)
    )


def _private(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(file: Path, data: bytes, mode: int) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
        out.write(data)
    file.chmod(mode)
