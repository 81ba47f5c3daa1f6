"""One mail to one address over a real server: what is known of it after each thing that can happen (I6)."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.clock import SHANGHAI
from portal.ground.config import OFFICE
from portal.ground.fields.letters import Misread
from portal.ground.mail import Answer, Fate, NotReady, Patience, Post, deliver, letter, plain_words, post_of
from tests.postbox import Postbox, certificate

AT = datetime(2026, 11, 25, 8, 30, tzinfo=SHANGHAI)
QUICK = Patience(connect=0.4, step=0.4, answer=0.4, talk=2)
MAIL = {
    "host": "",
    "port": "",
    "security": "none",
    "user": "",
    "password_file": "",
    "from": "portal@guixi.lan",
    "ca": "",
}


@pytest.fixture
def box() -> Iterator[Postbox]:
    box = Postbox().start()
    yield box
    box.stop()


def configured(**but: Any) -> dict[str, Any]:
    """A configuration; what is no key of MAIL goes beside it."""
    own = {key: but.pop(key) for key in list(but) if key in MAIL}
    return {
        "MAIL": {**MAIL, "host": "127.0.0.1", **own}, "ADDRESS": "http://portal.lan", "OFFICE": OFFICE,
        "MAIL_PATIENCE": QUICK, **but,
    }  # fmt: skip


def post(box: Postbox, **but: Any) -> Post:
    found = post_of(configured(port=str(box.port), **but))
    assert found is not None
    return found


def send(post: Post, subject: str = "桂溪人居：3 条新提醒", text: str = "还有 12 条没办。\n.\n..两点\n") -> Answer:
    made = letter(post, to="zhoumin@guixi.lan", subject=subject, text=text, message_id="<a@portal.lan>", at=AT)
    return deliver(post, made)


# what comes of it -------------------------------------------------------------------------------------------


def test_taken_whole_to_one_address(box: Postbox) -> None:
    assert send(post(box)) == Answer(Fate.TAKEN, "taken")
    (one,) = box.letters
    assert (one.sender, one.to) == ("portal@guixi.lan", ["zhoumin@guixi.lan"])
    mail = one.mail
    assert str(mail["Subject"]) == "桂溪人居：3 条新提醒"
    assert str(mail["From"]) == "桂溪人居 <portal@guixi.lan>"
    assert (str(mail["To"]), str(mail["Message-ID"])) == ("zhoumin@guixi.lan", "<a@portal.lan>")
    assert (str(mail["Date"]), str(mail["Auto-Submitted"])) == ("Wed, 25 Nov 2026 08:30:00 +0800", "auto-generated")
    assert one.text.splitlines() == ["还有 12 条没办。", ".", "..两点"]
    assert one.raw.isascii() and max(map(len, one.raw.split(b"\r\n"))) <= 76


def test_lines_of_dots_come_as_they_were(box: Postbox) -> None:
    plain = letter(post(box), to="z@guixi.lan", subject="x", text="x", message_id="<a@portal.lan>", at=AT)
    plain.set_content(".\n..\n.end\n", cte="7bit")
    assert deliver(post(box), plain).fate is Fate.TAKEN
    assert box.letters[0].text == ".\r\n..\r\n.end\r\n"


def test_the_same_arguments_make_the_same_bytes(box: Postbox) -> None:
    send(post(box))
    send(post(box))
    assert box.letters[0].raw == box.letters[1].raw


@pytest.mark.parametrize(
    ("knob", "said", "fate", "of_all"),
    [
        pytest.param("sender", "451 not now", Fate.LATER, True, id="I6-4xx-at-the-sender"),
        pytest.param("sender", "553 who are you", Fate.REFUSED, True, id="I6-5xx-at-the-sender"),
        pytest.param("recipient", "450 greylisted", Fate.LATER, False, id="I6-4xx-at-the-recipient"),
        pytest.param("recipient", "550 no such user", Fate.REFUSED, False, id="I6-5xx-at-the-recipient"),
        pytest.param("data", "452 disk full", Fate.LATER, False, id="I6-4xx-after-the-text"),
        pytest.param("data", "554 looks like spam", Fate.REFUSED, False, id="I6-5xx-after-the-text"),
        pytest.param("data", "354 go on", Fate.UNKNOWN, False, id="I6-nonsense-after-the-text"),
        pytest.param("data", "hm?", Fate.UNKNOWN, False, id="I6-no-code-after-the-text"),
    ],
)
def test_a_refusal_is_certain(box: Postbox, knob: str, said: str, fate: Fate, of_all: bool) -> None:
    setattr(box, knob, said)
    answer = send(post(box))
    assert (answer.fate, answer.all) == (fate, of_all)
    assert said[4:] in answer.words or fate is Fate.UNKNOWN


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        shut = Postbox(port=free.getsockname()[1])
    assert send(post(shut)) == Answer(Fate.LATER, "连接邮件服务器：对方没有开这个端口", True)


def test_no_such_server() -> None:
    answer = send(post(Postbox(port=25), host="mail.invalid"))
    assert (answer.fate, answer.all) == (Fate.LATER, True) and "找不到这台服务器" in answer.words


def test_it_hangs_at_the_greeting(box: Postbox) -> None:
    """Nothing has gone out, so it is certain that nothing was taken."""
    box.hangs = True
    began = time.monotonic()
    assert send(post(box)) == Answer(Fate.LATER, "连接邮件服务器：等不到回答", True)
    assert time.monotonic() - began < 1.5


def test_silence_after_the_text_is_unknown(box: Postbox) -> None:
    box.silent = True
    assert send(post(box)) == Answer(Fate.UNKNOWN, "正文发出以后：等不到回答")
    assert len(box.letters) == 1, "it may have been taken, and here it was"


def test_a_cut_after_the_text_is_unknown(box: Postbox) -> None:
    box.cuts = True
    assert send(post(box)) == Answer(Fate.UNKNOWN, "正文发出以后：对方断开了")


class Script:
    """A server that says line after line whatever it hears, for what no honest server does."""

    def __init__(self, *lines: bytes, pause: float = 0.0):
        self.lines, self.pause = lines, pause
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._talk, daemon=True).start()

    def _talk(self) -> None:
        line, _ = self.listening.accept()
        with line:
            try:
                for said in self.lines:
                    for byte in range(len(said)):
                        line.sendall(said[byte : byte + 1] if self.pause else said)
                        if not self.pause:
                            break
                        time.sleep(self.pause)
                    line.recv(4096)
            except OSError:
                return


HELLO = (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n")


def test_a_trickle_does_not_stretch_the_time() -> None:
    """A byte now and then keeps no step and no talk alive."""
    script = Script(b"220 " + b"x" * 400 + b"\r\n", pause=0.05)
    began = time.monotonic()
    answer = send(replace(post(Postbox(port=script.port)), patience=replace(QUICK, step=0.6, talk=0.6)))
    assert (answer.fate, answer.all) == (Fate.LATER, True)
    assert time.monotonic() - began < 2


def test_a_line_without_end_is_not_read_for_ever() -> None:
    script = Script(b"220-" + b"x" * 100_000)
    assert send(post(Postbox(port=script.port))).fate is Fate.LATER


def test_silence_instead_of_go_ahead_is_certain() -> None:
    """Before the text goes out nothing can have been taken."""
    answer = send(post(Postbox(port=Script(*HELLO, b"").port)))
    assert (answer.fate, answer.all) == (Fate.LATER, False)


def test_a_cut_instead_of_go_ahead_is_certain() -> None:
    answer = send(post(Postbox(port=Script(*HELLO).port)))
    assert answer.fate is Fate.LATER


def test_an_answer_holds_no_address_and_one_line(box: Postbox) -> None:
    box.recipient = "550 5.1.1 <zhoumin@guixi.lan>: not here, ask postmaster@guixi.lan"
    answer = send(post(box))
    assert "guixi" not in answer.words and "not here" in answer.words
    assert plain_words(b"a\r\nb\x00\xff " + b"x" * 900 + b" <z@a.cn>") == ("a b \ufffd " + "x" * 900)[:160]


# encrypted --------------------------------------------------------------------------------------------------


def secured(tmp_path: Path, security: str, **options: Any) -> tuple[Postbox, Path]:
    ca, context = certificate(tmp_path)
    box = Postbox()
    if security == "starttls":
        box.start(tls_context=context, require_starttls=True, authenticator=box.authenticate, **options)
    else:
        box.start(ssl_context=context, authenticator=box.authenticate, auth_require_tls=False, **options)
    return box, ca


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encrypted_and_logged_in(tmp_path: Path, security: str) -> None:
    box, ca = secured(tmp_path, security, auth_required=True)
    secret = tmp_path / "password"
    secret.write_text(box.password + "\n")
    secret.chmod(0o600)
    try:
        trusting = post(box, security=security, ca=str(ca), user="portal", password_file=str(secret))
        assert send(trusting).fate is Fate.TAKEN
        stranger = post(box, security=security, user="portal", password_file=str(secret))
        answer = send(stranger)
        assert (answer.fate, answer.all) == (Fate.REFUSED, True) and "证书核对不上" in answer.words
        secret.write_text("wrong")
        answer = send(trusting)
        assert (answer.fate, answer.all) == (Fate.REFUSED, True) and "登录：535" in answer.words
        secret.chmod(0o644)
        assert "chmod 600" in send(trusting).words
        secret.unlink()
        assert "读不出来" in send(trusting).words
        assert "PORTAL_MAIL_CA" in send(replace(trusting, ca=str(tmp_path / "nowhere.pem"))).words
        assert len(box.letters) == 1
    finally:
        box.stop()


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    ca, context = certificate(tmp_path, host="192.168.1.1")
    box = Postbox().start(tls_context=context, require_starttls=True)
    try:
        answer = send(post(box, security="starttls", ca=str(ca)))
        assert (answer.fate, answer.all) == (Fate.REFUSED, True) and "证书核对不上" in answer.words
        assert not box.letters
    finally:
        box.stop()


def test_a_server_without_encryption_gets_nothing(box: Postbox, tmp_path: Path) -> None:
    answer = send(post(box, security="starttls"))
    assert (answer.fate, answer.all) == (Fate.REFUSED, True) and "不支持" in answer.words
    assert send(post(box, security="tls")).fate is Fate.LATER
    assert not box.letters


# configuration ----------------------------------------------------------------------------------------------


def test_without_a_host_there_is_no_mail() -> None:
    assert post_of(configured(host="")) is None


@pytest.mark.parametrize(
    ("but", "port"),
    [({"security": ""}, 587), ({"security": "tls"}, 465), ({}, 25), ({"port": "2525"}, 2525)],
)  # fmt: skip
def test_ports(but: dict[str, str], port: int) -> None:
    found = post_of(configured(**but))
    assert found is not None and found.port == port


@pytest.mark.parametrize(
    ("but", "sentence"),
    [
        pytest.param({"security": "ssl"}, "PORTAL_MAIL_SECURITY", id="security"),
        pytest.param({"port": "x"}, "PORTAL_MAIL_PORT", id="port"),
        pytest.param({"port": "70000"}, "PORTAL_MAIL_PORT", id="port-too-high"),
        pytest.param({"user": "a", "password_file": "b"}, "没有加密", id="password-in-the-clear"),
        pytest.param({"user": "a", "security": "tls"}, "PASSWORD_FILE", id="user-without-password"),
        pytest.param({"from": ""}, "PORTAL_MAIL_FROM", id="no-sender"),
        pytest.param({"from": "a@b.cn\r\nBcc: c@d.cn"}, "PORTAL_MAIL_FROM", id="sender-injection"),
        pytest.param({"ADDRESS": ""}, "PORTAL_ADDRESS", id="no-link"),
        pytest.param({"ADDRESS": "portal.lan"}, "PORTAL_ADDRESS", id="half-a-link"),
    ],
)
def test_not_ready(but: dict[str, str], sentence: str) -> None:
    with pytest.raises(NotReady, match=sentence):
        post_of(configured(**but))


# the text itself --------------------------------------------------------------------------------------------


POST = post_of(configured())
HAN = st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")) | st.sampled_from("䶮㛃𠮷𬭎桂溪：，1a ")


@given(st.text(HAN, min_size=1, max_size=120).map(lambda text: " ".join(text.split())).filter(bool))
def test_subjects_come_whole_in_short_lines_of_whole_characters(subject: str) -> None:
    """RFC 2047: every encoded word is whole by itself, no line is longer than 76."""
    assert POST is not None
    raw = letter(POST, to="z@a.cn", subject=subject, text="x\n", message_id="<a@b>", at=AT).as_bytes()
    assert str(message_from_bytes(raw, policy=default)["Subject"]) == subject
    head = raw.split(b"\r\n\r\n")[0]
    assert head.isascii() and max(map(len, head.split(b"\r\n"))) <= 76
    for word in re.findall(rb"=\?utf-8\?[bq]\?[^?]*\?=", head, re.IGNORECASE):
        ((content, charset),) = decode_header(word.decode())
        assert isinstance(content, bytes) and content.decode(charset or "ascii") is not None


@pytest.mark.parametrize("to", ["a@b.cn, c@d.cn", "a@b.cn\nBcc: c@d.cn", "周敏 <a@b.cn>", ""])
def test_one_plain_address_or_none(to: str) -> None:
    assert POST is not None
    with pytest.raises(Misread):
        letter(POST, to=to, subject="x", text="x", message_id="<a@b>", at=AT)


def test_no_header_is_added_by_a_subject() -> None:
    assert POST is not None
    with pytest.raises(ValueError, match="Header values"):
        letter(POST, to="a@b.cn", subject="x\r\nBcc: c@d.cn", text="x", message_id="<a@b>", at=AT)
