"""Demonstration people: somebody in every role, invented and marked 演示. All have the password `PASSWORD`."""

from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from sqlalchemy import or_, select

from portal.accounts.models import Authority, Login, Person, PersonEvent, PersonRole, Proposal
from portal.accounts.services import hash_password
from portal.accounts.services.passwords import matches
from portal.accounts.terms import MARK, ROLES, EventKind, LoginOutcome, PersonState, ProposalState
from portal.areas.models import Area
from portal.areas.terms import AreaKind
from portal.ground.can import Can
from portal.ground.db import db

PASSWORD = "Osmanthus-2026"  # noqa: S105 (demonstration only; production refuses the demonstration office)

#: Account, name, role; where "" is the office, "community" and "grid" the first of their kind.
LEADING = [
    ("staff", "周敏（演示）", "community_staff", "community"),
    ("grid", "李晓梅（演示）", "grid_worker", "grid"),
    ("secretary", "陈国栋（演示）", "secretary", "community"),
    ("office", "何静（演示）", "campaign_office", ""),
    ("leader", "吴远山（演示）", "leader", ""),
    ("command", "郑佳（演示）", "command_post", ""),
    ("section", "冯一鸣（演示）", "section", ""),
    ("enforcement", "魏刚（演示）", "enforcement", ""),
    ("supervisor", "沈清（演示）", "supervisor", ""),
    ("market", "韩梅（演示）", "market_manager", ""),
    ("team", "罗桂芳（演示）", "volunteer_leader", "community"),
    ("volunteer", "田秀英（演示）", "volunteer", "community"),
    ("admin", "程海（演示）", "system_admin", ""),
    ("security", "邓宁（演示）", "security_admin", ""),
    ("auditor", "曹莉（演示）", "auditor", ""),
]
#: People beside them: account, name, state, role that is held or asked for, where; what happened.
BESIDE = [
    (
        "wangqiang",
        "王强（演示）",
        PersonState.LEFT,
        "grid_worker",
        "MY-03",
        "调到县城管局，手里没有要交接的",
    ),
    ("luoyan", "罗燕（演示）", PersonState.LEFT, "community_staff", "MD", "合同到期，没有要交接的"),
    ("xiefang", "谢芳（演示）", PersonState.LOCKED, "section", "", "产假，到明年三月"),
    ("gaoyuan", "高远（演示）", PersonState.LOCKED, "grid_worker", "SB-02", "太久没有登录"),
    ("zhangwei", "张伟（演示）", PersonState.ACTIVE, "", "", ""),
    ("maimaiti", "买买提·吐尔逊江·阿卜杜热合曼（演示）", PersonState.ACTIVE, "community_staff", "XF", ""),
    ("ouyang.nana", "欧阳娜娜（演示）", PersonState.ACTIVE, "supervisor", "", ""),
]
#: Who handles what the office's sections are given: account, name, code of the section.
IN_SECTIONS = [
    ("k01", "蒋文（演示）", "K01"),
    ("k02", "唐丽（演示）", "K02"),
    ("k03", "袁立（演示）", "K03"),
    ("k04", "彭秀兰（演示）", "K04"),
    ("k05", "傅刚（演示）", "K05"),
    ("k06", "任远航（演示）", "K06"),
    ("k07", "龙志强（演示）", "K07"),
    ("k08", "汪晓燕（演示）", "K08"),
    ("k09", "侯敏（演示）", "K09"),
    ("k10", "白建国（演示）", "K10"),
]
#: Roles that wait for 安全管理员: account, name, role, where.
ASKED = [
    ("liuyang", "刘洋（演示）", "grid_worker", "BM-04"),
    ("chenjie", "陈洁（演示）", "community_staff", "XQ"),
    ("zhaolei", "赵磊（演示）", "grid_worker", "GY-02"),
    ("sunli", "孙丽（演示）", "volunteer_leader", "GH"),
]
CONFIRMING = ("community_staff", "grid_worker", "secretary", "campaign_office")


def build(ctx: Any) -> None:
    """Seat the demonstration people: the leading ones above, and staff for every community and grid."""
    areas = list(db.session.scalars(select(Area).order_by(Area.code)))
    office = next(a for a in areas if a.kind is AreaKind.OFFICE)
    parts = [a for a in areas if a.kind in (AreaKind.COMMUNITY, AreaKind.VILLAGE)]
    grids = [a for a in areas if a.kind is AreaKind.GRID]
    home = next((a for a in parts if a.code == "MY"), parts[0])
    home_grids = [a for a in grids if a.parent_id == home.id]
    places = {"": office, "community": home, "grid": home_grids[0]}
    secret = hash_password(PASSWORD)
    seats = [(login, name, role, places[where]) for login, name, role, where in LEADING]
    for part in parts:
        code = part.code.lower()
        seats += [(f"{code}-{n}", _name(ctx), "community_staff", part) for n in (1, 2)]
        if part is not home:
            seats.append((f"{code}-secretary", _name(ctx), "secretary", part))
    seats += [(g.code.lower(), _name(ctx), "grid_worker", g) for g in grids if g is not home_grids[0]]
    for login, name, role, area in seats:
        _seat(ctx, login, name, role, area, secret)
    by_code = {area.code: area for area in areas}
    _beside(ctx, by_code | {"": office}, secret)
    for login, name, code in IN_SECTIONS:
        _seat(ctx, login, name, "section", by_code.get(code, office), secret)
    db.session.flush()
    _use(ctx)


