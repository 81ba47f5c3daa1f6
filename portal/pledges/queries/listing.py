"""Whose pledges, and lists of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import contains_eager, joinedload

from portal.areas.models import Area
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.merchants.models import Shop, Tenure
from portal.merchants.queries import within
from portal.pledges.models import Pledge
from portal.pledges.queries.single import OPEN
from portal.pledges.queries.todo import is_todo
from portal.pledges.terms import SOON_DAYS, Method, PledgeState, Shown, Todo
from portal.settings import queries as settings


def visible_to(actor: Actor, key: Can = Can.PLEDGES_READ) -> Select[Pledge]:
    """Pledges of the shops within reach of the actor's key: the base of every list and every lookup."""
    return (
        select(Pledge)
        .join(Pledge.shop)
        .join(Pledge.tenure)
        .where(within(actor, key))
        .options(contains_eager(Pledge.shop), contains_eager(Pledge.tenure))
    )


def shop(actor: Actor, shop_id: int) -> Select[Shop]:
    """The shop, where the actor may confirm for 甲方."""
    return (
        select(Shop)
        .where(Shop.id == shop_id, within(actor, Can.PLEDGES_CONFIRM))
        .options(joinedload(Shop.community), joinedload(Shop.grid).joinedload(Area.parent).joinedload(Area.parent))
    )


@dataclass(frozen=True)
class Wanted:
    """What the address bar asks of the list."""

    words: str = ""
    states: Sequence[str] = ()
    todo: Todo | None = None
    methods: Sequence[str] = ()
    communities: Sequence[int] = ()
    grids: Sequence[int] = ()
    since: datetime | None = None
    until: datetime | None = None  # exclusive


def shown_as(today: date) -> ColumnElement[str]:
    """What lists show of a pledge (`rules.shown`), as SQL over `Pledge` joined to its `Tenure`."""
    soon_days = settings.value(SOON_DAYS, on=today)
    return case(
        (and_(Tenure.until_on.is_not(None), Pledge.state.in_(OPEN)), Shown.ENDED.value),
        *((Pledge.state == state, state.value) for state in PledgeState if state is not PledgeState.LIVE),
        (Pledge.until_on <= today, Shown.LAPSED.value),
        (Pledge.until_on <= today + timedelta(days=soon_days), Shown.SOON.value),
        else_=Shown.LIVE.value,
    )


def listed(actor: Actor, wanted: Wanted, *, today: date, key: Can = Can.PLEDGES_READ) -> Select[int]:
    """Ids of the pledges that the list shows, the newest first; an export reaches as far as its own key."""
    found = (
        select(Pledge.id)
        .join(Pledge.shop)
        .join(Pledge.tenure)
        .where(within(actor, Can.PLEDGES_READ), within(actor, key))
        .order_by(Pledge.signed_at.desc(), Pledge.id.desc())
    )
    if wanted.words:
        like = {"autoescape": True}
        found = found.where(
            or_(
                Pledge.number.contains(wanted.words, **like),
                Shop.sign_name.contains(wanted.words, **like),
                Shop.number.contains(wanted.words.upper(), **like),
            )
        )
    if wanted.states:
        found = found.where(shown_as(today).in_(wanted.states))
    if wanted.todo:
        found = found.where(is_todo(wanted.todo, actor, today))
    if wanted.methods:
        found = found.where(Pledge.method.in_([Method(one) for one in wanted.methods]))
    if wanted.communities:
        found = found.where(Shop.community_id.in_(wanted.communities))
    if wanted.grids:
        found = found.where(Shop.grid_id.in_(wanted.grids))
    if wanted.since:
        found = found.where(Pledge.signed_at >= wanted.since)
    if wanted.until:
        found = found.where(Pledge.signed_at < wanted.until)
    return found


def rows(ids: Sequence[int]) -> list[Pledge]:
    """Return pledges with what a list shows of them, in the order of `ids`."""
    found = db.session.scalars(
        select(Pledge)
        .where(Pledge.id.in_(ids))
        .options(
            joinedload(Pledge.shop).joinedload(Shop.community),
            joinedload(Pledge.shop).joinedload(Shop.grid),
            joinedload(Pledge.tenure),
            joinedload(Pledge.paper),
        )
    )
    by_id = {pledge.id: pledge for pledge in found}
    return [by_id[one] for one in ids if one in by_id]


def shown_counts(actor: Actor, *, today: date) -> dict[str, int]:
    """Return how many visible pledges show each word."""
    word = shown_as(today).label("word")
    found = (
        select(word, func.count())
        .select_from(Pledge)
        .join(Pledge.shop)
        .join(Pledge.tenure)
        .where(within(actor, Can.PLEDGES_READ))
        .group_by(word)
    )
    return dict(db.session.execute(found).all())
