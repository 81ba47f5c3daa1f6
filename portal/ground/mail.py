"""邮件: one mail to one address over the office's own mail server, and what is known of it afterwards.

Nothing is sent unless `PORTAL_MAIL_HOST` names a server. What counts is whether the other side may have taken the mail:
until its text has begun to go out it certainly has not, whatever went wrong; from then on only an answer tells (I6).
Every step has its time, and the whole talk has one. TLS checks the server's certificate and name; a password never goes
over a line that is not encrypted.
"""

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal.ground.fields.letters import Misread
from portal.ground.fields.mails import clean_mail

#: RFC 2047: a line with an encoded word has 76 signs at most.
POLICY = SMTP.clone(max_line_length=76)
PORTS = {"starttls": 587, "tls": 465, "none": 25}
WORDS_MOST = 160
LINE_MOST = 8192


class NotReady(ValueError):
    """Mail is asked for but not rightly configured; the sentence says what is missing."""


class Fate(StrEnum):
    """What is known of a mail: taken; not taken, but later perhaps; refused for good; it may have been taken."""

    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """What came of a try, in words that hold no address. `all` when it was said before any recipient was named, so that
    the server says it of every mail."""

    fate: Fate
    words: str
    all: bool = False


@dataclass(frozen=True)
class Patience:
    """Seconds: for reaching the server, for each step, for its answer to the whole mail, and for the talk in all."""

    connect: float = 10
    step: float = 20
    answer: float = 60
    talk: float = 90


@dataclass(frozen=True)
class Post:
    """The office's mail server, and as whom the portal writes."""

    host: str
    port: int
    security: str  # starttls | tls | none
    user: str
    password_file: str
    sender: str
    name: str  # what stands before the sender's address
    portal: str  # where staff open the portal
    ca: str
    patience: Patience


def post_of(config: Mapping[str, Any]) -> Post | None:
    """Return the mail server of a configuration, None without one. NotReady says what is wrong with it."""
    given = config["MAIL"]
    if not given["host"]:
        return None
    security = given["security"] or "starttls"
    if security not in PORTS:
        raise NotReady(f"PORTAL_MAIL_SECURITY 只能是 starttls、tls 或 none，现在是 {security}")
    port = given["port"] or str(PORTS[security])
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise NotReady(f"PORTAL_MAIL_PORT 不是端口号：{port}")
    if given["user"] and security == "none":
        raise NotReady("没有加密的连接上不能登录：PORTAL_MAIL_SECURITY 改为 starttls 或 tls，或者去掉 PORTAL_MAIL_USER")
    if bool(given["user"]) != bool(given["password_file"]):
        raise NotReady("PORTAL_MAIL_USER 和 PORTAL_MAIL_PASSWORD_FILE 要么都设，要么都不设")
    try:
        sender = clean_mail(given["from"])
    except Misread as fault:
        raise NotReady(f"PORTAL_MAIL_FROM 不对：{fault}") from None
    portal = config["ADDRESS"]
    if not urlsplit(portal).hostname or not portal.startswith(("http://", "https://")):
        raise NotReady("PORTAL_ADDRESS 要写工作人员打开门户的地址，http:// 或 https:// 开头，邮件里的链接用它")
    name = config["OFFICE"]["portal"]
    patience = config.get("MAIL_PATIENCE") or Patience()
    return Post(
        given["host"], int(port), security, given["user"], given["password_file"], sender, name, portal, given["ca"],
        patience,
    )  # fmt: skip


def letter(post: Post, *, to: str, subject: str, text: str, message_id: str, at: datetime) -> EmailMessage:
    """Return a mail to one address, the same bytes for the same arguments; Misread for what is no address."""
    mail = EmailMessage(POLICY)
    local, _at, domain = post.sender.rpartition("@")
    mail["From"] = Address(post.name, local, domain)
    mail["To"] = Address(addr_spec=clean_mail(to))
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = "zh-CN"
    mail.set_content(text, cte="base64")
    return mail


def deliver(post: Post, mail: EmailMessage) -> Answer:
    """Hand one mail to the server; never raises for what the network or the server does. Holds no transaction."""
    talk = _Talk(post)
    try:
        return talk.through(mail)
    except _No as no:
        fate = Fate.LATER if no.code < 500 else Fate.REFUSED
        return Answer(fate, f"{talk.step}：{no.code} {no.words}".strip(), talk.of_all)
    except ssl.SSLCertVerificationError as fault:
        return Answer(Fate.REFUSED, f"服务器的证书核对不上：{plain_words(fault.verify_message)}", True)
    except smtplib.SMTPNotSupportedError as fault:
        return Answer(Fate.REFUSED, f"{talk.step}：服务器不支持（{plain_words(str(fault))}）", True)
    except NotReady as fault:
        return Answer(Fate.REFUSED, str(fault), True)
    except (OSError, smtplib.SMTPException, UnicodeError) as trouble:
        fate = Fate.UNKNOWN if talk.gone_out else Fate.LATER
        return Answer(fate, f"{talk.step}：{_what(trouble)}", talk.of_all)
    finally:
        talk.leave()


