"""Logging in and out: a try is judged with no transaction that writes, then written in a short one (rules 6, Login)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update

from portal.accounts import queries, rules
from portal.accounts.models import EndedSession, Login, Person
from portal.accounts.services import passwords
from portal.accounts.services.people import lock_dormant
from portal.accounts.terms import (
    ABSOLUTE_HOURS,
    ABSOLUTE_MOST,
    ADDRESS_FAILURES,
    DORMANT_DAYS,
    FAILURE_MINUTES,
    FAILURES,
    FAILURES_KEPT,
    IDLE_MINUTES,
    IDLE_MINUTES_ADMINS,
    LOGINS_KEPT,
    PASSWORD_DAYS,
    UNKNOWN_TOLD,
    LoginOutcome,
    PersonState,
    Tries,
)
from portal.audit.services import record
from portal.audit.terms import Result
from portal.ground import throttle
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.settings import queries as settings

#: What the trail says once for many tries.
MORE_UNKNOWN = "同一台电脑还在试没有的账号，后面的不逐条记"
ADDRESS_SHUT = "同一台电脑试错太多，停了"
SENTENCES = {
    LoginOutcome.LOCKED: "账号已锁定，请找系统管理员解锁。",
    LoginOutcome.DORMANT: "账号太久没有登录，已经锁定。请找系统管理员解锁。",
    LoginOutcome.LEFT: "账号已停用。要恢复，请找系统管理员。",
}


@dataclass(frozen=True)
class Try:
    """A try to log in and how it ended; `until` is set while the account is shut from this address, or (`crowded`) the
    address to everybody.

    `left` counts the tries that remain after this one, `most` all of them. `door` is where failures are counted.
    `known`: such a try stands in the log already, and another one adds nothing.
    """

    outcome: LoginOutcome
    address: str
    door: queries.Door
    person_id: int | None = None
    password_hash: str | None = None
    rehashed: str | None = None
    until: datetime | None = None
    left: int = 0
    most: int = 0
    crowded: bool = False
    known: bool = False

    @property
    def sentence(self) -> str:
        """What the login page says: the same for an unknown account as for a wrong password."""
        if self.outcome in (LoginOutcome.WRONG, LoginOutcome.UNKNOWN):
            if self.until is None:
                return f"账号或密码不正确，还可再试 {self.left} 次。"
            return f"账号或密码不正确，已经错了 {self.most} 次。请 {self.until:%H:%M} 以后再试，或找系统管理员解锁。"
        if self.crowded:
            return (
                f"这台电脑（或同一出口的电脑）上试错太多次，哪个账号都要到 {self.until:%H:%M} 以后才能在这里登录；"
                "别的电脑不受影响。着急的话，请系统管理员在别的电脑上给您的账号点“解锁”，或在服务器上运行 "
                "flask people unlock 加您的账号，这台电脑就放行。"
            )
        if self.until is not None:
            return f"试错太多次，这个账号要到 {self.until:%H:%M} 以后才能再试。着急的话，请找系统管理员解锁。"
        return SENTENCES[self.outcome]

    @property
    def status(self) -> int:
        """How the login page answers."""
        return 429 if self.outcome is LoginOutcome.WAITING else 422

    @property
    def ok(self) -> bool:
        """Whether the person may come in."""
        return self.outcome is LoginOutcome.OK


def try_password(*, login: str, password: str, address: str, now: datetime) -> Try:
    """Judge a try; reads only, and takes as long for an unknown account as for a wrong password.

    That an account is locked or has left is said to nobody but who knows its password.
    """
    door = queries.failure_door(login, address)
    tries, crowd, dormant_days = _tries(DORMANT_DAYS, now=now)
    lock = rules.lock(queries.failure_times(door.scope, window=tries.window, now=now), tries=tries, now=now)
    person = db.session.scalars(queries.by_login(login)).one_or_none()
    person_id = person.id if person else None
    if lock.until is not None:
        return _waiting(address, door, person_id, until=lock.until, window=tries.window, now=now)
    shut = rules.lock(queries.failure_times(door.everybody, window=crowd.window, now=now), tries=crowd, now=now)
    if shut.until is not None:
        return _waiting(address, door, person_id, until=shut.until, window=tries.window, now=now, crowded=True)
    kept = person.password_hash if person else None
    right = passwords.matches(kept, password)  # asked first: without an account it takes as long
    if person is None or not right:
        outcome = LoginOutcome.WRONG if person else LoginOutcome.UNKNOWN
        until = None if lock.left > 1 else now + tries.window
        return Try(outcome, address, door, person_id, until=until, left=lock.left - 1, most=tries.most)
    outcome = _standing(person, dormant_days=dormant_days, now=now)
    stale = outcome is LoginOutcome.OK and passwords.hasher().check_needs_rehash(person.password_hash)
    return Try(outcome, address, door, person.id, kept, passwords.hash_password(password) if stale else None)


def _waiting(
    address: str, door: queries.Door, person_id: int | None, *, until: datetime, window: timedelta, now: datetime,
    crowded: bool = False,
) -> Try:  # fmt: skip
    stands = queries.tried(person_id, address, LoginOutcome.WAITING, since=now - window)
    return Try(LoginOutcome.WAITING, address, door, person_id, until=until, crowded=crowded, known=stands > 0)


def _tries(more: str, *, now: datetime) -> tuple[Tries, Tries, int]:
    """How often one may try an account, how often from one address, and the number of another setting: one query,
    since nobody has been identified yet."""
    most, all_of_them, minutes, number = settings.values(
        (FAILURES, ADDRESS_FAILURES, FAILURE_MINUTES, more), on=now.date()
    )
    window = timedelta(minutes=minutes)
    return Tries(most, window), Tries(all_of_them, window), number


def _standing(person: Person, *, dormant_days: int, now: datetime) -> LoginOutcome:
    if person.state is PersonState.LEFT:
        return LoginOutcome.LEFT
    if person.state is PersonState.LOCKED:
        return LoginOutcome.LOCKED
    used = max(at for at in (person.created_at, person.last_login_at, person.unlocked_at) if at is not None)
    return LoginOutcome.DORMANT if rules.is_dormant(last_used=used, now=now, days=dormant_days) else LoginOutcome.OK


def enter(found: Try, *, now: datetime) -> Person:
    """Let the person in: `Person` with its epoch, `must_change` set when the password is too old.

    `Refused` when the account was shut or changed while the password was being checked.
    """
    person = db.session.get_one(Person, found.person_id)
    tries, _crowd, days = _tries(PASSWORD_DAYS, now=now)
    times = queries.failure_times(found.door.scope, window=tries.window, now=now)
    shut = rules.lock(times, tries=tries, now=now).until
    if shut is not None or person.state is not PersonState.ACTIVE or person.password_hash != found.password_hash:
        raise Refused("账号刚才有变动，请重新登录。")
    told = rules.must_change(told=person.must_change, set_at=person.password_set_at, now=now, days=days)
    values: dict[str, object] = {"last_login_at": now, "must_change": told}
    if found.rehashed:
        values["password_hash"] = found.rehashed
    # Not through the row's version: a login is no edit that another editor must hear of.
    db.session.execute(update(Person).where(Person.id == person.id).values(**values))
    throttle.forgive(found.door.scope)
    db.session.add(Login(at=now, person_id=person.id, address=found.address, outcome=LoginOutcome.OK))
    by = Actor("person", person.id, person.name, address=found.address)
    record("accounts.login", f"person:{person.id}", by=by, now=now)
    db.session.refresh(person)
    return person


def note_failure(found: Try, *, now: datetime) -> None:
    """Write a failed try down: the counter, the log of logins and the trail; in a transaction of its own.

    Whoever guesses at accounts that do not exist fills neither: of an address and a window the first few stand there,
    and a line that more came. So does one try while the door is shut.
    """
    tries, crowd, _days = _tries(DORMANT_DAYS, now=now)
    # Asked for every account, so that one that does not exist takes as long; of others so many cannot be.
    before = queries.tried(found.person_id, found.address, found.outcome, since=now - tries.window)
    if found.person_id is not None:
        before = 0
    if before <= UNKNOWN_TOLD:
        db.session.add(Login(at=now, person_id=found.person_id, address=found.address, outcome=found.outcome))
    if found.outcome is LoginOutcome.WAITING:
        return  # it counts for nothing, and the trail has the five before it
    by = Actor("visitor", None, "未登录", address=found.address)
    subject = f"person:{found.person_id}" if found.person_id else f"account:{found.door.account[6:22]}"
    if found.outcome in (LoginOutcome.WRONG, LoginOutcome.UNKNOWN):
        throttle.failed(found.door.scope, now=now)
        throttle.failed(found.door.everybody, now=now)
        if before < UNKNOWN_TOLD:
            record("accounts.login", subject, by=by, now=now, result=Result.FAILED)
        elif before == UNKNOWN_TOLD:
            record("accounts.login", "door:accounts.login", by=by, now=now, result=Result.FAILED, because=MORE_UNKNOWN)
        db.session.flush()
        times = queries.failure_times(found.door.everybody, window=crowd.window, now=now)
        if rules.lock(times, tries=crowd, now=now).until is not None:
            record(
                "accounts.login",
                "door:accounts.login",
                by=by,
                now=now,
                result=Result.REFUSED,
                because=ADDRESS_SHUT,
                count=crowd.most,
            )
        return
    record("accounts.login", subject, by=by, now=now, result=Result.REFUSED, because=found.outcome.value)
    if found.outcome is LoginOutcome.DORMANT and found.person_id is not None:
        lock_dormant(found.person_id, now=now)


@dataclass(frozen=True)
class Living:
    """A session that stands: who acts in it, and how long it may lie idle."""

    actor: Actor
    idle: timedelta


def living_seat(
    person: queries.Sitter, *, epoch: int, begun: datetime, seen: datetime, address: str, now: datetime
) -> Living | None:
    """Return who acts in a session, None when it is over: ended, outdated, idle, too old, or no person in use."""
    if person.ended or person.epoch != epoch or person.state is not PersonState.ACTIVE:
        return None
    administrator = rules.is_administrator(held.role for held in person.roles)
    idle_key = IDLE_MINUTES_ADMINS if administrator else IDLE_MINUTES
    idle_minutes, hours = settings.values((idle_key, ABSOLUTE_HOURS), on=now.date())
    idle, absolute = timedelta(minutes=idle_minutes), timedelta(hours=hours)
    if rules.session_over(begun=begun, seen=seen, now=now, idle=idle, absolute=absolute):
        return None
    actor = queries.actor_of(person, on=now.date(), address=address, roles=person.roles)
    return Living(actor, idle)


def close_session(*, key: str, by: Actor, now: datetime, action: str = "accounts.logout") -> None:
    """End one session: its signed cookie, wherever a copy of it is, opens nothing any more."""
    if by.id is None:
        return
    db.session.execute(delete(EndedSession).where(EndedSession.ended_at < now - ABSOLUTE_MOST))
    if db.session.get(EndedSession, key) is None:
        db.session.add(EndedSession(key=key, person_id=by.id, ended_at=now))
    record(action, f"person:{by.id}", by=by, now=now)


def forget(*, now: datetime) -> int:
    """Drop what serves nobody any more: failures past every window, ended sessions that would be over anyway, and the
    log of logins after `LOGINS_KEPT` (rules 6, Audit: at least 180 days, a year by default). Returns how many rows.
    """
    old = [
        delete(EndedSession).where(EndedSession.ended_at < now - ABSOLUTE_MOST),
        delete(Login).where(Login.at < now - LOGINS_KEPT),
    ]
    gone = 0
    for one in old:
        gone += int(db.session.execute(one).rowcount)  # type: ignore[attr-defined]
    return gone + throttle.forget(before=now - FAILURES_KEPT)


def sessions_out(*, by: Actor, now: datetime) -> None:
    """全部下线: end every session of the person, this one among them."""
    db.session.execute(update(Person).where(Person.id == by.id).values(epoch=Person.epoch + 1))
    record("accounts.sessions_out", f"person:{by.id}", by=by, now=now)
