"""The kiosk's steps 2 to 6 of signing a pledge. One decision a screen; every press is a form and answers 303.

A page shows what its journey stands at, and nothing else: whoever asks for another step is led to the present one.
Every form carries `hidden` (its step, the journey's key, what was seen), so that a second tap passes no screen.
"""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.audit.queries import newest_at
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.fields.masks import masked_name, masked_telephone
from portal.kiosk import queries as kiosk_queries
from portal.kiosk import services as kiosk
from portal.kiosk.models import Journey
from portal.kiosk.terms import CHECK, DONE, READ, SIGN, STEPS, WHO
from portal.papers import queries as papers
from portal.pledges import forms, queries, services
from portal.pledges.terms import LEAST_LENGTH, LEAST_POINTS, LEAST_SIDE, Signer
from portal.pledges.views.hanging import room
from portal.pledges.views.wording import clauses
from portal.web import me, now, page, turn_to_writing

DOORS = {
    CHECK: "pledges.kiosk_shop",
    READ: "pledges.kiosk_terms",
    WHO: "pledges.kiosk_signer",
    SIGN: "pledges.kiosk_signature",
    DONE: "pledges.kiosk_done",
}
OVER = "刚才的办理已经结束。要接着办，请重新输入签约码；签约码过期了，请工作人员重发。"
#: What the browser asks of a signature before it sends it; the server asks the same again.
LEAST = {"points": LEAST_POINTS, "length": LEAST_LENGTH, "side": LEAST_SIDE}
SIGNED = "这份责任书已经签好了，请找工作人员取证书。"


def _gone(sentence: str = OVER) -> ResponseReturnValue:
    flash(sentence, "held")
    return redirect(url_for("kiosk.start"), 303)


def _to(step: int) -> ResponseReturnValue:
    return redirect(url_for(DOORS[step]), 303)


def _screen(step: int, name: str, journey: Journey, /, *, seen: int = 0, status: int = 200, **context: Any) -> Any:
    """One step's page. Templates loop over `hidden` in every form that leads on."""
    return page(
        f"pledges/kiosk/{name}.html",
        status=status,
        step=step,
        steps=STEPS,
        journey=journey,
        hidden=[("step", step), ("key", journey.key), ("seen", seen)],
        **context,
    )


def _pressed(step: int, form: forms.Step) -> Journey | ResponseReturnValue:
    """Return the journey if the press came from the step that it stands at, else the answer that leads there."""
    journey = kiosk_queries.journey_of(me(), now())
    if journey is None:
        return _gone()
    if journey.step != step or form.key.data != journey.key or form.step.data != step:
        return _to(journey.step)
    return journey


def _move(journey: Journey, to: int, draft: Mapping[str, Any] | None = None) -> ResponseReturnValue:
    kiosk.move(journey, at=journey.step, to=to, now=now(), draft=draft)
    return _to(journey.step)


@room.post("/kiosk/pledge/back", needs=Can.KIOSK_SIGN)
def kiosk_back() -> ResponseReturnValue:
    """返回: one step back; nothing goes back after signing."""
    form = forms.Step()
    journey = kiosk_queries.journey_of(me(), now())
    if journey is None:
        return _gone()
    if form.key.data != journey.key or form.step.data != journey.step or not CHECK < journey.step < DONE:
        return _to(journey.step)
    return _move(journey, journey.step - 1)


# ② 核对 -----------------------------------------------------------------------------------------------------------


@room.get("/kiosk/pledge/shop", needs=Can.KIOSK_SIGN)
def kiosk_shop() -> ResponseReturnValue:
    """②: the shop, its operator and telephone, masked; 不对 leads to the staff."""
    journey = kiosk_queries.journey_of(me(), now())
    if journey is None:
        return _gone()
    if journey.step != CHECK:
        return _to(journey.step)
    return _screen(CHECK, "shop", journey, **_shop_of(journey))


def _shop_of(journey: Journey) -> dict[str, Any]:
    tenure = db.session.scalars(queries.tenure(journey.subject)).one()
    shop = tenure.shop
    return {
        "shop": shop,
        "operator": masked_name(tenure.operator_name),
        "keeper": masked_name(shop.responsible_name or tenure.operator_name),
        "phone": masked_telephone(shop.phone),
        "seen": shop.version,
    }


@room.post("/kiosk/pledge/shop", needs=Can.KIOSK_SIGN)
def kiosk_shop_agree() -> ResponseReturnValue:
    """对，是我的店. A file that was changed since it was shown is shown again."""
    form = forms.Step()
    journey = _pressed(CHECK, form)
    if not isinstance(journey, Journey):
        return journey
    if form.seen.data != _shop_of(journey)["seen"]:
        return _to(CHECK)
    return _move(journey, READ, {"shop_version": form.seen.data})


# ③ 看条款 ---------------------------------------------------------------------------------------------------------


