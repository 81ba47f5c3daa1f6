"""待授权: roles that 系统管理员 asks for and 安全管理员 grants; three duties, none does another's (rules 6)."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from portal.accounts import rules
from portal.accounts.models import Person, PersonRole, Proposal
from portal.accounts.services.keeping import hold, note
from portal.accounts.services.roles import give_role, refuse_role, role_words
from portal.accounts.terms import ROLES, EventKind, ProposalState
from portal.areas.models import Area
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused

DONE = "刚才已经有人办过，请刷新再看。"


def propose(person: Person, *, role: str, area: Area, from_on: date, by: Actor, now: datetime) -> Proposal:
    """Ask for a role. `Refused` when it could not be given anyway, or waits already."""
    refuse_role(person, role=role, area=area, by=by, now=now)
    if from_on < now.date():
        raise Refused("起始日不能早于今天。", field="from_on")
    same = select(Proposal.id).where(
        Proposal.person_id == person.id,
        Proposal.role == role,
        Proposal.area_id == area.id,
        Proposal.state == ProposalState.WAITING,
    )
    if db.session.scalars(same).first() is not None:
        raise Refused(f"{area.name}的{ROLES[role].label}已经在等授权了。", field="role")
    asked = ask(person, role=role, area_id=area.id, from_on=from_on, by=by, now=now)
    record("accounts.propose", f"person:{person.id}", by=by, now=now, role=role_words(role), area=area.code)
    return asked


def ask(person: Person, *, role: str, area_id: int, from_on: date, by: Actor, now: datetime) -> Proposal:
    """Put a role that is asked for down; whoever calls has checked it and writes the trail."""
    asked = Proposal(
        person_id=person.id, role=role, area_id=area_id, from_on=from_on, state=ProposalState.WAITING,
        proposed_by=by.name, proposed_by_id=by.id if by.kind == "person" else None, proposed_at=now,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(asked)
    except IntegrityError:  # somebody else has asked for it at this very instant
        raise Refused(f"{ROLES[role].label}刚才有人提请过了，请再核对一遍。") from None
    return asked


def grant(proposals: Sequence[Proposal], *, by: Actor, now: datetime) -> int:
    """Grant what was asked for, all of it or nothing; a day that has passed becomes today. Returns how many."""
    if not proposals:
        raise Refused("请先在要授予的行前打勾。")
    hold(proposals[0].person, *(one.person_id for one in proposals))
    for one in proposals:
        _not_ones_own(one, by)
        _decide(one, ProposalState.GRANTED, reason="", by=by, now=now)
        begins = max(one.from_on, now.date())
        try:
            give_role(one.person, role=one.role, area=one.area, from_on=begins, by=by, now=now)
        except Refused as refused:
            raise Refused(f"{one.person.name}：{refused.sentence}一行也没有授予。") from refused
    return len(proposals)


def decline(proposal: Proposal, *, reason: str, by: Actor, now: datetime) -> None:
    """Do not grant what was asked for, and say why."""
    hold(proposal.person)
    _not_ones_own(proposal, by)
    _decide(proposal, ProposalState.DECLINED, reason=reason, by=by, now=now)
    words = f"{proposal.area.name} · {ROLES[proposal.role].label}：{reason}"
    note(proposal.person, EventKind.DECLINED, words, by=by, now=now)
    role, area = role_words(proposal.role), proposal.area.code
    record("accounts.decline", f"person:{proposal.person_id}", by=by, now=now, role=role, area=area, reason=reason)


def withdraw(proposal: Proposal, *, reason: str = "", by: Actor, now: datetime) -> None:
    """Take back what was asked for."""
    hold(proposal.person)
    _decide(proposal, ProposalState.WITHDRAWN, reason=reason, by=by, now=now)
    role, area = role_words(proposal.role), proposal.area.code
    record("accounts.withdraw", f"person:{proposal.person_id}", by=by, now=now, role=role, area=area)


def obstacles(proposals: Sequence[Proposal], *, on: date) -> dict[int, str]:
    """Why some of these could not be granted as things stand: proposal → sentence; one query for all."""
    ids = {one.person_id for one in proposals}
    held: dict[int, list[str]] = {number: [] for number in ids}
    standing = select(PersonRole.person_id, PersonRole.role).where(
        PersonRole.person_id.in_(ids), or_(PersonRole.until_on.is_(None), PersonRole.until_on > on)
    )
    for number, role in db.session.execute(standing):
        held[number].append(role)
    found = {
        one.id: rules.role_refusal(one.role, level=one.area.kind.value, held=held[one.person_id]) for one in proposals
    }
    return {number: sentence for number, sentence in found.items() if sentence}


def _not_ones_own(proposal: Proposal, by: Actor) -> None:
    if refusal := rules.deciding_refusal(
        decider=by.id if by.kind == "person" else None, asker=proposal.proposed_by_id, person=proposal.person_id
    ):
        raise Refused(refusal)


def _decide(proposal: Proposal, state: ProposalState, *, reason: str, by: Actor, now: datetime) -> None:
    """Decide once: two who press at the same moment decide one thing."""
    claim = (
        update(Proposal)
        .where(Proposal.id == proposal.id, Proposal.state == ProposalState.WAITING)
        .values(state=state, decided_by=by.name, decided_at=now, reason=reason)
    )
    claimed = db.session.execute(claim.execution_options(synchronize_session=False))
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(DONE)
    db.session.refresh(proposal)
