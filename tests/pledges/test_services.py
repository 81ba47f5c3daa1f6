"""Pledges on a real database and a stopped clock, on both engines: what came out, and what the trail says."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.accounts.terms import PersonState
from portal.audit.models import TrailLine
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.kiosk import services as kiosk
from portal.kiosk.models import Code
from portal.merchants import services as merchants
from portal.merchants.queries import current_tenure
from portal.merchants.terms import ShopState
from portal.papers import queries as papers
from portal.papers.models import Paper
from portal.papers.terms import Standing as PaperStanding
from portal.pledges import queries, services
from portal.pledges.models import Ending, IdentityCheck, Pledge, Template
from portal.pledges.terms import PLAN_WORDING, Duty, Method, PledgeState, Proof, Shown, Signer, Standing
from tests.cast import Cast
from tests.pledges import ways


@pytest.fixture(autouse=True)
def texts(house: Flask, now: datetime) -> None:
    services.sow_templates(now)
    db.session.commit()


def deeds(action: str) -> int:
    db.session.commit()
    return db.session.scalar(select(func.count()).where(TrailLine.action == action)) or 0


# 发签约码 --------------------------------------------------------------------------------------------------------


def test_a_code_is_issued_under_the_issuers_own_authority(house: Flask, cast: Cast, now: datetime) -> None:
    shop = ways.a_shop(now)
    issued = ways.a_code(shop, by=cast["grid"], now=now)
    assert len(issued.digits) == 6 and issued.digits.isdigit()
    assert issued.expires_at - now == timedelta(minutes=30)
    check = db.session.scalars(select(IdentityCheck)).one()
    assert (check.checked_by_id, check.signer, check.signer_name) == (cast["grid"].id, Signer.OWNER, "何桂兰")
    assert check.authority.area.code == "MY-01" and "何桂兰" not in (check.signer_name_sealed or "")
    assert deeds("pledges.code") == 1


def test_without_an_authority_there_is_no_code_and_it_says_who_can_help(
    house: Flask, cast: Cast, now: datetime
) -> None:
    shop = ways.a_shop(now)
    with pytest.raises(Refused) as refused:
        ways.a_code(shop, by=cast["secretary"], now=now)
    assert "没有代表甲方确认的有效授权" in refused.value.sentence and "李网格（演示）" in refused.value.sentence
    assert not db.session.scalars(select(Code)).all()


def test_an_authority_elsewhere_or_out_of_date_is_none(house: Flask, cast: Cast, now: datetime) -> None:
    shop = ways.a_shop(now, grid="MY-02")
    with pytest.raises(Refused):
        ways.a_code(shop, by=cast["grid"], now=now)
    with pytest.raises(Refused):
        ways.a_code(shop, by=cast["staff"], now=now + timedelta(days=130))
    assert ways.a_code(shop, by=cast["staff"], now=now).digits


def test_what_the_office_puts_on_the_paper_must_print_before_anybody_signs(
    house: Flask, cast: Cast, now: datetime
) -> None:
    shop = ways.a_shop(now)
    shop.grid.name = "一网格😀"
    db.session.flush()
    with pytest.raises(Refused, match="印不出来"):
        ways.a_code(shop, by=cast["grid"], now=now)
    assert not db.session.scalars(select(Code)).all()


CLERK = {"signer": Signer.CLERK, "signer_name": "李小明", "proof": Proof.LETTER}


@pytest.mark.parametrize(
    ("but", "field"),
    [
        pytest.param({"identity_checked": False}, "identity_checked", id="no tick"),
        pytest.param({**CLERK, "signer_name": ""}, "signer_name", id="clerk unnamed"),
        pytest.param({**CLERK, "proof": Proof.LICENCE}, "proof", id="clerk's proof"),
        pytest.param({**CLERK, "signer_name": "李\u202e明"}, "signer_name", id="hidden sign"),
        pytest.param({**CLERK, "signer_name": "李\U00031350"}, "signer_name", id="no face prints it"),
    ],
)  # fmt: skip
def test_a_check_that_is_not_whole_gives_no_code(
    house: Flask, cast: Cast, now: datetime, but: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        ways.a_code(ways.a_shop(now), by=cast["staff"], now=now, **but)
    assert refused.value.field == field


def test_the_newest_code_ends_the_former(house: Flask, cast: Cast, now: datetime) -> None:
    shop, machine = ways.a_shop(now), ways.a_machine(now)
    journey = ways.at_the_glass(shop, machine, by=cast["staff"], now=now)
    ready = services.prepare(journey, strokes=ways.ink(), trail_at=None, now=now)
    ways.a_code(shop, by=cast["staff"], now=now)
    with pytest.raises(Refused):
        services.sign(ready, by=machine, now=now)
    assert not db.session.scalars(select(Pledge)).all()


@pytest.mark.parametrize(
    "but", [{"state": ShopState.VACANT, "operator_name": "", "operator_from": None}, {"operator_name": ""}],
    ids=["vacant", "nobody trades"],
)  # fmt: skip
def test_who_owes_nothing_gets_no_code(house: Flask, cast: Cast, now: datetime, but: dict[str, object]) -> None:
    shop = ways.a_shop(now, **but)
    with pytest.raises(Refused):
        ways.a_code(shop, by=cast["staff"], now=now)


# 签订 ------------------------------------------------------------------------------------------------------------


def test_signing_makes_it_live_at_once_with_its_paper(house: Flask, cast: Cast, now: datetime) -> None:
    shop, machine = ways.a_shop(now), ways.a_machine(now)
    pledge = ways.signed(shop, machine, by=cast["grid"], now=now)
    assert (pledge.number, pledge.state, pledge.method) == ("桂三包〔2026〕第0001号", PledgeState.LIVE, Method.KIOSK)
    assert (pledge.starts_on, pledge.until_on) == (date(2026, 11, 25), date(2027, 11, 25))
    assert (pledge.witness_id, pledge.confirmed_by_id, pledge.confirmed_at) == (cast["grid"].id, cast["grid"].id, now)
    paper = pledge.paper
    assert (paper.number, paper.standing, paper.subject) == (pledge.number, PaperStanding.VALID, pledge.tenure.subject)
    assert paper.evidence_sha == pledge.evidence_sha and papers.is_sound(paper) and paper.sealed_sha is None
    facts = papers.evidence_of(paper)["facts"]
    assert facts["telephone"] == "138****5678" and "13812345678" not in paper.evidence
    assert facts["confirmed_by"] == facts["witness"] == "李网格（演示）" and facts["device"] == "大厅一号机"
    assert queries.standings([shop.id], today=now.date())[shop.id][0] is Standing.LIVE
    assert (deeds("pledges.sign"), deeds("papers.register")) == (1, 1)


def test_persons_stand_sealed(house: Flask, cast: Cast, now: datetime) -> None:
    pledge = ways.signed(ways.a_shop(now), ways.a_machine(now), by=cast["staff"], now=now)
    assert services.persons_of(pledge)["telephone"] == "13812345678"
    assert "何桂兰" not in str(pledge.parties) and "13812345678" not in (pledge.persons_sealed or "")


def test_strokes_are_thinned_and_hold_no_pressure(house: Flask, cast: Cast, now: datetime) -> None:
    shop, machine = ways.a_shop(now), ways.a_machine(now)
    journey = ways.at_the_glass(shop, machine, by=cast["staff"], now=now)
    drawn = ways.ink(points=4000)
    pledge = services.sign(services.prepare(journey, strokes=drawn, trail_at=None, now=now), by=machine, now=now)
    assert pledge.strokes is not None and sum(map(len, pledge.strokes)) <= 400
    assert all(len(point) == 3 for stroke in pledge.strokes for point in stroke)
    assert papers.evidence_of(pledge.paper)["facts"]["signature"]["points"] == 8000


def test_a_renewal_replaces_the_old_one_and_its_paper(house: Flask, cast: Cast, now: datetime) -> None:
    shop, machine = ways.a_shop(now), ways.a_machine(now)
    old = ways.signed(shop, machine, by=cast["staff"], now=now)
    db.session.commit()
    later = now + timedelta(days=30)
    new = ways.signed(shop, machine, by=cast["staff"], now=later)
    db.session.commit()
    db.session.refresh(old)
    assert (old.state, old.paper.standing) == (PledgeState.RENEWED, PaperStanding.RENEWED)
    ending = queries.ending_of(old.id)
    assert ending is not None and (ending.replaced_by_id, ending.ended_at) == (new.id, later)
    assert new.replaces_id == old.id and new.state is PledgeState.LIVE


def test_what_changed_since_it_was_shown_is_not_signed(house: Flask, cast: Cast, now: datetime) -> None:
    shop, machine = ways.a_shop(now), ways.a_machine(now)
    journey = ways.at_the_glass(shop, machine, by=cast["staff"], now=now)
    ready = services.prepare(journey, strokes=ways.ink(), trail_at=None, now=now)
    shop.frontage_cm = 700
    db.session.flush()
    with pytest.raises(Refused, match="资料刚刚改过"):
        services.sign(ready, by=machine, now=now)
    db.session.rollback()


def test_a_change_of_operator_uncovers_the_shop(house: Flask, cast: Cast, now: datetime) -> None:
    """PLEDGE-4, the pledge's side: 待换签 at once; the ending is written down by `settle`, once."""
    shop, machine = ways.a_shop(now), ways.a_machine(now)
    pledge = ways.signed(shop, machine, by=cast["staff"], now=now)
    db.session.commit()
    merchants.change_operator(
        shop, operator="周桂英", responsible="周桂英", phone=None, on=now.date(), reason="转让", version=shop.version,
        by=cast["staff"], now=now,
    )  # fmt: skip
    db.session.commit()
    assert queries.standings([shop.id], today=now.date())[shop.id][0] is Standing.RENEW
    assert services.shown_of(pledge, today=now.date()) is Shown.ENDED
    assert pledge.paper.standing is PaperStanding.ENDED
    assert services.settle(by=machine, now=now) == 1 and services.settle(by=machine, now=now) == 0
    assert db.session.scalars(select(Ending)).one().state is PledgeState.ENDED


