"""Who may confirm for 甲方, and whose papers a pledge's are."""

from datetime import date, datetime

from sqlalchemy import (
    Select,
    select,
)

from portal.accounts.models import Authority, Person
from portal.accounts.queries import authority
from portal.accounts.terms import PersonState
from portal.areas.models import Area
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.kiosk import queries as kiosk
from portal.merchants.queries import within
from portal.papers.models import Paper
from portal.pledges.models import Pledge


def authority_in(actor: Actor, grid: Area, *, on: date) -> Authority | None:
    """Return the actor's own dated authority to confirm for 甲方 in a grid, None without."""
    return None if actor.kind != "person" or actor.id is None else authority(actor.id, area=grid, on=on)


def confirmers(grid: Area, *, on: date) -> list[str]:
    """Return the names of the people who may confirm for 甲方 in a grid on a day, the nearest first."""
    chain = [grid.id, grid.parent_id, grid.parent.parent_id if grid.parent else None]
    found = db.session.execute(
        select(Person.name, Authority.area_id)
        .join(Authority, Authority.person_id == Person.id)
        .where(
            Authority.key == Can.PLEDGES_CONFIRM.value,
            Authority.area_id.in_([one for one in chain if one is not None]),
            Authority.from_on <= on,
            Authority.until_on > on,
            Person.state == PersonState.ACTIVE,
        )
    )
    return list(dict.fromkeys(name for name, _area in sorted(found, key=lambda row: (chain.index(row[1]), row[0]))))


def papers_of(actor: Actor, key: Can, now: datetime) -> Select[int]:
    """Ids of the papers that an actor may see or make: those of the shops within reach, for a device its journey's."""
    if actor.kind == "device":
        return select(Paper.id).where(Paper.id == (kiosk.paper_of(actor, now) or 0))
    return select(Pledge.paper_id).join(Pledge.shop).where(within(actor, key))
