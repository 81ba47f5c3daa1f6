"""Demonstration people: somebody in every role, invented and marked 演示. All have the password `PASSWORD`."""

from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import or_, select

from portal.accounts.models import Authority, Person, PersonRole
from portal.accounts.services import hash_password
from portal.accounts.services.passwords import matches
from portal.accounts.terms import ROLES
from portal.areas.models import Area
from portal.areas.terms import AreaKind
from portal.ground.can import Can
from portal.ground.db import db

PASSWORD = "Osmanthus-2026"  # noqa: S105 (demonstration only; production refuses the demonstration office)

MARKED = "（演示）"

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


def _seat(ctx: Any, login: str, name: str, role: str, area: Area, secret: str) -> None:
    since = ctx.now.date() - timedelta(days=450)
    person = Person(
        login=login, name=name, password_hash=secret, password_set_at=ctx.now, must_change=False, created_at=ctx.now
    )
    person.roles.append(PersonRole(role=role, area=area, from_on=since, granted_by="邓宁（演示）"))
    db.session.add(person)
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
    return f"{ctx.faker.name()}{MARKED}"


def still_open() -> list[str]:
    """Return the demonstration accounts here that `PASSWORD` still opens, whatever the folder's mark says."""
    leading = [login for login, *_ in LEADING]
    found = db.session.execute(
        select(Person.login, Person.password_hash).where(or_(Person.login.in_(leading), Person.name.endswith(MARKED)))
    )
    opens = cache(lambda kept: matches(kept, PASSWORD))  # they all had one hash; each is slow to check
    return sorted(login for login, kept in found if opens(kept))


def logins() -> list[str]:
    """Return lines that name the demonstration logins, for the console."""
    lines = [f"  {login:12} {ROLES[role].label}　{name}" for login, name, role, _where in LEADING]
    return [*lines, f"  password of all: {PASSWORD}"]
