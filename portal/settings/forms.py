"""What the browser sends about a setting: a value as its kind wants it, the day from which it is good, and why."""

from collections.abc import Callable
from datetime import date
from typing import Any, cast

from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import StopValidation

from portal.ground.declare import SettingSpec
from portal.ground.fields.days import clean_day
from portal.settings.terms import REASON_MOST, REASONS, clean, clean_text, typed
from portal.web.forms import Form


def _clean(cleaner: Callable[[str], Any]) -> Callable[[Any, Any], None]:
    """A validator that also asks about what was left blank; what was typed stays on the page."""

    def check(_form: Any, field: Any) -> None:
        try:
            field.clean = cleaner(field.data or "")
        except ValueError as error:
            raise StopValidation(str(error)) from error

    return check


def _reason(text: str) -> str:
    plain = clean_text(None, text)
    if len(plain) > REASON_MOST:
        raise ValueError(f"最多 {REASON_MOST} 个字，现在有 {len(plain)} 个。")
    return plain


def _withdrawing(text: str) -> str:
    if not text:
        raise ValueError("请写明为什么撤回，再按一次。")
    return _reason(text)


class Change(Form):
    """A new value. The field `value` is of the setting's kind (`change_of`)."""

    version = HiddenField()
    from_on = StringField("从哪天起", [_clean(clean_day)])
    reason = RadioField("为什么改", choices=REASONS, validate_choice=False)
    other = StringField("其他事由", [_clean(_reason)])

    def validate_reason(self, field: Any) -> None:
        """One of four, or a sentence of one's own."""
        if not self.other.data and field.data not in REASONS:
            raise StopValidation("请选一个事由，或写明其他事由。")

    @property
    def given(self) -> tuple[Any, date]:
        """The value and its day, clean."""
        return self["value"].clean, cast(date, getattr(self.from_on, "clean", None))

    @property
    def why(self) -> str:
        """The reason in words."""
        return getattr(self.other, "clean", "") or REASONS[self.reason.data or ""]


class Withdrawal(Form):
    """Taking back a value that has not come yet."""

    number = HiddenField()
    version = HiddenField()
    reason = StringField("为什么撤回", [_clean(_withdrawing)])


def change_of(spec: SettingSpec, **given: Any) -> Change:
    """Return the form of a setting: its value is typed, picked from a calendar or a clock, or one of its choices."""
    check = [_clean(lambda text: clean(spec, text))]
    if spec.kind == "choice":
        field: Any = RadioField("新的值", check, choices=dict(spec.choices), validate_choice=False)
    else:
        field = StringField("新的值", check, render_kw={"autocomplete": "off", "maxlength": 80})
    field.creation_counter = 0  # the first of the form, and of what is wrong with it
    kind = cast(type[Change], type("Change", (Change,), {"value": field}))
    return kind(**given)


def shown(spec: SettingSpec, value: Any) -> str:
    """Return a value as its field shows it."""
    value = typed(spec.kind, value)
    if spec.kind == "time":
        return f"{value:%H:%M}"
    return value.isoformat() if spec.kind == "date" else str(value)