def test_a_journey_of_the_former_operator_signs_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    shop, machine = ways.a_shop(now), ways.a_machine(now)
    journey = ways.at_the_glass(shop, machine, by=cast["staff"], now=now)
    ready = services.prepare(journey, strokes=ways.ink(), trail_at=None, now=now)
    merchants.change_operator(
        shop, operator="周桂英", responsible="周桂英", phone=None, on=now.date(), reason="转让", version=shop.version,
        by=cast["staff"], now=now,
    )  # fmt: skip
    with pytest.raises(Refused):
        services.sign(ready, by=machine, now=now)
    with pytest.raises(Refused):
        services.prepare(journey, strokes=ways.ink(), trail_at=None, now=now)


def test_a_clock_that_stepped_back_signs_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    journey = ways.at_the_glass(ways.a_shop(now), ways.a_machine(now), by=cast["staff"], now=now)
    five = timedelta(minutes=5)
    with pytest.raises(Refused, match="时钟"):
        services.prepare(journey, strokes=ways.ink(), trail_at=now + five + timedelta(seconds=1), now=now)
    assert services.prepare(journey, strokes=ways.ink(), trail_at=now + five, now=now)


@pytest.mark.parametrize("how", ["ended", "taken back", "left", "locked"])
def test_a_code_outlives_no_authority(house: Flask, cast: Cast, now: datetime, how: str) -> None:
    """Whoever confirmed for 甲方 must still be able to on the day of signing; the sentence says who can help."""
    journey = ways.at_the_glass(ways.a_shop(now), ways.a_machine(now), by=cast["grid"], now=now)
    check = db.session.scalars(select(IdentityCheck)).one()
    if how in ("ended", "taken back"):
        check.authority.until_on = now.date() if how == "ended" else check.authority.from_on
    else:
        check.checked_by.state = PersonState.LEFT if how == "left" else PersonState.LOCKED
    db.session.flush()
    with pytest.raises(Refused, match="不能代表甲方确认") as refused:
        services.prepare(journey, strokes=ways.ink(), trail_at=None, now=now)
    assert "李网格（演示）" in refused.value.sentence and "周敏（演示）" in refused.value.sentence
    assert "请找李网格" not in refused.value.sentence


