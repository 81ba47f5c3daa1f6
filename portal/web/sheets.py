"""Sheets at the door: files to be saved, and what a clerk typed, ticked and pressed in a preview (kit/sheets.html)."""

from typing import Any, TypeVar
from urllib.parse import quote

from flask import Response, redirect, request
from sqlalchemy import Select

from portal.ground.errors import Refused
from portal.ground.sheets.columns import ColumnSpec
from portal.ground.sheets.dry import Answers, DryRun
from portal.ground.sheets.waiting import CHANGED_SINCE
from portal.ground.sheets.write import write_xlsx
from portal.web.door import me, now, turn_to_writing
from portal.web.pages import one_or_404, whole

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
W = TypeVar("W", bound=Any)
_FAULTS = [
    ColumnSpec("address", "单元格", width=8),
    ColumnSpec("heading", "栏目", width=16),
    ColumnSpec("shown", "现在填的", width=26),
    ColumnSpec("why", "毛病和改法", width=60),
]


def sheet_answer(data: bytes, name: str) -> Response:
    """An xlsx file to be saved."""
    answer = Response(data, mimetype=XLSX)
    # Headers are latin-1: a Chinese name goes as RFC 5987 says.
    answer.headers["Content-Disposition"] = f"attachment; filename=\"list.xlsx\"; filename*=UTF-8''{quote(name)}"
    return answer


def faults_answer(found: DryRun[Any, Any], file_name: str) -> Response:
    """The cells to be mended, as a sheet to pass on; what they hold is masked where it must be."""
    rows = [{spec.key: getattr(fault, spec.key) for spec in _FAULTS} for fault in found.faults]
    data = write_xlsx(
        _FAULTS, rows, title="需修改的格子", filter_line=file_name, snapshot=now(), watermark=f"{me().name} 导出"
    )
    return sheet_answer(data, "需修改的格子.xlsx")


def typed_cells(found: DryRun[Any, Any]) -> dict[str, str]:
    """Cells typed in the preview, and likely answers that were pressed (`cure=B17`)."""
    by_address = {fault.address: fault for fault in found.faults}
    typed = {
        address: text.strip()[:200]
        for address in by_address
        if (text := request.form.get(f"cell-{address}")) is not None
    }
    pressed = by_address.get(request.form.get("cure", ""))
    if pressed is not None and pressed.cure:
        typed[pressed.address] = pressed.cure
    return typed


def skipped_rows(answers: Answers) -> set[int]:
    """The rows to be skipped, with the one that was pressed just now (`skip`, `unskip`)."""
    rows = set(answers.skipped)
    if row := whole(request.form.get("skip")):
        rows.add(row)
    rows.discard(whole(request.form.get("unskip")))
    return rows


def answered_notices(found: DryRun[Any, Any]) -> None:
    """Put what was answered to the notices of a sheet into its answers."""
    for notice in found.notices:
        given = request.form.get(f"notice-{notice.kind}", "")
        if given in {choice.key for choice in notice.choices}:
            found.answers.notices[notice.kind] = given


def once_more(found: Select[W], *, version: int) -> W:
    """Turn to writing and return the waiting sheet again. Refused when it was answered since `version` was read."""
    turn_to_writing()
    sheet = one_or_404(found)
    if sheet.done_at is None and sheet.version != version:
        raise Refused(CHANGED_SINCE)
    return sheet


def look_again(url: str) -> Any:
    """Answer what was typed in a preview: 303, to htmx as well. The browser follows it with htmx's own headers, and
    gets the fragment from a door that reads, so that no sheet is read between the writing and its commit."""
    return redirect(url, 303)
