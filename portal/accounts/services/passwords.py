"""Passwords: hashing, changing one's own, and one-time passwords to hand over on paper.

Argon2 is slow on purpose. What hashes here is called before a transaction may write, never under its lock.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import current_app
from sqlalchemy import delete, select, update

from portal.accounts import queries, rules
from portal.accounts.models import OldPassword, Person
from portal.accounts.terms import PASSWORD_HISTORY, PASSWORD_LEAST_MOST, PasswordRule
from portal.audit.services import record
from portal.audit.terms import Result
from portal.ground import throttle
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.settings import queries as settings

#: No look-alikes (0 O 1 l I), nothing that needs the shift key twice on paper.
#: Four kinds of signs: small letters, capitals, digits, hyphens.
_ONE_TIME = PasswordRule(PASSWORD_LEAST_MOST, 4)
_LOWER, _UPPER, _DIGITS = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"


@cache
def _hasher(time_cost: int, memory_cost: int, parallelism: int) -> PasswordHasher:
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_cost, parallelism=parallelism)


def hasher() -> PasswordHasher:
    """Return Argon2id with the configured cost (`PASSWORD_COST`; cheap in tests alone)."""
    cost: Mapping[str, int] = current_app.config["PASSWORD_COST"]
    return _hasher(cost["time_cost"], cost["memory_cost"], cost["parallelism"])


@cache
def _nobody(_cost: tuple[tuple[str, int], ...]) -> str:
    return hasher().hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password, with its parameters in it. Slow: not under the write lock."""
    return hasher().hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Tell whether a password is the one of the hash; without a hash it takes as long and says no (rules 6, Login)."""
    kept = password_hash or _nobody(tuple(sorted(current_app.config["PASSWORD_COST"].items())))
    try:
        return hasher().verify(kept, password) and password_hash is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


@dataclass(frozen=True)
class OneTime:
    """A password to hand over on paper, and its hash. It must be changed at the first login."""

    password: str
    password_hash: str


def nobodys() -> str:
    """Return the hash of a password that nobody knows; it takes as long to try as any other (rules 6, Login)."""
    return hash_password(secrets.token_hex(16))


def one_time(login: str) -> OneTime:
    """Make a one-time password that meets every rule: 14 signs in three groups, about 75 bits."""
    while True:
        signs = [secrets.choice(_LOWER + _UPPER + _DIGITS) for _ in range(12)]
        password = "-".join("".join(signs[i : i + 4]) for i in (0, 4, 8))
        if not rules.password_faults(password, login=login, rule=_ONE_TIME):
            return OneTime(password, hash_password(password))


@dataclass(frozen=True)
class Change:
    """A change of password, ready to be written: what it replaces, and the new hash."""

    person_id: int
    old_hash: str
    new_hash: str


def prepare_change(*, by: Actor, current: str, new: str, now: datetime) -> Change:
    """Check a person's own new password and hash it; reads only, takes its time.

    `Refused` names the field: `current` when the old one is wrong, `new` when the new one breaks a rule (rules 6,
    Password): length, classes, blocklist, account name, the last ones.
    """
    person = db.session.get_one(Person, by.id)
    until = _lock(person, by.address, now=now).until
    if until is not None:
        raise Refused(f"现在的密码错得太多，请 {until:%H:%M} 以后再试。", field="current")
    if not matches(person.password_hash, current):
        raise Refused("现在的密码不正确。", field="current")
    held = [role for role, *_ in queries.current_roles(person.id, on=now.date())]
    rule = queries.password_rule(administrator=rules.is_administrator(held), on=now.date())
    faults = rules.password_faults(new, login=person.login, rule=rule)
    if faults:
        raise Refused("".join(faults), field="new")
    most = settings.value(PASSWORD_HISTORY, on=now.date())
    old = [person.password_hash, *db.session.scalars(queries.old_passwords(person.id, most=most))]
    if any(matches(one, new) for one in old):
        raise Refused(f"最近用过的 {most} 个密码不能再用。", field="new")
    return Change(person.id, person.password_hash, hash_password(new))


def note_wrong_current(*, by: Actor, now: datetime) -> None:
    """Count a wrong present password like a failed login: a session left open is no place to guess."""
    person = db.session.get_one(Person, by.id)
    if _lock(person, by.address, now=now).until is not None:
        return
    throttle.failed(queries.failure_door(person.login, by.address).scope, now=now)
    record("accounts.password", f"person:{person.id}", by=by, now=now, result=Result.FAILED)


def _lock(person: Person, address: str, *, now: datetime) -> rules.Lock:
    door = queries.failure_door(person.login, address)
    tries = queries.tries(on=now.date())
    return rules.lock(queries.failure_times(door.scope, window=tries.window, now=now), tries=tries, now=now)


def change(prepared: Change, *, by: Actor, now: datetime) -> int:
    """Write a prepared change: the old hash goes to the history, all other sessions end. Returns the new epoch."""
    fresh = db.session.execute(
        update(Person)
        .where(Person.id == prepared.person_id, Person.password_hash == prepared.old_hash)
        .values(
            password_hash=prepared.new_hash,
            password_set_at=now,
            must_change=False,
            epoch=Person.epoch + 1,
            version=Person.version + 1,
        )
        .returning(Person.epoch)
    ).scalar_one_or_none()
    if fresh is None:
        raise Refused("密码刚才已经在别处改过，请用新密码重新登录。")
    keep_old(prepared.person_id, prepared.old_hash, now=now)
    record("accounts.password", f"person:{prepared.person_id}", by=by, now=now)
    return fresh


def keep_old(person_id: int, password_hash: str, *, now: datetime) -> None:
    """Put a replaced hash into the history, and drop what is beyond it."""
    db.session.add(OldPassword(person_id=person_id, password_hash=password_hash, replaced_at=now))
    db.session.flush()
    kept = select(OldPassword.id).where(OldPassword.person_id == person_id).order_by(OldPassword.id.desc())
    keep = list(db.session.scalars(kept.limit(settings.value(PASSWORD_HISTORY, on=now.date()))))
    db.session.execute(delete(OldPassword).where(OldPassword.person_id == person_id, OldPassword.id.not_in(keep)))
