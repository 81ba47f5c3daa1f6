"""What the browser sends to the trail: conditions in the address bar, and a printed head to compare."""

from typing import Any

from wtforms import StringField, ValidationError
from wtforms.validators import AnyOf, Length, Optional

from portal.audit.terms import ACTIONS, Result, TrailFilter, subject_code
from portal.ground.fields.days import clean_day
from portal.web.forms import Form


def _day(_form: Any, field: Any) -> None:
    try:
        field.data = clean_day(field.data).isoformat()
    except ValueError:
        field.data = ""
        raise ValidationError("日期看不懂，请写成 2026-11-25 这样。") from None


class Search(Form):
    """Conditions on the trail; they stand in the address bar, so no token guards them."""

    class Meta(Form.Meta):
        csrf = False

    person = StringField("谁", [Length(max=40, message="最多 40 个字。")])
    action = StringField("事项", [Length(max=48)])
    subject = StringField("对象", [Length(max=64, message="最多 64 个字。")])
    result = StringField("结果", [Length(max=12)])
    since = StringField("从", [Optional(), _day])
    until = StringField("到", [Optional(), _day])

    def chosen(self) -> TrailFilter:
        """Return the conditions that can be read; the others narrow nothing."""
        results = {value for value, _label in Result.choices()}
        return TrailFilter(
            person=(self.person.data or "")[:40],
            action=(self.action.data or "")[:48],
            subject=subject_code(self.subject.data or "")[:64],
            result=(self.result.data or "") if self.result.data in results else "",
            since=self.since.data or "",
            until=self.until.data or "",
        )


class Export(Search):
    """The same conditions, posted, with the kind of file."""

    class Meta(Form.Meta):
        csrf = True

    format = StringField("格式", [AnyOf(["xlsx", "csv"], message="只能导出 xlsx 或 csv。")])


def action_choices() -> list[tuple[str, str]]:
    """Return the deeds that one may pick, in the order of their rooms."""
    return [("", "全部"), *ACTIONS.items()]


def result_choices() -> list[tuple[str, str]]:
    """Return the results that one may pick."""
    return [("", "全部"), *Result.choices()]
