"""The columns of a shop sheet, in and out: one list for the template, for what comes in and for what goes out."""

from collections.abc import Callable
from typing import Any

from portal.ground.fields.letters import BLANKS
from portal.ground.fields.masks import masked_name
from portal.ground.sheets.columns import ColumnSpec
from portal.ground.sheets.masked import half_masked, or_masked
from portal.merchants.queries.reach import Tree
from portal.merchants.terms import CLEANERS, PRINTED, ShopState, Trade, printable
from portal.merchants.terms.cleaning import number

Clean = Callable[[str], Any]

#: key, heading, other headings, required, example, width, kind, hint
_COLUMNS: list[tuple[str, str, tuple[str, ...], bool, str, int, str, str]] = [
    ("number", "店铺编号", ("编号", "商户编号"),
     False, "", 13, "text", "新店空着，系统编号；改老店的资料才填"),
    ("sign_name", "店招名称", ("店名", "门店名称", "招牌", "招牌名称", "商户名称", "店铺名称"),
     True, "阿婆豆花", 22, "text", "和招牌一样；空着的铺面写“某某路几号铺面”"),
    ("licence_name", "营业执照名称", ("执照名称", "登记名称"),
     False, "垫江县阿婆豆花店", 26, "text", "照执照填"),
    ("licence", "统一社会信用代码", ("信用代码", "社会信用代码", "执照号", "营业执照号"),
     False, "92500231MA60002B15", 22, "text", "18 位；没有执照的写“无照”"),
    ("trade", "业态", ("行业", "类别", "经营类别"), True, "餐饮", 8, "text", "从下拉里选"),
    ("trade_detail", "业态细类", ("经营内容", "经营范围"), False, "早餐小吃", 12, "text", ""),
    ("street", "路名", ("街路", "道路", "街道名称"), True, "桂花巷", 14, "text", ""),
    ("door_no", "门牌", ("门牌号", "门牌号码"), True, "7 号", 12, "text", "没有门牌写“无门牌”加位置"),
    ("community", "社区", ("所属社区", "社区（村）", "村社区"),
     False, "明月社区", 12, "text", "只管一个社区的可以空着"),
    ("grid", "网格", ("所属网格", "网格名称"), True, "二网格", 10, "text", "写“二网格”或网格编号 MY-02"),
    ("segment", "路段", (), False, "", 14, "text", ""),
    ("frontage_cm", "面宽（米）", ("面宽", "门面宽", "门面宽度"), False, "6.2", 10, "number", ""),
    ("depth_cm", "进深（米）", ("进深",), False, "4", 10, "number", "从墙根量到路缘石"),
    ("bounds_east", "东至", ("四至东",), False, "桂花巷 9 号", 14, "text", ""),
    ("bounds_west", "西至", ("四至西",), False, "桂花巷 5 号", 14, "text", ""),
    ("bounds_south", "南至", ("四至南",), False, "路缘石", 14, "text", ""),
    ("bounds_north", "北至", ("四至北",), False, "墙根", 14, "text", ""),
    ("operator_name", "经营者", ("经营者姓名", "法定代表人", "法人", "业主"),
     False, "何小满", 12, "text", "照身份证填；空置的铺面不填"),
    ("operator_from", "经营开始日期", ("开业日期", "接手日期"),
     False, "2025-06-03", 13, "text", "按 2025-06-03 这样填"),
    ("responsible_name", "责任人", ("责任人姓名", "负责人", "负责人姓名", "联系人"),
     False, "何小满", 12, "text", "不填就是经营者"),
    ("phone", "责任人电话", ("电话", "联系电话", "手机", "手机号", "联系方式", "负责人电话"),
     False, "13612342207", 14, "text", "手机 11 位，座机写成 023-74512345"),
    ("landlord_name", "房东", ("房东姓名", "产权人"), False, "陈大顺", 12, "text", "第二责任人"),
    ("landlord_phone", "房东电话", ("产权人电话",), False, "023-74512345", 14, "text", ""),
    ("state", "营业状态", ("状态", "经营状态"), False, "营业", 10, "text", "空着算“营业”"),
    ("hours", "营业时段", ("营业时间",), False, "6:00—14:00", 14, "text", ""),
    ("bins", "垃圾桶数", ("垃圾桶",), False, "2", 9, "number", ""),
    ("remark", "备注", ("说明",), False, "", 20, "text", ""),
]  # fmt: skip
_MASKS: dict[str, Callable[[str], str]] = {
    "operator_name": masked_name, "responsible_name": masked_name, "landlord_name": masked_name,
    "phone": half_masked, "landlord_phone": half_masked,
}  # fmt: skip
_CHOICES = {"trade": [one.label for one in Trade], "state": [one.label for one in ShopState]}


def columns(*, missing: Callable[[str], list[str]]) -> list[ColumnSpec]:
    """The columns of a sheet that comes in; `missing` names the characters that no paper prints."""
    return [_spec(row, _cleaner(row[0], row[1], missing)) for row in _COLUMNS]


def template_columns(tree: Tree, communities: list[str]) -> list[ColumnSpec]:
    """The columns of the empty template, with drop-downs; `communities` are those that the clerk may enter."""
    choices = {**_CHOICES, "community": communities if len(communities) > 1 else []}
    return [_spec(row, str, tuple(choices.get(row[0], ()))) for row in _COLUMNS]


def _spec(
    row: tuple[str, str, tuple[str, ...], bool, str, int, str, str], clean: Clean, choices: tuple[str, ...] = ()
) -> ColumnSpec:
    key, heading, aliases, required, example, width, kind, hint = row
    return ColumnSpec(key, heading, aliases, required, clean, example, width, kind, choices, _MASKS.get(key), hint)


def _cleaner(key: str, what: str, missing: Callable[[str], list[str]]) -> Clean:
    if key == "number":
        return number
    if key in ("community", "grid"):
        return lambda text: "".join(sign for sign in text if sign not in BLANKS)
    clean = CLEANERS[key]
    if key in PRINTED:
        clean = printable(clean, what, missing)
    return or_masked(clean) if key in _MASKS else clean
