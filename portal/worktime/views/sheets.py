"""A year that comes in, as a sheet or as the paper's own text (dry run, answers, publishing), and one that goes out."""

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.ground.can import Can
from portal.ground.errors import Refused
from portal.ground.fields.letters import Misread
from portal.ground.files import plain_name
from portal.ground.sheets.cells import BYTES_MOST, Misfit
from portal.ground.sheets.write import write_xlsx
from portal.web import SIGNED_IN, done, me, now, one_or_404, page, turn_to_writing
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
from portal.worktime import forms, queries, services
from portal.worktime.models import WaitingSheet
from portal.worktime.services import Answers, Preview
from portal.worktime.terms import SOURCE_MOST, asked_years, feasts, span
from portal.worktime.views.room import room

KEEP = Can.WORKTIME_KEEP
SWAP = {"sheet-preview": "worktime/_preview.html"}


@room.get("/sheets/<int:year>.xlsx", needs=SIGNED_IN, endpoint="sheet_of")
def year_sheet(year: int) -> ResponseReturnValue:
    """A year as a sheet, one day a row: to be kept, or to be put right and brought back."""
    found = queries.glance(year) or abort(404)
    said = f"{found.head.state.label} · {found.head.source} · 第 {found.head.edition} 版"
    data = write_xlsx(
        services.columns(), services.rows_of(found.year), title=f"{year}年工作日历", filter_line=said, snapshot=now(),
        watermark=me().name,
    )  # fmt: skip
    return sheet_answer(data, f"{year}年工作日历.xlsx")


@room.get("/sheets/new", needs=KEEP)
def upload() -> ResponseReturnValue:
    """Bring a year."""
    return _upload(forms.SheetForm(formdata=None), forms.NoticeForm(formdata=None))


def _upload(sheet: forms.SheetForm, notice: forms.NoticeForm, status: int = 200) -> ResponseReturnValue:
    asked = asked_years(now().date(), queries.workdays())
    standing = queries.in_force()
    wanted = next((year for year in (*asked, now().year + 1) if year in standing), now().year)
    return page("worktime/upload.html", sheet=sheet, notice=notice, wanted=wanted, asked=asked, status=status)


@room.post("/sheets", needs=KEEP, endpoint="keep", begins_reading=True)
def keep() -> ResponseReturnValue:
    """Take a sheet."""
    form = forms.SheetForm()
    if form.validate():
        name, data = plain_name(form.file.data.filename), form.file.data.stream.read(BYTES_MOST + 1)
        try:
            return _keep(data, name)
        except Misfit as misfit:
            form.file.errors = [str(misfit)]
    return _upload(form, forms.NoticeForm(formdata=None), 422)


@room.post("/notices", needs=KEEP, endpoint="read", begins_reading=True)
def read_notice() -> ResponseReturnValue:
    """Take the paper's text: it becomes a sheet, and is looked at like one."""
    form = forms.NoticeForm()
    if form.validate():
        try:
            notice = services.read_notice(form.text.data)
            return _keep(services.notice_sheet(notice), f"{notice.year}年放假通知.csv")
        except Misread as misread:
            form.text.errors = [f"{misread}。"]
    return _upload(forms.SheetForm(formdata=None), form, 422)


def _keep(data: bytes, name: str) -> ResponseReturnValue:
    services.open_sheet(data, name, Answers())
    turn_to_writing()
    waiting = services.keep_sheet(data, name, by=me(), now=now())
    return done(url_for(".sheet", id=waiting.id), message="")


@room.get("/sheets/<int:id>", needs=KEEP)
def sheet(id: int) -> ResponseReturnValue:
    """The dry run, or what it came to."""
    return _show(one_or_404(queries.waiting_sheet(me(), id)))


@room.post("/sheets/<int:id>/answers", needs=KEEP, endpoint="answer", begins_reading=True)
def answer(id: int) -> ResponseReturnValue:
    """Take what the clerk typed, ticked or pressed, and check again."""
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    answers = Answers.load(waiting.answers)
    found = services.preview(services.sheet_bytes(waiting), waiting.file_name, answers)
    cells, rows = typed_cells(found), skipped_rows(answers)
    answered_notices(found)
    if "source" in request.form:
        answers.source = " ".join(request.form["source"].split())[:SOURCE_MOST]
    turn_to_writing()
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    services.answer_sheet(waiting, answers, cells=cells, rows=rows, version=whole(request.form.get("version")))
    return look_again(url_for(".sheet", id=id))


@room.post("/sheets/<int:id>/entry", needs=KEEP, endpoint="enter", begins_reading=True)
def enter(id: int) -> ResponseReturnValue:
    """Publish all of it, or nothing. The file is read before anything is locked."""
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    if waiting.done_at is not None:
        return done(url_for(".sheet", id=id), message="")
    opened = services.open_sheet(services.sheet_bytes(waiting), waiting.file_name, Answers.load(waiting.answers))
    waiting = once_more(queries.waiting_sheet(me(), id), version=waiting.version)
    found = services.weigh(opened)
    try:
        services.import_sheet(waiting, found, seen=request.form.get("seen", ""), by=me(), now=now())
    except Refused as refused:
        return _show(waiting, found, refused=refused.sentence, status=409)
    return done(url_for(".sheet", id=id), message="已发布")


@room.post("/sheets/<int:id>/removal", needs=KEEP, endpoint="discard")
def discard(id: int) -> ResponseReturnValue:
    """Give it up."""
    services.discard_sheet(one_or_404(queries.waiting_sheet(me(), id)), by=me(), now=now())
    return done(url_for(".upload"), message="上传的表已清掉")


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
        head = queries.in_force().get(waiting.year or 0)
        return page("worktime/entered.html", sheet=waiting, standing=head)
    if found is None:
        found = services.preview(services.sheet_bytes(waiting), waiting.file_name, Answers.load(waiting.answers))
    return page(
        "worktime/preview.html", swap=SWAP, status=status, sheet=waiting, found=found, refused=refused,
        version=waiting.version, feasts=feasts, span=span,
    )  # fmt: skip