def plain_words(said: str | bytes) -> str:
    """What a server said, as one short line without any mail address in it."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    text = re.sub(r"[^\s<>@]+@[^\s<>]+", "…", text)
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text)).strip()[:WORDS_MOST]


def _what(trouble: Exception) -> str:
    if isinstance(trouble, TimeoutError) or isinstance(trouble.__context__, TimeoutError):
        return "等不到回答"
    if isinstance(trouble, ConnectionRefusedError):
        return "对方没有开这个端口"
    if isinstance(trouble, socket.gaierror):
        return "找不到这台服务器，请核对名称"
    if isinstance(trouble, smtplib.SMTPServerDisconnected | ConnectionError):
        return "对方断开了"
    return plain_words(str(trouble)) or type(trouble).__name__


class _No(Exception):
    """The server answered with a no, or with something that is no answer (then it is one for now)."""

    def __init__(self, code: int, words: bytes):
        self.code, self.words = code if 400 <= code < 600 else 400, plain_words(words)
        super().__init__(self.words)


class _Reader:
    """Reads lines of a socket, each within its step's time and all within the talk's."""

    def __init__(self, line: socket.socket, end: float, step: float):
        self._line, self._end, self.step = line, end, step
        self._kept = b""

    def readline(self, _most: int = -1) -> bytes:
        """Return the next line with its end, b"" when the other side has closed."""
        by = min(self._end, time.monotonic() + self.step)
        while b"\n" not in self._kept:
            left = by - time.monotonic()
            if left <= 0 or len(self._kept) > LINE_MOST:
                raise TimeoutError
            self._line.settimeout(left)
            if not (piece := self._line.recv(4096)):
                return b""
            self._kept += piece
        line, _, self._kept = self._kept.partition(b"\n")
        return line + b"\n"

    def close(self) -> None:
        """Nothing of its own to close."""


class _Talk(smtplib.SMTP):
    """One talk with the server, from the first word to the last; `step` says in words how far it has come."""

    def __init__(self, post: Post):
        super().__init__(local_hostname=_own_name(post), timeout=post.patience.step)
        self.post = post
        self.step = "连接邮件服务器"
        self.of_all = True
        self.gone_out = False

    def through(self, mail: EmailMessage) -> Answer:
        """Say everything that there is to say."""
        self._reach()
        self._introduce()
        self.step = "发件人"
        self._hear(self.mail(self.post.sender))
        self.of_all, self.step = False, "收件人"
        self._hear(self.rcpt(str(mail["To"])))
        self.step = "正文"
        self._hear(self.docmd("DATA"), wanted=354)
        content = re.sub(rb"(?m)^\.", b"..", mail.as_bytes())
        self.step, self.gone_out = "正文发出以后", True
        self._reader.step = self.post.patience.answer
        self._time()
        self.send(content + b".\r\n")
        code, words = self.getreply()
        if not 200 <= code < 600 or 300 <= code < 400:
            return Answer(Fate.UNKNOWN, f"正文发出以后：听不懂的回答 {plain_words(words)}")
        if code >= 400:
            raise _No(code, words)
        return Answer(Fate.TAKEN, plain_words(words))

    def leave(self) -> None:
        """Say good-bye where anybody hears it; what is known of the mail does not depend on it."""
        with suppress(OSError, smtplib.SMTPException):
            self.putcmd("QUIT")
        self.close()

    def _reach(self) -> None:
        patience = self.post.patience
        self._end = time.monotonic() + patience.talk
        line = socket.create_connection((self.post.host, self.post.port), timeout=patience.connect)
        self._over(line)
        if self.post.security == "tls":
            self._encrypt()
        self._hear(self.getreply(), wanted=220)

    def _introduce(self) -> None:
        self._hello()
        if self.post.security == "starttls":
            self.step = "加密"
            if not self.has_extn("starttls"):
                raise smtplib.SMTPNotSupportedError("STARTTLS")
            self._hear(self.docmd("STARTTLS"), wanted=220)
            self._encrypt()
            self._hello()
        if self.post.user:
            self.step = "登录"
            try:
                self.login(self.post.user, _password(self.post.password_file))
            except smtplib.SMTPResponseException as no:
                raise _No(no.smtp_code, _bytes(no.smtp_error)) from None

    def _hello(self) -> None:
        self.step = "招呼"
        code, words = self.ehlo()
        if not 200 <= code < 300:
            code, words = self.helo()
        self._hear((code, words))

    def _encrypt(self) -> None:
        """Go on encrypted: the certificate and the name are checked; what was learned in the clear is forgotten."""
        self.step = "加密"
        try:
            context = ssl.create_default_context(cafile=self.post.ca or None)
        except OSError:
            raise NotReady(f"PORTAL_MAIL_CA 读不出证书：{self.post.ca}") from None
        self._time()
        assert self.sock is not None
        self._over(context.wrap_socket(self.sock, server_hostname=self.post.host))
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features, self.does_esmtp = {}, False

    def _over(self, line: socket.socket) -> None:
        self.sock = line
        self.file = self._reader = _Reader(line, self._end, self.post.patience.step)

    def _time(self) -> None:
        """Give the next thing that is sent its time."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        assert self.sock is not None
        self.sock.settimeout(min(left, self.post.patience.step))

    def send(self, s: Any) -> None:
        """Send within the time."""
        if self.sock is not None:
            self._time()
        super().send(s)

    def _hear(self, said: tuple[int, bytes], wanted: int = 0) -> None:
        """Go on after a yes; `_No` for anything else."""
        code, words = said
        if code != wanted if wanted else not 200 <= code < 300:
            raise _No(code, words)


def _own_name(post: Post) -> str:
    """As what the portal introduces itself: by its address, which needs no look-up that could hang."""
    host = urlsplit(post.portal).hostname or "portal"
    try:
        number = ip_address(host)
    except ValueError:
        return host.encode("idna").decode() if not host.isascii() else host
    return f"[{number}]" if number.version == 4 else f"[IPv6:{number}]"


def _password(file: str) -> str:
    path = Path(file)
    try:
        if path.stat().st_mode & 0o077:
            raise NotReady(f"{file} 别人也能读，请 chmod 600")
        return path.read_text().strip()
    except OSError as trouble:
        raise NotReady(f"{file} 读不出来（{trouble.strerror}）") from None


def _bytes(said: str | bytes) -> bytes:
    return said if isinstance(said, bytes) else said.encode()
