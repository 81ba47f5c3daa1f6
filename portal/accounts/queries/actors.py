"""Reading people: the actor that a person is, and the authority under which somebody confirms."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Date, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Authority, EndedSession, Login, OldPassword, Person, PersonRole
from portal.accounts.terms import (
    FAILURE_MINUTES,
    FAILURES,
    PASSWORD_CLASSES,
    PASSWORD_LEAST,
    PASSWORD_LEAST_ADMINS,
    ROLES,
    LoginOutcome,
    PasswordRule,
    PersonState,
    Tries,
)
from portal.areas.models import Area
from portal.areas.terms import AreaKind
from portal.ground import marks
from portal.ground.actor import EVERYWHERE, NOWHERE, Actor, Reach
from portal.ground.can import Can
from portal.ground.db import db, rows
from portal.ground.sealed import sealer
from portal.ground.throttle import Failure
from portal.settings import queries as settings


class HeldRole(NamedTuple):
    """A role that is good on a day, and where."""

    role: str
    area_id: int
    kind: AreaKind
    area: str


class Sitter(NamedTuple):
    """What every request asks of the person in a session; `ended`: that session was logged out."""

    id: int
    name: str
    state: PersonState
    epoch: int
    must_change: bool
    ended: bool
    roles: Sequence[HeldRole]


def by_login(login: str) -> Select[Person]:
    """The person with this account name."""
    return select(Person).where(Person.login == login)


def reach_of(kind: AreaKind, area_id: int) -> Reach:
    """Return what a grant within an area reaches: a section has no ground of its own and works for the whole."""
    if kind in (AreaKind.OFFICE, AreaKind.SECTION):
        return EVERYWHERE
    if kind is AreaKind.GRID:
        return Reach(grids=frozenset({area_id}))
    return Reach(communities=frozenset({area_id}))


@cache
def _current_roles() -> Select[str, int, AreaKind, str]:
    """The statement of `current_roles`, made once."""
    day = bindparam("day", type_=Date())
    return (
        select(PersonRole.role, Area.id, Area.kind, Area.name)
        .join(Area, Area.id == PersonRole.area_id)
        .where(
            PersonRole.person_id == bindparam("person_id"),
            PersonRole.from_on <= day,
            or_(PersonRole.until_on.is_(None), PersonRole.until_on > day),
        )
        .order_by(PersonRole.id)
    )


def current_roles(person_id: int, *, on: date) -> list[HeldRole]:
    """The roles that are good on a day."""
    return [HeldRole(*row) for row in db.session.execute(_current_roles(), {"person_id": person_id, "day": on})]


def actor_of(person: Person | Sitter, *, on: date, address: str = "", roles: Sequence[HeldRole] | None = None) -> Actor:
    """Return the actor that a person is on a day: keys with their reach, added up over all roles.

    `roles` saves the query where the day's roles are known.
    """
    roles = current_roles(person.id, on=on) if roles is None else roles
    reaches: defaultdict[Can, Reach] = defaultdict(lambda: NOWHERE)
    for role, area_id, kind, _name in roles:
        for key in ROLES[role].keys:
            reaches[key] |= reach_of(kind, area_id)
    return Actor("person", person.id, person.name, _title(roles), dict(reaches), address)


def _title(roles: Iterable[HeldRole]) -> str:
    """明月社区 · 社区工作人员"""
    return "；".join(f"{name} · {ROLES[role].label}" for role, _area, _kind, name in roles)


def authority(person_id: int, *, area: Area, on: date, key: Can = Can.PLEDGES_CONFIRM) -> Authority | None:
    """Return the authority under which a person may confirm for 甲方 in a grid on a day (rules 10), None without."""
    within = [area.id, area.parent_id, area.parent.parent_id if area.parent else None]
    return db.session.scalars(
        select(Authority)
        .where(
            Authority.person_id == person_id,
            Authority.key == key.value,
            Authority.area_id.in_([one for one in within if one is not None]),
            Authority.from_on <= on,
            Authority.until_on > on,
        )
        .options(joinedload(Authority.area))
        .order_by(Authority.from_on.desc(), Authority.id.desc())
        .limit(1)
    ).first()


def old_passwords(person_id: int, *, most: int) -> Select[str]:
    """Hashes that a person used before, the newest first, `most` of them."""
    return (
        select(OldPassword.password_hash)
        .where(OldPassword.person_id == person_id)
        .order_by(OldPassword.id.desc())
        .limit(most)
    )


#: How many columns of `_by_session` are the person's; a role and the marks follow.
_SITTER, _ROLE = 6, 4


@cache
def _by_session() -> Select[Any]:
    """The statement of `by_session`, made once: every request asks it, and nothing else of who is there."""
    day = bindparam("day", type_=Date())
    good = and_(
        PersonRole.person_id == Person.id,
        PersonRole.from_on <= day,
        or_(PersonRole.until_on.is_(None), PersonRole.until_on > day),
    )
    ended = exists().where(EndedSession.key == bindparam("key"))
    return (
        select(Person.id, Person.name, Person.state, Person.epoch, Person.must_change, ended)
        .add_columns(PersonRole.role, Area.id, Area.kind, Area.name, *marks.columns())
        .outerjoin(PersonRole, good)
        .outerjoin(Area, Area.id == PersonRole.area_id)
        .where(Person.id == bindparam("person_id"))
        .order_by(PersonRole.id)
    )


def by_session(person_id: int, key: str, *, on: date) -> Sitter | None:
    """Return who a session belongs to, whether it has been ended, and the roles that are good on a day, in one query;
    None when there is no such person. The marks come with it.
    """
    found = rows(_by_session(), {"person_id": person_id, "key": key, "day": on})
    if not found:
        return None
    marks.note(found[0][_SITTER + _ROLE :])
    roles = [HeldRole(*row[_SITTER : _SITTER + _ROLE]) for row in found if row[_SITTER] is not None]
    return Sitter._make([*found[0][:_SITTER], roles])


def standing_roles(person_id: int, *, on: date) -> Select[PersonRole]:
    """Roles that are good on a day or will be later: what a new role must go together with."""
    return select(PersonRole).where(
        PersonRole.person_id == person_id, or_(PersonRole.until_on.is_(None), PersonRole.until_on > on)
    )


def authorities(person_id: int, *, on: date) -> Select[Authority]:
    """Authorities that have not ended on a day, the oldest first."""
    return (
        select(Authority)
        .where(Authority.person_id == person_id, Authority.until_on > on)
        .options(joinedload(Authority.area))
        .order_by(Authority.id)
    )


class Door(NamedTuple):
    """The counters of failures: of one account from one address (in two parts), and of the address; keyed digests."""

    account: str
    scope: str
    everybody: str


def failure_door(login: str, address: str) -> Door:
    """Return where the failures of an account from an address are counted, whether the account exists or not."""
    account = f"login:{sealer().index(login, 'accounts.login')[:40]}:"
    place = sealer().index(address, "accounts.address")[:40]
    return Door(account, account + place, f"logins:{place}")


def tries(*, on: date) -> Tries:
    """How often an account may be tried on a day."""
    most, minutes = settings.values((FAILURES, FAILURE_MINUTES), on=on)
    return Tries(most, timedelta(minutes=minutes))


def password_rule(*, administrator: bool, on: date) -> PasswordRule:
    """What a new password needs on a day."""
    length = PASSWORD_LEAST_ADMINS if administrator else PASSWORD_LEAST
    return PasswordRule(*settings.values((length, PASSWORD_CLASSES), on=on))


def failure_times(scope: str, *, window: timedelta, now: datetime) -> list[datetime]:
    """The failures that can still shut a door for `window` (rules.lock)."""
    since = now - 2 * window
    return list(db.session.scalars(select(Failure.at).where(Failure.scope == scope, Failure.at > since)))


def last_logins(person_id: int, *, limit: int = 10) -> Select[Login]:
    """The newest tries to log in to a person's account."""
    return select(Login).where(Login.person_id == person_id).order_by(Login.at.desc(), Login.id.desc()).limit(limit)


def tried(person_id: int | None, address: str, outcome: LoginOutcome, *, since: datetime) -> int:
    """How many tries that ended so the log holds of an account (None: of those that do not exist) from an address."""
    found = select(func.count()).where(
        Login.person_id == person_id, Login.at > since, Login.address == address, Login.outcome == outcome
    )
    return db.session.scalar(found) or 0


def posts(person_id: int, *, on: date) -> list[tuple[str, str]]:
    """A person's roles on a day as words: (role, area)."""
    return [(ROLES[role].label, name) for role, _area, _kind, name in current_roles(person_id, on=on)]
