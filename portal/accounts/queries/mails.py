"""Mail addresses: who has one, and one person's, opened for sending."""

from collections.abc import Iterable

from sqlalchemy import select

from portal.accounts.models import Person
from portal.accounts.terms import PersonState
from portal.ground.db import db


def with_mail(person_ids: Iterable[int]) -> set[int]:
    """Those of these people who are in use and have a mail address."""
    found = select(Person.id).where(
        Person.id.in_(list(person_ids)), Person.state == PersonState.ACTIVE, Person.mail_sealed.is_not(None)
    )
    return set(db.session.scalars(found))


def mail_of(person_id: int) -> str | None:
    """Somebody's mail address, opened; None without one, or when they are no longer in use. SealBroken."""
    found = select(Person).where(Person.id == person_id, Person.state == PersonState.ACTIVE)
    person = db.session.scalars(found).one_or_none()
    return person.mail if person else None
