"""邮箱: a mail address in any form a person types → one plain address, or a sentence that names the fault.

Only what every mail server takes is kept: ASCII, one address, no display name, no quoting. So nothing that is stored
can end a header line or add a second recipient.
"""

import re

from portal.ground.fields.letters import BLANKS, Misread, half_width, naming, refuse_unseen
from portal.ground.fields.masks import UNREADABLE

ADDRESS_MOST, LOCAL_MOST = 254, 64
_HINT = "写成 name@example.cn 这样"
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


def clean_mail(text: str) -> str:
    """One plain address, its domain in small letters: `Zhou.Min@Guixi.gov.cn` → `Zhou.Min@guixi.gov.cn`.

    Full-width signs are understood. `Misread` names what is wrong; nothing is bent.
    """
    plain = half_width(text.strip(BLANKS))
    refuse_unseen(plain, "邮箱")
    if not plain:
        raise Misread("请填邮箱")
    if re.search(r"[<>()\"\[\]:\\]", plain):
        raise Misread(f"只填邮箱地址本身，不要姓名、括号和引号，{_HINT}")
    if plain.count("@") > 1 or re.search(r"[,;，；、]", plain):
        raise Misread("只能填一个邮箱")
    for character in plain:
        if character in BLANKS or not character.isascii():
            raise Misread(f"邮箱里不能有{'空格' if character in BLANKS else naming(character)}，{_HINT}")
    local, at, domain = plain.partition("@")
    if not at:
        raise Misread(f"邮箱里没有 @，{_HINT}")
    if len(local) > LOCAL_MOST or not _LOCAL.fullmatch(local):
        raise Misread(f"@ 前面的“{local[:LOCAL_MOST]}”不是邮箱的名字，{_HINT}" if local else f"@ 前面是空的，{_HINT}")
    labels = domain.split(".")
    if len(labels) < 2 or len(plain) > ADDRESS_MOST or not all(_LABEL.fullmatch(one) for one in labels):
        raise Misread(f"@ 后面要写全邮箱的域名，{_HINT}")
    return f"{local}@{domain.lower()}"


def masked_mail(address: str | None) -> str:
    """zhoumin@guixi.gov.cn → z***@guixi.gov.cn; what is no address → ***; nothing → nothing."""
    if not address or address == UNREADABLE:
        return address or ""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if at and local else "***"
