"""What the browser sends about calendars: a changed day, a sheet, a pasted paper, a limit to be explained."""

from datetime import date, datetime, time
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, StopValidation

from portal.ground.clock import SHANGHAI
from portal.ground.fields.days import clean_day
from portal.ground.fields.lines import line
from portal.web.forms import Clean, Form
from portal.worktime.terms import NAME_MOST, REASON_MOST, SOURCE_MOST, LimitKind

WORKS = {"works": "上班", "rests": "休息"}
NOTICE_MOST = 5000


class DayForm(Form):
    """One day: works or rests, its name, the paper and why."""

    version = HiddenField()
    works = RadioField("这一天", choices=WORKS, validate_choice=False)
    name = StringField("名称", [Clean(line("名称", NAME_MOST))])
    reason = StringField(
        "为什么改", [InputRequired("请写明为什么改，例如：上级通知。"), Clean(line("事由", REASON_MOST))]
    )
    source = StringField("依据文件", [Clean(line("文号", SOURCE_MOST))])

    def validate_works(self, field: Any) -> None:
        """One of two."""
        if field.data not in WORKS:
            raise StopValidation("请选上班或休息。")

    @property
    def given(self) -> dict[str, Any]:
        """The day, clean."""
        return {
            "works": self.works.data == "works", "name": self.name.clean or "", "reason": self.reason.clean or "",
            "source": self.source.clean or "",
        }  # fmt: skip


class SheetForm(Form):
    """An uploaded year."""

    file = FileField("日历表", [FileRequired("请先选文件：.xlsx、.xls 或 .csv")])


class NoticeForm(Form):
    """The State Council's paper as text."""

    text = TextAreaField("放假通知全文", [InputRequired("请把通知从标题到最后一条粘贴到这里。")])

    def validate_text(self, field: Any) -> None:
        """A whole paper is a page long."""
        if len(field.data) > NOTICE_MOST:
            raise StopValidation(f"太长了：最多 {NOTICE_MOST} 个字，只要通知本身。")


class WhyForm(Form):
    """A limit to be explained; it comes by the address bar."""

    class Meta(Form.Meta):
        csrf = False

    on = StringField("交办日期", [Clean(clean_day)])
    at = StringField("交办时刻")
    kind = SelectField("哪种期限", choices=dict(LimitKind.choices()), validate_choice=False)

    def validate_at(self, field: Any) -> None:
        """A time of day, where there is one."""
        if field.data:
            try:
                field.clean = time.fromisoformat(field.data.replace("：", ":"))
            except ValueError:
                raise StopValidation("请写成几点几分，例如 09:30。") from None

    def started_at(self, now: datetime) -> datetime:
        """When it began: this instant where nothing is said, else office hours' first of that day."""
        on: date = getattr(self.on, "clean", None) or now.date()
        clock: time | None = getattr(self.at, "clean", None)
        if clock is None:
            clock = now.time().replace(second=0, microsecond=0) if on == now.date() else time(9)
        return datetime.combine(on, clock, SHANGHAI)

    @property
    def chosen(self) -> LimitKind:
        """The kind of limit; a general one where nothing sensible is said."""
        known = {kind.value for kind in LimitKind}
        return LimitKind(self.kind.data) if self.kind.data in known else LimitKind.GENERAL
