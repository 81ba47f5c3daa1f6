"""The columns of a sheet of people, in and out: one list for the template, for what comes in and for what goes out."""

from portal.accounts import rules
from portal.accounts.terms import ROLES, clean_person
from portal.ground.fields.days import clean_day
from portal.ground.fields.letters import BLANKS, Misread, half_width
from portal.ground.fields.telephones import clean_telephone
from portal.ground.sheets.columns import ColumnSpec
from portal.ground.sheets.masked import half_masked, or_masked

BY_LABEL = {spec.label: role for role, spec in ROLES.items()}
NOTES = (
    "在“{title}”表里从第 2 行起填，一人一行；一人有几个岗位的，一个岗位一行，账号填一样。",
    "带 * 的必填，不要改表头，也不要合并单元格。",
    "导入只建账号；“角色”是提请，安全管理员在“待授权”里授予以后才有权限。",
    "区域填编号（MY、MY-02、GX），或写全名（明月社区二网格）。",
)
_AREA = ("区域代码", "区域编号", "负责区域", "所在区域", "社区网格", "地方")


def columns() -> list[ColumnSpec]:
    """The columns of a sheet that comes in."""
    return [
        ColumnSpec("name", "姓名", ("名字", "人员姓名", "工作人员"), True, clean_person, "王芳", 14, hint="照身份证填"),
        ColumnSpec(
            "login", "账号", ("登录名", "用户名", "登录账号"), False, _login, "wangfang", 18,
            hint="小写字母开头，如姓名拼音",
        ),
        ColumnSpec(
            "phone", "手机", ("电话", "手机号", "手机号码", "联系电话", "联系方式"), False, or_masked(clean_telephone),
            "13612342207", 15, mask=half_masked, hint="11 位；座机写成 023-74512345",
        ),
        ColumnSpec(
            "role", "角色", ("岗位", "职务", "身份"), False, BY_LABEL.__getitem__, "网格员", 16,
            choices=tuple(BY_LABEL), hint="从下拉里选",
        ),
        ColumnSpec("area", "区域", _AREA, False, _squeezed, "MY-02", 18, hint="编号或全名"),
        ColumnSpec(
            "from_on", "起始日", ("起始日期", "任职日期", "到岗日期", "开始日期"), False, clean_day, "2026-12-01", 13,
            hint="空着算授权当天",
        ),
    ]  # fmt: skip


def _login(text: str) -> str:
    login = half_width(_squeezed(text)).lower()
    if fault := rules.login_fault(login):
        raise Misread(fault.rstrip("。"))
    return login


def _squeezed(text: str) -> str:
    return "".join(sign for sign in text if sign not in BLANKS)
