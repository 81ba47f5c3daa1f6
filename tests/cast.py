"""The standing cast: a small office that every test knows.

Areas: office GX; community MY 明月社区 with grids MY-01 and MY-02; village SB 石坝村 with grid SB-01.
People (account → role, where); the password of all is `PASSWORD`, and nobody has to change it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.accounts import queries
from portal.accounts.models import Authority, Person, PersonRole
from portal.accounts.services import hash_password
from portal.areas.models import Area
from portal.areas.terms import AreaKind, AreaType
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db

PASSWORD = "Osmanthus-2026"

AREAS = [
    ("GX", None, AreaKind.OFFICE, "桂溪街道", None),
    ("MY", "GX", AreaKind.COMMUNITY, "明月社区", None),
    ("MY-01", "MY", AreaKind.GRID, "一网格", AreaType.KEY),
    ("MY-02", "MY", AreaKind.GRID, "二网格", AreaType.BACKSTREET),
    ("SB", "GX", AreaKind.VILLAGE, "石坝村", None),
    ("SB-01", "SB", AreaKind.GRID, "一网格", AreaType.RURAL),
]
PEOPLE = [
    ("admin", "系统（演示）", "system_admin", "GX"),
    ("security", "安全（演示）", "security_admin", "GX"),
    ("auditor", "审计（演示）", "auditor", "GX"),
    ("leader", "领导（演示）", "leader", "GX"),
    ("office", "专项（演示）", "campaign_office", "GX"),
    ("command", "指挥（演示）", "command_post", "GX"),
    ("section", "科室（演示）", "section", "GX"),
    ("enforcement", "执法（演示）", "enforcement", "GX"),
    ("secretary", "书记（演示）", "secretary", "MY"),
    ("staff", "周敏（演示）", "community_staff", "MY"),
    ("grid", "李网格（演示）", "grid_worker", "MY-01"),
    ("market", "市集（演示）", "market_manager", "GX"),
    ("leader_volunteer", "队长（演示）", "volunteer_leader", "MY"),
    ("volunteer", "桑榆（演示）", "volunteer", "MY"),
    ("supervisor", "督查（演示）", "supervisor", "GX"),
    ("village", "村干部（演示）", "community_staff", "SB"),
]
AUTHORISED = [("staff", "MY"), ("grid", "MY-01"), ("village", "SB"), ("office", "GX")]


def seat(now: datetime) -> None:
    """Put areas, people, roles and authorities into an empty database."""
    areas: dict[str, Area] = {}
    for code, parent, kind, name, area_type in AREAS:
        area = Area(code=code, kind=kind, name=name, area_type=area_type, parent=areas.get(parent or ""))
        areas[code] = area
        db.session.add(area)
    secret = hash_password(PASSWORD)
    people: dict[str, Person] = {}
    for login, name, role, where in PEOPLE:
        person = Person(
            login=login,
            name=name,
            password_hash=secret,
            password_set_at=now,
            must_change=False,
            created_at=now,
        )
        person.roles.append(
            PersonRole(role=role, area=areas[where], from_on=date(2026, 3, 30), granted_by="安全（演示）")
        )
        people[login] = person
        db.session.add(person)
    for login, where in AUTHORISED:
        db.session.add(
            Authority(
                person=people[login],
                key=Can.PLEDGES_CONFIRM.value,
                area=areas[where],
                from_on=date(2026, 3, 30),
                until_on=date(2027, 3, 30),
                basis="街道授权〔2026〕1号（演示）",
                granted_by="安全（演示）",
                granted_at=now,
            )
        )


@dataclass
class Cast:
    """The cast as actors: `cast["staff"]`; areas by code: `cast.areas["MY-01"]`."""

    actors: dict[str, Actor]
    people: dict[str, Person]
    areas: dict[str, Area]

    @classmethod
    def load(cls, now: datetime) -> "Cast":
        """Read the cast from the database."""
        people = {p.login: p for p in db.session.scalars(select(Person))}
        actors = {login: queries.actor_of(p, on=now.date(), address="127.0.0.1") for login, p in people.items()}
        return cls(actors, people, {a.code: a for a in db.session.scalars(select(Area))})

    def __getitem__(self, login: str) -> Actor:
        return self.actors[login]
