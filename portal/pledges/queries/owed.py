"""What reminders ask of pledges: which lapse on a day, where shops have not signed, what waits to be confirmed; whose
operator has changed is in `renewing`. Each is asked once a day at most, since days are what it is owed with."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Date, Select, bindparam, exists, func, select

from portal.accounts.models import Authority, Person
from portal.accounts.terms import PersonState
from portal.areas.models import Area
from portal.ground.can import Can
from portal.ground.db import rows
from portal.merchants.models import Shop, Tenure
from portal.papers.models import Paper
from portal.pledges.models import Pledge
from portal.pledges.queries.standing import standing_of
from portal.pledges.queries.todo import running, waiting
from portal.pledges.terms import CONFIRM_DAYS, Standing
from portal.settings import queries as settings
from portal.worktime import queries as worktime

#: Columns of I13 in which a shop has still to sign.
TO_SIGN = (Standing.UNSIGNED.value, Standing.RENEW.value)
_TODAY = bindparam("today", type_=Date())


class Lapsing(NamedTuple):
    """A pledge that will lapse: `until_on` is exclusive."""

    id: int
    shop_id: int
    shop: str
    shop_number: str
    grid_id: int
    until_on: date


@cache
def _lapsing() -> Select[*tuple[Any, ...]]:
    return (
        select(Pledge.id, Shop.id, Shop.sign_name, Shop.number, Shop.grid_id, Pledge.until_on)
        .join(Shop, Shop.id == Pledge.shop_id)
        .join(Tenure, Tenure.id == Pledge.tenure_id)
        .where(Pledge.until_on.in_(bindparam("days", expanding=True)), running())
        .order_by(Pledge.until_on, Pledge.id)
        .with_for_update(read=True, of=Pledge)
    )


def lapsing(until_days: Collection[date]) -> list[Lapsing]:
    """Pledges whose term ends on these days (exclusive ends), by index; held until they are written (FOR SHARE)."""
    return [Lapsing(*row) for row in rows(_lapsing(), {"days": sorted(until_days)})]


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


@cache
def _to_sign() -> Select[int, str, int]:
    word = standing_of(_TODAY)
    return select(Shop.grid_id, word, func.count()).where(word.in_(TO_SIGN)).group_by(Shop.grid_id, word)


def to_sign(today: date) -> Mapping[int, tuple[int, int]]:
    """Grid → how many of its shops have still to sign, and how many of these had signed before; one select."""
    counts: dict[int, tuple[int, int]] = {}
    for grid_id, column, count in rows(_to_sign(), {"today": today}):
        total, renew = counts.get(grid_id, (0, 0))
        counts[grid_id] = total + count, renew + (count if column == Standing.RENEW.value else 0)
    return counts


@cache
def _still_to_sign() -> Select[int]:
    some = exists(select(1).where(Shop.grid_id == Area.id, standing_of(_TODAY).in_(TO_SIGN))).correlate(Area)
    return select(Area.id).where(Area.id.in_(bindparam("ids", expanding=True)), some)


def still_to_sign(grids: Collection[int], today: date) -> set[int]:
    """Those of the grids in which some shop has still to sign; each is left at its first."""
    return {row[0] for row in rows(_still_to_sign(), {"ids": list(grids), "today": today})}


@cache
def _received(one_grid: bool) -> Select[int, datetime]:
    found = (
        select(Shop.grid_id, Paper.requested_at)
        .select_from(Pledge)
        .join(Shop, Shop.id == Pledge.shop_id)
        .join(Paper, Paper.id == Pledge.paper_id)
        .join(Tenure, Tenure.id == Pledge.tenure_id)
        .where(waiting())
        .order_by(Paper.requested_at)
    )
    return found.where(Shop.grid_id == bindparam("grid_id")) if one_grid else found


def to_confirm(on: date, *, grid_id: int | None = None) -> Mapping[int, list[datetime]]:
    """Grid → the limits of what waits there for 甲方 and whose last day is here or over; of one grid, or of all: those
    that wait are few."""
    limit = settings.value(CONFIRM_DAYS, on=on)
    found: dict[int, list[datetime]] = {}
    for grid, at in rows(_received(grid_id is not None), {"grid_id": grid_id} if grid_id else {}):
        deadline = worktime.workdays_limit(at, limit)
        if deadline.due_on <= on:
            found.setdefault(grid, []).append(deadline.until_at)
    return found


@cache
def _parents() -> Select[int, int | None]:
    return select(Area.id, Area.parent_id).where(Area.id.in_(bindparam("ids", expanding=True)))


@cache
def _confirming() -> Select[int, int]:
    return (
        select(Authority.area_id, Authority.person_id)
        .join(Person, Person.id == Authority.person_id)
        .where(
            Authority.key == Can.PLEDGES_CONFIRM.value,
            Authority.area_id.in_(bindparam("ids", expanding=True)),
            Authority.from_on <= _TODAY,
            Authority.until_on > _TODAY,
            Person.state == PersonState.ACTIVE,
        )
        .order_by(Authority.person_id)
    )


def confirming(grids: Collection[int], on: date) -> Mapping[int, tuple[int, ...]]:
    """Grid → the people who may confirm for 甲方 in it on a day: those of the grid and its community (rules 10)."""
    parent = {row.id: row.parent_id for row in rows(_parents(), {"ids": list(grids)})}
    areas = {*parent, *parent.values()} - {None}
    found = rows(_confirming(), {"ids": list(areas), "today": on})
    return {
        grid: tuple(dict.fromkeys(person for area, person in found if area in (grid, above)))
        for grid, above in parent.items()
    }


def ids_of(subjects: Sequence[str]) -> list[int]:
    """The numbers of subjects: pledge:17 → 17."""
    return [int(subject.partition(":")[2]) for subject in subjects]
