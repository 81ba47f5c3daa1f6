"""What has to be done about pledges, and by whom: one mapping behind the desk's counts, its lines, and each list."""

from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple, cast

from flask import g, has_request_context
from sqlalchemy import ColumnElement, Date, Integer, Select, and_, bindparam, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.models import Authority, Person
from portal.accounts.terms import PersonState
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import rows
from portal.merchants.models import Shop, Tenure
from portal.merchants.queries import Place, tree
from portal.merchants.terms import NOT_OWING
from portal.papers.models import Paper
from portal.pledges.models import Pledge
from portal.pledges.terms import CONFIRM_DAYS, FALLS_TO, SOON_DAYS, PledgeState, Todo
from portal.settings import queries as settings
from portal.worktime import queries as worktime

DAY = timedelta(days=1)


@cache
def running() -> ColumnElement[bool]:
    """The condition that a pledge covers its shop and nothing newer waits: what has to be renewed when it ends."""
    newer = aliased(Pledge)
    waiting = exists().where(newer.tenure_id == Pledge.tenure_id, newer.state == PledgeState.WAITING)
    return (Pledge.state == PledgeState.LIVE) & Tenure.until_on.is_(None) & Shop.state.not_in(NOT_OWING) & ~waiting


@cache
def waiting() -> ColumnElement[bool]:
    """The condition that a pledge waits for 甲方: its operator is still there."""
    return (Pledge.state == PledgeState.WAITING) & Tenure.until_on.is_(None)


def soon_until(today: date) -> date:
    """The last exclusive end that is 快到期."""
    return today + timedelta(days=settings.value(SOON_DAYS, on=today))


def is_todo(word: Todo, actor: Actor, today: date) -> ColumnElement[bool]:
    """The condition of one list, over `Pledge` with its `Shop` and `Tenure`."""
    if word in (Todo.CONFIRM, Todo.NOBODY):
        hands = hands_of(actor, today)
        return waiting() & Shop.grid_id.in_(sorted(hands.mine if word is Todo.CONFIRM else hands.nobody))
    ends = {
        Todo.LAPSED: Pledge.until_on <= today,
        Todo.TODAY: Pledge.until_on == today + DAY,
        Todo.SOON: and_(Pledge.until_on > today, Pledge.until_on <= soon_until(today)),
    }
    return running() & ends[word]


def todo_counts(now: datetime, *where: ColumnElement[bool]) -> Select[str, int, str, int]:
    """The statement that counts by grid and word: ("todo", grid, word, count). What waits too long and what ends today
    have words of their own: `confirm_late` is no part of `confirm`, nor `today` of `soon`."""
    today = now.date()
    received = select(Paper.requested_at).where(Paper.id == Pledge.paper_id).correlate(Pledge).scalar_subquery()
    early = worktime.begun_too_early(settings.value(CONFIRM_DAYS, on=today), now=now)
    word = case(
        (and_(Pledge.state == PledgeState.WAITING, received < early), "confirm_late"),
        (Pledge.state == PledgeState.WAITING, Todo.CONFIRM.value),
        (Pledge.until_on <= today, Todo.LAPSED.value),
        (Pledge.until_on == today + DAY, Todo.TODAY.value),
        else_=Todo.SOON.value,
    ).label("word")
    ending = and_(running(), Pledge.until_on <= soon_until(today))
    return (
        select(literal("todo").label("kind"), Shop.grid_id, word, func.count().label("count"))
        .select_from(Pledge)
        .join(Pledge.shop)
        .join(Pledge.tenure)
        .where(Pledge.state.in_([PledgeState.LIVE, PledgeState.WAITING]), or_(waiting(), ending), *where)
        .group_by(Shop.grid_id, word)
    )


class Hands(NamedTuple):
    """Grids in which somebody may confirm for 甲方 today; and, told to 专项办 alone, those where nobody may."""

    mine: frozenset[int]
    nobody: frozenset[int]


def hands_of(actor: Actor, on: date) -> Hands:
    """Return where somebody's own dated authority reaches (rules 10); read once a request."""
    if not has_request_context():
        return _hands(actor, on)
    kept = cast(dict[int | None, Hands], g.setdefault("pledges_hands", {}))
    if actor.id not in kept:
        kept[actor.id] = _hands(actor, on)
    return kept[actor.id]


def _hands(actor: Actor, on: date) -> Hands:
    if actor.kind != "person" or not actor.may(Can.PLEDGES_CONFIRM):
        return Hands(frozenset(), frozenset())
    falls = actor.may(FALLS_TO)
    held = _authorities(on, None if falls else actor.id)
    places = tree()
    root = places.office.id

    def within(key: Can, areas: set[int], wanted: bool) -> frozenset[int]:
        return frozenset(one.id for one in places.grids_within(actor, key) if _covers(areas, one, root) is wanted)

    own = {area for area, person in held if person == actor.id}
    nobody = within(Can.PLEDGES_READ, {area for area, _person in held}, False) if falls else frozenset[int]()
    return Hands(within(Can.PLEDGES_CONFIRM, own, True), nobody)


def _covers(areas: set[int], grid: Place, root: int) -> bool:
    return not areas.isdisjoint((grid.id, grid.parent, root))


@cache
def _granted() -> Select[int, int]:
    on = bindparam("on", type_=Date())
    return (
        select(Authority.area_id, Authority.person_id)
        .join(Person, Person.id == Authority.person_id)
        .where(
            Authority.key == Can.PLEDGES_CONFIRM.value,
            Authority.from_on <= on,
            Authority.until_on > on,
            Person.state == PersonState.ACTIVE,
        )
    )


@cache
def _granted_to() -> Select[int, int]:
    return _granted().where(Authority.person_id == bindparam("person", type_=Integer()))


def _authorities(on: date, person_id: int | None) -> list[tuple[int, int]]:
    """The authorities of a day, of everybody or of one: (area, person), of people in use."""
    found = rows(_granted(), {"on": on}) if person_id is None else rows(_granted_to(), {"on": on, "person": person_id})
    return [(area, person) for area, person in found]


def confirm_count(actor: Actor, today: date) -> int:
    """How many pledges somebody may confirm today, for the list's own heading."""
    found = select(func.count()).select_from(Pledge).join(Pledge.shop).join(Pledge.tenure)
    return int(rows(found.where(is_todo(Todo.CONFIRM, actor, today)))[0][0])
