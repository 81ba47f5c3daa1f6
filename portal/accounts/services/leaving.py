"""离岗: whoever leaves hands over what they hold, in one step, and is shut out.

Each room says what somebody holds (`Holding` in its offers) and gives it to a taker by a service of its own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.accounts import queries, rules
from portal.accounts.models import Person, Proposal
from portal.accounts.services.keeping import hold, holdings, keep_last, not_oneself, note, peers
from portal.accounts.services.proposals import withdraw
from portal.accounts.services.roles import revoke_authority, stop
from portal.accounts.terms import EventKind, PersonState, ProposalState
from portal.areas.queries import places
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.declare import Holding
from portal.ground.errors import Refused


class Handing(NamedTuple):
    """What somebody who leaves would hand over: of which kind, how much, and who may take it."""

    holding: Holding
    much: int
    takers: list[queries.Taker]


def to_hand_over(person: Person, *, now: datetime) -> list[Handing]:
    """What somebody holds, and who may take it over: those whom `leave` would not refuse."""
    held = [(one, count) for one in holdings() if (count := one.count(person.id, now))]
    people = queries.takers(but=person.id, on=now.date()) if held else []
    near = queries.around(person.id, tree=places(), on=now.date()) if held else frozenset()
    found = []
    for one, count in held:
        roles = one.roles(person.id, now)
        able = [
            taker
            for taker in people
            if rules.taker_refusal(
                taker.name, label=one.label, state=PersonState.ACTIVE, oneself=False, posts=taker.posts, roles=roles,
                near=near,
            ) is None
        ]  # fmt: skip
        found.append(Handing(one, count, able))
    return found


def leave(
    person: Person, *, takers: Mapping[str, Person] | None = None, version: int | None = None, by: Actor, now: datetime
) -> dict[str, int]:
    """Shut the account of somebody who leaves: no login, no session, no role, no authority from today on.

    `takers` says by kind who takes over; returns how many things were handed over, by kind. `Refused`: something is
    held that nobody takes; a taker who cannot; the last 系统管理员, 安全管理员 or 审计员; oneself.
    """
    given = dict(takers or {})
    not_oneself(person, by, "自己离岗，请另一位系统管理员来办。")
    today = now.date()
    hold(person, *(taker.id for taker in given.values()), *peers(person, on=today), version=version)
    if person.state is PersonState.LEFT:
        raise Refused("此人已经离岗。")
    keep_last(person, {role for role, *_ in queries.current_roles(person.id, on=today)}, on=today)
    counts = _hand_over(person, given, by=by, now=now)
    person.state = PersonState.LEFT
    person.epoch += 1
    person.mail = None  # nothing is sent to whoever has left
    for role in db.session.scalars(queries.standing_roles(person.id, on=today)):
        stop(role, by=by, on=today)
    for authority in db.session.scalars(queries.authorities(person.id, on=today)):
        revoke_authority(authority, by=by, now=now)
    waiting = select(Proposal).where(Proposal.person_id == person.id, Proposal.state == ProposalState.WAITING)
    for proposal in db.session.scalars(waiting):
        withdraw(proposal, reason="此人已离岗", by=by, now=now)
    note(person, EventKind.LEFT, _words(counts, given), by=by, now=now)
    record(
        "accounts.leave", f"person:{person.id}", by=by, now=now,
        counts=counts, takers={key: taker.id for key, taker in given.items() if counts.get(key)},
    )  # fmt: skip
    return counts


def _hand_over(person: Person, takers: Mapping[str, Person], *, by: Actor, now: datetime) -> dict[str, int]:
    """Give everything away, and see that nothing is left."""
    kinds = holdings()
    held = [(one, one.count(person.id, now)) for one in kinds]
    orphaned = [(one.label, one.unit, count) for one, count in held if count and one.key not in takers]
    if refusal := rules.leaving_refusal(orphaned):
        raise Refused(refusal)
    near = queries.around(person.id, tree=places(), on=now.date())
    counts: dict[str, int] = {}
    for one, count in held:
        if not count:
            continue
        taker = takers[one.key]
        posts = [(role.role, role.area_id) for role in queries.current_roles(taker.id, on=now.date())]
        if refusal := rules.taker_refusal(
            taker.name, label=one.label, state=taker.state, oneself=taker.id == person.id, posts=posts,
            roles=one.roles(person.id, now), near=near,
        ):  # fmt: skip
            raise Refused(refusal)
        counts[one.key] = one.hand_over(giver=person.id, taker=taker.id, by=by, now=now)
        note(taker, EventKind.RECEIVED, f"{person.name}的{one.label} {counts[one.key]} {one.unit}", by=by, now=now)
    db.session.flush()
    left = [(one.label, one.unit, count) for one in kinds if (count := one.count(person.id, now))]
    if refusal := rules.leaving_refusal(left):
        raise Refused(refusal)
    return counts


def _words(counts: Mapping[str, int], takers: Mapping[str, Person]) -> str:
    """交接：未办的提醒 3 条给王芳"""
    parts = [
        f"{one.label} {counts[one.key]} {one.unit}给{takers[one.key].name}" for one in holdings() if counts.get(one.key)
    ]
    return "交接：" + "；".join(parts) if parts else "没有要交接的"
