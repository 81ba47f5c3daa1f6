"""A real mail server for tests (aiosmtpd), in a thread of its own: it accepts, refuses at any step, hangs at the
greeting, falls silent after the whole mail, or cuts the line."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Letter:
    """A mail as it came in."""

    sender: str
    to: list[str]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        found = message_from_bytes(self.raw, policy=default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        return str(self.mail.get_content())


@dataclass
class Postbox:
    """What the server says, and what it has got. `letters` are those whose whole text arrived, whatever it answered."""

    host: str = "127.0.0.1"
    port: int = 0
    sender: str = ""
    recipient: str = ""
    data: str = ""
    hangs: bool = False  # no greeting
    silent: bool = False  # no answer to the whole mail
    cuts: bool = False  # breaks off after the whole mail
    on_letter: Callable[[Letter], None] | None = None
    letters: list[Letter] = field(default_factory=list)
    calls: int = 0
    password: str = "Osmanthus-smtp"
    _controller: Any = None

    def start(self, **options: Any) -> "Postbox":
        with socket.socket() as free:
            free.bind((self.host, 0))
            self.port = free.getsockname()[1]
        self._controller = _Office(self, hostname=self.host, port=self.port, **options)
        self._controller.start()
        self.calls = 0  # it has called itself
        return self

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    # ---- what aiosmtpd asks

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if not self.sender:
            envelope.mail_from = address
        return self.sender or "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if not self.recipient:
            envelope.rcpt_tos.append(address)
        return self.recipient or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        letter = Letter(envelope.mail_from, list(envelope.rcpt_tos), envelope.content)
        self.letters.append(letter)
        if self.on_letter:
            self.on_letter(letter)
        if self.cuts:
            server.transport.abort()
        if self.silent:
            await asyncio.sleep(3600)
        return self.data or "250 taken"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"portal", self.password.encode()), handled=False)


class _Line(SMTP):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        box = self.event_handler
        box.calls += 1
        if box.hangs:
            self.transport = transport
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.session is not None:
            super().connection_lost(error)


class _Office(Controller):
    def __init__(self, box: Postbox, **options: Any):
        super().__init__(box, **options)

    def factory(self) -> SMTP:
        return _Line(self.handler, **self.SMTP_kwargs)


def certificate(folder: Path, *, host: str = "127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    """A certificate for `host` that signs itself: the file to trust, and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail for tests")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    ca, secret = folder / "mail-ca.pem", folder / "mail.key"
    ca.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca, secret)
    return ca, context
