"""责任书文本: versions, one version's text, its look on paper, and the next version."""

from io import BytesIO
from typing import Any

from flask import send_file, url_for
from flask.typing import ResponseReturnValue

from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.papers.queries import missing_characters
from portal.papers.services import sampling as papers
from portal.pledges import forms, queries, services
from portal.pledges.models import Template
from portal.pledges.terms import PAPER_KIND
from portal.pledges.views.hanging import room
from portal.web import done, me, now, one_or_404, page
from portal.web.pages import query_int


@room.get("/pledges/templates", needs=Can.PLEDGES_TEMPLATE)
def templates() -> ResponseReturnValue:
    """Every version, which is in force, how many were signed on it."""
    versions = db.session.scalars(queries.templates()).all()
    return page("pledges/templates.html", versions=versions, signed=queries.signed_on(), **_today())


@room.get("/pledges/templates/<int:version>", needs=Can.PLEDGES_TEMPLATE)
def template(version: int) -> ResponseReturnValue:
    """One version's text."""
    text = one_or_404(queries.template(version))
    return page("pledges/template.html", text=text, signed=queries.signed_on().get(text.id, 0), **_today())


def _today() -> dict[str, Any]:
    today = now().date()
    return {"today": today, "force": queries.template_in_force(today)}


@room.get("/pledges/templates/<int:version>/preview", needs=Can.PLEDGES_TEMPLATE)
def preview(version: int) -> ResponseReturnValue:
    """The version as it looks on paper, with a sample shop, marked 样张; it is registered nowhere."""
    text = one_or_404(queries.template(version))
    facts = services.sample(text, party_a=services.party_a(now().date()), at=now())
    data = papers.preview(PAPER_KIND, facts, now=now())
    return send_file(BytesIO(data), mimetype="application/pdf", download_name=f"责任书文本第{version}版样张.pdf")


@room.get("/pledges/templates/new", needs=Can.PLEDGES_TEMPLATE)
def new_template() -> ResponseReturnValue:
    """The next version, begun from another one's text (`?base=2`)."""
    newest = queries.next_version() - 1
    base = one_or_404(queries.template(query_int("base", newest)))
    form = forms.Text.of(
        base.wording, missing=missing_characters, name=base.name, base=str(newest), effective_from=now().date()
    )
    return _edit(form, base)


def _edit(form: forms.Text, base: Template | None, status: int = 200) -> ResponseReturnValue:
    return page("pledges/new_template.html", form=form, base=base, version=queries.next_version(), status=status)


@room.post("/pledges/templates", needs=Can.PLEDGES_TEMPLATE)
def add_template() -> ResponseReturnValue:
    """Keep the next version."""
    form = forms.Text(missing=missing_characters)
    if not form.validate():
        return _edit(form, None, 422)
    base = form.base.data or ""
    try:
        added = services.add_template(
            form.wording(), name=form.name.data, effective_from=form.effective_from.data,
            base=int(base) if base.isdecimal() and len(base) < 9 else 0, note=form.note.data or "", by=me(), now=now(),
        )  # fmt: skip
    except Refused as refused:
        if refused.field != "effective_from":
            raise
        form.effective_from.errors = [refused.sentence]
        return _edit(form, None, 422)
    return done(url_for(".template", version=added.version), message=f"第{added.version}版已存下")
