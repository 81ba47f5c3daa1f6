"""Reading pledges: texts, what may be seen, how every shop stands (I13), and the facts of one signing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
    or_,
    select,
)
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.accounts.models import Authority, Person
from portal.accounts.queries import authority
from portal.accounts.terms import PersonState
from portal.areas.models import Area
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.kiosk import queries as kiosk
from portal.merchants.models import Shop, Tenure
from portal.merchants.queries import within
from portal.merchants.terms import NOT_OWING
from portal.papers.models import Paper
from portal.pledges.models import Ending, IdentityCheck, Pledge, Template, Voiding
from portal.pledges.terms import SOON_DAYS, Method, PledgeState, Shown, Standing

OPEN = (PledgeState.LIVE, PledgeState.WAITING)


# Texts ------------------------------------------------------------------------------------------------------------


def templates() -> Select[Template]:
    """Every version of the text, the newest first."""
    return select(Template).order_by(Template.version.desc())


def template(version: int) -> Select[Template]:
    """The version with this number."""
    return select(Template).where(Template.version == version)


def template_in_force(on: date) -> Template | None:
    """Return the version that is signed on a day: the one that came into force last."""
    return db.session.scalars(
        select(Template)
        .where(Template.effective_from <= on)
        .order_by(Template.effective_from.desc(), Template.version.desc())
        .limit(1)
    ).first()


def next_version() -> int:
    """Return the number that the next version of the text gets."""
    return (db.session.scalar(select(func.max(Template.version))) or 0) + 1


def signed_on() -> dict[int, int]:
    """Return how many pledges were signed on each version: template id → count."""
    found = db.session.execute(select(Pledge.template_id, func.count()).group_by(Pledge.template_id))
    return dict(found.all())


# Whose rows -------------------------------------------------------------------------------------------------------


def visible_to(actor: Actor) -> Select[Pledge]:
    """Pledges of the shops within reach: the base of every list and every lookup."""
    return (
        select(Pledge)
        .join(Pledge.shop)
        .join(Pledge.tenure)
        .where(within(actor, Can.PLEDGES_READ))
        .options(contains_eager(Pledge.shop), contains_eager(Pledge.tenure))
    )


def shop(actor: Actor, shop_id: int) -> Select[Shop]:
    """The shop, where the actor may confirm for 甲方."""
    return (
        select(Shop)
        .where(Shop.id == shop_id, within(actor, Can.PLEDGES_CONFIRM))
        .options(joinedload(Shop.community), joinedload(Shop.grid).joinedload(Area.parent).joinedload(Area.parent))
    )


# Lists ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What the address bar asks of the list."""

    words: str = ""
    states: Sequence[str] = ()
    methods: Sequence[str] = ()
    communities: Sequence[int] = ()
    grids: Sequence[int] = ()
    since: datetime | None = None
    until: datetime | None = None  # exclusive


def shown_as(today: date) -> ColumnElement[str]:
    """What lists show of a pledge (`rules.shown`), as SQL over `Pledge` joined to its `Tenure`."""
    return case(
        (and_(Tenure.until_on.is_not(None), Pledge.state.in_(OPEN)), Shown.ENDED.value),
        *((Pledge.state == state, state.value) for state in PledgeState if state is not PledgeState.LIVE),
        (Pledge.until_on <= today, Shown.LAPSED.value),
        (Pledge.until_on <= today + timedelta(days=SOON_DAYS), Shown.SOON.value),
        else_=Shown.LIVE.value,
    )


