"""What the kit's page shows: every component in every state. Data are invented."""

from dataclasses import dataclass
from datetime import datetime

from flask import request
from flask.wrappers import Response
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Optional

from portal.ground.clock import SHANGHAI
from portal.ground.paging import Page
from portal.ground.workdays import Deadline, Ends, Workdays, general
from portal.web.forms import Form
from portal.web.pages import page


def _refuse(_form: Form, _field: StringField) -> None:
    raise ValidationError("第 18 位校验不符，应为 X")


class Sample(Form):
    """One field of each kind."""

    name = StringField("店名", [InputRequired("店名不能空，没有招牌的填“无名”")])
    address = StringField("地址", [Optional()])
    code = StringField("统一社会信用代码", [Optional(), _refuse])
    number = StringField("编号")
    grid = SelectField("网格", choices={"": "请选", "1": "一网格"})
    signed_on = DateField("签订日期", [Optional()])
    width = StringField("面宽")
    present = RadioField("经营者在场", choices={"yes": "在场", "no": "委托他人"})
    note = TextAreaField("情况说明")
    photo = FileField("挂牌照片", [Optional()])
    checked = BooleanField("已核对身份证件和营业执照")
    secret = PasswordField("密码")


@dataclass(frozen=True)
class Row:
    """One shop of the sample ledger."""

    code: str
    name: str
    grid: str
    owner: str
    phone: str
    lamp: str
    word: str
    stars: int
    width: str


ROWS = [
    Row("XQ-0086", "建新路早餐店", "二网格", "张*", "138****5678", "fine", "生效", 4, "6.2"),
    Row("MY-0142", "阿婆豆花", "二网格", "何*", "136****2207", "soon", "待换签", 4, "4.0"),
    Row("MY-0017", "老味道豆花饭与手工糍粑联营店（明月大道便民服务综合体一层东侧临街铺面）", "一网格", "蒋*", "152****9083", "held", "暂缓", 3, "12.5"),  # noqa: E501
    Row("MD-0071", "老码头火锅", "一网格", "秦*", "187****3350", "firm", "拒签", 0, "18.0"),
    Row("BM-0112", "川南面馆", "二网格", "邓*", "131****4405", "done", "未签", 0, "5.4"),
]  # fmt: skip
FILLED = {
    "code": "92511623MA60002B11",
    "address": "建新路 12 号",
    "number": "XQ-0086",
    "width": "6.2",
    "present": "yes",
    "note": "灶台外移，已当面劝回。",
}


def show() -> Response:
    """Show the components; `?refused=1` shows the form as a refusal leaves it, with what was typed still there."""
    form = Sample(formdata=None, data=FILLED)
    refused = request.args.get("refused") == "1"
    if refused:
        form.validate()
    sample = Page(ROWS, 3, 50, 2086)
    return page(
        "kit/index.html", form=form, rows=ROWS, sample=sample, deadline=_deadline(), status=422 if refused else 200
    )


def _deadline() -> Deadline:
    """A limit over a feast in a year that is only foreseen."""
    started_at = datetime(2027, 9, 29, 10, tzinfo=SHANGHAI)
    return general(started_at, Workdays([], 1).foreseen, Ends())
