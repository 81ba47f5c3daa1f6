"""Sheets of areas that come in: template, upload, dry run, answers, entry."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.areas import forms, queries, services
from portal.areas.models import WaitingSheet
from portal.areas.services import Preview
from portal.areas.terms import SHEET_MOST
from portal.areas.views.room import room
from portal.ground.can import Can
from portal.ground.errors import Refused
from portal.ground.files import plain_name
from portal.ground.sheets.cells import BYTES_MOST, Misfit
from portal.ground.sheets.dry import Answers
from portal.ground.sheets.template import template_xlsx
from portal.web import done, me, now, one_or_404, page, turn_to_writing
from portal.web.pages import whole
from portal.web.sheets import (
    answered_notices,
    faults_answer,
    look_again,
    once_more,
    sheet_answer,
    skipped_rows,
    typed_cells,
)

KEEP = Can.AREAS_KEEP
SWAP = {"sheet-preview": "areas/_preview.html"}


@room.get("/sheets/new", needs=KEEP)
def upload() -> ResponseReturnValue:
    return page("areas/upload.html", form=forms.SheetForm(), most=SHEET_MOST)


@room.get("/sheets/template.xlsx", needs=KEEP, endpoint="template")
def template() -> ResponseReturnValue:
    """The empty sheet."""
    data = template_xlsx(services.COLUMNS, title="社区和网格", notes=services.NOTES)
    return sheet_answer(data, "社区网格表模板.xlsx")


@room.post("/sheets", needs=KEEP, endpoint="keep", begins_reading=True)
def keep() -> ResponseReturnValue:
    form = forms.SheetForm()
    if form.validate():
        name, data = plain_name(form.file.data.filename), form.file.data.stream.read(BYTES_MOST + 1)
        try:
            services.open_sheet(data, name, Answers())
            turn_to_writing()
            sheet = services.keep_sheet(data, name, by=me(), now=now())
            return done(url_for("areas.sheet", id=sheet.id), message="")
        except Misfit as misfit:
            form.file.errors = [str(misfit)]
    return page("areas/upload.html", form=form, most=SHEET_MOST, status=422)


@room.get("/sheets/<int:id>", needs=KEEP)
def sheet(id: int) -> ResponseReturnValue:
    return _show(one_or_404(queries.waiting_sheet(me(), id)))


@room.post("/sheets/<int:id>/answers", needs=KEEP, endpoint="answer", begins_reading=True)
def answer(id: int) -> ResponseReturnValue:
    """Take what the keeper typed, ticked or pressed, and check again."""
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    answers = Answers.load(waiting.answers)
    found = services.preview(services.sheet_bytes(waiting), waiting.file_name, answers)
    cells, rows = typed_cells(found), skipped_rows(answers)
    answered_notices(found)
    turn_to_writing()
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    services.answer_sheet(waiting, answers, cells=cells, rows=rows, version=whole(request.form.get("version")))
    return look_again(url_for("areas.sheet", id=id))


@room.post("/sheets/<int:id>/entry", needs=KEEP, endpoint="enter", begins_reading=True)
def enter(id: int) -> ResponseReturnValue:
    """Enter all of it, or nothing. The file is read before anything is locked."""
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    if waiting.done_at is not None:
        return done(url_for("areas.sheet", id=id), message="")
    opened = services.open_sheet(services.sheet_bytes(waiting), waiting.file_name, Answers.load(waiting.answers))
    waiting = once_more(queries.waiting_sheet(me(), id), version=waiting.version)
    found = services.weigh(opened)
    try:
        services.import_sheet(waiting, found, seen=request.form.get("seen", ""), by=me(), now=now())
    except Refused as refused:
        return _show(waiting, found, refused=refused.sentence, status=409)
    return done(url_for("areas.sheet", id=id), message="已导入")


@room.post("/sheets/<int:id>/removal", needs=KEEP, endpoint="discard")
def discard(id: int) -> ResponseReturnValue:
    services.discard_sheet(one_or_404(queries.waiting_sheet(me(), id)), by=me(), now=now())
    return done(url_for("areas.upload"), message="上传的表已清掉")


@room.post("/sheets/<int:id>/faults", needs=KEEP, endpoint="faults", begins_reading=True)
def faults(id: int) -> ResponseReturnValue:
    """The cells to be mended, as a sheet to pass on."""
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    found = services.preview(services.sheet_bytes(waiting), waiting.file_name, Answers.load(waiting.answers))
    return faults_answer(found, waiting.file_name)


def _show(
    waiting: WaitingSheet, found: Preview | None = None, *, refused: str = "", status: int = 200
) -> ResponseReturnValue:
    if waiting.done_at is not None:
        return page("areas/entered.html", sheet=waiting)
    if found is None:
        found = services.preview(services.sheet_bytes(waiting), waiting.file_name, Answers.load(waiting.answers))
    return page(
        "areas/preview.html", swap=SWAP, status=status, sheet=waiting, found=found, refused=refused,
        version=waiting.version,
    )  # fmt: skip
