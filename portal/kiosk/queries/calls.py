"""Whoever serves a machine, and the calls from it: 叫工作人员."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, true
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person, PersonRole
from portal.accounts.terms import PersonState
from portal.areas.models import Area
from portal.areas.terms import AreaKind
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import Moment, db, rows
from portal.kiosk.models import Attendant, Call, Device
from portal.kiosk.terms import COMING, TRY_WINDOW, CallState

#: Who serves a hall when nobody is named: the role, by the kind of area that the hall belongs to.
SERVING = {
    AreaKind.OFFICE: "campaign_office",
    AreaKind.SECTION: "section",
    AreaKind.COMMUNITY: "community_staff",
    AreaKind.VILLAGE: "community_staff",
    AreaKind.GRID: "grid_worker",
}


def role_of(kind: AreaKind) -> str:
    """The role whose holders serve a hall of this kind of area."""
    return SERVING[kind]


def hall() -> ColumnElement[int]:
    """The area whose people serve a machine: the one that was named, else where it stands."""
    return func.coalesce(Device.hall_id, Device.area_id)


def attendants(device_id: int) -> Select[Attendant]:
    """Who is named for a machine now, the longest first."""
    found = select(Attendant).where(Attendant.device_id == device_id, Attendant.until_at.is_(None))
    return found.options(joinedload(Attendant.person)).order_by(Attendant.since_at, Attendant.id)


def attending(device_id: int, person_id: int) -> Select[Attendant]:
    """Somebody's standing at a machine, where it goes on."""
    return attendants(device_id).where(Attendant.person_id == person_id)


def count_attended(person_id: int) -> int:
    """How many machines in use somebody is named for."""
    return len(rows(attended(person_id)))


def attended(person_id: int) -> Select[int, int]:
    """The machines in use that somebody is named for: (the row that names them, the machine)."""
    found = select(Attendant.id, Attendant.device_id).join(Device, Device.id == Attendant.device_id)
    return found.where(
        Attendant.person_id == person_id, Attendant.until_at.is_(None), Device.retired_at.is_(None)
    ).order_by(Attendant.id)


def standing_in(area_id: int, _now: datetime) -> int:
    """How many machines in use stand in an area or are served from it: they keep it from being closed."""
    here = or_(Device.area_id == area_id, Device.hall_id == area_id)
    return db.session.scalar(select(func.count()).where(here, Device.retired_at.is_(None))) or 0


class Calling(NamedTuple):
    """A call that nobody has answered, and who is told: somebody who is named, else (None) the hall's role."""

    id: int
    called_at: datetime
    device: str
    area_id: int
    kind: AreaKind
    person_id: int | None


@cache
def _since() -> Select[*tuple[Any, ...]]:
    named = and_(Attendant.device_id == Device.id, Attendant.until_at.is_(None))
    after, until = bindparam("after", type_=Moment()), bindparam("until", type_=Moment())
    return (
        select(Call.id, Call.called_at, Device.name, Area.id, Area.kind, Attendant.person_id)
        .join(Device, Device.id == Call.device_id)
        .join(Area, Area.id == hall())
        .outerjoin(Attendant, named)
        .where(Call.called_at > after, Call.called_at <= until, *_open())
        .order_by(Call.id)
    )


def since(moment: datetime, now: datetime) -> list[Calling]:
    """Calls of (moment, now] that wait, one line for each person who is named: by index, and nothing else."""
    return [Calling(*row) for row in rows(_since(), {"after": moment, "until": now})]


def _open() -> tuple[ColumnElement[bool], ...]:
    return Call.answered_at.is_(None), Call.lapsed_at.is_(None)


def open_ids(call_ids: Sequence[int]) -> set[int]:
    """Those of the calls that still wait."""
    return {row[0] for row in rows(select(Call.id).where(Call.id.in_(list(call_ids)), *_open()))}


def call(call_id: int) -> Select[Call]:
    """One call with its machine."""
    return select(Call).where(Call.id == call_id).options(joinedload(Call.device))


def visible_calls(actor: Actor, *, on: date) -> Select[Call]:
    """Calls that are somebody's business: of machines that they are named for, or that nobody is named for in a hall
    where they hold a role, or that they keep."""
    mine = exists().where(Attendant.device_id == Device.id, Attendant.until_at.is_(None)).correlate(Device)
    named = mine.where(Attendant.person_id == actor.id)
    seated = exists().where(
        PersonRole.person_id == actor.id,
        PersonRole.area_id == hall(),
        PersonRole.from_on <= on,
        or_(PersonRole.until_on.is_(None), PersonRole.until_on > on),
    )
    reach = actor.reach(Can.KIOSK_KEEP)
    kept = or_(
        Area.id.in_(sorted(reach.communities)), Area.id.in_(sorted(reach.grids)),
        Area.parent_id.in_(sorted(reach.communities)),
    )  # fmt: skip
    whose = true() if reach.everything else or_(named, and_(~mine, seated), kept)
    return (
        select(Call)
        .join(Call.device)
        .join(Device.area)
        .where(whose)
        .options(joinedload(Call.device).joinedload(Device.area))
    )


def recent(actor: Actor, *, now: datetime, most: int = 30) -> list[Call]:
    """The calls that wait, the oldest first, then those of the last day, the newest first."""
    mine = visible_calls(actor, on=now.date())
    waiting = db.session.scalars(mine.where(*_open()).order_by(Call.called_at)).all()
    ended = mine.where(or_(Call.answered_at.is_not(None), Call.lapsed_at.is_not(None)))
    ended = ended.where(Call.called_at > now - timedelta(days=1)).order_by(Call.called_at.desc()).limit(most)
    return [*waiting, *db.session.scalars(ended).all()]


def calls_of(device_id: int, *, now: datetime) -> int:
    """How often somebody has called from a machine lately: the throttle."""
    found = select(func.count()).where(Call.device_id == device_id, Call.called_at > now - TRY_WINDOW)
    return db.session.scalar(found) or 0


def said_to(device_id: int, *, now: datetime) -> CallState:
    """What the machine may say of its newest call."""
    newest = select(Call.answered_at, Call.lapsed_at).where(Call.device_id == device_id)
    found = rows(newest.order_by(Call.called_at.desc(), Call.id.desc()).limit(1))
    if not found:
        return CallState.NONE
    [(answered, lapsed)] = found
    if answered is None:
        return CallState.NONE if lapsed is not None else CallState.CALLED
    return CallState.COMING if now - answered < COMING else CallState.NONE


def able(person_id: int) -> Select[Person]:
    """Somebody who can log in."""
    return select(Person).where(Person.id == person_id, Person.state == PersonState.ACTIVE)
