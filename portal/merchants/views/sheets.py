"""Sheets that come in: template, upload, dry run, answers, entry."""

from typing import Any

from flask import abort, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.ground.can import Can
from portal.ground.errors import Refused
from portal.ground.files import plain_name
from portal.ground.sheets.cells import BYTES_MOST, Misfit
from portal.ground.sheets.dry import Opened
from portal.ground.sheets.template import template_xlsx
from portal.merchants import forms, queries, services
from portal.merchants.models import WaitingSheet
from portal.merchants.services import Answers, Preview
from portal.merchants.terms import FIELDS, IMPORT_MOST
from portal.merchants.views.room import room
from portal.papers.queries import missing_characters
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

IMPORT = Can.MERCHANTS_IMPORT
SWAP = {"sheet-preview": "merchants/_preview.html"}


@room.get("/sheets/new", needs=IMPORT)
def upload() -> ResponseReturnValue:
    return page("merchants/upload.html", form=forms.SheetForm(), most=IMPORT_MOST)


@room.get("/sheets/template.xlsx", needs=IMPORT, endpoint="template")
def template() -> ResponseReturnValue:
    """The empty sheet, text columns and drop-downs, for the clerk's own communities."""
    tree = queries.tree()
    names = [place.name for place in tree.communities_within(me(), IMPORT)]
    return sheet_answer(template_xlsx(services.template_columns(tree, names), title="商户"), "商户底册模板.xlsx")


@room.get("/sheets/sample.xlsx", needs=IMPORT, endpoint="sample")
def sample() -> ResponseReturnValue:
    """A sheet of invented shops to practise with: in the demonstration office alone."""
    tree = queries.tree()
    homes = tree.communities_within(me(), IMPORT)
    if not (current_app.config["DEMO"] and homes):
        abort(404)
    data = services.sample_sheet(tree, homes[0], rows=24, faulty=True, now=now())
    return sheet_answer(data, "演示底册.xlsx")


@room.post("/sheets", needs=IMPORT, endpoint="keep", begins_reading=True)
def keep() -> ResponseReturnValue:
    form = forms.SheetForm()
    if form.validate():
        name, data = plain_name(form.file.data.filename), form.file.data.stream.read(BYTES_MOST + 1)
        try:
            _open(data, name, Answers())
            turn_to_writing()
            sheet = services.keep_sheet(data, name, by=me(), now=now())
            return done(url_for("merchants.sheet", id=sheet.id), message="")
        except Misfit as misfit:
            form.file.errors = [str(misfit)]
    return page("merchants/upload.html", form=form, most=IMPORT_MOST, status=422)


@room.get("/sheets/<int:id>", needs=IMPORT)
def sheet(id: int) -> ResponseReturnValue:
    return _show(one_or_404(queries.waiting_sheet(me(), id)))


@room.post("/sheets/<int:id>/answers", needs=IMPORT, endpoint="answer", begins_reading=True)
def answer(id: int) -> ResponseReturnValue:
    """Take what the clerk typed, ticked or pressed, and check again."""
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    answers = Answers.load(waiting.answers)
    found = _read(services.sheet_bytes(waiting), waiting.file_name, answers)
    cells, rows = typed_cells(found), skipped_rows(answers)
    _choose(answers, found)
    turn_to_writing()
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    services.answer_sheet(waiting, answers, cells=cells, rows=rows, version=whole(request.form.get("version")))
    return look_again(url_for("merchants.sheet", id=id))


@room.post("/sheets/<int:id>/entry", needs=IMPORT, endpoint="enter", begins_reading=True)
def enter(id: int) -> ResponseReturnValue:
    """Enter all of it, or nothing. The file is read before anything is locked."""
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    if waiting.done_at is not None:
        return done(url_for("merchants.sheet", id=id), message="")
    opened = _open(services.sheet_bytes(waiting), waiting.file_name, Answers.load(waiting.answers))
    services.read_names(opened)
    waiting = once_more(queries.waiting_sheet(me(), id), version=waiting.version)
    tree = queries.tree()
    found = services.weigh(opened, actor=me(), tree=tree, today=now().date())
    try:
        services.import_sheet(waiting, found, seen=request.form.get("seen", ""), tree=tree, by=me(), now=now())
    except Refused as refused:
        return _show(waiting, found, refused=refused.sentence, status=409)
    return done(url_for("merchants.sheet", id=id), message="已导入")


@room.post("/sheets/<int:id>/removal", needs=IMPORT, endpoint="discard")
def discard(id: int) -> ResponseReturnValue:
    services.discard_sheet(one_or_404(queries.waiting_sheet(me(), id)), by=me(), now=now())
    return done(url_for("merchants.upload"), message="上传的表已清掉")


@room.post("/sheets/<int:id>/faults", needs=IMPORT, endpoint="faults", begins_reading=True)
def faults(id: int) -> ResponseReturnValue:
    """The cells to be mended, as a sheet to pass on; what they hold is masked where it must be."""
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    found = _read(services.sheet_bytes(waiting), waiting.file_name, Answers.load(waiting.answers))
    return faults_answer(found, waiting.file_name)


def _open(data: bytes, name: str, answers: Answers) -> Opened[Preview]:
    return services.open_sheet(data, name, answers, missing=missing_characters)


def _read(data: bytes, name: str, answers: Answers) -> Preview:
    opened = _open(data, name, answers)
    return services.weigh(opened, actor=me(), tree=queries.tree(), today=now().date())


def _show(
    waiting: WaitingSheet, found: Preview | None = None, *, refused: str = "", status: int = 200
) -> ResponseReturnValue:
    if waiting.done_at is not None:
        return page("merchants/entered.html", sheet=waiting)
    if found is None:
        found = _read(services.sheet_bytes(waiting), waiting.file_name, Answers.load(waiting.answers))
    tree, twins = queries.tree(), found.of("twin")
    beside = services.side_by_side(twins[0], twins[0].twins[0][0], tree) if twins else []
    return page(
        "merchants/preview.html", swap=SWAP, status=status, sheet=waiting, found=found, refused=refused,
        fields=FIELDS, tree=tree, version=waiting.version, beside=beside,
    )  # fmt: skip


def _choose(answers: Answers, found: Preview) -> None:
    """Answers to notices, to the question about operators, and about one row that may be known."""
    answered_notices(found)
    if request.form.get("operators") in ("change", "correct"):
        answers.operators = request.form["operators"]
    row, verdict = request.form.get("twin", ""), request.form.get("verdict", "")
    entry: Any = next((one for one in found.of("twin") if str(one.row) == row), None)
    if entry is None:
        return
    if verdict == "new" or verdict in {str(shop.id) for shop, _why in entry.twins}:
        answers.twins[row] = verdict
        answers.kept[row] = [name for name in FIELDS if request.form.get(f"keep-{name}") == "file"]
