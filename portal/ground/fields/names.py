"""姓名与店名: names of persons and of shops (rules 10 Names)."""

import re
import unicodedata
from collections.abc import Callable

from portal.ground.fields.letters import BLANKS, Misread, half_width, is_han, naming, refuse_unseen

DOT = "\u00b7"
_DOT_TWINS = "・•‧∙⋅．･·․⸱ᐧ᛫⸳"
NAME_MOST = 50
SHOP_MOST = 60
_SHOP_MARKS = frozenset("()（）[]【】〔〕「」『』《》〈〉“”‘’\"'&＆+-—–_/|、，,。.！!？?：:；;·~～…#@*%℃°№★☆◆♥々〆ー®™")


def clean_name(text: str) -> str:
    """A person's name in its one stored form.

    Every Chinese character of Unicode, Latin letters and the middle dot U+00B7 (its look-alikes become it)
    are taken; blanks that pad Chinese characters go, one blank between Latin words stays. Compatibility
    characters stay as typed: a person's own glyph is not bent. Raises `Misread` (rules 10 Names).
    """
    name = _latin(half_width_letters(text.strip(BLANKS)))
    refuse_unseen(re.sub(f"[{BLANKS}]+", " ", name), "姓名")
    name = _dots(name)
    name = _unpadded(name)
    if not name:
        raise Misread("请填姓名")
    for character in name:
        if not (is_han(character) or _is_latin(character) or character in (DOT, " ")):
            raise Misread(f"姓名里有 {naming(character)}，姓名只用汉字、英文字母和间隔号“·”")
    if name.startswith(DOT) or name.endswith(DOT):
        raise Misread("间隔号“·”要写在两段名字中间", name.strip(DOT + " ") or None)
    if DOT * 2 in name:
        raise Misread("两个间隔号“·”连在一起，只留一个", re.sub(f"{DOT}+", DOT, name))
    if len(name) < 2:
        raise Misread("姓名至少两个字，请照身份证填全")
    if len(name) > NAME_MOST:
        raise Misread(f"姓名最多 {NAME_MOST} 个字，现在有 {len(name)} 个")
    return name


def clean_shop_name(text: str) -> str:
    """A shop's name as on its sign or licence: wider than a person's name, with the same refusals by name.

    Digits and Latin letters become half-width, inner blanks one; brackets stay as typed. Raises `Misread`.
    """
    name = _latin(half_width_letters(text.strip(BLANKS)))
    refuse_unseen(re.sub("[ \u00a0\u2000-\u200a\u202f\u205f\u3000]", " ", name), "店名")
    name = re.sub(f"[{BLANKS}]+", " ", _dots(name, whole_stops=False))
    if not name:
        raise Misread("请填店名")
    for character in name:
        if not (is_han(character) or _is_latin(character) or _is_shop_mark(character)):
            raise Misread(f"店名里有 {naming(character)}，请照招牌用汉字、字母、数字和常用标点填写")
    if not any(is_han(c) or c.isalnum() for c in name):
        raise Misread("店名里没有一个字，请照招牌填写")
    if len(name) > SHOP_MOST:
        raise Misread(f"店名最多 {SHOP_MOST} 个字，现在有 {len(name)} 个")
    return name


def unprintable(text: str, covered: Callable[[str], bool]) -> list[str]:
    """The characters of `text` that no face can print, each once, in order; blanks are never among them.

    `covered(character)` says whether the fonts hold it. A character found here is refused when the shop is
    entered, not after its owner has signed (rules 10 Names); `letters.naming` puts it into a sentence.
    """
    return [c for c in dict.fromkeys(text) if c not in BLANKS and not covered(c)]


def refuse_unprintable(text: str, covered: Callable[[str], bool], what: str = "姓名") -> str:
    """The text itself, or `Misread` with every character that cannot be printed named."""
    missing = unprintable(text, covered)
    if missing:
        named = "、".join(naming(c) for c in missing)
        raise Misread(f"{what}里的 {named} 现有字库印不出来，请联系管理员补字库，或照身份证换成标准字")
    return text


def half_width_letters(text: str) -> str:
    """Full-width digits and Latin letters → half-width; full-width punctuation stays."""
    return "".join(half_width(c) if c in _WIDE else c for c in text)


_WIDE = frozenset(chr(c) for c in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)))


def _is_latin(character: str) -> bool:
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN ")


def _is_shop_mark(character: str) -> bool:
    kana = "\u3041" <= character <= "\u30fa"  # の and its like are usual on signs
    return character in _SHOP_MARKS or character == " " or character in "0123456789①②③④⑤⑥⑦⑧⑨⑩" or kana


def _latin(text: str) -> str:
    """Latin letters with loose accents composed, Kangxi radicals (copied out of PDF files) made characters."""
    text = re.sub(
        "[A-Za-z\u00c0-\u024f\u1e00-\u1eff][\u0300-\u036f]+",
        lambda m: unicodedata.normalize("NFC", m[0]),
        text,
    )
    return re.sub("[\u2f00-\u2fd5]", lambda m: unicodedata.normalize("NFKC", m[0]), text)


def _dots(text: str, *, whole_stops: bool = True) -> str:
    """Look-alikes of the middle dot become it; a full stop between two Chinese characters is one of them."""
    text = re.sub(f"[{_DOT_TWINS}]", DOT, text)
    if not whole_stops:
        return text
    for around in re.finditer(r"(?<=(.))[.](?=(.))", text):
        if is_han(around[1]) and is_han(around[2]):
            text = text[: around.start()] + DOT + text[around.end() :]
    return text


def _unpadded(text: str) -> str:
    """Blanks between Latin letters become one; those beside Chinese characters and dots are padding and go."""
    parts = [part for part in re.split(f"[{BLANKS}]+", text) if part]
    name = ""
    for part in parts:
        both_latin = bool(name) and _is_latin(name[-1]) and _is_latin(part[0])
        name += (" " if both_latin else "") + part
    return name
