"""纸质签订: a pledge signed on paper is entered; it waits as 待街道确认 until somebody confirms it (rules 1)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.clock import SHANGHAI
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.merchants.models import Tenure
from portal.papers import services as papers
from portal.papers.terms import Standing
from portal.pledges import queries, rules
from portal.pledges.models import Pledge
from portal.pledges.services import evidence
from portal.pledges.services.reading import party_a
from portal.pledges.terms import PAPER_KIND, RECKONED, SERIES, TERM_MONTHS, Method, PledgeState, Proof, Signer
from portal.settings import queries as settings

WAITS = "这家店已有一份责任书待街道确认，请先办那一份。"


@dataclass(frozen=True)
class Sheet:
    """What stands on the paper: when it was signed, by whom and on what authority, under which text."""

    signed_on: date
    signer: Signer
    signer_name: str
    proof: Proof
    version: int


def enter(tenure: Tenure, sheet: Sheet, *, by: Actor, now: datetime) -> Pledge:
    """Enter a pledge signed on paper. Refused when one already waits, or the text or the day cannot be."""
    found = db.session.scalars(queries.template(sheet.version)).one_or_none()
    if found is None or sheet.signed_on > now.date():
        raise Refused("请核对文本版本和签订日期，签订日期不能晚于今天。")
    if queries.waiting_of(tenure.id):
        raise Refused(WAITS)
    signed_at = datetime(sheet.signed_on.year, sheet.signed_on.month, sheet.signed_on.day, 12, tzinfo=SHANGHAI)
    months = settings.value(TERM_MONTHS, on=sheet.signed_on)
    term = (sheet.signed_on, rules.term_end(sheet.signed_on, months=months))
    parties = evidence.parties_of(tenure, party_a=party_a(sheet.signed_on), signer_name=sheet.signer_name)
    area, terms = evidence.area_of(tenure.shop), evidence.terms_of(found)
    printed = evidence.paper_of(
        parties=parties, area=area, terms=terms, term=term, signed_at=signed_at, method=Method.PAPER, device="",
        signer=sheet.signer, proof=sheet.proof, hand=None, staff=evidence.Staff(by.name, by.title, ""), more={},
    )  # fmt: skip
    number = papers.next_number(SERIES, now=now)
    paper = papers.register(
        kind=PAPER_KIND, number=number, subject=tenure.subject, evidence=printed.as_evidence(), valid_from=term[0],
        valid_until=term[1], standing=Standing.WAITING, by=by, now=now,
    )  # fmt: skip
    pledge = Pledge(
        number=number, key=str(uuid4()), tenure_id=tenure.id, shop_id=tenure.shop_id, template_id=found.id,
        terms=terms, area=area, parties=parties.shown, starts_on=term[0], until_on=term[1], method=Method.PAPER,
        signed_at=signed_at, signer=sheet.signer, proof=sheet.proof, evidence_sha=paper.evidence_sha,
        witness_id=by.id, paper_id=paper.id, state=PledgeState.WAITING,
        reckoned_with=settings.stamp(RECKONED, on=sheet.signed_on),
    )  # fmt: skip
    pledge.persons = papers.canonical_text(parties.persons)
    try:
        with db.session.begin_nested():
            db.session.add(pledge)
    except IntegrityError:  # another clerk has entered theirs since we looked
        raise Refused(WAITS) from None
    record("pledges.enter", f"pledge:{pledge.id}", by=by, now=now, number=number, tenure=tenure.id)
    return pledge
