"""Accounts, roles and authorities: given, taken back, locked and opened again (rules 6, 7 and 10)."""

from datetime import date, datetime

from sqlalchemy import delete, func, select, update

from portal.accounts import queries, rules
from portal.accounts.models import Authority, Person, PersonRole
from portal.accounts.services import passwords
from portal.accounts.terms import ROLES, PersonState
from portal.areas import queries as areas
from portal.areas.models import Area
from portal.audit.services import record
from portal.ground.actor import SYSTEM, Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.throttle import Failure


def add(*, login: str, name: str, role: str, area: Area, secret: passwords.OneTime, by: Actor, now: datetime) -> Person:
    """Make an account with its first role and a one-time password. `Refused` when the account name is taken."""
    if fault := rules.login_fault(login):
        raise Refused(fault, field="login")
    if db.session.scalars(queries.by_login(login)).one_or_none() is not None:
        raise Refused(f"账号 {login} 已经有了。", field="login")
    person = Person(
        login=login,
        name=name,
        password_hash=secret.password_hash,
        password_set_at=now,
        must_change=True,
        created_at=now,
    )
    db.session.add(person)
    db.session.flush()
    record("accounts.add", f"person:{person.id}", by=by, now=now, login=login)
    give_role(person, role=role, area=area, from_on=now.date(), by=by, now=now)
    return person


def give_role(person: Person, *, role: str, area: Area, from_on: date, by: Actor, now: datetime) -> PersonRole:
    """Give a role within an area from a day on. `Refused`: unknown role, wrong level, or duties that stand apart."""
    if role not in ROLES:
        raise Refused(f"没有“{role}”这个角色。", field="role")
    _hold(person)
    if person.state is PersonState.LEFT:
        raise Refused("此人已离岗，请先恢复账号。")
    standing = list(db.session.scalars(queries.standing_roles(person.id, on=now.date())))
    if any(one.role == role and one.area_id == area.id for one in standing):
        raise Refused(f"此人在{area.name}已经是{ROLES[role].label}。", field="role")
    if refusal := rules.role_refusal(role, level=area.kind.value, held=[one.role for one in standing]):
        raise Refused(refusal, field="role")
    given = PersonRole(person_id=person.id, role=role, area_id=area.id, from_on=from_on, granted_by=by.name)
    db.session.add(given)
    record("accounts.give_role", f"person:{person.id}", by=by, now=now, role=_role_words(role), area=area.code)
    return given


def end_role(person: Person, *, role: str, area: Area, by: Actor, now: datetime) -> None:
    """Take a role back from today on; authorities that it no longer carries end with it."""
    _hold(person)
    today = now.date()
    standing = db.session.scalars(queries.standing_roles(person.id, on=today))
    ended = [one for one in standing if one.role == role and one.area_id == area.id]
    if not ended:
        raise Refused(f"此人在{area.name}不是{ROLES[role].label if role in ROLES else role}。", field="role")
    for one in ended:
        one.until_on = max(today, one.from_on)
    db.session.flush()
    record("accounts.end_role", f"person:{person.id}", by=by, now=now, role=_role_words(role), area=area.code)
    for authority in db.session.scalars(queries.authorities(person.id, on=today)):
        if _covering(person.id, authority.area, on=today) is None:
            revoke_authority(authority, by=by, now=now)


def grant_authority(
    person: Person, *, area: Area, from_on: date, until_on: date, basis: str, by: Actor, now: datetime
) -> Authority:
    """Give 甲方 authority: from when until when (exclusive), where, and on what paper (rules 10).

    `Refused` when the person's roles do not carry it there.
    """
    _hold(person)
    held = [role for role, *_ in queries.current_roles(person.id, on=from_on)]
    refusal = rules.authority_refusal(
        held=held,
        within_roles=any(Can.PLEDGES_CONFIRM in ROLES[role].keys for role in held),
        covered=_covering(person.id, area, on=from_on) is not None,
        ordered=until_on > max(from_on, now.date()),
    )
    if refusal:
        raise Refused(refusal)
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
    authority.until_on = max(authority.from_on, now.date())
    record("accounts.revoke_authority", f"person:{authority.person_id}", by=by, now=now, authority=authority.id)


def unlock(person: Person, *, by: Actor, now: datetime) -> None:
    """Open an account again: dormant, left, or shut by wrong passwords from whatever address."""
    _hold(person)
    was = person.state
    person.state, person.unlocked_at = PersonState.ACTIVE, now
    _forgive_everywhere(person.login)
    record("accounts.unlock", f"person:{person.id}", by=by, now=now, was=was.value)


def reset_password(person: Person, *, secret: passwords.OneTime, by: Actor, now: datetime) -> None:
    """Set a one-time password that must be changed; all sessions of the person end."""
    _hold(person)
    passwords.keep_old(person.id, person.password_hash, now=now)
    person.password_hash, person.password_set_at, person.must_change = secret.password_hash, now, True
    person.epoch += 1
    _forgive_everywhere(person.login)
    record("accounts.reset_password", f"person:{person.id}", by=by, now=now)


def leave(person: Person, *, by: Actor, now: datetime) -> None:
    """Shut the account of somebody who leaves: no login, no session, no role, no authority from today on."""
    _hold(person)
    person.state = PersonState.LEFT
    person.epoch += 1
    today = now.date()
    for role in db.session.scalars(queries.standing_roles(person.id, on=today)):
        role.until_on = max(today, role.from_on)
    for authority in db.session.scalars(queries.authorities(person.id, on=today)):
        revoke_authority(authority, by=by, now=now)
    record("accounts.leave", f"person:{person.id}", by=by, now=now)


def lock_dormant(person_id: int, *, now: datetime) -> None:
    """Lock an account that was not used for too long (rules 6, Accounts)."""
    changed = db.session.execute(
        update(Person)
        .where(Person.id == person_id, Person.state == PersonState.ACTIVE)
        .values(state=PersonState.LOCKED, version=Person.version + 1)
    )
    if changed.rowcount:  # type: ignore[attr-defined]
        record("accounts.lock", f"person:{person_id}", by=SYSTEM, now=now, because="dormant")


def seat_first(*, now: datetime) -> passwords.OneTime | None:
    """Seat the first administrator `admin` where nobody has an account yet; returns the password to print, once."""
    if db.session.scalar(select(func.count()).select_from(Person)):
        return None
    office = db.session.scalars(areas.office()).one()
    secret = passwords.one_time("admin")
    add(login="admin", name="系统管理员", role="system_admin", area=office, secret=secret, by=SYSTEM, now=now)
    return secret


def _role_words(role: str) -> str:
    """A role as the trail keeps it: its code for good, and what it was called."""
    return f"{role} {ROLES[role].label}"


def _hold(person: Person) -> None:
    """Let one at a time decide about a person: duties that stand apart must not be given in two transactions."""
    db.session.flush()
    db.session.refresh(person, with_for_update=True)


def _covering(person_id: int, area: Area, *, on: date) -> str | None:
    """Return the role that carries `pledges.confirm` in an area on a day, None without."""
    within = [area.id, area.parent_id, area.parent.parent_id if area.parent else None]
    roles = queries.current_roles(person_id, on=on)
    carrying = (role for role, area_id, *_ in roles if Can.PLEDGES_CONFIRM in ROLES[role].keys and area_id in within)
    return next(carrying, None)


def _forgive_everywhere(login: str) -> None:
    account = queries.failure_door(login, "").account
    db.session.execute(delete(Failure).where(Failure.scope.startswith(account, autoescape=True)))
