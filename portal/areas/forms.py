"""What the browser sent about the tree → clean values, or Chinese errors beside the field."""

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, StopValidation

from portal.areas.terms import ENTERED, NAME_MOST, PARTS, AreaKind, AreaType, clean_code
from portal.ground.fields.lines import line
from portal.web.forms import Clean, Form

_TYPES = {"": "请选", **dict(AreaType.choices())}


def _name() -> StringField:
    checks = [InputRequired("请填名称"), Clean(line("名称", NAME_MOST))]
    return StringField("名称", checks, render_kw={"maxlength": NAME_MOST, "autocomplete": "off"})


class _AreaForm(Form):
    name = _name()

    def clean(self, name: str) -> Any:
        """A field's clean value, None when it is blank."""
        return getattr(self._fields[name], "clean", None)

    @property
    def type(self) -> AreaType | None:
        """The area type, None where it was not asked for."""
        field = self._fields.get("area_type")
        return AreaType(field.data) if field is not None and field.data else None


class NewArea(_AreaForm):
    """A new area. `community` gets its choices from the view."""

    kind = RadioField("类别", [InputRequired("请选类别")], choices={one.value: one.label for one in ENTERED})
    community = SelectField("所属社区或村")
    area_type = SelectField("区域类型", choices=_TYPES)
    code = StringField("编号", [Clean(clean_code)], render_kw={"maxlength": 12, "autocomplete": "off"})

    def validate_community(self, field: SelectField) -> None:
        if self.kind.data == AreaKind.GRID.value and not field.data:
            raise StopValidation("网格要选所属的社区或村")

    def validate_area_type(self, field: SelectField) -> None:
        if self.kind.data == AreaKind.GRID.value and not field.data:
            raise StopValidation("网格要选区域类型")

    def validate_code(self, field: StringField) -> None:
        if not field.data and self.kind.data in {part.value for part in PARTS}:
            raise StopValidation("社区和村的编号是两个大写字母，例如 MY")

    @property
    def facts(self) -> dict[str, Any]:
        """What was filled in for the kind that was chosen; the rest does not count."""
        kind = AreaKind(self.kind.data)
        grid = kind is AreaKind.GRID
        return {
            "kind": kind, "name": self.clean("name"), "code": self.clean("code") or "",
            "community": self.community.data if grid else "", "area_type": self.type if grid else None,
        }  # fmt: skip


class EditArea(_AreaForm):
    """What may change of an area: its name; of a grid its type; of a community or village which of the two it is."""

    version = HiddenField()
    kind = RadioField("类别", [InputRequired("请选类别")], choices={one.value: one.label for one in PARTS})
    area_type = SelectField("区域类型", [InputRequired("请选区域类型")], choices=_TYPES)

    def fit(self, kind: AreaKind) -> "EditArea":
        """Keep the fields that an area of this kind has."""
        if kind not in PARTS:
            del self.kind
        if kind is not AreaKind.GRID:
            del self.area_type
        return self

    def kind_or(self, kind: AreaKind) -> AreaKind:
        """The kind that was chosen, else the one that it has."""
        field = self._fields.get("kind")
        return AreaKind(field.data) if field is not None else kind


class ReasonForm(Form):
    """Why an area is closed, or taken into use again."""

    version = HiddenField()
    reason = StringField(
        "依据", [InputRequired("请写一句依据，例如“区划调整，并入二网格”"), Clean(line("依据", 120))],
        render_kw={"maxlength": 120, "autocomplete": "off"},
    )  # fmt: skip

    @property
    def words(self) -> str:
        """The reason, clean."""
        return str(vars(self.reason)["clean"])


class SheetForm(Form):
    """An uploaded sheet."""

    file = FileField("社区网格表", [FileRequired("请先选文件：.xlsx、.xls 或 .csv")])
