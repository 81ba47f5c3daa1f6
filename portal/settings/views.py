"""Doors of the settings: what is good today, one setting with its history, changes, the printed and exported list."""

from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any

from flask import abort, request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.ground.can import Can
from portal.ground.declare import SettingSpec
from portal.ground.errors import Refused
from portal.ground.sheets.columns import ColumnSpec
from portal.ground.sheets.write import write_xlsx
from portal.settings import forms, queries, services
from portal.settings.terms import AMBIGUITIES, GROUPS, STATES, Asked, Line, bounds, stages, worded
from portal.web import Room, done, me, now, page, turn_to_writing
from portal.web.pages import whole

room = Room("settings", __name__, url="/settings")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    ColumnSpec("group", "类别", width=12),
    ColumnSpec("label", "设置", width=26),
    ColumnSpec("value", "现在的值", width=18),
    ColumnSpec("unit", "单位", width=6),
    ColumnSpec("from_on", "从哪天起", kind="day", width=16),
    ColumnSpec("version", "版本", kind="number", width=8),
    ColumnSpec("by", "谁定的", width=16),
    ColumnSpec("reason", "事由", width=24),
    ColumnSpec("coming", "接下来", width=30),
    ColumnSpec("source", "说明", width=40),
)


@room.get("", needs=Can.SETTINGS_READ)
def index() -> ResponseReturnValue:
    """Every setting by groups, as it is good today."""
    today = now().date()
    asked, lines = Asked.of(request.args), queries.lines(today)
    return page(
        "settings/index.html", swap={"settings-table": "settings/_table.html"}, asked=asked, groups=_groups(lines),
        found=_groups(asked.narrow(lines)), stages=stages(queries.phases(today), today), ambiguities=AMBIGUITIES,
        labels=_labels(lines), total=len(lines), states=list(STATES.items()),
        campaign=asked.group in ("", GROUPS[0]),
    )  # fmt: skip


def _groups(lines: Iterable[Line]) -> dict[str, list[Line]]:
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.spec.group, []).append(line)
    return groups


def _labels(lines: Iterable[Line]) -> dict[str, str]:
    """Each setting as the plan's open points name it: 复杂事项办结 15 天."""
    return {line.spec.key: f"{line.spec.label} {line.words}" for line in lines}


@room.get("/print", needs=Can.SETTINGS_READ, endpoint="print")
def print_list() -> ResponseReturnValue:
    """All settings in force, to hang up or file."""
    return _print()


@room.post("/print", needs=Can.SETTINGS_READ, endpoint="note_print")
def note_print() -> ResponseReturnValue:
    """Write down who prints them; the page then prints itself."""
    services.note_print(by=me(), now=now())
    return _print(printing=True)


def _print(printing: bool = False) -> ResponseReturnValue:
    today = now().date()
    lines = queries.lines(today)
    return page(
        "settings/print.html", groups=_groups(lines), told=queries.set_by(today), ambiguities=AMBIGUITIES,
        labels=_labels(lines), phase=queries.phase(today), total=len(lines), printing=printing,
    )  # fmt: skip


@room.post("/export", needs=Can.SETTINGS_READ, begins_reading=True)
def export() -> ResponseReturnValue:
    """The settings that the list shows, as a sheet."""
    asked, today = Asked.of(request.form), now().date()
    lines = asked.narrow(queries.lines(today))
    if not lines:
        raise Refused("没有符合条件的设置，请先去掉条件再导出。")
    data = write_xlsx(
        COLUMNS, _rows(lines, queries.set_by(today)), title="系统设置", filter_line=asked.words or "全部设置",
        snapshot=now(), watermark=f"{me().name} {now():%Y-%m-%d %H:%M} 导出",
    )  # fmt: skip
    turn_to_writing()
    services.note_export(rows=len(lines), filters=asked.words, by=me(), now=now())
    name = f"系统设置_{now():%Y%m%d_%H%M}.xlsx"
    return send_file(BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name, max_age=0)


def _rows(lines: Iterable[Line], told: Mapping[str, tuple[str, str]]) -> Iterator[dict[str, Any]]:
    for line in lines:
        spec, value = line.spec, line.now.value
        by, reason = told.get(spec.key, ("", "出厂值"))
        yield {
            "group": spec.group, "label": spec.label, "unit": spec.unit,
            "value": value if spec.kind in ("number", "date") else line.words,
            "from_on": None if line.shipped else line.now.from_on, "version": line.now.number, "by": by,
            "reason": reason, "coming": "；".join(line.coming_words), "source": spec.source,
        }  # fmt: skip


