"""登记纸质责任书: the text to be signed with a pen, and the signed paper entered with its scan."""

from datetime import timedelta
from typing import Any

from flask import current_app, url_for
from flask.typing import ResponseReturnValue

from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.photos import BYTES_MOST
from portal.merchants.models import Shop
from portal.merchants.queries import current_tenure
from portal.merchants.services import clean_attachment
from portal.pledges import forms, queries, services
from portal.pledges.terms import TERM_MONTHS, Proof, Signer
from portal.pledges.views.hanging import room
from portal.settings import queries as settings
from portal.web import done, me, now, one_or_404, page


@room.get("/pledges/shops/<int:shop_id>/paper", needs=Can.PLEDGES_CONFIRM)
def paper(shop_id: int) -> ResponseReturnValue:
    """What stands on the signed paper."""
    return _form(one_or_404(queries.shop(me(), shop_id)), forms.Signed(formdata=None))


def _form(shop: Shop, form: forms.Signed, status: int = 200, refused: str = "") -> ResponseReturnValue:
    today = now().date()
    stand = db.session.scalars(queries.templates())
    texts = [one for one in stand if one.effective_from and one.effective_from <= today]
    form.version.choices = [(one.version, f"第{one.version}版 {one.name}") for one in texts]
    if form.version.data is None and (force := queries.template_in_force(today)) is not None:
        form.version.data = force.version
    tenure = current_tenure(shop.id)
    standing, until_on = queries.standings([shop.id], today=today)[shop.id]
    waits = tenure is not None and queries.waiting_of(tenure.id) is not None
    return page(
        "pledges/entry.html", status=status, shop=shop, form=form, tenure=tenure, standing=standing, refused=refused,
        waits=waits, texts=texts, last=until_on - timedelta(days=1) if until_on else None, most=BYTES_MOST,
        confirmers=[name for name in queries.confirmers(shop.grid, on=today) if name != me().name],
    )  # fmt: skip


@room.post("/pledges/shops/<int:shop_id>/paper", needs=Can.PLEDGES_CONFIRM)
def enter(shop_id: int) -> ResponseReturnValue:
    """Enter it: it waits as 待街道确认 until a colleague has compared it with the original."""
    shop, form = one_or_404(queries.shop(me(), shop_id)), forms.Signed()
    form.version.choices = [(one.version, one.name) for one in db.session.scalars(queries.templates())]
    if not form.validate():
        return _form(shop, form, 422)
    if (tenure := current_tenure(shop.id)) is None:
        raise Refused("这家店还没有登记经营者，请先在商户档案里登记。")
    sheet = services.Sheet(
        form.signed_on.data, Signer(form.signer.data), form.signer_name.data, Proof(form.proof.data), form.version.data
    )
    try:
        cleaned = clean_attachment(form.scan.data.stream.read(BYTES_MOST + 1))
        with db.session.begin_nested():
            pledge = services.enter(tenure, sheet, by=me(), now=now())
            services.keep_scan(pledge, cleaned, store=current_app.extensions["files"], by=me(), now=now())
    except Refused as refused:
        if refused.field is None:
            return _form(shop, form, 409, refused.sentence)
        form[refused.field].errors = [refused.sentence]
        return _form(shop, form, 422)
    except ValueError as error:
        form.scan.errors = [str(error)]
        return _form(shop, form, 422)
    return done(url_for(".show", id=pledge.id), message="已登记，等有授权的同事核对原件后确认")


@room.get("/pledges/shops/<int:shop_id>/blank", needs=Can.PLEDGES_CONFIRM)
def blank(shop_id: int) -> ResponseReturnValue:
    """The pledge of a shop as it is signed with a pen: no name or telephone of a person stands on it."""
    return page("pledges/blank.html", **_blank(one_or_404(queries.shop(me(), shop_id))))


@room.post("/pledges/shops/<int:shop_id>/blank", needs=Can.PLEDGES_CONFIRM)
def note_blank(shop_id: int) -> ResponseReturnValue:
    """Write down who prints it; the page then prints itself."""
    shop = one_or_404(queries.shop(me(), shop_id))
    services.note_blank(shop, by=me(), now=now())
    return page("pledges/blank.html", printing=True, **_blank(shop))


def _blank(shop: Shop) -> dict[str, Any]:
    today = now().date()
    if (text := queries.template_in_force(today)) is None:
        raise Refused("还没有启用的责任书文本，请专项办先在“责任书文本”里启用一版。")
    return {
        "shop": shop, "text": text, "party_a": services.party_a(today), "area": services.area_of(shop),
        "months": settings.value(TERM_MONTHS, on=today),
    }  # fmt: skip
