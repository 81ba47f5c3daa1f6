"""What the browser sent → clean values, or Chinese sentences beside the fields."""

from collections.abc import Callable
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from portal.ground.fields.letters import naming
from portal.ground.fields.names import clean_name
from portal.pledges.terms import Duty, Proof, Signer, Wording
from portal.web.forms import Clean, Form


class Code(Form):
    """发签约码: who comes, what they showed, and the tick that somebody looked."""

    signer = RadioField("今天谁来签", choices=dict(Signer.choices()), default=Signer.OWNER.value)
    signer_name = StringField("签名人姓名", [Clean(clean_name)])
    proof = RadioField("看过的证件", choices=dict(Proof.choices()), default=Proof.LICENCE.value)
    identity_checked = BooleanField("已当面核对", [DataRequired("请先当面核对证件，再勾选。")])

    def validate_signer_name(self, field: Any) -> None:
        """家属 and 店员 are named; 本人 is the operator of the file."""
        if self.signer.data != Signer.OWNER.value and not field.data:
            raise ValidationError("家属或店员来签，请填姓名，要和证件上一样。")


class Signed(Form):
    """登记纸质责任书: what stands on the paper, and its scan."""

    signed_on = DateField("签订日期", [InputRequired("请填纸上写的签订日期。")])
    signer = RadioField("谁签的", choices=dict(Signer.choices()), default=Signer.OWNER.value)
    signer_name = StringField("签名人姓名", [Clean(clean_name)])
    proof = RadioField("看过的证件", choices=dict(Proof.choices()), default=Proof.LICENCE.value)
    version = SelectField("签的是哪一版", coerce=int)
    scan = FileField("扫描件或照片", [FileRequired("请附上扫描件，或用手机拍的照片。")])
    original_seen = BooleanField("已看过原件", [DataRequired("请先看过原件，再勾选。")])

    validate_signer_name = Code.validate_signer_name


#: Says which characters of a text no face of the papers can print, each once; the view hands it in.
Missing = Callable[[str], list[str]]
#: What of a version is written about it and never printed.
UNPRINTED = {"note", "base", "csrf_token"}


