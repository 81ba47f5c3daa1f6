"""What the browser sends about accounts: logging in, changing one's password, and keeping people's files."""

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Optional

from portal.accounts.terms import PASSWORD_MOST, clean_person
from portal.ground.fields.days import clean_day
from portal.ground.fields.lines import line
from portal.ground.fields.mails import ADDRESS_MOST, clean_mail
from portal.ground.fields.telephones import clean_telephone
from portal.web.forms import Clean, Form


class Login(Form):
    """Account and password; `carried` is a signed form that came too late (views.carried)."""

    login = StringField("账号", [InputRequired("请填账号。"), Length(max=64, message="账号没有这么长。")])
    password = PasswordField(
        "密码", [InputRequired("请填密码。"), Length(max=PASSWORD_MOST, message="密码没有这么长。")]
    )
    carried = HiddenField()


class ChangePassword(Form):
    """The present password, and the new one twice."""

    current = PasswordField("现在的密码", [InputRequired("请填现在的密码。"), Length(max=PASSWORD_MOST)])
    new = PasswordField("新密码", [InputRequired("请填新密码。")])
    again = PasswordField(
        "再输一遍新密码", [InputRequired("请再输一遍新密码。"), EqualTo("new", message="两遍新密码不一样。")]
    )


def _day(label: str, needed: str) -> StringField:
    return StringField(
        label, [DataRequired(needed), Clean(clean_day)], render_kw={"type": "date", "autocomplete": "off"}
    )


def _text(label: str, checks: list[Any], most: int) -> StringField:
    return StringField(label, checks, render_kw={"maxlength": most, "autocomplete": "off"})


class _Person(Form):
    name = _text("姓名", [DataRequired("请照身份证填姓名。"), Clean(clean_person)], 50)
    phone = _text("手机", [Optional(), Clean(clean_telephone)], 30)

    def clean(self, name: str) -> Any:
        """A field's clean value, None when it is blank."""
        return getattr(self._fields[name], "clean", None)


class NewPerson(_Person):
    """A new account, and the role that is asked for with it; `role` and `area` get their choices from the view."""

    login = _text("账号", [DataRequired("请填账号。"), Length(max=64, message="账号没有这么长。")], 32)
    role = SelectField("提请授予的角色", [Optional()])
    area = SelectField("在哪里", [Optional()])
    from_on = StringField("从哪天起", [Optional(), Clean(clean_day)], render_kw={"type": "date", "autocomplete": "off"})

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if bool(self.area.data) != bool(self.role.data):
            self.area.errors = [*self.area.errors, "角色和地方要么都选，要么都不选。"]
            fine = False
        return bool(fine)


class EditPerson(_Person):
    """Name, telephone, mail address. A blank one of the two leaves it as it is (they are shown masked); `forget` and
    `forget_mail` take them away."""

    mail = _text("邮箱", [Optional(), Clean(clean_mail)], ADDRESS_MOST)
    version = HiddenField()
    forget = BooleanField("删去登记的手机")
    forget_mail = BooleanField("删去登记的邮箱")

    def telephone(self, before: str | None) -> str | None:
        """The telephone that the form leaves."""
        kept: str | None = self.clean("phone") or (None if self.forget.data else before)
        return kept

    def mail_address(self, before: str | None) -> str | None:
        """The mail address that the form leaves."""
        kept: str | None = self.clean("mail") or (None if self.forget_mail.data else before)
        return kept


class RoleForm(Form):
    """A role within an area, from a day on; the choices come from the view."""

    role = SelectField("角色", [InputRequired("请选角色。")])
    area = SelectField("在哪里", [InputRequired("请选地方。")])
    from_on = _day("从哪天起", "请填起始日。")


class AuthorityForm(Form):
    """甲方 authority: where, from when until when (the last day included), on what paper."""

    area = SelectField("在哪里", [InputRequired("请选地方。")])
    from_on = _day("从哪天起", "请填开始日。")
    last_on = _day("到哪天（含当天）", "请填最后一天。")
    basis = _text("依据", [DataRequired("请填授权书的名称和编号。"), Clean(line("依据", 120))], 120)


class Reason(Form):
    """Why something is done; `version` is the one that the clerk saw."""

    version = HiddenField()
    reason = _text("原因", [DataRequired("请写一句原因。"), Clean(line("原因", 80))], 80)


class SheetForm(Form):
    """An uploaded sheet."""

    file = FileField("人员表", [FileRequired("请先选文件：.xlsx、.xls 或 .csv")])
