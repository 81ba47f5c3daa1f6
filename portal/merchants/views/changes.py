"""What staff change on a shop's file: entering, editing, the operator, the state, pictures and attachments."""

from pathlib import Path
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from portal.ground.can import Can
from portal.ground.errors import Refused
from portal.ground.files import plain_name
from portal.ground.photos import BYTES_MOST, clean_photo
from portal.ground.sealed import looked_at
from portal.merchants import forms, queries, services
from portal.merchants.models import Shop
from portal.merchants.terms import EDITABLE, ShopFacts, ShopState, Twin
from portal.merchants.views.room import room, shop_or_404, store
from portal.papers.queries import missing_characters
from portal.web import done, me, now, one_or_404, page
from portal.web.pages import whole

EDIT = Can.MERCHANTS_EDIT


@room.get("/new", needs=EDIT)
def new() -> ResponseReturnValue:
    tree = queries.tree()
    form = forms.NewShopForm(missing=missing_characters)
    _choose_grid(form, tree)
    return page("merchants/new.html", form=form, twins=[])


@room.post("/", needs=EDIT)
def create() -> ResponseReturnValue:
    tree, form = queries.tree(), forms.NewShopForm(missing=missing_characters)
    _choose_grid(form, tree)
    if not form.validate():
        return page("merchants/new.html", form=form, twins=[], status=422)
    facts = form.facts()
    twins = services.twins(facts)
    if twins and not form.twins_seen.data:
        return page("merchants/new.html", form=form, twins=_reachable(twins), status=422)
    try:
        shop = services.create(facts, tree=tree, by=me(), now=now())
    except Refused as refused:
        form.operator_from.errors = [refused.sentence]
        return page("merchants/new.html", form=form, twins=[], status=422)
    return done(url_for("merchants.show", id=shop.id), message=f"已建档，编号 {shop.number}")


@room.get("/<int:id>/edit", needs=EDIT)
def edit(id: int) -> ResponseReturnValue:
    shop, tree = shop_or_404(id, EDIT), queries.tree()
    form = forms.ShopForm(missing=missing_characters, data=_shown(shop))
    _choose_grid(form, tree)
    return page("merchants/edit.html", form=form, shop=shop, twins=[])


@room.post("/<int:id>/edit", needs=EDIT, endpoint="update")
def update(id: int) -> ResponseReturnValue:
    shop, tree = shop_or_404(id, EDIT), queries.tree()
    form = forms.ShopForm(missing=missing_characters)
    _choose_grid(form, tree)
    if not form.validate():
        return page("merchants/edit.html", form=form, shop=shop, twins=[], status=422)
    facts = form.facts(_facts(shop))
    twins = _new_twins(shop, facts)
    if twins and not form.twins_seen.data:
        return page("merchants/edit.html", form=form, shop=shop, twins=_reachable(twins), status=422)
    try:
        changed = services.edit(shop, facts, version=_version(form), tree=tree, by=me(), now=now())
    except Refused as refused:
        return page("merchants/edit.html", form=form, shop=shop, twins=[], refused=refused.sentence, status=409)
    return done(url_for("merchants.show", id=id), message="已保存" if changed else "没有改动")


@room.get("/<int:id>/operator", needs=EDIT)
def operator(id: int) -> ResponseReturnValue:
    shop = shop_or_404(id, EDIT)
    begin = {"version": shop.version, "on": now().date().isoformat(), "kind": "change"}
    form = forms.OperatorForm(missing=missing_characters, data=begin)
    return page("merchants/operator.html", form=form, shop=shop, tenure=queries.current_tenure(id))


@room.post("/<int:id>/operator", needs=EDIT, endpoint="hand_on")
def hand_on(id: int) -> ResponseReturnValue:
    shop, form = shop_or_404(id, EDIT), forms.OperatorForm(missing=missing_characters)
    tenure = queries.current_tenure(id)
    if not form.validate():
        return page("merchants/operator.html", form=form, shop=shop, tenure=tenure, status=422)
    name = form.clean("operator_name")
    try:
        if form.kind.data == "correct":
            services.correct_operator(shop, name=name, version=_version(form), by=me(), now=now())
        else:
            services.change_operator(
                shop, operator=name, responsible=form.clean("responsible_name") or "", phone=form.clean("phone"),
                on=form.day(now().date()), reason=form.clean("reason") or "", version=_version(form), by=me(),
                now=now(),
            )  # fmt: skip
    except Refused as refused:
        again: dict[str, Any] = {"form": form, "shop": shop, "tenure": tenure, "refused": refused.sentence}
        return page("merchants/operator.html", status=409, **again)
    return done(url_for("merchants.show", id=id), message="经营者已登记")


@room.get("/<int:id>/state", needs=EDIT)
def state(id: int) -> ResponseReturnValue:
    shop = shop_or_404(id, EDIT)
    form = forms.StateForm(data={"version": shop.version, "state": shop.state.value})
    return page("merchants/state.html", form=form, shop=shop, tenure=queries.current_tenure(id))