class Text(Form):
    """责任书文本: one field a clause; the sentences of a duty stand one a line.

    What no face prints is refused by name here, before anybody has to sign it (rules 10, Names).
    """

    name = StringField("文本名称", [DataRequired("请给这一版起个名。"), Length(max=40, message="名称最多 40 个字。")])
    effective_from = DateField("启用日期", [InputRequired("请选启用日期。")])
    preamble = TextAreaField("开头语", [DataRequired("请写开头语。"), Length(max=300, message="开头语最多 300 个字。")])
    duty_1 = StringField("第一项责任", [DataRequired("请写名称。"), Length(max=12, message="名称最多 12 个字。")])
    items_1 = TextAreaField("第一项内容", [DataRequired("至少写一条，每行一条。")])
    duty_2 = StringField("第二项责任", [DataRequired("请写名称。"), Length(max=12, message="名称最多 12 个字。")])
    items_2 = TextAreaField("第二项内容", [DataRequired("至少写一条，每行一条。")])
    duty_3 = StringField("第三项责任", [DataRequired("请写名称。"), Length(max=12, message="名称最多 12 个字。")])
    items_3 = TextAreaField("第三项内容", [DataRequired("至少写一条，每行一条。")])
    party_a_duty = TextAreaField(
        "甲方责任", [DataRequired("请写甲方责任。"), Length(max=200, message="最多 200 个字。")]
    )
    signing = TextAreaField("签署方式", [DataRequired("请写签署方式。"), Length(max=300, message="最多 300 个字。")])
    basis = TextAreaField("法规依据", [Length(max=600, message="最多 600 个字。")])
    note = StringField("修改说明", [Length(max=120, message="最多 120 个字。")])
    base = HiddenField()

    def __init__(self, *args: Any, missing: Missing, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.missing = missing

    def validate(self, extra_validators: Any = None) -> bool:
        """Tell whether the version can be kept, and printed."""
        fine = super().validate(extra_validators)
        for name, field in self._fields.items():
            if name in UNPRINTED or not isinstance(field, StringField):
                continue
            absent = self.missing("".join((field.data or "").split()))
            if absent:
                named = "、".join(naming(sign) for sign in absent[:5])
                field.errors = [*field.errors, f"{named} 现有字库印不出来，请换个写法，或联系管理员补字库。"]
                fine = False
        return fine

    def validate_items_1(self, field: Any) -> None:
        """Six sentences of twenty characters fit the page."""
        _fits(field)

    validate_items_2 = validate_items_3 = validate_items_1

    def wording(self) -> Wording:
        """Return the text as it was typed."""
        duties = [(self.duty_1, self.items_1), (self.duty_2, self.items_2), (self.duty_3, self.items_3)]
        return Wording(
            preamble=self.preamble.data,
            duties=tuple(Duty(name.data, tuple(_lines(items.data))) for name, items in duties),
            party_a_duty=self.party_a_duty.data,
            signing=self.signing.data,
            basis=tuple(_lines(self.basis.data)),
        )

    @classmethod
    def of(cls, wording: dict[str, Any], *, missing: Missing, **more: Any) -> "Text":
        """Return the form filled with a version's text."""
        filled: dict[str, Any] = {
            "preamble": wording["preamble"],
            "party_a_duty": wording["party_a_duty"],
            "signing": wording["signing"],
            "basis": "\n".join(wording["basis"]),
        }
        for place, duty in enumerate(wording["duties"], 1):
            filled |= {f"duty_{place}": duty["name"], f"items_{place}": "\n".join(duty["items"])}
        return cls(missing=missing, data=filled | more)


def _lines(text: str | None) -> list[str]:
    """Lines without blanks at their ends and without the final mark, which the paper sets itself."""
    return [line for line in (one.strip().rstrip("；;。") for one in (text or "").splitlines()) if line]


def _fits(field: Any) -> None:
    lines = _lines(field.data)
    if not lines:
        raise ValidationError("至少写一条，每行一条。")
    if len(lines) > 6:
        raise ValidationError(f"最多写 6 条，现在有 {len(lines)} 条，一页纸放不下。")
    for line in lines:
        if len(line) > 24:
            raise ValidationError(f"“{line[:8]}…”有 {len(line)} 个字，一条最多 24 个字。")


class Step(Form):
    """A step of the kiosk: which page was pressed, which journey it belonged to, which version of things it showed."""

    step = IntegerField(validators=[InputRequired()])
    key = HiddenField(validators=[InputRequired()])
    seen = IntegerField(validators=[Optional()])


class Who(Step):
    """④谁来签: it must be the person whose papers were looked at (`expect`)."""

    signer = RadioField("谁来签", [InputRequired("请点一下，选一位。")], choices=dict(Signer.choices()))
    expected: Signer | None = None

    def expect(self, signer: Signer | None) -> None:
        """Say who was checked at the counter."""
        self.expected = signer

    def validate_signer(self, field: Any) -> None:
        """Another signer needs another look at papers, so another code."""
        if self.expected is not None and field.data != self.expected.value:
            raise ValidationError(f"工作人员核对的是{self.expected.label}。要换人签，请工作人员重新发签约码。")


class Signature(Step):
    """⑤手写签名: strokes as JSON `[[[x, y, t], …], …]`; whether they are a signature is a rule (`services.ink_of`)."""

    strokes = HiddenField("签名")


class Ask(Form):
    """申请作废: why."""

    reason = StringField(
        "作废事由",
        [DataRequired("请写明为什么作废。"), Length(min=4, max=200, message="事由写 4 到 200 个字。")],
    )


class Answer(Form):
    """复核作废: agree or not, and a word."""

    agreed = RadioField("复核意见", [InputRequired("请选同意或不同意。")], choices={"1": "同意作废", "0": "不同意"})
    answer = StringField("说明", [Length(max=200, message="说明最多 200 个字。")])
