"""What a form's field or a sheet's cell says about a shop → its clean value, or a `Misread` (rules 10, Sheets in).

Forms and sheets share these, so that both understand and refuse alike. Pure functions of text.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypeVar

from portal.ground.fields.codes import clean_shop_number, clean_uscc
from portal.ground.fields.days import clean_day
from portal.ground.fields.letters import BLANKS, Misread, half_width, naming
from portal.ground.fields.lines import line
from portal.ground.fields.names import clean_name, clean_shop_name
from portal.ground.fields.numbers import clean_count, clean_number
from portal.ground.fields.telephones import clean_telephone
from portal.ground.labels import Label
from portal.merchants.terms.words import ShopState, Trade

L = TypeVar("L", bound=Label)
NOT_LICENSED = ("无照", "无证", "无执照", "无营业执照", "没有执照")
FRONTAGE_MOST = 200

#: Words that people write for ours.
TRADE_TWINS = {
    "饮食": "餐饮", "小吃": "餐饮", "饭店": "餐饮", "餐厅": "餐饮", "百货": "零售", "商店": "零售", "超市": "便利",
    "便利店": "便利", "美发": "理发", "美容美发": "理发", "修理": "维修", "汽修": "维修", "果蔬": "生鲜",
    "蔬菜": "生鲜", "水果": "生鲜", "菜店": "生鲜",
}  # fmt: skip
STATE_TWINS = {
    "正常": "营业", "在营": "营业", "正常营业": "营业", "歇业": "停业",
    "暂停营业": "停业", "空铺": "空置", "转让": "转让中", "已拆除": "拆除",
}  # fmt: skip


def paragraph(text: str) -> str:
    """A remark: line breaks become blanks."""
    return line("备注", 200)(re.sub(r"[\r\n\t]+", " ", text))


def door(text: str) -> str:
    """A door's number: `7 号附 1`; half-width digits."""
    plain = line("门牌", 30)(half_width(text))
    if not any(c.isalnum() for c in plain):
        raise Misread("门牌要有数字或文字，没有门牌写“无门牌”加位置，例如“无门牌（桥头）”")
    return plain


def metres(text: str) -> int:
    """Metres in any form a person types → whole centimetres; 0.3 to 200 m."""
    value = clean_number(text, unit=("米", "m", "公尺"), least=Decimal("0.3"), most=FRONTAGE_MOST)
    return int(value * 100)


def bins(text: str) -> int:
    """How many dustbins."""
    return clean_count(text, unit=("个", "只", "桶"), most=50)


def number(text: str) -> str:
    """A shop's own number, which a new shop does not have yet."""
    return clean_shop_number(text)


def licence(text: str) -> tuple[str | None, bool]:
    """(code, unlicensed): a unified social credit code, or 无照 in one of its forms."""
    if re.sub(f"[{BLANKS}]", "", text) in NOT_LICENSED:
        return None, True
    return clean_uscc(text), False


def trade(text: str) -> Trade:
    """业态 by its word."""
    return _word(Trade, text, "业态", TRADE_TWINS)


def state(text: str) -> ShopState:
    """营业状态 by its word."""
    return _word(ShopState, text, "营业状态", STATE_TWINS)


def _word(kind: type[L], text: str, what: str, twins: dict[str, str]) -> L:
    plain = re.sub(f"[{BLANKS}]", "", text)
    by_word = {member.label: member for member in kind}
    if plain in by_word:
        return by_word[plain]
    likely = twins.get(plain) or next(iter(get_close_matches(plain, by_word, 1, 0.5)), None)
    likely = likely or next((word for twin, word in twins.items() if twin in plain), None)
    told = f"，最接近“{likely}”" if likely else ""
    raise Misread(f"{what}里没有“{plain[:12]}”{told}；只用：{'、'.join(by_word)}", likely)


def printable(clean: Callable[[str], Any], what: str, missing: Callable[[str], list[str]]) -> Callable[[str], Any]:
    """A cleaner that also refuses, by name, characters that no face prints (rules 10, Names)."""

    def checked(text: str) -> Any:
        value = clean(text)
        absent = missing(value)
        if absent:
            named = "、".join(naming(c) for c in absent)
            raise Misread(f"{what}里的 {named} 现有字库印不出来，请联系管理员补字库，或照证件换成标准字")
        return value

    return checked


#: Field → cleaner of its text; blank text never gets here.
CLEANERS: dict[str, Callable[[str], Any]] = {
    "sign_name": clean_shop_name,
    "licence_name": clean_shop_name,
    "licence": licence,
    "uscc": clean_uscc,
    "trade": trade,
    "trade_detail": line("业态细类", 20),
    "street": line("路名", 40),
    "door_no": door,
    "segment": line("路段", 40),
    "frontage_cm": metres,
    "depth_cm": metres,
    "bounds_east": line("东至", 40),
    "bounds_west": line("西至", 40),
    "bounds_south": line("南至", 40),
    "bounds_north": line("北至", 40),
    "operator_name": clean_name,
    "operator_from": clean_day,
    "responsible_name": clean_name,
    "phone": clean_telephone,
    "landlord_name": clean_name,
    "landlord_phone": clean_telephone,
    "state": state,
    "hours": line("营业时段", 40),
    "bins": bins,
    "remark": paragraph,
}

#: Fields whose text is printed on a pledge: what no face can print is refused here, not after signing.
PRINTED = (
    "sign_name", "licence_name", "street", "door_no", "bounds_east", "bounds_west", "bounds_south", "bounds_north",
    "operator_name", "responsible_name",
)  # fmt: skip
