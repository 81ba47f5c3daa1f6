"""What reminders ask of pledges: which lapse on a day, where shops have not signed, what waits to be confirmed, whose
operator has changed. Each is asked once a day at most, since days are what it is owed with."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, bindparam, exists, func, select

from portal.accounts.models import Authority, Person
from portal.accounts.terms import PersonState
from portal.areas.models import Area
from portal.ground.can import Can
from portal.ground.db import rows
from portal.merchants.models import Shop, ShopEvent, Tenure
from portal.merchants.terms import EventKind
from portal.papers.models import Paper
from portal.pledges.models import Pledge
from portal.pledges.queries.standing import standing_of
from portal.pledges.queries.todo import running
from portal.pledges.terms import PledgeState, Standing

#: Columns of I13 in which a shop has still to sign.
TO_SIGN = (Standing.UNSIGNED.value, Standing.RENEW.value)


class Lapsing(NamedTuple):
    """A pledge that will lapse: `until_on` is exclusive."""

    id: int
    shop_id: int
    shop: str
    shop_number: str
    grid_id: int
    until_on: date


def lapsing(until_days: Collection[date]) -> list[Lapsing]:
    """Pledges whose term ends on these days (exclusive ends), by index; held until they are written (FOR SHARE)."""
    found = (
        select(Pledge.id, Shop.id, Shop.sign_name, Shop.number, Shop.grid_id, Pledge.until_on)
        .join(Shop, Shop.id == Pledge.shop_id)
        .join(Tenure, Tenure.id == Pledge.tenure_id)
        .where(Pledge.until_on.in_(sorted(until_days)), running())
        .order_by(Pledge.until_on, Pledge.id)
        .with_for_update(read=True, of=Pledge)
    )
    return [Lapsing(*row) for row in rows(found)]


@cache
def _still_running() -> Select[int]:
    return (
        select(Pledge.id)
        .join(Shop, Shop.id == Pledge.shop_id)
        .join(Tenure, Tenure.id == Pledge.tenure_id)
        .where(Pledge.id.in_(bindparam("ids", expanding=True)), running())
        .with_for_update(read=True, of=Pledge)
    )


def still_running(ids: Collection[int]) -> set[int]:
    """Those of the pledges that still have to be renewed."""
    return {row[0] for row in rows(_still_running(), {"ids": list(ids)})}


def to_sign(today: date) -> Mapping[int, tuple[int, int]]:
    """Grid → how many of its shops have still to sign, and how many of these had signed before; one select."""
    word = standing_of(today)
    found = select(Shop.grid_id, word, func.count()).where(word.in_(TO_SIGN)).group_by(Shop.grid_id, word)
    counts: dict[int, tuple[int, int]] = {}
    for grid_id, column, count in rows(found):
        total, renew = counts.get(grid_id, (0, 0))
        counts[grid_id] = total + count, renew + (count if column == Standing.RENEW.value else 0)
    return counts


def still_to_sign(grids: Collection[int], today: date) -> set[int]:
    """Those of the grids in which some shop has still to sign; each is left at its first."""
    some = exists(select(1).where(Shop.grid_id == Area.id, standing_of(today).in_(TO_SIGN))).correlate(Area)
    return {row[0] for row in rows(select(Area.id).where(Area.id.in_(grids), some))}


class Received(NamedTuple):
    """A paper pledge that waits for 甲方: where, and since when."""

    id: int
    grid_id: int
    at: datetime


def received() -> list[Received]:
    """Every pledge that waits to be confirmed, the oldest first: they are few."""
    found = (
        select(Pledge.id, Shop.grid_id, Paper.requested_at)
        .join(Shop, Shop.id == Pledge.shop_id)
        .join(Paper, Paper.id == Pledge.paper_id)
        .join(Tenure, Tenure.id == Pledge.tenure_id)
        .where(Pledge.state == PledgeState.WAITING, Tenure.until_on.is_(None))
        .order_by(Paper.requested_at)
    )
    return [Received(*row) for row in rows(found)]


def confirming(grids: Collection[int], on: date) -> Mapping[int, tuple[int, ...]]:
    """Grid → the people who may confirm for 甲方 in it on a day: those of the grid and its community (rules 10)."""
    parent = {row.id: row.parent_id for row in rows(select(Area.id, Area.parent_id).where(Area.id.in_(grids)))}
    areas = {*parent, *parent.values()} - {None}
    found = rows(
        select(Authority.area_id, Authority.person_id)
        .join(Person, Person.id == Authority.person_id)
        .where(
            Authority.key == Can.PLEDGES_CONFIRM.value,
            Authority.area_id.in_(areas),
            Authority.from_on <= on,
            Authority.until_on > on,
            Person.state == PersonState.ACTIVE,
        )
        .order_by(Authority.person_id)
    )
    return {
        grid: tuple(dict.fromkeys(person for area, person in found if area in (grid, above)))
        for grid, above in parent.items()
    }


class Taken(NamedTuple):
    """A shop whose operator has changed and who has not signed yet: since when that is known, and the tenure."""

    tenure_id: int
    shop_id: int
    shop: str
    shop_number: str
    grid_id: int
    at: datetime


def taken_over(today: date, *, since: datetime) -> list[Taken]:
    """Shops whose operator changed after `since` and that have to be signed anew (待换签)."""
    known = func.max(ShopEvent.at)
    found = (
        select(Tenure.id, Shop.id, Shop.sign_name, Shop.number, Shop.grid_id, known)
        .join(ShopEvent, ShopEvent.shop_id == Shop.id)
        .join(Tenure, (Tenure.shop_id == Shop.id) & Tenure.until_on.is_(None))
        .where(ShopEvent.kind == EventKind.OPERATOR, ShopEvent.at > since)
        .where(standing_of(today) == Standing.RENEW.value)
        .group_by(Tenure.id, Shop.id)
        .order_by(known)
    )
    return [Taken(*row) for row in rows(found)]


def still_taken_over(tenures: Collection[int], today: date) -> set[int]:
    """Those of the tenures that are current and have still to sign anew."""
    found = (
        select(Tenure.id)
        .join(Shop, Shop.id == Tenure.shop_id)
        .where(Tenure.id.in_(tenures), Tenure.until_on.is_(None), standing_of(today) == Standing.RENEW.value)
    )
    return {row[0] for row in rows(found)}


def ids_of(subjects: Sequence[str]) -> list[int]:
    """The numbers of subjects: pledge:17 → 17."""
    return [int(subject.partition(":")[2]) for subject in subjects]
