"""签订: everything that can be done before is done before; the transaction itself is a handful of short statements.

`prepare` only reads (the door holds no write lock yet), `sign` only writes. I11: the code is claimed by an UPDATE that
must change exactly one row, the journey's key is UNIQUE, so one press or ten leave one complete pledge or none.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.accounts.terms import PersonState
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.kiosk import services as kiosk
from portal.kiosk.models import Journey
from portal.kiosk.terms import SIGN, DeviceKind
from portal.merchants.models import Shop
from portal.papers import services as papers
from portal.papers.terms import Standing
from portal.pledges import queries, rules
from portal.pledges.models import IdentityCheck, Pledge
from portal.pledges.services import evidence
from portal.pledges.services.endings import renew
from portal.pledges.services.proposal import proposal
from portal.pledges.terms import PAPER_KIND, SERIES, Method, PledgeState, Proof, Signer
from portal.reminders import services as reminders

#: How a device's kind names the way of signing (rules 1, Pledge).
METHODS = {
    DeviceKind.HALL: Method.KIOSK,
    DeviceKind.COUNTER: Method.COUNTER,
    DeviceKind.VISIT: Method.DOORSTEP,
}
STALE_SHOP = "店铺资料刚刚改过，请按“重来”，请工作人员重新发码，核对后再签。"
LAPSED = "发签约码的{name}现在不能代表甲方确认了（授权到期、收回，或账号停用），这次不能签。{help}"
STALE_TENURE = "这家店的经营者已经变更，这个签约码不能再用。请工作人员按新的经营者发码。"


@dataclass(frozen=True)
class Ready:
    """One signing, ready to be written: plain values only, so that no row has to be read again."""

    key: str
    journey_id: str
    code_id: int
    device_id: int
    tenure_id: int
    shop_id: int
    shop_version: int
    template_id: int
    terms: dict[str, Any]
    area: dict[str, Any]
    parties: evidence.Parties
    term: tuple[date, date]
    reckoned_with: dict[str, int]
    method: Method
    signer: Signer
    proof: Proof
    hand: evidence.Hand
    witness_id: int
    authority_id: int
    paper: dict[str, Any]


def ink_of(text: str) -> rules.Strokes:
    """Return the strokes that a browser sent. Refused with a sentence for the glass when they are no signature."""
    try:
        return rules.read_strokes(text)
    except ValueError as error:
        raise Refused(str(error), field="strokes") from error


def prepare(journey: Journey, *, strokes: rules.Strokes, trail_at: datetime | None, now: datetime) -> Ready:
    """Read what the signing needs and thin the signature, before any write lock is taken.

    Refused when the journey is not at step 5, the shop or its operator has changed since it was shown, the text that
    was read is gone, who confirmed for 甲方 may do so no more, or the clock stands before the newest line of the trail
    (`trail_at`).
    """
    fault = rules.clock_fault(now, trail_at)
    if fault:
        raise Refused(fault)
    check = queries.check_of(journey.code_id)
    if journey.step != SIGN or check is None:
        raise Refused("请从头按步骤来：先核对店铺、看完条款，再签名。")
    offer = proposal(journey.subject, on=now.date(), version=journey.draft.get("template", 0))
    if offer.shop.version != journey.draft.get("shop_version"):
        raise Refused(STALE_SHOP)
    _refuse_lapsed(check, offer.shop, on=now.date())
    method, hand = METHODS[journey.device.kind], _hand(strokes)
    parties = evidence.parties_of(offer.tenure, party_a=offer.party_a, signer_name=check.signer_name or "")
    area, terms, term = offer.area, evidence.terms_of(offer.template), (offer.starts_on, offer.until_on)
    paper = evidence.paper_of(
        parties=parties, area=area, terms=terms, term=term, signed_at=now, method=method, device=journey.device.name,
        signer=check.signer, proof=check.proof, hand=hand, staff=_staff(check),
        more={"journey": journey.id, "code_issued_at": check.checked_at.isoformat()},
    )  # fmt: skip
    return Ready(
        key=journey.key, journey_id=journey.id, code_id=journey.code_id, device_id=journey.device_id,
        tenure_id=offer.tenure.id, shop_id=offer.shop.id, shop_version=offer.shop.version,
        template_id=offer.template.id, terms=terms, area=area, parties=parties, term=term,
        reckoned_with=offer.reckoned_with, method=method, signer=check.signer, proof=check.proof, hand=hand,
        witness_id=check.checked_by_id, authority_id=check.authority_id, paper=paper.as_evidence(),
    )  # fmt: skip


def _refuse_lapsed(check: IdentityCheck, shop: Shop, *, on: date) -> None:
    """甲方's confirmation must stand on the day of signing (rules 10): a code may outlive the authority behind it."""
    granted, holder = check.authority, check.checked_by
    if granted.from_on <= on < granted.until_on and holder.state is PersonState.ACTIVE:
        return
    others = [name for name in queries.confirmers(shop.grid, on=on) if name != holder.name]
    help_ = f"请找{'、'.join(others[:3])}" if others else "现在没有别人有授权，请找专项办"
    raise Refused(LAPSED.format(name=holder.name, help=f"{help_}，重新核对证件、发签约码。"))


