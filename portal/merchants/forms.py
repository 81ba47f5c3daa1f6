"""What the browser sent about a shop → clean values, or Chinese errors beside the field."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Optional, StopValidation

from portal.ground.fields.days import clean_day
from portal.ground.fields.letters import naming
from portal.ground.fields.lines import line
from portal.merchants.terms import (
    CLEANERS,
    EDITABLE,
    FIELDS,
    NOT_OWING,
    PRINTED,
    REASONS,
    ShopFacts,
    ShopState,
    Trade,
)
from portal.web.forms import Clean, Form

Missing = Callable[[str], list[str]]


def _text(name: str, *, label: str = "", needed: str = "", most: int = 60, depends: bool = False) -> StringField:
    """A field with the sheet's own cleaner. `needed`: what is said when it is blank; `depends`: the form decides."""
    first: list[Any] = [] if depends else [InputRequired(needed) if needed else Optional()]
    checks = [*first, Clean(CLEANERS[name])]
    return StringField(label or FIELDS[name], checks, render_kw={"maxlength": most, "autocomplete": "off"})


class _Printed(Form):
    """A form whose fields go onto papers: characters that no face prints are refused by name (rules 10, Names)."""

    def __init__(self, *args: Any, missing: Missing, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.missing = missing

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        for name in PRINTED:
            field = self._fields.get(name)
            absent = self.missing(field.clean) if field is not None and getattr(field, "clean", None) else []
            if absent:
                named = "、".join(naming(c) for c in absent)
                field.errors = [*field.errors, f"{named} 现有字库印不出来，请联系管理员补字库，或照证件换成标准字"]
                fine = False
        return fine


class ShopForm(_Printed):
    """The shop file. `grid_id` gets its choices from the view. A blank name or telephone of somebody who is already
    registered leaves it as it is (they are shown masked); `forget` takes them away."""

    version = HiddenField()
    sign_name = _text("sign_name", needed="请填店招名称，没有招牌的写“某某路几号铺面”")
    licence_name = _text("licence_name")
    uscc = _text("uscc", most=24)
    unlicensed = BooleanField("无照（没有营业执照）")
    trade = SelectField("业态", [InputRequired("请选业态")], choices={"": "请选", **dict(Trade.choices())})
    trade_detail = _text("trade_detail", most=20)
    street = _text("street", needed="请填路名", most=40)
    door_no = _text("door_no", needed="请填门牌，没有门牌写“无门牌”加位置", most=30)
    grid_id = SelectField("网格", [InputRequired("请选网格")])
    segment = _text("segment", most=40)
    frontage_cm = _text("frontage_cm", most=12)
    depth_cm = _text("depth_cm", most=12)
    bounds_east = _text("bounds_east", most=40)
    bounds_west = _text("bounds_west", most=40)
    bounds_south = _text("bounds_south", most=40)
    bounds_north = _text("bounds_north", most=40)
    responsible_name = _text("responsible_name", most=50)
    phone = _text("phone", most=30)
    landlord_name = _text("landlord_name", most=50)
    landlord_phone = _text("landlord_phone", most=30)
    forget_phone = BooleanField("删去登记的责任人电话")
    forget_landlord = BooleanField("删去登记的房东和电话")
    hours = _text("hours", most=40)
    bins = _text("bins", most=8)
    remark = _text("remark", most=200)
    twins_seen = BooleanField("核对过了，不是同一家，仍要存下")

    def validate_unlicensed(self, field: BooleanField) -> None:
        if field.data and self.uscc.data:
            raise StopValidation("填了统一社会信用代码，就不用勾“无照”")

    def facts(self, before: ShopFacts | None = None) -> ShopFacts:
        """The facts that the form says; what is shown masked and left blank stays as `before` has it."""
        values = {name: self._value(name) for name in EDITABLE}
        kept = [] if self.forget_phone.data else ["phone", "responsible_name"]
        kept += [] if self.forget_landlord.data else ["landlord_phone", "landlord_name"]
        for name in kept if before else []:
            values[name] = values[name] or getattr(before, name)
        return ShopFacts(**values)

    def _value(self, name: str) -> Any:
        field = self._fields[name]
        if name == "unlicensed":
            return bool(field.data)
        if name in ("trade", "grid_id"):
            return Trade(field.data) if name == "trade" else int(field.data)
        empty = None if name in ("uscc", "phone", "landlord_phone", "frontage_cm", "depth_cm", "bins") else ""
        return getattr(field, "clean", None) or empty


class NewShopForm(ShopForm):
    """A new shop: with its operator and its state."""

    operator_name = _text("operator_name", most=50, depends=True)
    operator_from = StringField(
        "经营开始日期", [Optional(), Clean(clean_day)], render_kw={"type": "date", "autocomplete": "off"}
    )
    state = SelectField("营业状态", choices=dict(ShopState.choices()), default=ShopState.OPEN.value)

    def validate_operator_name(self, field: StringField) -> None:
        if not field.data and self.state.data not in {state.value for state in NOT_OWING}:
            raise StopValidation("请填经营者姓名；空着的铺面把营业状态选成“空置”")

    def facts(self, before: ShopFacts | None = None) -> ShopFacts:
        shop = super().facts(before)
        values = {name: getattr(shop, name) for name in EDITABLE}
        operator, since = (getattr(self._fields[name], "clean", None) for name in ("operator_name", "operator_from"))
        state = ShopState(self.state.data)
        return ShopFacts(**values, operator_name=operator or "", operator_from=since, state=state)


class OperatorForm(_Printed):
    """A change of operator, or a misspelt name put right."""

    version = HiddenField()
    kind = RadioField(
        "怎么回事", choices={"change": "换了经营者", "correct": "还是这个人，只是姓名写错了"}, default="change"
    )
    operator_name = _text("operator_name", label="经营者姓名", needed="请填经营者姓名", most=50)
    responsible_name = _text("responsible_name", most=50)
    phone = _text("phone", most=30)
    on = StringField("接手日期", [Clean(clean_day)], render_kw={"type": "date"})
    reason = StringField(
        "说明", [Optional(), Clean(line("说明", 120))], render_kw={"maxlength": 120, "autocomplete": "off"}
    )

    def validate_on(self, field: StringField) -> None:
        if self.kind.data == "change" and not field.data:
            raise StopValidation("请填接手日期")

    def clean(self, name: str) -> Any:
        """A field's clean value, None when it is blank."""
        return getattr(self._fields[name], "clean", None)

    def day(self, today: date) -> date:
        """The day of the change."""
        return self.clean("on") or today


class StateForm(Form):
    """A change of 营业状态, with its reason."""

    version = HiddenField()
    state = RadioField("改成", [InputRequired("请选营业状态")], choices=dict(ShopState.choices()))
    reason = StringField(
        "说明", [InputRequired("请写一句依据，例如“上门看过，已关门”"), Clean(line("说明", 120))],
        render_kw={"maxlength": 120, "autocomplete": "off"},
    )  # fmt: skip
    left = BooleanField("经营者已经搬走（他签的责任书随之解除）")


class RevealForm(Form):
    """Why a telephone is to be seen: four reasons to press, one to type."""

    reason = StringField("事由")
    other = StringField("其他事由", [Optional(), Clean(line("事由", 60))])

    def validate_reason(self, field: StringField) -> None:
        if self.other.data:
            return
        if field.data not in REASONS:
            raise StopValidation("请选一个事由，或在下面写明")

    def words(self) -> str:
        """The reason in words."""
        return getattr(self.other, "clean", None) or REASONS[self.reason.data or ""]


class PictureForm(Form):
    """A picture or attachment."""

    file = FileField("文件", [FileRequired("请先选文件")])


class DetachForm(Form):
    """Why an attachment is taken off."""

    reason = StringField("为什么移除", [InputRequired("请写明为什么移除"), Clean(line("移除的原因", 60))])

    @property
    def words(self) -> str:
        """The reason, cleaned."""
        return str(getattr(self.reason, "clean", ""))


class SheetForm(Form):
    """An uploaded sheet."""

    file = FileField("底册文件", [FileRequired("请先选底册文件：.xlsx、.xls 或 .csv")])
