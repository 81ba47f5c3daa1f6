"""What every change of a person needs: one at a time, the version that the clerk saw, a line on the person's file."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select

from portal.accounts import rules
from portal.accounts.models import Person, PersonEvent, PersonRole
from portal.accounts.terms import INDISPENSABLE, STALE, EventKind, PersonState
from portal.ground.actor import Actor
from portal.ground.db import db
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


def note(person: Person, kind: EventKind, words: str = "", *, by: Actor, now: datetime) -> None:
    """Write a line on the person's file."""
    db.session.add(PersonEvent(person_id=person.id, at=now, kind=kind, text=words[:200], by=by.name))


def keep_last(person: Person, roles: Iterable[str], *, on: date) -> None:
    """Refuse what would leave the office without 系统管理员 or 安全管理员: nobody could let anybody in any more."""
    for role in INDISPENSABLE:
        if role not in roles or person.state is not PersonState.ACTIVE:
            continue
        sitting = (
            select(Person.id)
            .join(PersonRole, PersonRole.person_id == Person.id)
            .where(
                PersonRole.role == role,
                PersonRole.from_on <= on,
                PersonRole.until_on.is_(None) | (PersonRole.until_on > on),
            )
        )
        hold(person, *db.session.scalars(sitting))
        # Asked again now that they stay as they are.
        others = sitting.where(Person.id != person.id, Person.state == PersonState.ACTIVE)
        left = db.session.scalar(select(func.count()).select_from(others.subquery())) or 0
        if refusal := rules.last_refusal(role, others=left):
            raise Refused(refusal)


def not_oneself(person: Person, by: Actor, sentence: str) -> None:
    """Refuse what nobody may do for themselves."""
    if by.kind == "person" and by.id == person.id:
        raise Refused(sentence)
