"""What always holds of people, whatever is done to them in whatever order (rules 6, Accounts)."""

from datetime import timedelta

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.accounts import queries, services
from portal.accounts.models import Person, PersonRole, Proposal
from portal.accounts.terms import INDISPENSABLE, SEPARATE, PersonState, ProposalState
from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.ground.errors import Refused
from tests.cast import Cast
from tests.conftest import NOON

TODAY = NOON.date()
LOGINS = ["admin", "security", "auditor", "leader", "section", "staff"]
ROLES = [*SEPARATE, "leader", "section"]

deeds = st.lists(
    st.tuples(
        st.sampled_from(["give", "end", "lock", "unlock", "leave", "propose", "grant"]),
        st.sampled_from(LOGINS),
        st.sampled_from(ROLES),
        st.sampled_from([*LOGINS, ""]),
        st.integers(0, 2),
    ),
    max_size=14,
)


def do(deed: str, person: Person, role: str, by: str, days: int, cast: Cast) -> None:
    actor = cast[by] if by else SYSTEM
    area, when = cast.areas["GX"], {"by": actor, "now": NOON}
    begins = TODAY + timedelta(days=days)
    if deed == "give":
        services.give_role(person, role=role, area=area, from_on=begins, **when)
    elif deed == "end":
        services.end_role(person, role=role, area=area, **when)
    elif deed == "lock":
        services.lock(person, reason="试", **when)
    elif deed == "unlock":
        services.unlock(person, **when)
    elif deed == "leave":
        services.leave(person, **when)
    elif deed == "propose":
        services.propose(person, role=role, area=area, from_on=begins, **when)
    else:
        services.grant(list(db.session.scalars(queries.waiting(person.id))), **when)


def standing(person: Person) -> set[str]:
    return {one.role for one in db.session.scalars(queries.standing_roles(person.id, on=TODAY))}


@given(deeds)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done(house: Flask, cast: Cast, done: list[tuple[str, str, str, str, int]]) -> None:
    """Somebody is always there who keeps accounts and who grants; duties stay apart; who has left holds nothing."""
    people = {login: db.session.get_one(Person, cast[login].id) for login in LOGINS}
    try:
        for deed, login, role, by, days in done:
            nested = db.session.begin_nested()
            try:
                do(deed, people[login], role, by, days, cast)
                nested.commit()
            except Refused:
                nested.rollback()
            held = {(one.role, one.person_id) for one in queries.holders(on=TODAY)}
            for duty in INDISPENSABLE:
                assert any(role == duty for role, _person in held), f"nobody is {duty} after {deed} {login}"
            for person in people.values():
                roles = standing(person)
                assert len(roles) <= 1 or not roles & set(SEPARATE), f"{person.login}: {roles}"
                if person.state is PersonState.LEFT:
                    waits = select(Proposal.id).where(
                        Proposal.person_id == person.id, Proposal.state == ProposalState.WAITING
                    )
                    assert not roles and not db.session.scalars(waits).all()
            given = select(PersonRole).where(PersonRole.from_on >= TODAY)
            assert all(one.granted_by != one.person.name for one in db.session.scalars(given)), "nobody grants himself"
    finally:
        db.session.rollback()
