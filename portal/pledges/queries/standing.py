"""How every shop stands (I13): one mapping, as SQL."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    select,
)
from sqlalchemy.orm import aliased

from portal.ground.db import db, rows
from portal.merchants.models import Shop, Tenure
from portal.merchants.terms import NOT_OWING
from portal.pledges.models import Pledge
from portal.pledges.terms import RENEW_LATE, PledgeState, Standing


def _of_current_tenure(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    current = aliased(Tenure)
    return exists(
        select(1)
        .select_from(Pledge)
        .join(current, current.id == Pledge.tenure_id)
        .where(Pledge.shop_id == Shop.id, current.until_on.is_(None), condition)
        .correlate(Shop)
    )


def _held() -> ColumnElement[bool]:
    """The condition that a pledge has been 生效, ended or not."""
    return and_(Pledge.confirmed_at.is_not(None), Pledge.state != PledgeState.VOID)


def signed_themselves() -> ColumnElement[bool]:
    """The condition over `Shop` that its present operator has had a pledge that was 生效."""
    return _of_current_tenure(_held())


def standing_of(today: date | BindParameter[date], *, overdue: ColumnElement[bool] | None = None) -> ColumnElement[str]:
    """`rules.standing` as SQL over `Shop`. 暂缓 and 拒签 hold for nobody until their records exist. For counts,
    `overdue` parts those that are 待换签 too long (`RENEW_LATE`) from the others; it is asked of none but them."""
    holds = and_(Pledge.state == PledgeState.LIVE, Pledge.starts_on <= today, Pledge.until_on > today)
    earlier = exists(select(1).where(Pledge.shop_id == Shop.id, _held())).correlate(Shop)
    renew = Standing.RENEW.value
    return case(
        (Shop.state.in_(NOT_OWING), Standing.EXEMPT.value),
        (_of_current_tenure(holds), Standing.LIVE.value),
        (_of_current_tenure(Pledge.state == PledgeState.WAITING), Standing.WAITING.value),
        (false(), Standing.DEFERRED.value),
        (false(), Standing.REFUSED.value),
        (earlier, renew if overdue is None else case((overdue, RENEW_LATE), else_=renew)),
        else_=Standing.UNSIGNED.value,
    )


def standing_columns() -> tuple[ColumnElement[str], ColumnElement[date]]:
    """How a shop stands and until when (exclusive) its pledge runs, as columns over `Shop`; binds `today`."""
    until = (
        select(func.max(Pledge.until_on))
        .where(Pledge.shop_id == Shop.id, Pledge.state == PledgeState.LIVE)
        .correlate(Shop)
        .scalar_subquery()
    )
    return standing_of(bindparam("today", type_=Date())), until


@cache
def _standings() -> Select[int, str, date | None]:
    """The statement of `standings`, made once: the shop list asks it on every page."""
    return select(Shop.id, *standing_columns()).where(Shop.id.in_(bindparam("ids", expanding=True)))


def standings(shop_ids: Sequence[int], *, today: date) -> dict[int, tuple[Standing, date | None]]:
    """Return how shops stand, and until when (exclusive) the pledge of a covered one runs. One query."""
    found = rows(_standings(), {"today": today, "ids": list(shop_ids)})
    return {shop_id: (Standing(word), until_on) for shop_id, word, until_on in found}


def standing_counts(*, today: date, by: ColumnElement[int] | None = None) -> Mapping[int | None, dict[Standing, int]]:
    """Return how many shops stand in each column, one select; `by` (`Shop.grid_id`, …) splits them.

    Every column is there, with 0 where nobody stands; together they are every shop.
    """
    word = standing_of(today).label("word")
    group = by if by is not None else literal(0)
    found = db.session.execute(select(group.label("part"), word, func.count(Shop.id)).group_by("part", "word"))
    counts: dict[int | None, dict[Standing, int]] = {}
    for part, column, count in found:
        counts.setdefault(None if by is None else part, dict.fromkeys(Standing, 0))[Standing(column)] = count
    return counts
