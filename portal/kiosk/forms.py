"""What the kiosk and its keepers send: codes as people and scanners type them, and a device's particulars."""

from typing import Any

from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from portal.ground.fields.codes import clean_check_code, clean_shop_number
from portal.ground.fields.letters import BLANKS, DASHES, half_width
from portal.ground.fields.telephones import clean_telephone
from portal.kiosk.terms import CODE_DIGITS, ENROLMENT_DIGITS, DeviceKind
from portal.web.forms import Clean, Form


def shop_number(text: str) -> str | None:
    """Return the shop number in what a scanner read from a shop's label, None when it is something else."""
    if not any(sign.isalpha() for sign in text):
        return None
    try:
        return clean_shop_number(text)
    except ValueError:
        return None


def _digits(text: str, length: int, name: str) -> str:
    digits = "".join(sign for sign in half_width(text) if sign not in BLANKS and sign not in DASHES)
    if not (digits.isascii() and digits.isdigit() and len(digits) == length):
        raise ValueError(f"{name}是 {length} 位数字，请再看一遍")
    return digits


def signing_code(text: str) -> str:
    """Return six digits; ValueError says what a code looks like."""
    return _digits(text, CODE_DIGITS, "签约码")


def enrolment_code(text: str) -> str:
    """Return eight digits; ValueError says what an enrolment code looks like."""
    return _digits(text, ENROLMENT_DIGITS, "登记码")


def _clean(field: StringField) -> str:
    return str(vars(field)["clean"] or "")


class CodeForm(Form):
    """Step 1: the six digits."""

    code = StringField("签约码", [InputRequired("请输入签约码"), Clean(signing_code)])

    @property
    def digits(self) -> str:
        """The six digits, once the form is valid."""
        return _clean(self.code)


class EnrolForm(Form):
    """What staff type on a new device."""

    code = StringField("登记码", [InputRequired("请输入登记码"), Clean(enrolment_code)])

    @property
    def digits(self) -> str:
        """The eight digits, once the form is valid."""
        return _clean(self.code)


class CheckForm(Form):
    """The 查验码 of a paper."""

    code = StringField("查验码", [InputRequired("请输入查验码，在证书最下面"), Clean(clean_check_code)])

    @property
    def check_code(self) -> str:
        """The code as it is stored, once the form is valid."""
        return _clean(self.code)


class DeviceForm(Form):
    """A device's particulars."""

    name = StringField("名称", [InputRequired("请写名称，例如：大厅一号机"), Length(max=40)])
    kind = SelectField("种类", choices=dict(DeviceKind.choices()))
    area_id = SelectField("放在哪里", coerce=int)
    hall_id = SelectField("由谁服务", coerce=int, default=0)
    staff_at = StringField("工作人员在哪", [InputRequired("请写清楚，商户按“叫工作人员”会看到"), Length(max=60)])
    staff_phone = StringField("联系电话", [Optional(), Clean(clean_telephone)])
    edition = HiddenField()

    @property
    def particulars(self) -> dict[str, Any]:
        """Name, where the staff are, their telephone, and whose people serve it, once the form is valid."""
        phone = _clean(self.staff_phone) if self.staff_phone.data else ""
        told = {"name": self.name.data or "", "staff_at": self.staff_at.data or "", "staff_phone": phone}
        return {**told, "hall_id": self.hall_id.data or None}


class AttendantForm(Form):
    """Somebody named for a machine. `person` gets its choices from the view."""

    person = SelectField("点名", [InputRequired("请选一位工作人员")])
