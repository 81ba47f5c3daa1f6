"""What staff change of a street: entering, editing, closing, taking into use again."""

from flask import url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.areas.queries import Tree, places
from portal.ground.can import Can
from portal.ground.errors import Refused
from portal.places import forms, queries, services
from portal.places.models import Street
from portal.places.views.room import room, street_or_404
from portal.web import done, me, now, page
from portal.web.pages import whole

KEEP = Can.PLACES_KEEP


@room.get("/new", needs=KEEP)
def new() -> ResponseReturnValue:
    return _new_page(forms.StreetForm(formdata=None), places(), 200)


@room.post("/", needs=KEEP)
def create() -> ResponseReturnValue:
    form, tree = forms.StreetForm(), places()
    form.grids.choices = grid_choices(tree)
    if not form.validate():
        return _new_page(form, tree, 422)
    try:
        street = services.create(form.facts(), tree=tree, by=me(), now=now())
    except Refused as refused:
        _blame(form, refused)
        return _new_page(form, tree, 422)
    return done(url_for("places.show", id=street.id), message=f"已登记，代码 {street.code}；接着定责任人")


@room.get("/<int:id>/edit", needs=KEEP)
def edit(id: int) -> ResponseReturnValue:
    street = street_or_404(id, KEEP)
    begin = {
        name: getattr(street, name) for name in ("name", "runs_from", "runs_to", "length_m", "remark", "version")
    } | {
        "kind": street.kind.value, "area_type": street.area_type.value,
        "grids": [str(one.grid_id) for one in street.grids],
    }  # fmt: skip
    return _edit_page(street, forms.StreetForm(formdata=None, data=begin), 200)


@room.post("/<int:id>/edit", needs=KEEP)
def update(id: int) -> ResponseReturnValue:
    street, form, tree = street_or_404(id, KEEP), forms.StreetForm(), places()
    form.grids.choices = grid_choices(tree)
    if not form.validate():
        return _edit_page(street, form, 422)
    try:
        changed = services.edit(
            street, form.facts(), within=queries.grids_of(me(), KEEP, tree), version=whole(form.version.data),
            tree=tree, by=me(), now=now(),
        )  # fmt: skip
    except Refused as refused:
        if refused.field is None:
            return _edit_page(street, form, 409, refused.sentence)
        _blame(form, refused)
        return _edit_page(street, form, 422)
    return done(url_for("places.show", id=id), message="已保存" if changed else "没有改动")


@room.get("/<int:id>/closure", needs=KEEP)
def closure(id: int) -> ResponseReturnValue:
    street = street_or_404(id, KEEP)
    form = forms.ReasonForm(formdata=None, data={"version": street.version})
    return page("places/closure.html", street=street, form=form)


@room.post("/<int:id>/closure", needs=KEEP, endpoint="close")
def close(id: int) -> ResponseReturnValue:
    street, form = street_or_404(id, KEEP), forms.ReasonForm()
    if not form.validate():
        return page("places/closure.html", street=street, form=form, status=422)
    try:
        services.close(street, reason=form.words, version=whole(form.version.data), by=me(), now=now())
    except Refused as refused:
        return page("places/closure.html", street=street, form=form, refused=refused.sentence, status=409)
    return done(url_for("places.show", id=id), message=f"{street.name}已撤销")


@room.get("/<int:id>/reopening", needs=KEEP)
def reopening(id: int) -> ResponseReturnValue:
    street = street_or_404(id, KEEP)
    form = forms.ReasonForm(formdata=None, data={"version": street.version})
    return page("places/reopening.html", street=street, form=form)


@room.post("/<int:id>/reopening", needs=KEEP, endpoint="reopen")
def reopen(id: int) -> ResponseReturnValue:
    street, form = street_or_404(id, KEEP), forms.ReasonForm()
    if not form.validate():
        return page("places/reopening.html", street=street, form=form, status=422)
    try:
        services.reopen(
            street, reason=form.words, version=whole(form.version.data), tree=places(), by=me(), now=now()
        )  # fmt: skip
    except Refused as refused:
        return page("places/reopening.html", street=street, form=form, refused=refused.sentence, status=409)
    return done(url_for("places.show", id=id), message=f"{street.name}已恢复")


def grid_choices(tree: Tree) -> dict[str, dict[str, str]]:
    """The grids that the actor may enter streets in, by community."""
    found: dict[str, dict[str, str]] = {}
    for grid in tree.grids_within(me(), KEEP):
        kind = f"（{grid.type.label}）" if grid.type else ""
        found.setdefault(tree.community_of(grid.id).name, {})[str(grid.id)] = f"{grid.name}{kind}"
    return found


def _new_page(form: forms.StreetForm, tree: Tree, status: int) -> Response:
    form.grids.choices = grid_choices(tree)
    return page("places/new.html", form=form, status=status)


def _edit_page(street: Street, form: forms.StreetForm, status: int, refused: str = "") -> Response:
    tree = places()
    form.grids.choices = grid_choices(tree)
    outside = [
        tree.full_name(tree.by_id[one.grid_id])
        for one in street.grids
        if one.grid_id not in queries.grids_of(me(), KEEP, tree)
    ]
    return page("places/edit.html", street=street, form=form, refused=refused, outside=outside, status=status)


def _blame(form: forms.StreetForm, refused: Refused) -> None:
    """Put a refusal beside the field that it names."""
    field = form[refused.field if refused.field in form else "name"]
    field.errors = [*field.errors, refused.sentence]
