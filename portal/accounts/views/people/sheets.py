"""Sheets of people that come in: template, upload, dry run, answers, entry, and the slips of those who are new."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import forms, queries, services
from portal.accounts.models import WaitingSheet
from portal.accounts.services import Preview
from portal.accounts.terms import IMPORT_MOST, SLIPS_MOST
from portal.accounts.views.people.changes import slips
from portal.accounts.views.people.room import room
from portal.areas.queries import places
from portal.ground.can import Can
from portal.ground.db import db
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

KEEP = Can.PEOPLE_KEEP
SWAP = {"sheet-preview": "accounts/people/_preview.html"}


@room.get("/sheets/new", needs=KEEP)
def upload() -> ResponseReturnValue:
    return page("accounts/people/upload.html", form=forms.SheetForm(), most=IMPORT_MOST)


@room.get("/sheets/template.xlsx", needs=KEEP, endpoint="template")
def template() -> ResponseReturnValue:
    """The empty sheet."""
    data = template_xlsx(services.columns(), title="人员", notes=services.NOTES)
    return sheet_answer(data, "人员表模板.xlsx")


@room.post("/sheets", needs=KEEP, endpoint="keep", begins_reading=True)
def keep() -> ResponseReturnValue:
    form = forms.SheetForm()
    if form.validate():
        name, data = plain_name(form.file.data.filename), form.file.data.stream.read(BYTES_MOST + 1)
        try:
            services.open_sheet(data, name, Answers())
            turn_to_writing()
            sheet = services.keep_sheet(data, name, by=me(), now=now())
            return done(url_for(".sheet", id=sheet.id), message="")
        except Misfit as misfit:
            form.file.errors = [str(misfit)]
    return page("accounts/people/upload.html", form=form, most=IMPORT_MOST, status=422)


@room.get("/sheets/<int:id>", needs=KEEP)
def sheet(id: int) -> ResponseReturnValue:
    return _show(one_or_404(queries.waiting_sheet(me(), id)))


@room.post("/sheets/<int:id>/answers", needs=KEEP, endpoint="answer", begins_reading=True)
def answer(id: int) -> ResponseReturnValue:
    """Take what the clerk typed, ticked or pressed, and check again."""
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    answers = Answers.load(waiting.answers)
    found = _read(services.sheet_bytes(waiting), waiting.file_name, answers)
    cells, rows = typed_cells(found), skipped_rows(answers)
    answered_notices(found)
    turn_to_writing()
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    services.answer_sheet(waiting, answers, cells=cells, rows=rows, version=whole(request.form.get("version")))
    return look_again(url_for(".sheet", id=id))


@room.post("/sheets/<int:id>/entry", needs=KEEP, endpoint="enter", begins_reading=True)
def enter(id: int) -> ResponseReturnValue:
    """Enter all of it, or nothing. The file is read, and the password that nobody knows hashed, before anything
    is locked."""
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    if waiting.done_at is not None:
        return done(url_for(".sheet", id=id), message="")
    opened = services.open_sheet(services.sheet_bytes(waiting), waiting.file_name, Answers.load(waiting.answers))
    password_hash = services.nobodys()
    waiting = once_more(queries.waiting_sheet(me(), id), version=waiting.version)
    found = services.weigh(opened, actor=me(), tree=places(), today=now().date())
    seen = request.form.get("seen", "")
    try:
        services.import_sheet(waiting, found, seen=seen, password_hash=password_hash, by=me(), now=now())
    except Refused as refused:
        return _show(waiting, found, refused=refused.sentence, status=409)
    return done(url_for(".sheet", id=id), message="已导入")


@room.post("/sheets/<int:id>/removal", needs=KEEP, endpoint="discard")
def discard(id: int) -> ResponseReturnValue:
    services.discard_sheet(one_or_404(queries.waiting_sheet(me(), id)), by=me(), now=now())
    return done(url_for(".upload"), message="上传的表已清掉")


@room.post("/sheets/<int:id>/faults", needs=KEEP, endpoint="faults", begins_reading=True)
def faults(id: int) -> ResponseReturnValue:
    """The cells to be mended, as a sheet to pass on; what they hold is masked where it must be."""
    waiting = one_or_404(queries.waiting_sheet(me(), id))
    found = _read(services.sheet_bytes(waiting), waiting.file_name, Answers.load(waiting.answers))
    return faults_answer(found, waiting.file_name)


@room.post("/sheets/<int:id>/slips", needs=KEEP, endpoint="slips", begins_reading=True)
def hand_out(id: int) -> ResponseReturnValue:
    """First passwords for those whom the sheet has brought, a page at a time; shown on this answer alone."""
    one_or_404(queries.waiting_sheet(me(), id))
    waiting = list(db.session.scalars(queries.slips_owed(id)))
    secrets = {one.id: services.one_time(one.login) for one in waiting[:SLIPS_MOST]}
    turn_to_writing()
    people = list(db.session.scalars(queries.by_ids(list(secrets))))
    fresh = services.hand_out(people, secrets, by=me(), now=now())
    if not fresh:
        return done(url_for(".sheet", id=id), message="交接单都开过了；丢了的，到此人档案里重新开")
    left = len(waiting) - len(secrets)
    title = f"{len(fresh)} 张账号交接单"
    return slips([(one, secrets[one.id]) for one in fresh], title, more=url_for(".slips", id=id), left=left)


def _read(data: bytes, name: str, answers: Answers) -> Preview:
    return services.preview(data, name, answers, actor=me(), tree=places(), today=now().date())


def _show(
    waiting: WaitingSheet, found: Preview | None = None, *, refused: str = "", status: int = 200
) -> ResponseReturnValue:
    if waiting.done_at is not None:
        owed = len(list(db.session.scalars(queries.slips_owed(waiting.id))))
        waits = queries.waiting_count()
        return page("accounts/people/entered.html", sheet=waiting, owed=owed, most=SLIPS_MOST, waiting=waits)
    if found is None:
        found = _read(services.sheet_bytes(waiting), waiting.file_name, Answers.load(waiting.answers))
    return page(
        "accounts/people/preview.html", swap=SWAP, status=status, sheet=waiting, found=found, refused=refused,
        version=waiting.version,
    )  # fmt: skip
