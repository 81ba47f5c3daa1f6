"""编码: unified social credit codes, shop numbers and check codes (rules 1, 6 Input, 10 Numbers and masks)."""

import re
import secrets
from typing import NamedTuple

from portal.ground.fields.letters import BLANKS, DASHES, Misread, half_width, naming, refuse_unseen

_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
_CREDIT_TWINS = {"I": "1", "O": "0", "S": "5", "V": "U", "Z": "2"}
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
STREET = "GX"


class ShopNumber(NamedTuple):
    """A shop's number in its parts: `GX`, `MY`, 142."""

    street: str
    community: str
    serial: int

    def __str__(self) -> str:
        return f"{self.street}-{self.community}-{self.serial:04d}"


def clean_uscc(text: str) -> str:
    """A unified social credit code of 18 characters whose check character holds (GB 32100).

    Raises `Misread`.
    """
    code = _bare(text, "统一社会信用代码")
    if not code:
        raise Misread("请填统一社会信用代码；没有执照的勾“无照”")
    if re.fullmatch(r"\d(\.\d+)?E\+?\d+", code):
        raise Misread("被表格改成了科学计数法，后面的数字已经丢失；请把该列设为文本后重填")
    if len(code) == 15 and code.isdigit():
        raise Misread("15 位是旧的注册号，请照新执照填 18 位统一社会信用代码")
    if len(code) != 18:
        raise Misread(f"统一社会信用代码要 18 位，现在是 {len(code)} 位")
    for place, sign in enumerate(code, 1):
        if sign in _CREDIT_TWINS:
            raise Misread(f"第 {place} 位不会是字母 {sign}，是不是 {_CREDIT_TWINS[sign]}？")
        if sign not in _CREDIT_SIGNS:
            raise Misread(f"第 {place} 位是 {naming(sign)}，代码里只有数字和大写字母")
    if not code[2:8].isdigit():
        raise Misread("第 3 到 8 位是登记地区，应全是数字，请核对")
    wanted = uscc_check(code[:17])
    if code[17] != wanted:
        raise Misread(f"第 18 位校验不符，应为 {wanted}；若第 18 位没写错，就是前面有一位写错", code[:17] + wanted)
    return code


def uscc_check(body: str) -> str:
    """The 18th character for the first 17 of a unified social credit code (weights 3^n mod 31)."""
    total = sum(_CREDIT_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return _CREDIT_SIGNS[-total % 31]


def clean_shop_number(text: str, street: str = STREET) -> str:
    """`GX-MY-0142` however it was typed or scanned. Raises `Misread`."""
    return str(parse_shop_number(text, street))


def parse_shop_number(text: str, street: str = STREET) -> ShopNumber:
    """A shop number in its parts, from `gx my 142`, `MY-0142`, full-width signs or the address behind its QR.

    Raises `Misread` when it is none.
    """
    plain = half_width(text.strip(BLANKS))
    plain = re.split(r"[/=]", plain)[-1].upper()
    signs = "".join("-" if c in DASHES or c in BLANKS or c == "_" else c for c in plain)
    found = re.fullmatch(rf"(?:({re.escape(street)})-*)?([A-Z]{{2,4}})-*([0-9]{{1,4}})", signs)
    if not found or int(found[3]) == 0 or (not found[1] and found[2] == street):
        raise Misread(f"店铺编号写成 {street}-MY-0142 这样：街道、社区代码、四位数字")
    return ShopNumber(street, found[2], int(found[3]))


def make_shop_number(community: str, serial: int, street: str = STREET) -> str:
    """The number of a community's n-th shop.

    Raises `Misread` past 9999 or for a code that is not 2 to 4 letters.
    """
    if not re.fullmatch(r"[A-Z]{2,4}", community):
        raise Misread("社区代码要 2 到 4 个大写字母")
    if not 1 <= serial <= 9999:
        raise Misread(f"{community} 的店铺编号已用完 9999 个，请先增设社区代码")
    return str(ShopNumber(street, community, serial))


def new_check_code() -> str:
    """A 查验码 `XXXX-XXXX-XX`: 50 random bits in Crockford's base 32 (rules 10 Numbers and masks)."""
    return _grouped(secrets.randbits(50))


def clean_check_code(text: str) -> str:
    """A 查验码 as stored, from any case, with or without hyphens, O read as 0 and I, L as 1.

    Raises `Misread`.
    """
    plain = half_width(text.strip(BLANKS)).upper()
    signs = "".join(c for c in plain if c not in BLANKS and c not in DASHES)
    signs = signs.translate(str.maketrans("OIL", "011"))
    if not signs:
        raise Misread("请填查验码，在文书二维码旁边，共 10 位")
    for sign in signs:
        if sign not in CROCKFORD:
            raise Misread(f"查验码里没有 {naming(sign)}，请对着文书重填")
    if len(signs) != 10:
        raise Misread(f"查验码共 10 位，现在是 {len(signs)} 位")
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"


def _grouped(bits: int) -> str:
    signs = "".join(CROCKFORD[bits >> shift & 31] for shift in range(45, -1, -5))
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"


def _bare(text: str, what: str) -> str:
    """Upper case, half width, without blanks, hyphens and a sheet's leading quote; invisible signs refused."""
    plain = half_width(text.strip(BLANKS))
    refuse_unseen(re.sub(f"[{BLANKS}]", " ", plain), what)
    return "".join(c for c in plain if c not in BLANKS and c not in DASHES).lstrip("'‘’").upper()
