"""Doors of papers: making and opening a file, its evidence, and the public check page.

`room` is for people and devices of the office, `public` for anyone; a host outside hangs `public` alone.
"""

from datetime import timedelta
from urllib.parse import quote

from flask import Response, abort, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.ground import throttle
from portal.ground.can import Can
from portal.ground.fields.codes import clean_check_code
from portal.ground.sealed import sealer
from portal.papers import forms, queries, services
from portal.papers.engine import canonical
from portal.papers.models import Paper
from portal.papers.terms import FileVerdict
from portal.web import Room, done, me, now, one_or_404, page, turn_to_writing
from portal.web.door import after_rollback
from portal.web.opened import has_opened, opened

room = Room("papers", __name__, url="/papers")
public = Room("check", __name__, url="/check")

public.add_app_template_filter(canonical.grouped, "grouped")

#: Wrong codes, and files that are not ours, from one address: so many within so long, then it waits.
LIMIT, WITHIN = 30, timedelta(minutes=10)


@room.post("/<int:id>/issue", needs=(Can.PAPERS_ISSUE, Can.KIOSK_SIGN), begins_reading=True)
def issue(id: int) -> ResponseReturnValue:
    """Make the paper's file: read and end the transaction, render and seal with none open, register in a second.

    A device may make that of its own signed journey alone; any other is 404 to it.
    """
    paper = one_or_404(queries.visible(me(), paper_id=id, key=_key(Can.PAPERS_ISSUE), now=now()))
    made = paper.sealed_sha is not None
    facts = services.facts_of(paper)
    turn_to_writing()
    if not made:
        services.keep(facts, services.make(facts), by=me(), now=now())
    return done(_opened(paper), message="")


@room.post("/<int:id>/opening", needs=(Can.PAPERS_READ, Can.PAPERS_ISSUE), endpoint="open")
def open_file(id: int) -> ResponseReturnValue:
    """Write down who opens a file with whole names in it, and lead to it (rules 6, Audit)."""
    key = _key(Can.PAPERS_READ, Can.PAPERS_ISSUE)
    paper = one_or_404(queries.visible(me(), paper_id=id, key=key, now=now()))
    if paper.sealed_sha is None:
        abort(404)
    return done(_opened(paper), message="")


@room.get("/<int:id>/file", needs=(Can.PAPERS_READ, Can.PAPERS_ISSUE, Can.KIOSK_SIGN))
def file(id: int) -> ResponseReturnValue:
    """Show the sealed file in the browser: to a device that of its own journey, to a person who has just opened it."""
    paper = one_or_404(queries.visible(me(), paper_id=id, key=_key(Can.PAPERS_READ, Can.PAPERS_ISSUE), now=now()))
    store = current_app.extensions["files"]
    if paper.sealed_sha is None or not store.has(paper.sealed_sha):
        abort(404)
    if me().kind == "person" and not has_opened():
        return done(url_for(".show", id=id), message="看文书要留下记录：请按“打开文书”")
    answer = Response(store.read(paper.sealed_sha), mimetype="application/pdf")
    name = quote(queries.file_name(paper))  # headers are latin-1: a Chinese name goes as RFC 5987 says
    answer.headers["Content-Disposition"] = f"inline; filename=\"{paper.check_code}.pdf\"; filename*=UTF-8''{name}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@room.get("/<int:id>", needs=Can.PAPERS_READ)
def show(id: int) -> ResponseReturnValue:
    """签署存证页: what is registered of a paper, and whether all of it still holds (验签)."""
    paper = one_or_404(queries.visible(me(), paper_id=id, key=Can.PAPERS_READ, now=now()))
    return page(
        "papers/show.html",
        paper=paper,
        facts=queries.evidence_of(paper)["facts"],
        findings=services.findings(paper),
        shown=services.shown(paper, on=now().date()),
        rows=queries.check_rows(paper),
    )


@public.get("", needs=None)
def index() -> ResponseReturnValue:
    """Enter a code; `?code=` leads to its page."""
    form = forms.CodeForm(request.args)
    if "code" not in request.args:
        return page("check/index.html", form=form)
    if not form.validate():
        return page("check/index.html", form=form, status=422)
    return done(url_for(".show", code=form.code.clean), message="")


@public.get("/<code>", needs=None, endpoint="show")
def show_code(code: str) -> ResponseReturnValue:
    """What the register says of a code."""
    turned = _waits("code")
    if turned is not None:
        return turned
    try:
        clean = clean_check_code(code)
    except ValueError as error:
        return _none(code, str(error))
    if clean != code:
        return done(url_for(".show", code=clean), message="")
    paper = queries.with_code(clean)
    return _none(code) if paper is None else _told(paper)


@public.get("/authority.pem", needs=None)
def authority() -> ResponseReturnValue:
    """The certificate that others trust to verify our seals without us (docs/verify.md)."""
    anchor = queries.trust_anchor()
    if anchor is None:
        abort(404)
    answer = Response(anchor, mimetype="application/x-pem-file")
    answer.headers.set("Content-Disposition", "attachment", filename="authority.pem")
    return answer


@public.post("/<code>/file", needs=None, begins_reading=True)
def compare(code: str) -> ResponseReturnValue:
    """Say what a dropped file is; it is read and forgotten."""
    turned = _waits("file")
    if turned is not None:
        return turned
    paper = queries.with_code(code)
    if paper is None:
        return _none(code)
    form = forms.FileForm()
    if not form.validate():
        return _told(paper, form=form, status=422)
    verdict = services.file_verdict(form.data_read, paper)
    if verdict in (FileVerdict.FOREIGN, FileVerdict.UNKNOWN):
        _count("file")
    return _told(paper, verdict=verdict)


def _opened(paper: Paper) -> str:
    """Write down that a person opens a paper; return where its file then is for them.

    A device reads the paper of its own signed journey alone, which stands in the trail already.
    """
    if me().kind != "person":
        return url_for(".file", id=paper.id)
    services.note_opening(paper, by=me(), now=now())
    return opened("papers.file", id=paper.id)


def _key(*keys: Can) -> Can:
    """The first of the keys that whoever stands here holds; a device's own."""
    return next((key for key in keys if me().may(key)), Can.KIOSK_SIGN)


def _told(
    paper: Paper, *, form: forms.FileForm | None = None, verdict: FileVerdict | None = None, status: int = 200
) -> ResponseReturnValue:
    view = services.check_view(paper, now=now())
    return page(
        "check/show.html", paper=paper, view=view, form=form or forms.FileForm(), verdict=verdict, status=status
    )


def _none(code: str, fault: str = "") -> ResponseReturnValue:
    _count("code")
    form = forms.CodeForm(data={"code": code[:40]})
    return page("check/none.html", form=form, fault=fault, status=404)


def _scope(what: str) -> str:
    return f"check.{what}:{sealer().index(request.remote_addr or '', 'check.address')}"


def _waits(what: str) -> ResponseReturnValue | None:
    left = throttle.waiting(_scope(what), limit=LIMIT, within=WITHIN, now=now())
    if left is None:
        return None
    answer = page("check/wait.html", minutes=int(left.total_seconds() // 60) + 1, status=429)
    answer.headers["Retry-After"] = str(int(left.total_seconds()) + 1)
    return answer


def _count(what: str) -> None:
    scope, at = _scope(what), now()
    after_rollback(lambda: throttle.failed(scope, now=at))
