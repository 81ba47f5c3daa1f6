"""发签约码: the identity check, and the six digits that open a journey (rules 10, 甲方 authority)."""

from dataclasses import dataclass
from datetime import datetime

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.fields.letters import naming
from portal.ground.fields.names import clean_name
from portal.kiosk import queries as kiosk_queries
from portal.kiosk import services as kiosk
from portal.merchants.models import Shop, Tenure
from portal.merchants.queries import current_tenure
from portal.merchants.terms import NOT_OWING
from portal.papers import queries as papers
from portal.pledges import queries, rules
from portal.pledges.models import IdentityCheck
from portal.pledges.services.reading import party_a
from portal.pledges.terms import Proof, Signer


@dataclass(frozen=True)
class IssuedCode:
    """What the issuer sees once: the digits, until when they open a journey, and the check behind them."""

    digits: str
    expires_at: datetime
    check: IdentityCheck
    authority_basis: str


def issue_code(
    shop: Shop,
    *,
    identity_checked: bool,
    signer: Signer,
    signer_name: str | None,
    proof: Proof,
    by: Actor,
    now: datetime,
) -> IssuedCode:
    """Issue the code for a shop's current tenure: 甲方确认 under the issuer's authority; the issuer is the witness.

    An earlier code of the tenure is cancelled. `signer_name` is asked of 家属 and 店员; 本人 is the operator.
    Refused without a tick, an operator, a text in force, a fitting proof or a dated authority in the shop's grid.
    """
    tenure = _signable(shop, now)
    if not identity_checked:
        raise Refused("请先当面核对证件，再勾选“已核对”。", field="identity_checked")
    fault = rules.proof_fault(signer, proof)
    if fault:
        raise Refused(fault, field="proof")
    granted = queries.authority_in(by, shop.grid, on=now.date())
    if granted is None:
        raise Refused(_who_can_help(shop, by, now))
    _refuse_unprintable(by.name, by.title, granted.basis, party_a(now.date()), shop.community.name, shop.grid.name)
    digits = kiosk.issue_code(subject=tenure.subject, authority_id=granted.id, by=by, now=now)
    code = kiosk_queries.live_code_of(tenure.subject, now=now)
    if code is None:
        raise RuntimeError("a code that was just issued is not there")
    check = IdentityCheck(
        code_id=code.id, tenure_id=tenure.id, signer=signer, proof=proof, checked_by_id=by.id,
        checked_by_title=by.title[:80], authority_id=granted.id, checked_at=now,
    )  # fmt: skip
    check.signer_name = signer_name_of(tenure, signer, signer_name)
    db.session.add(check)
    db.session.flush()
    record(
        "pledges.code",
        tenure.subject,
        by=by,
        now=now,
        code=code.id,
        signer=signer.value,
        proof=proof.value,
    )
    return IssuedCode(digits, code.expires_at, check, granted.basis)


def _refuse_unprintable(*words: str) -> None:
    """What the office itself puts onto the paper must print: said before anybody signs, not after."""
    missing = papers.missing_characters("".join(words))
    if missing:
        named = "、".join(naming(sign) for sign in missing[:5])
        raise Refused(f"{named} 现有字库印不出来（见证人、职务、授权依据、甲方或网格名称里），请联系系统管理员。")


def _signable(shop: Shop, now: datetime) -> Tenure:
    """Return the tenure that signs, or refuse: nobody to sign, or nothing to sign."""
    if shop.state in NOT_OWING:
        raise Refused(f"这家店登记为“{shop.state.label}”，不用签责任书。已经有人经营的话，请先改营业状态。")
    tenure = current_tenure(shop.id)
    if tenure is None:
        raise Refused("这家店还没有登记经营者，请先在商户档案里登记，再发签约码。")
    if queries.template_in_force(now.date()) is None:
        raise Refused("还没有启用的责任书文本，请专项办先在“责任书文本”里启用一版。")
    return tenure


def signer_name_of(tenure: Tenure, signer: Signer, typed: str | None) -> str:
    """Return who signs: 本人 is the operator, others are named as on their papers. Refused beside the field."""
    if signer is Signer.OWNER:
        return tenure.operator_name
    if not typed:
        raise Refused(f"请填写{signer.label}的姓名，要和证件上一样。", field="signer_name")
    try:
        name = clean_name(typed)
    except ValueError as error:
        raise Refused(str(error), field="signer_name") from error
    missing = papers.missing_characters(name)
    if missing:
        raise Refused(f"“{'、'.join(missing)}”现有字库印不出来，请联系管理员补字库。", field="signer_name")
    return name


def _who_can_help(shop: Shop, by: Actor, now: datetime) -> str:
    others = [name for name in queries.confirmers(shop.grid, on=now.date()) if name != by.name]
    place = f"{shop.community.name}{shop.grid.name}"
    help_ = f"现在可以找：{'、'.join(others[:3])}。" if others else "现在那里没有人有授权，请找专项办。"
    return f"您在{place}没有代表甲方确认的有效授权，不能发签约码。{help_}要授权给您，请找安全管理员。"
