"""Roles and authorities: given and taken back, by somebody else, within an area, from a day on (rules 6, 7 and 10)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select

from portal.accounts import queries, rules
from portal.accounts.models import Authority, Person, PersonRole
from portal.accounts.services.keeping import hold, holdings, keep_last, not_oneself, peers
from portal.accounts.terms import ROLES, PersonState
from portal.areas.models import Area
from portal.areas.queries import places
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.declare import Holding
from portal.ground.errors import Refused

NOT_ONESELF = "不能给自己授权，请另一位安全管理员办理。"


def give_role(person: Person, *, role: str, area: Area, from_on: date, by: Actor, now: datetime) -> PersonRole:
    """Give a role within an area from a day on.

    `Refused`: unknown role, wrong level, duties that stand apart, to oneself, from a day that has passed (the command
    line may say since when somebody has been there).
    """
    refuse_role(person, role=role, area=area, by=by, now=now)
    if by.kind == "person" and from_on < now.date():
        raise Refused("起始日不能早于今天。", field="from_on")
    given = db.session.scalars(_same_day(person.id, role, area.id, from_on)).one_or_none()
    if given is None:
        given = PersonRole(person_id=person.id, role=role, area_id=area.id, from_on=from_on)
        db.session.add(given)
    given.until_on, given.granted_by, given.ended_by = None, by.name, None
    db.session.flush()
    record("accounts.give_role", f"person:{person.id}", by=by, now=now, role=role_words(role), area=area.code)
    return given


def refuse_role(person: Person, *, role: str, area: Area, by: Actor, now: datetime) -> None:
    """Refuse a role that cannot be given to a person; holds the person."""
    if role not in ROLES:
        raise Refused(f"没有“{role}”这个角色。", field="role")
    not_oneself(person, by, NOT_ONESELF)
    if area.closed_at is not None:
        raise Refused(f"{area.name}已经撤销，请选别的地方。", field="area")
    hold(person)
    if person.state is PersonState.LEFT:
        raise Refused("此人已离岗，请先恢复账号。")
    standing = list(db.session.scalars(queries.standing_roles(person.id, on=now.date())))
    if any(one.role == role and one.area_id == area.id for one in standing):
        raise Refused(f"此人在{area.name}已经是{ROLES[role].label}。", field="role")
    if refusal := rules.role_refusal(role, level=area.kind.value, held=[one.role for one in standing]):
        raise Refused(refusal, field="role")


def end_role(person: Person, *, role: str, area: Area, by: Actor, now: datetime) -> list[tuple[Holding, int]]:
    """Take a role back from today on; authorities that it no longer carries end with it.

    Returns what stays with them though it could no longer go to them there, and how much: it is theirs still, and
    whoever takes the role back sees that somebody takes it over.
    """
    today = now.date()
    hold(person, *peers(person, on=today))
    standing = db.session.scalars(queries.standing_roles(person.id, on=today))
    ended = [one for one in standing if one.role == role and one.area_id == area.id]
    if not ended:
        raise Refused(f"此人在{area.name}不是{ROLES[role].label if role in ROLES else role}。", field="role")
    keep_last(person, [one.role for one in ended if one.from_on <= today], on=today)
    for one in ended:
        stop(one, by=by, on=today)
    db.session.flush()
    left = _left_with(person, area, now=now) if any(one.from_on <= today for one in ended) else []
    stays: dict[str, Any] = {"left": {one.key: count for one, count in left}} if left else {}
    record("accounts.end_role", f"person:{person.id}", by=by, now=now, role=role_words(role), area=area.code, **stays)
    for authority in db.session.scalars(queries.authorities(person.id, on=today)):
        if _covering(person.id, authority.area, on=today) is None:
            revoke_authority(authority, by=by, now=now)
    return left


def _left_with(person: Person, area: Area, *, now: datetime) -> list[tuple[Holding, int]]:
    """What somebody holds that could not go to them round an area, by the roles that they have left."""
    posts = [(one.role, one.area_id) for one in queries.current_roles(person.id, on=now.date())]
    near = places().around([area.id])
    held = [(one, count) for one in holdings() if (count := one.count(person.id, now))]
    return [
        (one, count)
        for one, count in held
        if rules.taker_refusal(
            person.name, label=one.label, state=PersonState.ACTIVE, oneself=False, posts=posts,
            roles=one.roles(person.id, now), near=near,
        )
    ]  # fmt: skip


def stop(role: PersonRole, *, by: Actor, on: date) -> None:
    """End a role on a day; one that has not begun was never held."""
    role.until_on, role.ended_by = max(on, role.from_on), by.name


def grant_authority(
    person: Person, *, area: Area, from_on: date, until_on: date, basis: str, by: Actor, now: datetime
) -> Authority:
    """Give 甲方 authority: from when until when (exclusive), where, and on what paper (rules 10).

    `Refused` when the person's roles do not carry it there, or to oneself.
    """
    not_oneself(person, by, NOT_ONESELF)
    hold(person)
    if person.state is PersonState.LEFT:
        raise Refused("此人已离岗，请先恢复账号。")
    held = [role for role, *_ in queries.current_roles(person.id, on=from_on)]
    refusal = rules.authority_refusal(
        held=held,
        within_roles=any(Can.PLEDGES_CONFIRM in ROLES[role].keys for role in held),
        covered=_covering(person.id, area, on=from_on) is not None,
        ordered=until_on > max(from_on, now.date()),
    )
    if refusal:
        raise Refused(refusal)
    if by.kind == "person" and from_on < now.date():
        raise Refused("授权的开始日不能早于今天。", field="from_on")
    standing = db.session.scalars(queries.authorities(person.id, on=from_on))
    if any(one.area_id == area.id and one.from_on < until_on for one in standing):
        raise Refused(f"此人在{area.name}已有授权，日期和它重叠。要改期限，请先收回原来的。")
    given = Authority(
        person_id=person.id,
        key=Can.PLEDGES_CONFIRM.value,
        area_id=area.id,
        from_on=from_on,
        until_on=until_on,
        basis=basis,
        granted_by=by.name,
        granted_at=now,
    )
    db.session.add(given)
    db.session.flush()
    record(
        "accounts.grant_authority", f"person:{person.id}", by=by, now=now, authority=given.id, area=area.code,
        from_on=from_on.isoformat(), until_on=until_on.isoformat(), basis=basis,
    )  # fmt: skip
    return given


def revoke_authority(authority: Authority, *, by: Actor, now: datetime) -> None:
    """End an authority today."""
    if authority.until_on <= now.date():
        raise Refused("这份授权已经结束。")
    authority.until_on, authority.revoked_by = max(authority.from_on, now.date()), by.name
    record("accounts.revoke_authority", f"person:{authority.person_id}", by=by, now=now, authority=authority.id)


def role_words(role: str) -> str:
    """A role as the trail keeps it: its code for good, and what it was called."""
    return f"{role} {ROLES[role].label}"


def _same_day(person_id: int, role: str, area_id: int, from_on: date) -> Select[PersonRole]:
    """A role that was given and taken back from the same day on: it is given again, not twice."""
    return select(PersonRole).where(
        PersonRole.person_id == person_id,
        PersonRole.role == role,
        PersonRole.area_id == area_id,
        PersonRole.from_on == from_on,
    )


def _covering(person_id: int, area: Area, *, on: date) -> str | None:
    """Return the role that carries `pledges.confirm` in an area on a day, None without."""
    within = [area.id, area.parent_id, area.parent.parent_id if area.parent else None]
    roles = queries.current_roles(person_id, on=on)
    carrying = (role for role, area_id, *_ in roles if Can.PLEDGES_CONFIRM in ROLES[role].keys and area_id in within)
    return next(carrying, None)
