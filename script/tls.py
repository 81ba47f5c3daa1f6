"""A local authority and a server certificate, for an office network that has none. Usage: tls.py FOLDER NAME…

Writes authority.crt (to be trusted by browsers), authority.key, server.crt and server.key. What still serves is
kept, so a browser trusts once. The authority may vouch only for private addresses, for names that no one can buy,
and for the names asked for: who trusts it trusts it with nothing else.
"""

import ipaddress
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS, SERVER_DAYS, RENEW_DAYS = 3650, 390, 30
PRIVATE = ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10"]
NOT_FOR_SALE = ["localhost", "test", "local", "lan", "internal", "home.arpa"]


def general_name(name: str) -> x509.GeneralName:
    """A name as certificates write it: an address or a host name."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def limits(names: list[str]) -> list[x509.GeneralName]:
    """What the authority may vouch for."""
    blocks = [ipaddress.ip_network(block) for block in PRIVATE]
    hosts = list(NOT_FOR_SALE)
    for name in names:
        match general_name(name):
            case x509.IPAddress():
                blocks.append(ipaddress.ip_network(name))
            case _ if name not in hosts:
                hosts.append(name)
    return [*map(x509.IPAddress, dict.fromkeys(blocks)), *map(x509.DNSName, hosts)]


def covers(authority: x509.Certificate, names: list[str]) -> bool:
    """True when the authority may vouch for every name."""
    allowed = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    blocks = [ipaddress.ip_network(one.value) for one in allowed if isinstance(one, x509.IPAddress)]
    hosts = [one.value for one in allowed if isinstance(one, x509.DNSName)]

    def allows(name: str) -> bool:
        if isinstance(general_name(name), x509.IPAddress):
            return any(ipaddress.ip_address(name) in block for block in blocks)
        return any(name == host or name.endswith("." + host) for host in hosts)

    return all(allows(name) for name in names)


def builder(subject: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int) -> x509.CertificateBuilder:
    """The parts that both certificates share; valid since an hour ago, for clocks that go behind."""
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def usage(*, authority: bool) -> x509.KeyUsage:
    """Key usage: an authority signs certificates, a server signs handshakes."""
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def make_authority(folder: Path, names: list[str]) -> None:
    """A new authority; browsers that trusted an older one have to trust this one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = f"门户本地证书 {datetime.now(UTC):%Y-%m-%d}"
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    certificate = (
        builder(subject, own, key, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(authority=True), critical=True)
        .add_extension(x509.NameConstraints(limits(names), None), critical=True)
        .sign(key, hashes.SHA256())
    )
    write(folder / "authority.key", private(key))
    write(folder / "authority.crt", certificate.public_bytes(Encoding.PEM))


def make_server(folder: Path, names: list[str]) -> None:
    """A server certificate for these names from the folder's authority."""
    authority = x509.load_pem_x509_certificate((folder / "authority.crt").read_bytes())
    authority_key = load_pem_private_key((folder / "authority.key").read_bytes(), None)
    assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        builder(names[0], authority.subject, key, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([general_name(name) for name in names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    write(folder / "server.key", private(key))
    write(folder / "server.crt", certificate.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM))


def private(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def write(path: Path, content: bytes) -> None:
    """Write a file; keys are for the owner's eyes only from their first byte on."""
    path.unlink(missing_ok=True)
    mode = 0o600 if path.suffix == ".key" else 0o644
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)


def read(path: Path) -> x509.Certificate | None:
    """A certificate that stands and has more than a month to go, with its key beside it; else None."""
    if not (path.is_file() and path.with_suffix(".key").is_file()):
        return None
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    good_until = certificate.not_valid_after_utc - timedelta(days=RENEW_DAYS)
    return certificate if datetime.now(UTC) < good_until else None


def make(folder: Path, names: list[str]) -> bool:
    """Make what is missing, old or for other names; True when there is a new authority to trust."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = list(dict.fromkeys(names))
    authority = read(folder / "authority.crt")
    fresh = authority is None or not covers(authority, names)
    if fresh:
        make_authority(folder, names)
    server = read(folder / "server.crt")
    wanted = {general_name(name) for name in names}
    if fresh or server is None or not wanted <= named(server):
        make_server(folder, names)
    return fresh


def named(certificate: x509.Certificate) -> set[x509.GeneralName]:
    """The names a server certificate stands for."""
    return set(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


TRUST = """\
==> to trust this server, once on each machine, copy {file} there and:
      Windows (360, 奇安信, Edge)  certutil -addstore -f Root authority.crt      (as administrator)
      Debian, 统信, 麒麟           cp authority.crt /usr/local/share/ca-certificates/ && update-ca-certificates
      Chromium on Linux           certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n portal -i authority.crt
      Android                     设置 → 安全 → 加密与凭据 → 安装证书 → CA 证书"""


def main(arguments: list[str]) -> int:
    """Make the files and say how to trust them."""
    folder = Path(arguments[0])
    if make(folder, arguments[1:]):
        print(f"==> a new local authority: {folder / 'authority.crt'}")
    print(TRUST.format(file=folder / "authority.crt"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
