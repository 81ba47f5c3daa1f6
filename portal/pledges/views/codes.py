"""发签约码: the identity check at the counter, and the six digits, shown once."""

from datetime import timedelta

from flask.typing import ResponseReturnValue

from portal.ground.can import Can
from portal.ground.errors import Refused
from portal.merchants.models import Shop
from portal.merchants.queries import current_tenure
from portal.pledges import forms, queries, services
from portal.pledges.terms import Proof, Signer
from portal.pledges.views.hanging import room
from portal.web import me, now, one_or_404, page


@room.get("/pledges/shops/<int:shop_id>/code", needs=Can.PLEDGES_CONFIRM)
def code(shop_id: int) -> ResponseReturnValue:
    """Who comes, what was shown, and the tick."""
    shop = one_or_404(queries.shop(me(), shop_id))
    return _form(shop, forms.Code(formdata=None))


def _form(shop: Shop, form: forms.Code, status: int = 200) -> ResponseReturnValue:
    standing, until_on = queries.standings([shop.id], today=now().date())[shop.id]
    held = queries.authority_in(me(), shop.grid, on=now().date())
    return page(
        "pledges/code.html", status=status, shop=shop, form=form, tenure=current_tenure(shop.id), standing=standing,
        last=until_on - timedelta(days=1) if until_on else None, authority=held,
        authority_last=held.until_on - timedelta(days=1) if held else None,
        helpers=queries.confirmers(shop.grid, on=now().date()),
    )  # fmt: skip


@room.post("/pledges/shops/<int:shop_id>/code", needs=Can.PLEDGES_CONFIRM)
def issue_code(shop_id: int) -> ResponseReturnValue:
    """Issue the code and show it: it cannot be read again, and asking anew makes a new one and ends this one."""
    shop, form = one_or_404(queries.shop(me(), shop_id)), forms.Code()
    if not form.validate():
        return _form(shop, form, 422)
    try:
        issued = services.issue_code(
            shop, identity_checked=form.identity_checked.data, signer=Signer(form.signer.data),
            signer_name=form.signer_name.data, proof=Proof(form.proof.data), by=me(), now=now(),
        )  # fmt: skip
    except Refused as refused:
        if refused.field is None:
            raise
        form[refused.field].errors = [refused.sentence]
        return _form(shop, form, 422)
    return page("pledges/issued.html", shop=shop, issued=issued, at=now())
