"""Mail addresses in any form a person types: one plain address, or the fault by name (rules 6 Input)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.fields.letters import Misread
from portal.ground.fields.mails import ADDRESS_MOST, clean_mail, masked_mail

ATOMS = st.from_regex(r"[A-Za-z0-9_+%-]{1,12}", fullmatch=True)
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
ADDRESSES = st.builds(
    lambda local, domain: f"{'.'.join(local)}@{'.'.join(domain)}",
    st.lists(ATOMS, min_size=1, max_size=3),
    st.lists(LABELS, min_size=2, max_size=4),
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        pytest.param(" zhoumin@guixi.gov.cn ", "zhoumin@guixi.gov.cn", id="rules6-input-blanks"),
        pytest.param("Zhou.Min@GUIXI.gov.cn", "Zhou.Min@guixi.gov.cn", id="rules6-input-capitals"),
        pytest.param("ｚｈｏｕ＠ｇｕｉｘｉ．ｃｎ", "zhou@guixi.cn", id="rules6-input-full-width"),
        pytest.param("zhou+141@guixi.lan", "zhou+141@guixi.lan", id="rules6-input-plus"),
        pytest.param("o'neil@a-b.example", "o'neil@a-b.example", id="rules6-input-apostrophe"),
    ],
)
def test_understood(typed: str, stored: str) -> None:
    assert clean_mail(typed) == stored


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        pytest.param("", "请填邮箱", id="empty"),
        pytest.param("zhoumin", "没有 @", id="no-at"),
        pytest.param("@guixi.cn", "前面是空的", id="no-local"),
        pytest.param("zhou@guixi", "写全", id="short-domain"),
        pytest.param("zhou@[192.168.1.1]", "本身", id="an-address-literal"),
        pytest.param("zhou@guixi..cn", "写全", id="two-dots"),
        pytest.param("zhou@-guixi.cn", "写全", id="hyphen"),
        pytest.param(".zhou@guixi.cn", "名字", id="dot-first"),
        pytest.param("周敏@guixi.cn", "“周”（U+5468）", id="chinese"),
        pytest.param("zhou@桂溪.cn", "“桂”", id="chinese-domain"),
        pytest.param("zhou@guixi。cn", "“。”", id="chinese-full-stop"),
        pytest.param("周敏 <zhou@guixi.cn>", "本身", id="display-name"),
        pytest.param("zhou@guixi.cn, li@guixi.cn", "一个", id="two-with-a-comma"),
        pytest.param("zhou@guixi.cn；li@guixi.cn", "一个", id="two-with-a-semicolon"),
        pytest.param("zhou@li@guixi.cn", "一个", id="two-ats"),
        pytest.param("zhou min@guixi.cn", "空格", id="blank"),
        pytest.param("zhou@guixi.cn\r\nBcc: li@guixi.cn", "控制字符", id="header-injection"),
        pytest.param("zhou@guixi.cn\nX: y", "控制字符", id="header-injection-lf"),
        pytest.param("zhou\u200b@guixi.cn", "零宽空格", id="unseen"),
        pytest.param("zhou@guixi.cn\u2028", "行分隔符", id="line-separator"),
        pytest.param("z" * 65 + "@guixi.cn", "名字", id="local-too-long"),
        pytest.param("z@" + "a." * 130 + "cn", "写全", id="too-long"),
    ],
)
def test_refused_by_name(typed: str, sentence: str) -> None:
    with pytest.raises(Misread, match=re.escape(sentence)):
        clean_mail(typed)


@given(ADDRESSES)
def test_a_plain_address_stays_as_it_is(address: str) -> None:
    assert clean_mail(address) == address == clean_mail(clean_mail(address))


@given(st.text(st.characters(codec="utf-8"), max_size=80) | ADDRESSES)
def test_whatever_is_kept_is_one_line_of_ascii_with_one_at(text: str) -> None:
    try:
        kept = clean_mail(text)
    except Misread:
        return
    assert kept.isascii() and kept.isprintable() and kept.count("@") == 1 and len(kept) <= ADDRESS_MOST
    assert not set(kept) & set(' ,;:<>()[]\\"\r\n')


@pytest.mark.parametrize(
    ("address", "shown"),
    [("zhoumin@guixi.gov.cn", "z***@guixi.gov.cn"), ("z@a.cn", "z***@a.cn"), ("", ""), (None, ""), ("zhou", "***"),
     ("@a.cn", "***")],
)  # fmt: skip
def test_masked(address: str | None, shown: str) -> None:
    assert masked_mail(address) == shown