@room.get("/keys/<key>", needs=Can.SETTINGS_READ)
def show(key: str) -> ResponseReturnValue:
    """One setting: its value, its history, and the form where one may change it."""
    line = _line(key)
    return _show(line, _fresh(line))


def _fresh(line: Line) -> forms.Change:
    """The form of a setting as it is now."""
    return forms.change_of(
        line.spec, formdata=None, value=forms.shown(line.spec, line.now.value), from_on=now().date().isoformat(),
        version=str(queries.book().newest.get(line.spec.key, 0)),
    )  # fmt: skip


def _line(key: str) -> Line:
    found = next((line for line in queries.lines(now().date()) if line.spec.key == key), None)
    return found or abort(404)


def _show(
    line: Line, form: forms.Change, status: int = 200, *, refused: str = "", taking: forms.Withdrawal | None = None
) -> ResponseReturnValue:
    spec = line.spec
    system = spec.needs is Can.SETTINGS_SYSTEM
    return page(
        "settings/show.html", line=line, spec=spec, form=form, history=queries.history(spec.key), bounds=bounds(spec),
        may=me().may(spec.needs), doors=("set_system", "withdraw_system") if system else ("set", "withdraw"),
        shipped=worded(spec, spec.default), refused=refused, taking=taking, status=status,
    )  # fmt: skip


@room.post("/keys/<key>/values", needs=Can.SETTINGS_KEEP, endpoint="set")
def set_value(key: str) -> ResponseReturnValue:
    """A new value of the campaign's business."""
    return _set(key, Can.SETTINGS_KEEP)


@room.post("/keys/<key>/system-values", needs=Can.SETTINGS_SYSTEM)
def set_system(key: str) -> ResponseReturnValue:
    """A new value of the machine's."""
    return _set(key, Can.SETTINGS_SYSTEM)


@room.post("/keys/<key>/withdrawals", needs=Can.SETTINGS_KEEP)
def withdraw(key: str) -> ResponseReturnValue:
    """Take back a value of the campaign's that has not come yet."""
    return _withdraw(key, Can.SETTINGS_KEEP)


@room.post("/keys/<key>/system-withdrawals", needs=Can.SETTINGS_SYSTEM)
def withdraw_system(key: str) -> ResponseReturnValue:
    """Take back a value of the machine's that has not come yet."""
    return _withdraw(key, Can.SETTINGS_SYSTEM)


def _set(key: str, needs: Can) -> ResponseReturnValue:
    line = _kept_by(key, needs)
    form = forms.change_of(line.spec)
    if not form.validate():
        return _show(line, form, 422)
    value, from_on = form.given
    try:
        services.put(key, value, from_on=from_on, reason=form.why, seen=whole(form.version.data), by=me(), now=now())
    except Refused as refused:
        if refused.field is None:
            return _show(_line(key), form, 409, refused=refused.sentence)
        form[refused.field].errors = [refused.sentence]
        return _show(line, form, 422)
    return done(url_for(".show", key=key), message=f"已保存：{line.spec.label}，{_when(line.spec, value, from_on)}")


def _when(spec: SettingSpec, value: Any, from_on: Any) -> str:
    day = "今天" if from_on == now().date() else f"{from_on.year}年{from_on.month}月{from_on.day}日"
    return f"{day}起 {worded(spec, value)}"


def _withdraw(key: str, needs: Can) -> ResponseReturnValue:
    line, form = _kept_by(key, needs), forms.Withdrawal()
    if not form.validate():
        return _show(line, _fresh(line), 422, taking=form)
    number = whole(form.number.data)
    try:
        services.withdraw(key, number, reason=form.reason.clean, seen=whole(form.version.data), by=me(), now=now())
    except Refused as refused:
        line = _line(key)
        return _show(line, _fresh(line), 409, refused=refused.sentence, taking=form)
    return done(url_for(".show", key=key), message=f"已撤回：{line.spec.label}第 {number} 版")


def _kept_by(key: str, needs: Can) -> Line:
    """The setting behind a door; a key that belongs to the other door is not there."""
    line = _line(key)
    return line if line.spec.needs is needs else abort(404)
