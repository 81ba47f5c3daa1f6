"""What every change of a person needs: one at a time, the version that the clerk saw, a line on the person's file."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from portal.accounts import rules
from portal.accounts.models import Person, PersonEvent, PersonRole
from portal.accounts.queries.listing import current
from portal.accounts.terms import INDISPENSABLE, STALE, EventKind, PersonState
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.declare import Holding, offers
from portal.ground.errors import Refused


def hold(person: Person, *more: int, version: int | None = None) -> None:
    """Let one at a time decide about people: what must not be done twice, or by two, is asked after this.

    `more` are others whom the deed needs to stay as they are; all are taken in the order of their ids, so that two
    deeds never wait for each other. `Refused` when the clerk's form is older than the file (`version`).
    """
    db.session.flush()
    ids = sorted({person.id, *more})
    held = select(Person).where(Person.id.in_(ids)).order_by(Person.id).with_for_update()
    db.session.scalars(held.execution_options(populate_existing=True)).all()
    if version is not None and person.version != version:
        raise Refused(STALE)


def holdings() -> Sequence[Holding]:
    """What somebody may hold, in order."""
    return sorted(offers().holdings, key=lambda one: one.order)


def note(person: Person, kind: EventKind, words: str = "", *, by: Actor, now: datetime) -> None:
    """Write a line on the person's file."""
    db.session.add(PersonEvent(person_id=person.id, at=now, kind=kind, text=words[:200], by=by.name))


def peers(person: Person, *, on: date) -> set[int]:
    """Who sits beside somebody in a duty that must not fall vacant: to be held together, before `keep_last` counts."""
    own = select(PersonRole.role).where(
        PersonRole.person_id == person.id, PersonRole.role.in_(INDISPENSABLE), current(on)
    )
    return set(db.session.scalars(select(PersonRole.person_id).where(PersonRole.role.in_(own), current(on))))


def keep_last(person: Person, roles: Iterable[str], *, on: date) -> None:
    """Refuse what would leave the office without one of its three separate duties (`INDISPENSABLE`).

    Whoever calls holds the person and the `peers`.
    """
    if person.state is not PersonState.ACTIVE:
        return
    for role in set(INDISPENSABLE) & set(roles):
        others = (
            select(func.count(func.distinct(Person.id)))
            .join(PersonRole, PersonRole.person_id == Person.id)
            .where(PersonRole.role == role, current(on), Person.id != person.id, Person.state == PersonState.ACTIVE)
        )
        if refusal := rules.last_refusal(role, others=db.session.scalar(others) or 0):
            raise Refused(refusal)


def not_oneself(person: Person, by: Actor, sentence: str) -> None:
    """Refuse what nobody may do for themselves."""
    if by.kind == "person" and by.id == person.id:
        raise Refused(sentence)
