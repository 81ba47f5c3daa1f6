"""换签 after a change of operator (rules 10): since when the new one is known, until when they sign, who is past it.

One reckoning behind the reminder, the desk's number and lines, and the list of shops. The limit runs from the hour in
which the change was registered, until the new operator has signed; when their own pledge lapses later, that is 已到期.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Date, Integer, Row, Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.ground.db import Moment, rows
from portal.ground.workdays import Deadline
from portal.merchants.models import Shop, ShopEvent, Tenure
from portal.merchants.terms import EventKind
from portal.pledges.queries.standing import signed_themselves, standing_of
from portal.pledges.terms import RENEW_DAYS, Standing
from portal.settings import queries as settings
from portal.worktime import queries as worktime


class Taken(NamedTuple):
    """A shop whose operator has changed and who has not signed yet: the tenure, since when that is known, and the limit
    within which they sign."""

    tenure_id: int
    shop_id: int
    shop: str
    shop_number: str
    grid_id: int
    at: datetime
    limit: Deadline


def renew_days(today: date) -> int:
    """Within how many working days a new operator signs, a [P] setting."""
    return settings.value(RENEW_DAYS, on=today)


def too_early(now: datetime) -> datetime:
    """The instant before which a change was registered whose limit is over by now."""
    return worktime.begun_too_early(renew_days(now.date()), now=now)


def overdue(now: datetime) -> ColumnElement[bool]:
    """What makes a shop that is 待换签 overdue, over `Shop`: a new operator, whose limit is over since so long ago they
    were registered."""
    known = select(func.max(ShopEvent.at)).where(ShopEvent.shop_id == Shop.id, ShopEvent.kind == EventKind.OPERATOR)
    return (known.correlate(Shop).scalar_subquery() < too_early(now)) & ~signed_themselves()


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """The condition of the list, over `Shop`."""
    return _to_renew(now.date()) & overdue(now)


def _to_renew(today: date | BindParameter[date]) -> ColumnElement[bool]:
    return standing_of(today) == Standing.RENEW.value


@cache
def _taken() -> Select[*tuple[Any, ...]]:
    known = func.max(ShopEvent.at)
    return (
        select(Tenure.id, Shop.id, Shop.sign_name, Shop.number, Shop.grid_id, known)
        .join(ShopEvent, ShopEvent.shop_id == Shop.id)
        .join(Tenure, (Tenure.shop_id == Shop.id) & Tenure.until_on.is_(None))
        .where(ShopEvent.kind == EventKind.OPERATOR)
        .where(_to_renew(bindparam("today", type_=Date())), ~signed_themselves())
        .group_by(Tenure.id, Shop.id)
        .order_by(known, Tenure.id)
    )


@cache
def _taken_since() -> Select[*tuple[Any, ...]]:
    return _taken().where(ShopEvent.at > bindparam("since", type_=Moment()))


@cache
def _taken_early(place: InstrumentedAttribute[int]) -> Select[*tuple[Any, ...]]:
    early = func.max(ShopEvent.at) < bindparam("early", type_=Moment())
    inside = place.in_(bindparam("places", expanding=True))
    return _taken().where(inside).having(early).limit(bindparam("most", type_=Integer()))


def taken_over(today: date, *, since: datetime) -> list[Taken]:
    """Shops whose operator changed after `since` and who have not signed, the first known first."""
    return _reckoned(rows(_taken_since(), {"today": today, "since": since}), today)


def overdue_in(grids: Collection[int], now: datetime, most: int) -> list[Taken]:
    """Shops of these grids that are 待换签 past their limit, the longest first."""
    return _early(Shop.grid_id, grids, now, most)


def overdue_of(tenures: Collection[int], now: datetime, most: int) -> list[Taken]:
    """The same of these tenures."""
    return _early(Tenure.id, tenures, now, most)


def _early(place: InstrumentedAttribute[int], places: Collection[int], now: datetime, most: int) -> list[Taken]:
    values = {"today": now.date(), "early": too_early(now), "places": sorted(places), "most": most}
    return _reckoned(rows(_taken_early(place), values), now.date())


def _reckoned(found: Sequence[Row[*tuple[Any, ...]]], today: date) -> list[Taken]:
    days = renew_days(today) if found else 0
    return [
        Taken(tenure_id, shop_id, shop, number, grid_id, at, worktime.workdays_limit(at, days))
        for tenure_id, shop_id, shop, number, grid_id, at in found
    ]


def still_taken_over(tenures: Collection[int], today: date) -> set[int]:
    """Those of the tenures that are current and whose new operator has still to sign."""
    found = (
        select(Tenure.id)
        .join(Shop, Shop.id == Tenure.shop_id)
        .where(Tenure.id.in_(tenures), Tenure.until_on.is_(None), _to_renew(today), ~signed_themselves())
    )
    return {row[0] for row in rows(found)}
