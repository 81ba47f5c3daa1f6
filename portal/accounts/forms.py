"""What the browser sends about accounts: logging in, and changing one's password."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from portal.accounts.terms import PASSWORD_MOST
from portal.web.forms import Form


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