def test_an_authority_good_until_tomorrow_signs_today(house: Flask, cast: Cast, now: datetime) -> None:
    journey = ways.at_the_glass(ways.a_shop(now), ways.a_machine(now), by=cast["grid"], now=now)
    check = db.session.scalars(select(IdentityCheck)).one()
    check.authority.until_on = now.date() + timedelta(days=1)
    db.session.flush()
    assert services.prepare(journey, strokes=ways.ink(), trail_at=None, now=now).authority_id == check.authority_id


# 文本 ------------------------------------------------------------------------------------------------------------


def test_two_texts_are_shipped_and_the_plans_is_in_force(house: Flask, now: datetime) -> None:
    services.sow_templates(now)  # harmless twice
    found = {one.name: one for one in db.session.scalars(select(Template))}
    duties = {name: [duty["name"] for duty in one.wording["duties"]] for name, one in found.items()}
    assert duties == {
        "方案文本": ["市容环境", "秩序维护", "绿化管护"],
        "重庆2019文本": ["包卫生", "包秩序", "包设施"],
    }
    force = queries.template_in_force(now.date())
    assert force is not None and force.name == "方案文本" and "第十三条" in force.wording["signing"]


def test_a_signed_pledge_keeps_the_text_it_was_signed_on(house: Flask, cast: Cast, now: datetime) -> None:
    shop, machine = ways.a_shop(now), ways.a_machine(now)
    old = ways.signed(shop, machine, by=cast["staff"], now=now)
    db.session.commit()
    before, evidence = dict(old.terms), old.paper.evidence
    wording = replace(PLAN_WORDING, duties=(Duty("市容环境", ("新的一条",)), *PLAN_WORDING.duties[1:]))
    day = now.date() + timedelta(days=7)
    added = services.add_template(
        wording, name="方案文本", effective_from=day, base=2, note="", by=cast["office"], now=now
    )
    db.session.commit()
    db.session.expire_all()
    assert added.version == 3 and (old.terms, old.paper.evidence) == (before, evidence)
    force = queries.template_in_force(day - timedelta(days=1))
    assert force is not None and force.version == 1
    new = ways.signed(shop, machine, by=cast["staff"], now=now + timedelta(days=7))
    assert new.terms["version"] == 3 and new.terms["duties"][0]["items"] == ["新的一条"]