def _beside(ctx: Any, areas: dict[str, Area], secret: str) -> None:
    """Those who have left, are locked, or wait for a role; and somebody with a long name."""
    asker = db.session.scalars(select(Person).where(Person.login == "admin")).one()
    for login, name, state, role, where, words in BESIDE:
        person = _person(ctx, login, name, secret)
        person.state = state
        if role:
            since = ctx.now.date() - timedelta(days=300)
            held = PersonRole(role=role, area=areas.get(where, areas[""]), from_on=since, granted_by="邓宁（演示）")
            if state is PersonState.LEFT:
                held.until_on, held.ended_by = ctx.now.date() - timedelta(days=20), asker.name
            person.roles.append(held)
        if words:
            db.session.flush()
            kind = EventKind.LEFT if state is PersonState.LEFT else EventKind.LOCKED
            at = ctx.now - timedelta(days=20)
            db.session.add(PersonEvent(person_id=person.id, at=at, kind=kind, text=words, by=asker.name))
    for days, (login, name, role, where) in enumerate(ASKED):
        person = _person(ctx, login, name, secret)
        at = ctx.now - timedelta(days=days, hours=2)
        person.created_at = person.password_set_at = at
        db.session.flush()
        db.session.add(PersonEvent(person_id=person.id, at=at, kind=EventKind.CREATED, by=asker.name))
        db.session.add(
            Proposal(
                person_id=person.id, role=role, area_id=areas.get(where, areas[""]).id, from_on=ctx.now.date(),
                state=ProposalState.WAITING, proposed_by=asker.name, proposed_by_id=asker.id, proposed_at=at,
            )
        )  # fmt: skip


def _use(ctx: Any) -> None:
    """Telephones, and logins of the last weeks; chance of its own, so that lower rooms' data stay as they are."""
    chance = Random(20261125)
    waiting = {login for login, *_ in ASKED}
    for person in db.session.scalars(select(Person).order_by(Person.id)):
        person.phone = f"1{chance.choice('3578')}{chance.randrange(10**9):09}"
        if person.login in waiting or person.state is not PersonState.ACTIVE:
            person.must_change = person.login in waiting
            continue
        last = _working_hour(ctx.now - timedelta(days=chance.randrange(1, 30)), chance)
        person.last_login_at = last
        for days in sorted(chance.sample(range(1, 20), 2), reverse=True):
            at = _working_hour(last - timedelta(days=days), chance)
            db.session.add(_login(person, at, LoginOutcome.WRONG if chance.random() < 0.1 else LoginOutcome.OK))
        db.session.add(_login(person, last, LoginOutcome.OK))


def _working_hour(at: datetime, chance: Random) -> datetime:
    return at.replace(hour=chance.randrange(8, 18), minute=chance.randrange(60))


def _login(person: Person, at: datetime, outcome: LoginOutcome) -> Login:
    return Login(at=at, person_id=person.id, address=f"192.168.1.{20 + person.id % 200}", outcome=outcome)


def _person(ctx: Any, login: str, name: str, secret: str) -> Person:
    begun = ctx.now - timedelta(days=450)
    person = Person(
        login=login, name=name, password_hash=secret, password_set_at=ctx.now, must_change=False, created_at=begun
    )
    db.session.add(person)
    return person


def _seat(ctx: Any, login: str, name: str, role: str, area: Area, secret: str) -> None:
    since = ctx.now.date() - timedelta(days=450)
    person = _person(ctx, login, name, secret)
    person.roles.append(PersonRole(role=role, area=area, from_on=since, granted_by="邓宁（演示）"))
    if role in CONFIRMING:
        db.session.add(
            Authority(
                person=person,
                key=Can.PLEDGES_CONFIRM.value,
                area=area,
                from_on=since,
                until_on=since + timedelta(days=1095),
                basis="街道办事处授权书〔2025〕1号（演示）",
                granted_by="邓宁（演示）",
                granted_at=ctx.now,
            )
        )


def _name(ctx: Any) -> str:
    return f"{ctx.faker.name()}{MARK}"


def still_open() -> list[str]:
    """Return the demonstration accounts here that `PASSWORD` still opens, whatever the folder's mark says."""
    leading = [login for login, *_ in LEADING]
    found = db.session.execute(
        select(Person.login, Person.password_hash).where(or_(Person.login.in_(leading), Person.name.endswith(MARK)))
    )
    opens = cache(lambda kept: matches(kept, PASSWORD))  # they all had one hash; each is slow to check
    return sorted(login for login, kept in found if opens(kept))


def logins() -> list[str]:
    """Return lines that name the demonstration logins, for the console."""
    lines = [f"  {login:12} {ROLES[role].label}　{name}" for login, name, role, _where in LEADING]
    return [*lines, f"  password of all: {PASSWORD}"]