@room.post("/<int:id>/state", needs=EDIT, endpoint="change_state")
def change_state(id: int) -> ResponseReturnValue:
    shop, form = shop_or_404(id, EDIT), forms.StateForm()
    tenure = queries.current_tenure(id)
    if not form.validate():
        return page("merchants/state.html", form=form, shop=shop, tenure=tenure, status=422)
    try:
        services.change_state(
            shop, ShopState(form.state.data), reason=form.reason.data or "", left=form.left.data,
            version=_version(form), by=me(), now=now(),
        )  # fmt: skip
    except Refused as refused:
        again: dict[str, Any] = {"form": form, "shop": shop, "tenure": tenure, "refused": refused.sentence}
        return page("merchants/state.html", status=409, **again)
    return done(url_for("merchants.show", id=id), message="营业状态已改")


@room.get("/<int:id>/pictures", needs=EDIT)
def pictures(id: int) -> ResponseReturnValue:
    return _pictures(shop_or_404(id, EDIT), forms.PictureForm())


def _pictures(
    shop: Shop, form: forms.PictureForm, *, which: str = "", status: int = 200,
    taking: forms.DetachForm | None = None, taken: int = 0,
) -> ResponseReturnValue:  # fmt: skip
    return page(
        "merchants/pictures.html", status=status, shop=shop, form=form, which=which,
        files=queries.attachments(shop.id), gone=queries.old_attachments(shop.id), before=queries.old_photos(shop.id),
        taking=taking, taken=taken,
    )  # fmt: skip


@room.post("/<int:id>/photo", needs=EDIT, endpoint="set_photo")
def set_photo(id: int) -> ResponseReturnValue:
    shop, form = shop_or_404(id, EDIT), forms.PictureForm()
    if form.validate():
        try:
            services.set_photo(shop, clean_photo(_bytes(form.file.data)), store=store(), by=me(), now=now())
            return done(url_for("merchants.show", id=id), message="门头照已更新")
        except ValueError as error:
            form.file.errors = [str(error)]
    return _pictures(shop, form, which="photo", status=422)


@room.post("/<int:id>/files", needs=EDIT, endpoint="attach")
def attach(id: int) -> ResponseReturnValue:
    shop, form = shop_or_404(id, EDIT), forms.PictureForm()
    if form.validate():
        try:
            data, suffix, media = services.clean_attachment(_bytes(form.file.data))
            name = Path(plain_name(form.file.data.filename, other="附件")).stem + suffix
            services.attach(shop, name=name, data=data, suffix=suffix, media=media, store=store(), by=me(), now=now())
            return done(url_for("merchants.show", id=id), message="附件已存")
        except ValueError as error:
            form.file.errors = [str(error)]
    return _pictures(shop, form, which="file", status=422)


@room.post("/<int:id>/files/<int:file>/removal", needs=EDIT, endpoint="detach")
def detach(id: int, file: int) -> ResponseReturnValue:
    shop, form = shop_or_404(id, EDIT), forms.DetachForm()
    kept = one_or_404(queries.attachment(id, file))
    if not form.validate():
        return _pictures(shop, forms.PictureForm(formdata=None), status=422, taking=form, taken=kept.id)
    services.detach(shop, kept, reason=form.words, by=me(), now=now())
    return done(url_for("merchants.pictures", id=id), message="附件已移除")


def _bytes(sent: FileStorage) -> bytes:
    return sent.stream.read(BYTES_MOST + 1)


def _choose_grid(form: forms.ShopForm, tree: queries.Tree) -> None:
    """The grids that the actor may enter shops in, by community."""
    grids = tree.grids_within(me(), EDIT)
    choices: dict[str, dict[str, str]] = {}
    for grid in grids:
        community = tree.by_id[grid.parent or 0]
        kind = f"（{grid.type.label}）" if grid.type else ""
        choices.setdefault(community.name, {})[str(grid.id)] = f"{community.name} {grid.name}{kind}"
    form.grid_id.choices = {"": "请选", **choices}
    if len(grids) == 1 and request.method == "GET" and not form.grid_id.data:
        form.grid_id.data = str(grids[0].id)


def _version(form: forms.ShopForm | forms.OperatorForm | forms.StateForm) -> int:
    return whole(form.version.data)


def _facts(shop: Shop) -> ShopFacts:
    return ShopFacts(**{name: looked_at(shop, name) for name in EDITABLE})


def _shown(shop: Shop) -> dict[str, object]:
    """What the edit form begins with; persons and telephones are shown masked beside it, never in it."""
    hidden = ("responsible_name", "phone", "landlord_name", "landlord_phone")
    shown = {name: getattr(shop, name) for name in EDITABLE if name not in hidden}
    lengths = {"frontage_cm": shop.frontage_m, "depth_cm": shop.depth_m}
    shown |= {name: "" if value is None else f"{value:f}" for name, value in lengths.items()}
    return {**shown, "trade": shop.trade.value, "grid_id": str(shop.grid_id), "version": shop.version}


def _new_twins(shop: Shop, facts: ShopFacts) -> list[Twin]:
    """Shops that become alike by this edit; those that were alike before have been seen."""
    known = {twin.id for twin in services.twins(_facts(shop), but=shop.id)}
    return [twin for twin in services.twins(facts, but=shop.id) if twin.id not in known]


def _reachable(twins: list[Twin]) -> list[tuple[Twin, bool]]:
    """Each with whether its file may be opened."""
    ids = set(queries.reachable([twin.id for twin in twins], me()))
    return [(twin, twin.id in ids) for twin in twins]