def test_two_editors_of_a_text(house: Flask, cast: Cast, now: datetime) -> None:
    facts = {"name": "方案文本", "effective_from": now.date(), "note": "", "by": cast["office"], "now": now}
    services.add_template(PLAN_WORDING, base=2, **facts)
    with pytest.raises(Refused, match="他人已先"):
        services.add_template(PLAN_WORDING, base=2, **facts)


def test_a_text_needs_three_duties_and_a_day_to_come(house: Flask, cast: Cast, now: datetime) -> None:
    facts = {"name": "方案文本", "base": 2, "note": "", "by": cast["office"], "now": now}
    with pytest.raises(Refused):
        services.add_template(
            replace(PLAN_WORDING, duties=PLAN_WORDING.duties[:2]),
            effective_from=now.date(),
            **facts,
        )
    with pytest.raises(Refused):
        services.add_template(PLAN_WORDING, effective_from=now.date() - timedelta(days=1), **facts)


# 纸质, 作废 ------------------------------------------------------------------------------------------------------


def test_paper_waits_for_the_office(house: Flask, cast: Cast, now: datetime) -> None:
    shop = ways.a_shop(now)
    tenure = current_tenure(shop.id)
    assert tenure is not None
    sheet = services.Sheet(now.date(), Signer.OWNER, "何桂兰", Proof.IDENTITY, 1)
    pledge = services.enter(tenure, sheet, by=cast["grid"], now=now)
    assert pledge.paper.standing is PaperStanding.WAITING
    assert queries.standings([shop.id], today=now.date())[shop.id][0] is Standing.WAITING
    with pytest.raises(Refused):
        services.enter(tenure, sheet, by=cast["grid"], now=now)
    with pytest.raises(Refused, match="授权"):
        services.confirm(pledge, by=cast["secretary"], now=now)
    with pytest.raises(Refused, match="另一位"):
        services.confirm(pledge, by=cast["grid"], now=now)  # who entered it does not confirm it (house.md 4)
    services.confirm(pledge, by=cast["staff"], now=now)
    assert (pledge.state, pledge.paper.standing) == (PledgeState.LIVE, PaperStanding.VALID)
    with pytest.raises(Refused):
        services.confirm(pledge, by=cast["staff"], now=now)


@pytest.mark.parametrize(
    ("but", "field"),
    [
        pytest.param({"signed_on": date(2026, 1, 4)}, "signed_on", id="rules1-before-the-operator"),
        pytest.param({"signed_on": date(2027, 1, 1)}, "signed_on", id="rules1-a-day-to-come"),
        pytest.param({"version": 9}, "version", id="rules1-no-such-text"),
        pytest.param({"signer": Signer.CLERK}, "proof", id="rules1-a-clerk-shows-why"),
        pytest.param({"signer": Signer.FAMILY, "proof": Proof.HOUSEHOLD}, "signer_name", id="rules1-family-is-named"),
    ],
)  # fmt: skip
def test_paper_that_cannot_be_is_refused_beside_its_field(
    house: Flask, cast: Cast, now: datetime, but: dict[str, Any], field: str
) -> None:
    tenure = current_tenure(ways.a_shop(now).id)
    assert tenure is not None
    sheet = replace(services.Sheet(now.date(), Signer.OWNER, "", Proof.IDENTITY, 1), **but)
    with pytest.raises(Refused) as refused:
        services.enter(tenure, sheet, by=cast["grid"], now=now)
    assert refused.value.field == field
    assert db.session.scalar(select(func.count()).select_from(Pledge)) == 0


