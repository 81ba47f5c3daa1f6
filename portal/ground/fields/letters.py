"""Single characters: which are Chinese, which cannot be seen, how a stranger among them is named."""

import re
import unicodedata


class Misread(ValueError):
    """A field that cannot be taken as it stands.

    `str(error)` is a Chinese sentence that says what to do; `cure` is the likely right answer, if there is
    one.
    """

    def __init__(self, sentence: str, cure: str | None = None) -> None:
        super().__init__(sentence)
        self.cure = cure


# First and last code point of every assigned run of ideographs, up to Unicode 17 (Extension J).
HAN = (
    (0x3007, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFA6D), (0xFA70, 0xFAD9),
    (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81D), (0x2B820, 0x2CEAD), (0x2CEB0, 0x2EBE0),
    (0x2EBF0, 0x2EE5D), (0x2F800, 0x2FA1D), (0x30000, 0x3134A), (0x31350, 0x323AF), (0x323B0, 0x33479),
)  # fmt: skip
BLANKS = " \t\r\n\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
DASHES = "-‐‑‒–—―−﹣－─━ー﹘⁃"
_UNSEEN = {
    "\u00ad": "软连字符", "\u034f": "组合连接符", "\u061c": "阿拉伯文方向符", "\u115f": "空白的谚文字母",
    "\u1160": "空白的谚文字母", "\u17b4": "不可见的元音", "\u17b5": "不可见的元音", "\u180e": "蒙古文分隔符",
    "\u200b": "零宽空格", "\u200c": "零宽不连字", "\u200d": "零宽连字", "\u200e": "从左到右方向符",
    "\u200f": "从右到左方向符", "\u2028": "行分隔符", "\u2029": "段分隔符", "\u202a": "从左到右嵌入符",
    "\u202b": "从右到左嵌入符", "\u202c": "方向结束符",
    "\u202d": "从左到右强制符", "\u202e": "从右到左强制符",
    "\u2060": "单词连接符", "\u2066": "从左到右隔离符",
    "\u2067": "从右到左隔离符", "\u2068": "首字定向隔离符",
    "\u2069": "隔离结束符", "\u2800": "空白盲文", "\u3164": "空白的谚文字母", "\ufeff": "字节顺序标记",
    "\uffa0": "空白的谚文字母", "\ufffc": "对象占位符", "\ufffd": "乱码替换符",
}  # fmt: skip
_KINDS = {
    "Co": "私用区字符",
    "Cn": "未编码的字符",
    "Cs": "残缺的半个字符",
    "Cc": "控制字符",
    "Cf": "不可见的格式字符",
}


def is_han(character: str) -> bool:
    """Whether the character is a Chinese one: any CJK block of Unicode, extensions and compatibility
    included.
    """
    code = ord(character)
    return any(first <= code <= last for first, last in HAN)


def half_width(text: str) -> str:
    """Full-width ASCII and the ideographic space → their half-width twins; everything else as it was."""
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else " " if c == "\u3000" else c for c in text)


def code_point(character: str) -> str:
    """`U+4E00`, at least four digits."""
    return f"U+{ord(character):04X}"


def unseen(character: str) -> str | None:
    """What an invisible, direction, private-use or broken character is called in Chinese; None for one that
    is seen.
    """
    code = ord(character)
    if character in _UNSEEN:
        return _UNSEEN[character]
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or 0x180B <= code <= 0x180F:
        return "变体选择符"
    if is_han(character):  # newer than this Python's table of characters
        return None
    return _KINDS.get(unicodedata.category(character))


def naming(character: str) -> str:
    """How a sentence names one character: `“㛃”（U+36C3）`, or `U+200B（零宽空格）` for one that is not seen."""
    hidden = unseen(character)
    return f"{code_point(character)}（{hidden}）" if hidden else f"“{character}”（{code_point(character)}）"


def refuse_unseen(text: str, what: str) -> None:
    """Refuse private-use, invisible, direction and control characters by name (rules 10 Names)."""
    for place, character in enumerate(text, 1):
        hidden = unseen(character)
        if hidden is None:
            continue
        if hidden == "私用区字符":
            cure = "它只在装了同一套字库的电脑上看得见，请用输入法重新打这个字"
        elif hidden == "控制字符" and character in "\r\n\t":
            cure = "请去掉换行和制表符，写成一行"
        else:
            cure = "请删掉重打，不要从别处粘贴"
        raise Misread(f"{what}第 {place} 个字符是 {code_point(character)}（{hidden}），{cure}", _without(text))


def _without(text: str) -> str | None:
    """The text without what is not seen, unless a private-use character would be lost with it."""
    if any(unseen(c) in {"私用区字符", "乱码替换符", "残缺的半个字符"} for c in text):
        return None
    return re.sub(r"\s+", " ", "".join(c if c in BLANKS or not unseen(c) else "" for c in text)).strip() or None
