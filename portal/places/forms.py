"""What the browser sent about a street → clean values, or Chinese errors beside the field."""

from collections.abc import Iterator
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.areas.terms import AreaType
from portal.ground.fields.lines import line
from portal.places.terms import (
    END_MOST,
    NAME_MOST,
    REMARK_MOST,
    StreetFacts,
    StreetKind,
    clean_end,
    clean_length,
    clean_name,
    clean_remark,
)
from portal.web.forms import Clean, Form

_TYPES = {"": "请选", **dict(AreaType.choices())}


def _text(label: str, cleaner: Any, most: int, needed: str = "") -> StringField:
    first: list[Any] = [InputRequired(needed) if needed else Optional()]
    return StringField(label, [*first, Clean(cleaner)], render_kw={"maxlength": most, "autocomplete": "off"})


class _Ticks(SelectMultipleField):
    """Boxes to tick, in groups: works without JavaScript and with the keyboard."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def groups(self) -> Iterator[tuple[str, list[tuple[str, str, bool]]]]:
        """(community, [(value, word, ticked)])"""
        ticked = {str(one) for one in self.data or ()}
        for home, grids in (self.choices or {}).items():
            yield home, [(value, word, value in ticked) for value, word in grids.items()]

    def pre_validate(self, form: Form) -> None:
        known = {value for grids in (self.choices or {}).values() for value in grids}
        if any(str(one) not in known for one in self.data or ()):
            raise ValidationError("请在列出的网格里选")


class StreetForm(Form):
    """The file of a street. `grids` gets its choices from the view, by community."""

    version = HiddenField()
    name = _text("名称", clean_name, NAME_MOST, "请填名称，和路牌一样；分段的写明哪一段")
    kind = SelectField("类别", [InputRequired("请选类别")], choices={"": "请选", **dict(StreetKind.choices())})
    area_type = SelectField("区域类型", [InputRequired("请选区域类型")], choices=_TYPES)
    runs_from = _text("起点", clean_end, END_MOST)
    runs_to = _text("终点", clean_end, END_MOST)
    length_m = _text("长度", clean_length, 10)
    remark = _text("备注", clean_remark, REMARK_MOST)
    grids = _Ticks("穿过的网格", [InputRequired("请至少选一个网格")])

    def facts(self) -> StreetFacts:
        """The facts that the form says."""

        def clean(name: str) -> Any:
            return getattr(self._fields[name], "clean", None)

        return StreetFacts(
            name=clean("name"), kind=StreetKind(self.kind.data), area_type=AreaType(self.area_type.data),
            grids=frozenset(int(one) for one in self.grids.data or ()), runs_from=clean("runs_from") or "",
            runs_to=clean("runs_to") or "", length_m=clean("length_m"), remark=clean("remark") or "",
        )  # fmt: skip


class KeeperForm(Form):
    """Who answers for a street from now on. `person` gets its choices from the view."""

    version = HiddenField()
    person = SelectField("责任人", [InputRequired("请选责任人")])
    reason = _text("说明", line("说明", 120), 120)

    @property
    def words(self) -> str:
        """The reason, clean."""
        return getattr(self.reason, "clean", None) or ""


class ReasonForm(Form):
    """Why a street is taken from its keeper, closed, or taken into use again."""

    version = HiddenField()
    reason = _text("依据", line("依据", 120), 120, "请写一句依据，例如“改造封闭，不再通行”")

    @property
    def words(self) -> str:
        """The reason, clean."""
        return str(vars(self.reason)["clean"])


class SheetForm(Form):
    """An uploaded sheet."""

    file = FileField("路段表", [FileRequired("请先选文件：.xlsx、.xls 或 .csv")])