def test_voiding_takes_two(house: Flask, cast: Cast, now: datetime) -> None:
    shop = ways.a_shop(now)
    pledge = ways.signed(shop, ways.a_machine(now), by=cast["staff"], now=now)
    services.ask_voiding(pledge, reason="店名登记错", by=cast["grid"], now=now)
    with pytest.raises(Refused, match="自己"):
        services.answer_voiding(pledge.id, agreed=True, answer="", by=cast["grid"], now=now)
    with pytest.raises(Refused):
        services.ask_voiding(pledge, reason="再来一次", by=cast["staff"], now=now)
    services.answer_voiding(pledge.id, agreed=True, answer="", by=cast["staff"], now=now)
    assert (pledge.state, pledge.paper.standing) == (PledgeState.VOID, PaperStanding.VOID)
    with pytest.raises(Refused):
        services.ask_voiding(pledge, reason="再来一次", by=cast["grid"], now=now)
    assert queries.standings([shop.id], today=now.date())[shop.id][0] is Standing.UNSIGNED


def test_pledge_3_one_byte_of_stored_evidence(house: Flask, cast: Cast, now: datetime) -> None:
    """PLEDGE-3: 验签 says 已改动, and nothing altered is ever sealed."""
    pledge = ways.signed(ways.a_shop(now), ways.a_machine(now), by=cast["staff"], now=now)
    db.session.commit()
    text = pledge.paper.evidence
    db.session.execute(
        db.update(Paper).where(Paper.id == pledge.paper_id).values(evidence=text.replace("6.4", "6.5", 1))
    )
    db.session.commit()
    db.session.expire_all()
    assert not papers.is_sound(pledge.paper)


def test_the_same_journey_twice_is_one_pledge(house: Flask, cast: Cast, now: datetime) -> None:
    """PLEDGE-2: the same key returns the same pledge."""
    shop, machine = ways.a_shop(now), ways.a_machine(now)
    journey = ways.at_the_glass(shop, machine, by=cast["staff"], now=now)
    ready = services.prepare(journey, strokes=ways.ink(), trail_at=None, now=now)
    first = services.sign(ready, by=machine, now=now)
    assert services.sign(ready, by=machine, now=now).id == first.id
    kiosk.end_journey(by=machine, now=now)
    assert db.session.scalar(select(func.count(Pledge.id))) == 1
    assert deeds("pledges.sign") == 1


# names that nobody needs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "cancelled", "kept"),
    [
        pytest.param(timedelta(hours=24, seconds=-1), False, True, id="R6·a draft is kept for 24 h"),
        pytest.param(timedelta(hours=24), False, False, id="R6·24 h after the code lapsed unused"),
        pytest.param(timedelta(hours=24), True, False, id="R6·a cancelled code lapsed unused too"),
    ],
)
def test_the_name_of_who_never_signed_goes(
    house: Flask, cast: Cast, now: datetime, after: timedelta, cancelled: bool, kept: bool
) -> None:
    shop = ways.a_shop(now)
    first = ways.a_code(shop, by=cast["staff"], now=now, **CLERK)
    if cancelled:
        ways.a_code(shop, by=cast["staff"], now=now + timedelta(minutes=10))
    db.session.commit()
    assert services.forget(now=first.expires_at + after) == (0 if kept else 1)
    db.session.commit()
    check = db.session.scalars(select(IdentityCheck).order_by(IdentityCheck.id)).first()
    assert check is not None and check.signer_name == ("李小明" if kept else None)
    assert (check.signer, check.proof, check.checked_by_id) == (Signer.CLERK, Proof.LETTER, cast["staff"].id)
    assert services.forget(now=first.expires_at + after) == 0, "twice is once"


def test_r6_the_name_of_who_signed_stays_and_of_who_stands_at_the_glass(
    house: Flask, cast: Cast, now: datetime
) -> None:
    ways.signed(ways.a_shop(now), ways.a_machine(now), by=cast["staff"], now=now)
    ways.at_the_glass(ways.a_shop(now), ways.a_machine(now, name="二号机"), by=cast["staff"], now=now, **CLERK)
    later = now + timedelta(days=3)
    assert services.forget(now=later) == 0, "the journey is still open: nobody has cleared it"
    kiosk.purge(now=later)
    assert services.forget(now=later) == 1
    assert {one.signer_name for one in db.session.scalars(select(IdentityCheck))} == {"何桂兰", None}