@room.get("/kiosk/pledge/terms", needs=Can.KIOSK_SIGN)
def kiosk_terms() -> ResponseReturnValue:
    """③: the three duties large, and the whole text as numbered clauses (`clauses`: heading and sentences)."""
    journey = kiosk_queries.journey_of(me(), now())
    if journey is None:
        return _gone()
    if journey.step != READ:
        return _to(journey.step)
    offer = services.proposal(journey.subject, on=now().date())
    return _screen(
        READ, "terms", journey, seen=offer.template.version, text=offer.template,
        duties=offer.template.wording["duties"], clauses=clauses(offer), offer=offer,
    )  # fmt: skip


@room.post("/kiosk/pledge/terms", needs=Can.KIOSK_SIGN)
def kiosk_terms_agree() -> ResponseReturnValue:
    """同意，下一步. The version that was read is kept; if another came into force meanwhile, it is shown first."""
    form = forms.Step()
    journey = _pressed(READ, form)
    if not isinstance(journey, Journey):
        return journey
    template = queries.template_in_force(now().date())
    if template is None or form.seen.data != template.version:
        return _to(READ)
    return _move(journey, WHO, {"template": template.version})


# ④ 谁来签 ---------------------------------------------------------------------------------------------------------


@room.get("/kiosk/pledge/signer", needs=Can.KIOSK_SIGN)
def kiosk_signer() -> ResponseReturnValue:
    """④: 本人, 家属 or 店员, and on what authority; who was checked at the counter is ticked already."""
    journey = kiosk_queries.journey_of(me(), now())
    if journey is None:
        return _gone()
    return _signer(journey, forms.Who()) if journey.step == WHO else _to(journey.step)


def _signer(journey: Journey, form: forms.Who, status: int = 200) -> ResponseReturnValue:
    check = queries.check_of(journey.code_id)
    tenure = db.session.scalars(queries.tenure(journey.subject)).one()
    return _screen(
        WHO, "signer", journey, status=status, form=form, check=check, signers=list(Signer),
        operator=masked_name(tenure.operator_name), signer_name=masked_name(check.signer_name if check else ""),
    )  # fmt: skip


@room.post("/kiosk/pledge/signer", needs=Can.KIOSK_SIGN)
def kiosk_signer_agree() -> ResponseReturnValue:
    """下一步. Another person than the one whose papers were looked at needs a new code."""
    form = forms.Who()
    journey = _pressed(WHO, form)
    if not isinstance(journey, Journey):
        return journey
    check = queries.check_of(journey.code_id)
    form.expect(check.signer if check else None)
    if not form.validate():
        return _signer(journey, form, 422)
    return _move(journey, SIGN, {"signer": form.signer.data})


# ⑤ 签名 -----------------------------------------------------------------------------------------------------------


@room.get("/kiosk/pledge/signature", needs=Can.KIOSK_SIGN)
def kiosk_signature() -> ResponseReturnValue:
    """⑤: the glass to write on."""
    journey = kiosk_queries.journey_of(me(), now())
    if journey is None:
        return _gone()
    return _glass(journey, forms.Signature()) if journey.step == SIGN else _to(journey.step)


def _glass(journey: Journey, form: forms.Signature, status: int = 200) -> ResponseReturnValue:
    check = queries.check_of(journey.code_id)
    return _screen(
        SIGN, "signature", journey, status=status, form=form, check=check,
        least=LEAST, refused=next(iter(form.strokes.errors), None),
        offer=services.proposal(journey.subject, on=now().date()),
        signer_name=masked_name(check.signer_name if check else ""), witness=check.checked_by.name if check else "",
    )  # fmt: skip


@room.post("/kiosk/pledge/signature", needs=Can.KIOSK_SIGN, begins_reading=True)
def kiosk_sign() -> ResponseReturnValue:
    """签好了. Reads and thins first, then writes in one short transaction (`services.prepare`, `services.sign`).

    A press that comes again (I11) leads to the same pledge: to step 6 while its journey lasts.
    """
    form = forms.Signature()
    journey = _pressed(SIGN, form)
    if not isinstance(journey, Journey):
        return journey if kiosk_queries.journey_of(me(), now()) or not _signed(form) else _gone(SIGNED)
    try:
        strokes = services.ink_of(form.strokes.data or "")
    except Refused as refused:
        form.strokes.errors = [refused.sentence]
        return _glass(journey, form, 422)
    ready = services.prepare(journey, strokes=strokes, trail_at=newest_at(), now=now())
    turn_to_writing()
    services.sign(ready, by=me(), now=now())
    return _to(DONE)


def _signed(form: forms.Signature) -> bool:
    pledge = queries.signed_with(form.key.data or "")
    return pledge is not None and pledge.device_id == me().id


# ⑥ 取证书 ---------------------------------------------------------------------------------------------------------


@room.get("/kiosk/pledge/done", needs=Can.KIOSK_SIGN)
def kiosk_done() -> ResponseReturnValue:
    """⑥: number, receipt and printing. The page asks for the paper itself: POST /papers/<id>/issue."""
    journey = kiosk_queries.journey_of(me(), now())
    if journey is None:
        return _gone()
    pledge = queries.of_journey(journey.id)
    if journey.step != DONE or pledge is None:
        return _to(journey.step)
    return _screen(DONE, "done", journey, pledge=pledge, paper=pledge.paper, receipt=papers.receipt(pledge.paper))