def _hand(strokes: rules.Strokes) -> evidence.Hand:
    """Thin the strokes (shape kept); the digest is of all that was drawn."""
    return evidence.Hand(
        strokes=papers.thin(rules.coarse(strokes)),
        points=sum(map(len, strokes)),
        sha=papers.digest(json.dumps(strokes, separators=(",", ":"))),
    )


def _staff(check: IdentityCheck) -> evidence.Staff:
    name = check.checked_by.name
    return evidence.Staff(witness=name, post=check.checked_by_title, confirmed_by=name, authority=check.authority.basis)


def sign(ready: Ready, *, by: Actor, now: datetime) -> Pledge:
    """Write the signed pledge in one short transaction: 生效 at once, its paper registered, the old one 已换签.

    The same key again returns the same pledge. Refused when the code was used or cancelled meanwhile, or the shop
    or its operator changed since `prepare`.
    """
    try:
        kiosk.claim(ready.code_id, by=by, now=now)
    except Refused:
        signed = queries.signed_with(ready.key)
        if signed is None:
            raise
        return signed
    replaced = [renew(*older, by=by, now=now) for older in _still_the_same(ready)]
    number = papers.next_number(SERIES, now=now)
    paper = papers.register(
        kind=PAPER_KIND, number=number, subject=f"tenure:{ready.tenure_id}", evidence=ready.paper,
        valid_from=ready.term[0], valid_until=ready.term[1], standing=Standing.VALID, by=by, now=now,
    )  # fmt: skip
    pledge = _pledge(ready, number=number, paper_id=paper.id, evidence_sha=paper.evidence_sha, now=now)
    pledge.replaces_id = replaced[-1].pledge_id if replaced else None
    db.session.add(pledge)
    db.session.flush()
    for ending in replaced:
        ending.replaced_by_id = pledge.id
    kiosk.finish(ready.journey_id, pledge_id=pledge.id, paper_id=paper.id, now=now)
    reminders.settle(subject=f"tenure:{ready.tenure_id}", by=by, now=now)
    record(
        "pledges.sign", f"pledge:{pledge.id}", by=by, now=now, number=number, tenure=ready.tenure_id,
        evidence=paper.evidence_sha, signer=ready.signer.value, witness=ready.witness_id,
        authority=ready.authority_id, replaces=pledge.replaces_id,
    )  # fmt: skip
    return pledge


def _still_the_same(ready: Ready) -> list[tuple[int, int]]:
    """Read under the write lock that what was shown is still so; return the open pledges that this one replaces.

    One statement for both: (pledge id, paper id) pairs.
    """
    found = db.session.execute(queries.at_signing(ready.tenure_id)).all()
    until_on, version = found[0][:2]
    if until_on is not None:
        raise Refused(STALE_TENURE)
    if version != ready.shop_version:
        raise Refused(STALE_SHOP)
    return [(pledge_id, paper_id) for _, _, pledge_id, paper_id in found if pledge_id and paper_id]


def _pledge(ready: Ready, *, number: str, paper_id: int, evidence_sha: str, now: datetime) -> Pledge:
    pledge = Pledge(
        number=number, key=ready.key, tenure_id=ready.tenure_id, shop_id=ready.shop_id, template_id=ready.template_id,
        terms=ready.terms, area=ready.area, parties=ready.parties.shown, starts_on=ready.term[0],
        until_on=ready.term[1], method=ready.method, signed_at=now, signer=ready.signer, proof=ready.proof,
        strokes=ready.hand.strokes, strokes_sha=ready.hand.sha, evidence_sha=evidence_sha,
        witness_id=ready.witness_id, confirmed_by_id=ready.witness_id, authority_id=ready.authority_id,
        confirmed_at=now, code_id=ready.code_id, device_id=ready.device_id, journey_id=ready.journey_id,
        paper_id=paper_id, state=PledgeState.LIVE, reckoned_with=ready.reckoned_with,
    )  # fmt: skip
    pledge.persons = papers.canonical_text(ready.parties.persons)
    return pledge
