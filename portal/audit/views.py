"""Doors of the trail: reading it, checking the chain, exporting it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from flask import request, send_file
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.audit import forms, queries, services
from portal.audit.models import TrailLine
from portal.audit.terms import (
    ACTORS,
    CHECKED_AT_ONCE,
    DETAILS,
    EXPORT_MOST,
    TrailFilter,
    action_word,
    result_lamp,
    subject_word,
)
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.sheets.columns import ColumnSpec
from portal.ground.sheets.write import write_csv, write_xlsx
from portal.web import Room, me, now, one_or_404, page, turn_to_writing
from portal.web.pages import query_int

room = Room("audit", __name__, url="/trail")
WORDS: dict[str, Any] = {
    "action_word": action_word,
    "subject_word": subject_word,
    "result_lamp": result_lamp,
    "actors": ACTORS,
}
COLUMNS = (
    ColumnSpec("seq", "行号", kind="number", width=9),
    ColumnSpec("at", "时间", kind="moment", width=20),
    ColumnSpec("actor_name", "谁", width=18),
    ColumnSpec("actor", "身份", width=8),
    ColumnSpec("address", "从哪里", width=16),
    ColumnSpec("action", "事项", width=20),
    ColumnSpec("subject", "对象", width=18),
    ColumnSpec("result", "结果", width=8),
    ColumnSpec("details", "详情", width=48),
    ColumnSpec("hash", "摘要", width=68),
)


@room.get("/", needs=Can.TRAIL_READ)
def index() -> ResponseReturnValue:
    form = forms.Search(request.args)
    good = form.validate()
    chosen = form.chosen()
    stretch = queries.stretch(chosen, before=query_int("before", 0) or None, after=query_int("after", 0) or None)
    return page(
        "audit/index.html",
        swap={"trail-lines": "audit/_lines.html"},
        status=200 if good else 422,
        form=form,
        chosen=chosen,
        stretch=stretch,
        total=queries.count(chosen) if chosen.since and chosen.since == chosen.until else None,
        actions=forms.action_choices(),
        results=forms.result_choices(),
        most=EXPORT_MOST,
        **WORDS,
    )


@room.get("/<int:seq>", needs=Can.TRAIL_READ)
def show(seq: int) -> ResponseReturnValue:
    line = one_or_404(queries.one(seq))
    newest, _hash = queries.head()
    return page(
        "audit/show.html", line=line, details=details_of(line), holds=services.holds(line), newest=newest, **WORDS
    )


@room.get("/check", needs=Can.TRAIL_READ)
def check() -> ResponseReturnValue:
    """Check the next stretch of the chain; the whole of it, step by step, without a long request."""
    after = query_int("after", 0)
    begun = "after" in request.args
    newest, newest_hash = queries.head()
    found = services.verify(after=after, limit=CHECKED_AT_ONCE) if begun else None
    printed = request.args.get("printed", "")
    return page(
        "audit/check.html",
        swap={"chain": "audit/_chain.html"},
        found=found,
        after=after,
        newest=newest,
        newest_hash=newest_hash,
        printed=printed,
        anchor=services.compare(printed) if printed else None,
    )


@room.post("/export", needs=Can.TRAIL_EXPORT, begins_reading=True)
def export() -> ResponseReturnValue:
    form = forms.Export()
    if not form.validate():
        raise Refused("筛选条件看不懂，请回到留痕页重新筛选后再导出。")
    chosen = form.chosen()
    lines = list(db.session.scalars(queries.newest(chosen, limit=EXPORT_MOST + 1)))
    if len(lines) > EXPORT_MOST:
        raise Refused(f"一次最多导出 {EXPORT_MOST:,} 行，请用日期把范围缩小，分几次导出。")
    answer = _file(lines, chosen, form.format.data)
    turn_to_writing()
    services.note_export(rows=len(lines), chosen=chosen, kind=form.format.data, by=me(), now=now())
    return answer


def _file(lines: Sequence[TrailLine], chosen: TrailFilter, kind: str) -> Response:
    name = f"留痕_{now():%Y%m%d_%H%M}_{me().name}.{kind}"
    if kind == "csv":
        data, mimetype = write_csv(COLUMNS, _rows(lines)), "text/csv; charset=utf-8"
    else:
        data = write_xlsx(
            COLUMNS,
            _rows(lines),
            title="留痕",
            filter_line=conditions_line(chosen),
            snapshot=now(),
            watermark=f"{me().name} {now():%Y-%m-%d %H:%M} 导出",
        )
        mimetype = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return send_file(BytesIO(data), mimetype=mimetype, as_attachment=True, download_name=name, max_age=0)


def _rows(lines: Sequence[TrailLine]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        yield {
            "seq": line.seq,
            "at": line.at,
            "actor_name": line.actor_name,
            "actor": ACTORS.get(line.actor_kind, line.actor_kind),
            "address": line.address,
            "action": action_word(line.action),
            "subject": subject_word(line.subject),
            "result": line.result.label,
            "details": "；".join(f"{word}：{text}" for word, text in details_of(line)),
            "hash": line.hash,
        }


def conditions_line(chosen: TrailFilter) -> str:
    """Say in words what the trail is narrowed to."""
    words = {
        "person": f"谁：{chosen.person}",
        "action": f"事项：{action_word(chosen.action)}",
        "subject": f"对象：{subject_word(chosen.subject)}",
        "result": f"结果：{dict(forms.result_choices()).get(chosen.result)}",
        "since": f"从 {chosen.since}",
        "until": f"到 {chosen.until}",
    }
    return "；".join(words[name] for name in chosen.conditions()) or "全部留痕"


def details_of(line: TrailLine) -> list[tuple[str, str]]:
    """Return a line's details as pairs of words and texts."""
    return [(DETAILS.get(key, key), _text(value)) for key, value in json.loads(line.details).items()]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(_text, value))
    if isinstance(value, dict):
        return "，".join(f"{DETAILS.get(key, key)} {_text(one)}" for key, one in value.items())
    return "无" if value is None else str(value)
