"""电话: mobile and fixed numbers in any form a person types → one stored form (rules 6 Input, 10 Telephones)."""

import re

from portal.ground.fields.letters import BLANKS, DASHES, Misread, half_width, naming, refuse_unseen

_EXTENSION = re.compile(r"(?:转接|转|分机号?|ext\.?|x|#|\*)[:.-]*", re.IGNORECASE)
_LABEL = re.compile(r"^(?:联系电话|手机号码?|电话号码?|座机|手机|电话|tel|mobile)[:.]?", re.IGNORECASE)
LANDLINE_HINT = "座机写成 023-74512345"


def clean_telephone(text: str) -> str:
    """One stored form: `13812345678`, `023-74512345` or `023-74512345转801`.

    Full-width digits, blanks, hyphens, brackets, +86 / 0086 and extensions are understood. Raises `Misread`
    with a sentence that names the fault; nothing is bent (rules 10 Telephones).
    """
    plain = half_width(text.strip(BLANKS))
    refuse_unseen(re.sub(f"[{BLANKS}]", " ", plain), "电话")
    plain = "".join("-" if c in DASHES else c for c in plain if c not in BLANKS).lstrip("'‘’")
    plain = _LABEL.sub("", plain.replace("：", ":").replace("（", "(").replace("）", ")"))
    if not plain:
        raise Misread("请填电话")
    _refuse_shapes(plain)
    number, extension = _split_extension(plain)
    groups = [g for g in re.split(r"[-()]+", _at_home(number)) if g]
    digits = "".join(groups)
    if len(groups) == 3 and _is_area(groups[0]) and len(groups[1]) in (7, 8) and not extension:
        digits, extension = groups[0] + groups[1], groups[2]
    for character in digits:
        if character not in "0123456789":
            raise Misread(f"{naming(character)}不是电话号码里的字符，只填数字")
    if digits.startswith("1"):
        return _mobile(digits, extension)
    return _landline(digits, extension)


def tail(telephone: str) -> str:
    """The last four digits of a stored telephone, its extension aside."""
    return telephone.split("转")[0][-4:]


def _refuse_shapes(plain: str) -> None:
    if re.fullmatch(r"\d(\.\d+)?e\+?\d+", plain, re.IGNORECASE):
        raise Misread("被表格改成了科学计数法，后面的数字已经丢失；请把该列设为文本后重填")
    if re.search(r"\d[/、,，;；|或和]+[+(]?\d", plain):
        raise Misread("一格里有两个号码，只留一个")
    if plain.startswith("+") and not plain.startswith("+86"):
        raise Misread("只登记国内号码，请填 11 位手机号或带区号的座机")


def _split_extension(plain: str) -> tuple[str, str]:
    """The number and what follows 转, 分机, ext, x, # or *."""
    parts = _EXTENSION.split(plain, maxsplit=1)
    if len(parts) == 1:
        return plain, ""
    extension = parts[1].strip("-()")
    if not re.fullmatch(r"[0-9]{1,6}", extension):
        raise Misread("分机号要 1 到 6 位数字，写成 023-74512345转801")
    return parts[0], extension


def _at_home(number: str) -> str:
    """Without the country's own prefix; a landline dialled from abroad gets its 0 back."""
    bare = re.sub(r"^[(]?(?:\+|00)86[-)]*", "", number)
    if bare == number and re.fullmatch(r"86-?1[3-9][\d-]{9,}", number):
        bare = number[2:]
    if bare != number and not bare.startswith(("0", "1", "(0")):
        bare = "0" + bare.lstrip("(")
    return bare


def _is_area(digits: str) -> bool:
    return re.fullmatch(r"010|02[0-9]|0[3-9]\d{2}", digits) is not None


def _mobile(digits: str, extension: str) -> str:
    if len(digits) != 11:
        few = "只有" if len(digits) < 11 else "有"
        raise Misread(f"{few} {len(digits)} 位，手机号要 11 位")
    if digits[1] not in "3456789":
        raise Misread(f"手机号没有以 {digits[:2]} 开头的，第二位应是 3 到 9")
    if extension:
        raise Misread("手机号没有分机，请去掉后面的分机号", digits)
    return digits


def _landline(digits: str, extension: str) -> str:
    if not digits.startswith("0"):
        raise Misread(_no_area(digits))
    area = digits[:3] if re.match(r"010|02", digits) else digits[:4]
    if not _is_area(area):
        raise Misread(f"没有 {area} 这个区号，{LANDLINE_HINT}，手机号填 11 位")
    local = digits[len(area) :]
    wanted = (8,) if len(area) == 3 else (7, 8)
    if len(local) not in wanted:
        needs = "或 ".join(f"{n} 位" for n in wanted)
        raise Misread(f"区号 {area} 后面要 {needs}号码，现在是 {len(local)} 位")
    if local[0] in "01":
        raise Misread(f"区号 {area} 后面的号码不会以 {local[0]} 开头，请核对")
    if extension and not re.fullmatch(r"[0-9]{1,6}", extension):
        raise Misread("分机号要 1 到 6 位数字，写成 023-74512345转801")
    return f"{area}-{local}" + (f"转{extension}" if extension else "")


def _no_area(digits: str) -> str:
    if not digits:
        return f"没有数字，请填 11 位手机号，{LANDLINE_HINT}"
    if len(digits) in (7, 8):
        return f"没有区号，{LANDLINE_HINT}"
    return f"不是手机号也不是座机：手机号以 1 开头共 11 位，{LANDLINE_HINT}，现在是 {len(digits)} 位"