def listed(actor: Actor, wanted: Wanted, *, today: date) -> Select[int]:
    """Ids of the pledges that the list shows, the newest first."""
    found = (
        select(Pledge.id)
        .join(Pledge.shop)
        .join(Pledge.tenure)
        .where(within(actor, Can.PLEDGES_READ))
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


# How every shop stands (I13) --------------------------------------------------------------------------------------


def _of_current_tenure(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    current = aliased(Tenure)
    return exists(
        select(1)
        .select_from(Pledge)
        .join(current, current.id == Pledge.tenure_id)
        .where(Pledge.shop_id == Shop.id, current.until_on.is_(None), condition)
        .correlate(Shop)
    )


def standing_of(today: date | BindParameter[date]) -> ColumnElement[str]:
    """`rules.standing` as SQL over `Shop`. 暂缓 and 拒签 hold for nobody until their records exist."""
    holds = and_(Pledge.state == PledgeState.LIVE, Pledge.starts_on <= today, Pledge.until_on > today)
    held = and_(Pledge.confirmed_at.is_not(None), Pledge.state != PledgeState.VOID)
    earlier = exists(select(1).where(Pledge.shop_id == Shop.id, held)).correlate(Shop)
    return case(
        (Shop.state.in_(NOT_OWING), Standing.EXEMPT.value),
        (_of_current_tenure(holds), Standing.LIVE.value),
        (_of_current_tenure(Pledge.state == PledgeState.WAITING), Standing.WAITING.value),
        (false(), Standing.DEFERRED.value),
        (false(), Standing.REFUSED.value),
        (earlier, Standing.RENEW.value),
        else_=Standing.UNSIGNED.value,
    )


@cache
def _standings() -> Select[int, str, date | None]:
    """The statement of `standings`, made once: the shop list asks it on every page."""
    until = (
        select(func.max(Pledge.until_on))
        .where(Pledge.shop_id == Shop.id, Pledge.state == PledgeState.LIVE)
        .correlate(Shop)
        .scalar_subquery()
    )
    word = standing_of(bindparam("today", type_=Date()))
    return select(Shop.id, word, until).where(Shop.id.in_(bindparam("ids", expanding=True)))


def standings(shop_ids: Sequence[int], *, today: date) -> dict[int, tuple[Standing, date | None]]:
    """Return how shops stand, and until when (exclusive) the pledge of a covered one runs. One query."""
    found = db.session.execute(_standings(), {"today": today, "ids": list(shop_ids)})
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


# One pledge -------------------------------------------------------------------------------------------------------


def signed_with(key: str) -> Pledge | None:
    """Return the pledge that was signed with this idempotency key."""
    return db.session.scalars(select(Pledge).where(Pledge.key == key)).one_or_none()


def at_signing(tenure_id: int) -> Select[date | None, int, int | None, int | None]:
    """What a signing looks at once more: the tenure's end, the shop's version, and (id, paper) of each open pledge."""
    return (
        select(Tenure.until_on, Shop.version, Pledge.id, Pledge.paper_id)
        .join(Shop, Shop.id == Tenure.shop_id)
        .outerjoin(Pledge, and_(Pledge.tenure_id == Tenure.id, Pledge.state.in_(OPEN)))
        .where(Tenure.id == tenure_id)
    )


def live_of(tenure_id: int) -> Sequence[Pledge]:
    """Return the pledge of a tenure that is 生效: one at most."""
    return db.session.scalars(
        select(Pledge).where(Pledge.tenure_id == tenure_id, Pledge.state == PledgeState.LIVE)
    ).all()


def waiting_of(tenure_id: int) -> int | None:
    """Return the id of the pledge of a tenure that waits for 甲方, None when none does."""
    return db.session.scalar(
        select(Pledge.id).where(Pledge.tenure_id == tenure_id, Pledge.state == PledgeState.WAITING)
    )


def of_journey(journey_id: str) -> Pledge | None:
    """Return what was signed on a journey."""
    return db.session.scalars(
        select(Pledge).where(Pledge.journey_id == journey_id).options(joinedload(Pledge.paper), joinedload(Pledge.shop))
    ).one_or_none()


def check_of(code_id: int) -> IdentityCheck | None:
    """Return the identity check that stands behind a signing code."""
    return db.session.scalars(
        select(IdentityCheck)
        .where(IdentityCheck.code_id == code_id)
        .options(joinedload(IdentityCheck.checked_by), joinedload(IdentityCheck.authority))
    ).one_or_none()


def tenure(subject: str) -> Select[Tenure]:
    """The tenure that a subject names (`tenure:17`), with its shop, community and grid."""
    of_shop = joinedload(Tenure.shop)
    return (
        select(Tenure)
        .where(Tenure.id == int(subject.partition(":")[2]))
        .options(of_shop.joinedload(Shop.community), of_shop.joinedload(Shop.grid))
    )


def of_shop(shop_id: int) -> Sequence[Pledge]:
    """Return every pledge of a shop, the newest first, with its tenure, paper and people."""
    return db.session.scalars(
        select(Pledge)
        .where(Pledge.shop_id == shop_id)
        .options(
            joinedload(Pledge.tenure),
            joinedload(Pledge.paper),
            joinedload(Pledge.witness),
            joinedload(Pledge.confirmed_by),
        )
        .order_by(Pledge.signed_at.desc(), Pledge.id.desc())
    ).all()


def ending_of(pledge_id: int) -> Ending | None:
    """Return how a pledge ended, None while it has not."""
    return db.session.scalars(select(Ending).where(Ending.pledge_id == pledge_id)).one_or_none()


def endings_of(pledge_ids: Sequence[int]) -> dict[int, Ending]:
    """Return how pledges ended, by pledge."""
    return {one.pledge_id: one for one in db.session.scalars(select(Ending).where(Ending.pledge_id.in_(pledge_ids)))}


def open_voiding(pledge_id: int) -> Voiding | None:
    """Return the request to void a pledge that waits for its second person."""
    return db.session.scalars(
        select(Voiding)
        .where(Voiding.pledge_id == pledge_id, Voiding.decided_at.is_(None))
        .options(joinedload(Voiding.asked_by))
    ).one_or_none()


def uncovered_by_tenure() -> Select[Pledge]:
    """Open pledges whose tenure has ended: their endings are still to be written down."""
    return (
        select(Pledge)
        .join(Pledge.tenure)
        .where(Pledge.state.in_(OPEN), Tenure.until_on.is_not(None))
        .options(contains_eager(Pledge.tenure))
        .order_by(Pledge.id)
    )


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
