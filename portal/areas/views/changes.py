"""What the keeper changes: a new area, a name, a type, an area closed and taken into use again."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.areas import forms, queries, services
from portal.areas.models import Area
from portal.areas.terms import ENTERED
from portal.areas.views.room import area_or_404, room
from portal.ground.can import Can
from portal.ground.errors import Refused
from portal.web import done, me, now, page
from portal.web.pages import whole

KEEP = Can.AREAS_KEEP


@room.get("/new", needs=KEEP)
def new() -> ResponseReturnValue:
    kind, under = request.args.get("kind", "grid"), request.args.get("under", "")
    begin = {"kind": kind if kind in {one.value for one in ENTERED} else "grid", "community": under}
    return _new_page(forms.NewArea(formdata=None, data=begin), 200)


@room.post("/", needs=KEEP)
def create() -> ResponseReturnValue:
    form = forms.NewArea()
    form.community.choices = _communities()
    if not form.validate():
        return _new_page(form, 422)
    try:
        area = services.add(**form.facts, by=me(), now=now())
    except Refused as refused:
        _blame(form, refused)
        return _new_page(form, 422)
    return done(url_for("areas.show", id=area.id), message=f"已建立{area.name}，编号 {area.code}")


@room.get("/<int:id>/edit", needs=KEEP)
def edit(id: int) -> ResponseReturnValue:
    area = area_or_404(id, KEEP)
    begin = {
        "name": area.name, "kind": area.kind.value, "version": area.version,
        "area_type": area.area_type.value if area.area_type else "",
    }  # fmt: skip
    form = forms.EditArea(formdata=None, data=begin).fit(area.kind)
    return page("areas/edit.html", area=area, form=form)


@room.post("/<int:id>/edit", needs=KEEP)
def update(id: int) -> ResponseReturnValue:
    area = area_or_404(id, KEEP)
    form = forms.EditArea().fit(area.kind)
    if not form.validate():
        return page("areas/edit.html", area=area, form=form, status=422)
    try:
        changed = services.edit(
            area, name=form.clean("name"), kind=form.kind_or(area.kind), area_type=form.type,
            version=whole(form.version.data), by=me(), now=now(),
        )  # fmt: skip
    except Refused as refused:
        if refused.field is None:
            return page("areas/edit.html", area=area, form=form, refused=refused.sentence, status=409)
        _blame(form, refused)
        return page("areas/edit.html", area=area, form=form, status=422)
    return done(url_for("areas.show", id=id), message="已保存" if changed else "没有改动")


@room.get("/<int:id>/closure", needs=KEEP)
def closure(id: int) -> ResponseReturnValue:
    area = area_or_404(id, KEEP)
    return _closure_page(area, forms.ReasonForm(formdata=None, data={"version": area.version}), 200)


@room.post("/<int:id>/closure", needs=KEEP, endpoint="close")
def close(id: int) -> ResponseReturnValue:
    area, form = area_or_404(id, KEEP), forms.ReasonForm()
    if not form.validate():
        return _closure_page(area, form, 422)
    try:
        services.close(area, reason=form.words, version=whole(form.version.data), by=me(), now=now())
    except Refused as refused:
        return _closure_page(area, form, 409, refused=refused.sentence)
    return done(url_for("areas.show", id=id), message=f"{area.name}已撤销")


@room.get("/<int:id>/reopening", needs=KEEP)
def reopening(id: int) -> ResponseReturnValue:
    area = area_or_404(id, KEEP)
    form = forms.ReasonForm(formdata=None, data={"version": area.version})
    return page("areas/reopening.html", area=area, form=form)


@room.post("/<int:id>/reopening", needs=KEEP, endpoint="reopen")
def reopen(id: int) -> ResponseReturnValue:
    area, form = area_or_404(id, KEEP), forms.ReasonForm()
    if not form.validate():
        return page("areas/reopening.html", area=area, form=form, status=422)
    try:
        services.reopen(area, reason=form.words, version=whole(form.version.data), by=me(), now=now())
    except Refused as refused:
        return page("areas/reopening.html", area=area, form=form, refused=refused.sentence, status=409)
    return done(url_for("areas.show", id=id), message=f"{area.name}已恢复使用")


def _closure_page(area: Area, form: forms.ReasonForm, status: int, refused: str = "") -> Response:
    uses = services.uses(area, now=now())
    return page("areas/closure.html", area=area, form=form, uses=uses, refused=refused, status=status)


def _new_page(form: forms.NewArea, status: int) -> Response:
    form.community.choices = _communities()
    return page("areas/new.html", form=form, status=status)


def _communities() -> dict[str, str]:
    """The communities and villages that grids may be entered in, by code."""
    reach, tree = me().reach(KEEP), queries.places()
    within = [one for one in tree.communities if reach.covers(community=one.id, grid=None)]
    return {"": "请选", **{one.code: f"{one.code} {one.name}" for one in within}}


def _blame(form: Any, refused: Refused) -> None:
    """Put a refusal beside the field that it names."""
    field = form[refused.field if refused.field in form else "name"]
    field.errors = [*field.errors, refused.sentence]
