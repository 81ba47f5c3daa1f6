"""Accounts: made without a role, edited, locked and opened again, given a one-time password (rules 6, Accounts).

系统管理员 makes the account, 安全管理员 grants the role (`roles`, `proposals`): nobody does both.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from portal.accounts import queries, rules
from portal.accounts.models import Person
from portal.accounts.services import passwords
from portal.accounts.services.keeping import hold, keep_last, not_oneself, note, peers
from portal.accounts.services.roles import give_role
from portal.accounts.terms import EventKind, PersonState
from portal.areas import queries as areas
from portal.audit.services import record
from portal.ground.actor import SYSTEM, Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.sealed import looked_at
from portal.ground.throttle import Failure


def add(
    *, login: str, name: str, secret: passwords.OneTime, phone: str | None = None, by: Actor, now: datetime
) -> Person:
    """Make an account with a one-time password and no role. `Refused` when the account name is taken."""
    if fault := rules.login_fault(login):
        raise Refused(fault, field="login")
    if db.session.scalars(queries.by_login(login)).one_or_none() is not None:
        raise Refused(f"账号 {login} 已经有了。", field="login")
    person = build(login=login, name=name, phone=phone, password_hash=secret.password_hash, now=now)
    put([person])
    note(person, EventKind.CREATED, by=by, now=now)
    record("accounts.add", f"person:{person.id}", by=by, now=now, login=login)
    return person


def build(*, login: str, name: str, phone: str | None, password_hash: str, now: datetime) -> Person:
    """A new account, not yet put anywhere."""
    person = Person(
        login=login, name=name, password_hash=password_hash, password_set_at=now, must_change=True, created_at=now
    )
    person.phone = phone
    return person


def put(people: Sequence[Person]) -> None:
    """Put new accounts into the database. `Refused` when one of the names was taken at this very instant."""
    try:
        with db.session.begin_nested():
            db.session.add_all(people)
    except IntegrityError:
        raise Refused("有账号刚才被别人建了，请核对后再来。", field="login") from None


def edit(
    person: Person,
    *,
    name: str,
    phone: str | None,
    mail: str | None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> list[str]:
    """Change name, telephone or mail address; returns what changed, in words. `Refused` when somebody else was first.

    None takes a telephone or an address away.
    """
    hold(person, version=version)
    asked = (("姓名", "name", name), ("手机", "phone", phone), ("邮箱", "mail", mail))
    changed = [word for word, field, value in asked if looked_at(person, field) != value]
    if changed:
        person.name, person.phone, person.mail = name, phone, mail
        db.session.flush()
        note(person, EventKind.EDITED, "、".join(changed), by=by, now=now)
        record("accounts.edit", f"person:{person.id}", by=by, now=now, fields=changed)
    return changed


def lock(person: Person, *, reason: str, version: int | None = None, by: Actor, now: datetime) -> None:
    """Shut an account for the time being: no login, all sessions end; roles and what is held stay."""
    not_oneself(person, by, "不能锁定自己的账号，请另一位系统管理员办理。")
    today = now.date()
    hold(person, *peers(person, on=today), version=version)
    if person.state is not PersonState.ACTIVE:
        raise Refused(f"这个账号{person.state.label}，不用再锁。")
    keep_last(person, {role for role, *_ in queries.current_roles(person.id, on=today)}, on=today)
    person.state = PersonState.LOCKED
    person.epoch += 1
    note(person, EventKind.LOCKED, reason, by=by, now=now)
    record("accounts.lock", f"person:{person.id}", by=by, now=now, because="keeper", reason=reason)


def unlock(person: Person, *, version: int | None = None, by: Actor, now: datetime) -> None:
    """Open an account again: dormant, left, or shut by wrong passwords from whatever address; an address that is
    shut to everybody opens with it, where the account was tried from it."""
    hold(person, version=version)
    was = person.state
    person.state, person.unlocked_at = PersonState.ACTIVE, now
    _forgive_everywhere(person, now=now)
    kind = EventKind.RETURNED if was is PersonState.LEFT else EventKind.UNLOCKED
    note(person, kind, "" if was is not PersonState.ACTIVE else "密码试错太多，放行", by=by, now=now)
    record("accounts.unlock", f"person:{person.id}", by=by, now=now, was=was.value)


def reset_password(
    person: Person, *, secret: passwords.OneTime, version: int | None = None, by: Actor, now: datetime
) -> None:
    """Set a one-time password that must be changed; all sessions of the person end.

    `Refused` for 安全管理员 and 审计员, except by the server's command and where it is their first one.
    """
    not_oneself(person, by, "自己的密码请在“我的账号”里改。")
    hold(person, version=version)
    if person.state is PersonState.LEFT:
        raise Refused("此人已离岗，请先恢复账号。")
    held = {role for role, *_ in queries.current_roles(person.id, on=now.date())}
    if not person.slip_owed and (refusal := rules.reset_refusal(held, by_person=by.kind == "person")):
        raise Refused(refusal)
    passwords.keep_old(person.id, person.password_hash, now=now)
    person.password_hash, person.password_set_at, person.must_change = secret.password_hash, now, True
    person.epoch, person.slip_owed = person.epoch + 1, False
    _forgive_everywhere(person, now=now)
    note(person, EventKind.PASSWORD, by=by, now=now)
    record("accounts.reset_password", f"person:{person.id}", by=by, now=now)


def hand_out(
    people: Sequence[Person], secrets: Mapping[int, passwords.OneTime], *, by: Actor, now: datetime
) -> list[Person]:
    """Give their first passwords to people whom a sheet has brought; who has got one meanwhile is left out."""
    fresh = []
    for person in people:
        hold(person)
        if person.slip_owed:
            reset_password(person, secret=secrets[person.id], by=by, now=now)
            fresh.append(person)
    return fresh


def lock_dormant(person_id: int, *, now: datetime) -> None:
    """Lock an account that was not used for too long (rules 6, Accounts)."""
    changed = db.session.execute(
        update(Person)
        .where(Person.id == person_id, Person.state == PersonState.ACTIVE)
        .values(state=PersonState.LOCKED, version=Person.version + 1)
    )
    if changed.rowcount:  # type: ignore[attr-defined]
        note(db.session.get_one(Person, person_id), EventKind.LOCKED, "太久没有登录", by=SYSTEM, now=now)
        record("accounts.lock", f"person:{person_id}", by=SYSTEM, now=now, because="dormant")


def seat_first(*, now: datetime) -> passwords.OneTime | None:
    """Seat the first administrator `admin` where nobody has an account yet; returns the password to print, once."""
    if db.session.scalar(select(func.count()).select_from(Person)):
        return None
    office = db.session.scalars(areas.office()).one()
    secret = passwords.one_time("admin")
    person = add(login="admin", name="系统管理员", secret=secret, by=SYSTEM, now=now)
    give_role(person, role="system_admin", area=office, from_on=now.date(), by=SYSTEM, now=now)
    return secret


def fill_words() -> int:
    """Write down what people are found by who were there before there was a search; returns how many."""
    found = list(db.session.scalars(select(Person).where(Person.words.is_(None))))
    for person in found:
        person.name = person.name  # the words follow the name
    return len(found)


def _forgive_everywhere(person: Person, *, now: datetime) -> None:
    """Forget the failures of an account, and those of every address that is shut to it: from where it was tried."""
    account = queries.failure_door(person.login, "").account
    shut = queries.crowds_of(person.id, now=now)
    db.session.execute(
        delete(Failure).where(or_(Failure.scope.startswith(account, autoescape=True), Failure.scope.in_(shut)))
    )
