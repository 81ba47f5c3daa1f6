"""纸质签订: a pledge signed on paper is entered with its scan; it waits as 待街道确认 until somebody else confirms it
(rules 1; house.md 4: who proposes does not approve)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.clock import SHANGHAI
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.files import FileStore
from portal.merchants import services as merchants
from portal.merchants.models import Shop, Tenure
from portal.merchants.terms import NOT_OWING
from portal.papers import services as papers
from portal.papers.terms import Standing
from portal.pledges import queries, rules
from portal.pledges.models import Pledge, Template
from portal.pledges.services import evidence
from portal.pledges.services.codes import signer_name_of
from portal.pledges.services.reading import party_a
from portal.pledges.terms import PAPER_KIND, RECKONED, SERIES, TERM_MONTHS, Method, PledgeState, Proof, Signer
from portal.settings import queries as settings

WAITS = "这家店已有一份责任书待街道确认，请先办那一份。"


@dataclass(frozen=True)
class Sheet:
    """What stands on the paper: when it was signed, by whom and on what authority, under which text.

    `signer_name` is asked of 家属 and 店员; 本人 is the operator.
    """

    signed_on: date
    signer: Signer
    signer_name: str | None
    proof: Proof
    version: int


def enter(tenure: Tenure, sheet: Sheet, *, by: Actor, now: datetime) -> Pledge:
    """Enter a pledge signed on paper. Refused when one already waits, or the text, the proof or the day cannot be."""
    found = _text(sheet)
    _refuse_day(tenure, sheet.signed_on, now.date())
    if fault := rules.proof_fault(sheet.signer, sheet.proof):
        raise Refused(fault, field="proof")
    signer_name = signer_name_of(tenure, sheet.signer, sheet.signer_name)
    if queries.waiting_of(tenure.id):
        raise Refused(WAITS)
    signed_at = datetime(sheet.signed_on.year, sheet.signed_on.month, sheet.signed_on.day, 12, tzinfo=SHANGHAI)
    months = settings.value(TERM_MONTHS, on=sheet.signed_on)
    term = (sheet.signed_on, rules.term_end(sheet.signed_on, months=months))
    parties = evidence.parties_of(tenure, party_a=party_a(sheet.signed_on), signer_name=signer_name)
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


def _text(sheet: Sheet) -> Template:
    found = db.session.scalars(queries.template(sheet.version)).one_or_none()
    if found is None or found.effective_from is None:
        raise Refused("没有这一版文本，请照原件上印的版本选。", field="version")
    return found


def _refuse_day(tenure: Tenure, signed_on: date, today: date) -> None:
    """The paper is of the operator who is there, and of a shop that owes a pledge."""
    if tenure.shop.state in NOT_OWING:
        raise Refused(f"这家店登记为“{tenure.shop.state.label}”，不用签责任书。已经有人经营的话，请先改营业状态。")
    if signed_on > today:
        raise Refused("签订日期不能晚于今天。", field="signed_on")
    if signed_on < tenure.from_on:
        began = f"{tenure.from_on.year}年{tenure.from_on.month}月{tenure.from_on.day}日"
        raise Refused(f"现在这位经营者{began}才开始经营，这以前签的不是这一位。", field="signed_on")


def keep_scan(pledge: Pledge, cleaned: tuple[bytes, str, str], *, store: FileStore, by: Actor, now: datetime) -> None:
    """Keep the scan of a pledge signed on paper among its shop's attachments: whoever confirms looks at it."""
    data, suffix, media = cleaned
    name = f"纸质责任书 {pledge.number}{suffix}"
    kept = merchants.attach(pledge.shop, name=name, data=data, suffix=suffix, media=media, store=store, by=by, now=now)
    pledge.scan_id = kept.id
    db.session.flush()


def note_blank(shop: Shop, *, by: Actor, now: datetime) -> None:
    """Write down who prints a shop's pledge to be signed on paper (rules 6, Audit)."""
    record("pledges.blank", f"shop:{shop.id}", by=by, now=now, number=shop.number)
