"""One person's file: roles held and past, authorities, what is asked for, what happened; and sheets that wait."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Authority, Login, Person, PersonEvent, PersonRole, Proposal, WaitingSheet
from portal.accounts.queries.actors import failure_door, tries
from portal.accounts.terms import ADDRESS_FAILURES, PersonState, ProposalState, Tries
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.throttle import Failure
from portal.settings import queries as settings


def roles_of(person_id: int) -> Select[PersonRole]:
    """Every role that somebody held, holds or will hold, the newest first."""
    found = select(PersonRole).where(PersonRole.person_id == person_id).options(joinedload(PersonRole.area))
    return found.order_by(PersonRole.from_on.desc(), PersonRole.id.desc())


def role_of(person_id: int, role_id: int) -> Select[PersonRole]:
    """One of somebody's roles."""
    return select(PersonRole).where(PersonRole.id == role_id, PersonRole.person_id == person_id)


def authorities_of(person_id: int) -> Select[Authority]:
    """Every authority that somebody was given, the newest first."""
    found = select(Authority).where(Authority.person_id == person_id).options(joinedload(Authority.area))
    return found.order_by(Authority.from_on.desc(), Authority.id.desc())


def authority_of(person_id: int, authority_id: int) -> Select[Authority]:
    """One of somebody's authorities."""
    return select(Authority).where(Authority.id == authority_id, Authority.person_id == person_id)


def events_of(person_id: int) -> Select[PersonEvent]:
    """What happened to somebody's account, the newest first."""
    found = select(PersonEvent).where(PersonEvent.person_id == person_id)
    return found.order_by(PersonEvent.at.desc(), PersonEvent.id.desc()).limit(100)


def waiting(person_id: int | None = None) -> Select[Proposal]:
    """Roles that wait to be granted, the oldest first; of one person, or of everybody."""
    found = select(Proposal).where(Proposal.state == ProposalState.WAITING)
    found = found.options(joinedload(Proposal.person), joinedload(Proposal.area)).order_by(Proposal.id)
    return found if person_id is None else found.where(Proposal.person_id == person_id)


def proposal(number: int) -> Select[Proposal]:
    """A role that somebody asked for."""
    return select(Proposal).where(Proposal.id == number).options(joinedload(Proposal.person), joinedload(Proposal.area))


def by_ids(numbers: Sequence[int]) -> Select[Person]:
    """People by their ids."""
    return select(Person).where(Person.id.in_(list(numbers))).order_by(Person.login)


def crowds_of(person_id: int, *, now: datetime) -> list[str]:
    """Where the failures of those addresses are counted from which somebody's account was tried lately."""
    since = now - 2 * tries(on=now.date()).window
    found = select(Login.address).distinct().where(Login.person_id == person_id, Login.at > since)
    return [failure_door("", address).everybody for address in db.session.scalars(found)]


def shut_until(person: Person, *, now: datetime) -> datetime | None:
    """Until when wrong passwords keep an account shut from some address (its own, or everybody's there), None when from
    nowhere."""
    limit = tries(on=now.date())
    crowds = crowds_of(person.id, now=now)
    account = failure_door(person.login, "").account
    found = select(Failure.scope, Failure.at).where(
        or_(Failure.scope.startswith(account, autoescape=True), Failure.scope.in_(crowds)),
        Failure.at > now - 2 * limit.window,
    )
    by_address: dict[str, list[datetime]] = {}
    for scope, at in db.session.execute(found):
        by_address.setdefault(scope, []).append(at)
    crowd = Tries(settings.value(ADDRESS_FAILURES, on=now.date()), limit.window)
    shut = [
        newest[0] + limit.window
        for scope, times in by_address.items()
        if (most := (crowd if scope in crowds else limit).most)
        and len(newest := sorted(times, reverse=True)[:most]) == most
        and newest[0] - newest[-1] < limit.window
        and now < newest[0] + limit.window
    ]
    return max(shut, default=None)


def waiting_sheet(actor: Actor, number: int) -> Select[WaitingSheet]:
    """An uploaded sheet; it belongs to whoever uploaded it."""
    return select(WaitingSheet).where(WaitingSheet.id == number, WaitingSheet.person_id == actor.id)


def slips_owed(sheet_id: int) -> Select[Person]:
    """People whom a sheet has brought and who have not been handed a password yet."""
    return (
        select(Person)
        .where(Person.sheet_id == sheet_id, Person.slip_owed, Person.state == PersonState.ACTIVE)
        .order_by(Person.login)
    )
