"""How pledges end: 已换签 by a new one, 已解除 with their tenure, 已作废 by two people; and 待街道确认 becomes 生效.

Each ending is a dated, signed row; the pledge's state and its paper's standing follow in the same transaction.
"""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.papers import services as papers
from portal.papers.terms import Standing
from portal.pledges import queries
from portal.pledges.models import Ending, Pledge, Voiding
from portal.pledges.terms import TO_CONFIRM, PledgeState
from portal.reminders import services as reminders

OWN = "这份纸质责任书是您登记的，要另一位有授权的同事核对原件后确认。"
STANDINGS = {
    PledgeState.RENEWED: Standing.RENEWED,
    PledgeState.ENDED: Standing.ENDED,
    PledgeState.VOID: Standing.VOID,
}


def _end(pledge_id: int, paper_id: int, state: PledgeState, *, reason: str, by: Actor, now: datetime) -> Ending:
    """Write one ending; the pledge must still be open (one row changes, or Refused)."""
    changed = db.session.execute(
        update(Pledge)
        .where(Pledge.id == pledge_id, Pledge.state.in_(queries.OPEN))
        .values(state=state)
        .execution_options(synchronize_session="evaluate")
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这份责任书已经不在有效状态，请刷新后再看。")
    ending = Ending(pledge_id=pledge_id, state=state, ended_at=now, ended_by=by.name, reason=reason)
    db.session.add(ending)
    papers.set_standing(paper_id, STANDINGS[state], by=by, now=now)
    reminders.settle(subject=f"pledge:{pledge_id}", by=by, now=now)
    record("pledges.end", f"pledge:{pledge_id}", by=by, now=now, state=state.value)
    return ending


def renew(pledge_id: int, paper_id: int, *, by: Actor, now: datetime) -> Ending:
    """换签: end an open pledge of a tenure because a new one is being signed."""
    return _end(pledge_id, paper_id, PledgeState.RENEWED, reason="重新签订", by=by, now=now)


def settle(*, by: Actor, now: datetime, most: int = 500) -> int:
    """Write down the endings that followed from ended tenures; return how many. Harmless to repeat.

    Lists and the check page show 已解除 already: the tenure itself says so, and its papers were ended with it.
    """
    waiting = db.session.scalars(queries.uncovered_by_tenure().limit(most)).all()
    for pledge in waiting:
        _end(pledge.id, pledge.paper_id, PledgeState.ENDED, reason="经营者变更", by=by, now=now)
    return len(waiting)


def confirm(pledge: Pledge, *, by: Actor, now: datetime) -> None:
    """甲方确认 of a pledge that waits (待街道确认): it becomes 生效, under the confirmer's own dated authority.

    Whoever entered it does not confirm it (house.md 4).
    """
    if by.id is not None and by.id == pledge.witness_id:
        raise Refused(OWN)
    granted = queries.authority_in(by, pledge.shop.grid, on=now.date())
    if granted is None:
        raise Refused("您在这个网格没有代表甲方确认的有效授权，请找有授权的同事办理。")
    for older in queries.live_of(pledge.tenure_id):
        renew(older.id, older.paper_id, by=by, now=now)
    changed = db.session.execute(
        update(Pledge)
        .where(Pledge.id == pledge.id, Pledge.state == PledgeState.WAITING)
        .values(state=PledgeState.LIVE, confirmed_by_id=by.id, authority_id=granted.id, confirmed_at=now)
        .execution_options(synchronize_session="evaluate")
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这份责任书不是待街道确认，可能同事已经办了，请刷新。")
    papers.set_standing(pledge.paper_id, Standing.VALID, by=by, now=now)
    reminders.settle(subject=f"tenure:{pledge.tenure_id}", by=by, now=now)
    grid_id = pledge.shop.grid_id
    if not queries.to_confirm(now.date(), grid_id=grid_id):
        reminders.settle(subject=f"grid:{grid_id}", rule=TO_CONFIRM, by=by, now=now)
    record("pledges.confirm", f"pledge:{pledge.id}", by=by, now=now, authority=granted.id)


def ask_voiding(pledge: Pledge, *, reason: str, by: Actor, now: datetime) -> Voiding:
    """申请作废: the first of two people says why. Refused when it has ended or a request already waits."""
    if pledge.state not in queries.OPEN:
        raise Refused(f"这份责任书{pledge.state.label}，不能再作废。")
    asked = Voiding(pledge_id=pledge.id, reason=reason, asked_by_id=by.id, asked_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(asked)
    except IntegrityError:
        raise Refused("这份责任书已经有人申请作废，正等另一位同事复核。") from None
    record("pledges.void_ask", f"pledge:{pledge.id}", by=by, now=now)
    return asked


def answer_voiding(pledge_id: int, *, agreed: bool, answer: str, by: Actor, now: datetime) -> None:
    """复核作废: another person agrees, and the pledge is 已作废, or declines and it stays as it is."""
    voiding = queries.open_voiding(pledge_id)
    if voiding is None:
        raise Refused("没有等待复核的作废申请，可能同事已经办了，请刷新。")
    if by.id == voiding.asked_by_id:
        raise Refused("申请人不能自己复核，请另一位同事办理。")
    changed = db.session.execute(
        update(Voiding)
        .where(Voiding.id == voiding.id, Voiding.decided_at.is_(None))
        .values(decided_at=now, decided_by_id=by.id, agreed=agreed, answer=answer)
        .execution_options(synchronize_session="evaluate")
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这项申请已经复核过，请刷新。")
    record("pledges.void_answer", f"pledge:{pledge_id}", by=by, now=now, agreed=agreed)
    if agreed:
        pledge = db.session.get_one(Pledge, pledge_id)
        _end(pledge.id, pledge.paper_id, PledgeState.VOID, reason=voiding.reason, by=by, now=now)
