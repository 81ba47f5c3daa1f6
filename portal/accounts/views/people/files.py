"""One person's file: who it is, roles held and past, authorities, what they hold, what happened."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from portal.accounts import queries, services
from portal.accounts.models import Authority, Person, PersonRole
from portal.accounts.terms import GUARDED, GUARDED_WORDS, ROLES, EventKind, PersonState
from portal.accounts.views.people.lists import came_from
from portal.accounts.views.people.room import person_or_404, room
from portal.areas.queries import Tree, places
from portal.ground.can import Can
from portal.ground.clock import SHANGHAI
from portal.ground.db import db
from portal.ground.declare import TimelineLine
from portal.web import me, now, page

KEEPS = (Can.PEOPLE_KEEP, Can.PEOPLE_GRANT)


@room.get("/<int:id>", needs=Can.PEOPLE_READ)
def show(id: int) -> ResponseReturnValue:
    return page("accounts/people/show.html", **whole(person_or_404(id)))


def whole(person: Person) -> dict[str, Any]:
    """Everything that the file shows; what concerns the account only to those who keep accounts or grant roles."""
    tree, today = places(), now().date()
    roles = list(db.session.scalars(queries.roles_of(person.id)))
    authorities = list(db.session.scalars(queries.authorities_of(person.id)))
    keeper = any(me().may(key) for key in KEEPS)
    held = [one for one in roles if one.until_on is None or one.until_on > today]
    counted = [(one.label, one.count(person.id, now()), one.unit) for one in services.holdings()]
    return {
        "person": person,
        "back": came_from(),
        "home": next((queries.place_name(tree.by_id[one.area_id], tree) for one in reversed(held)), person.login),
        "held": [(one, queries.place_name(tree.by_id[one.area_id], tree)) for one in reversed(held)],
        "past": [(one, queries.place_name(tree.by_id[one.area_id], tree)) for one in roles if one not in held],
        "spec": ROLES,
        "authorities": [
            (one, queries.place_name(tree.by_id[one.area_id], tree), _standing(one), one.until_on - timedelta(days=1))
            for one in authorities
        ],
        "carries": any(Can.PLEDGES_CONFIRM in ROLES[one.role].keys for one in held),
        "waiting": [
            (one, queries.place_name(tree.by_id[one.area_id], tree))
            for one in db.session.scalars(queries.waiting(person.id))
        ],
        "holding": [one for one in counted if one[1]],
        "lines": _lines(person, roles, authorities, tree, keeper=keeper),
        "logins": list(db.session.scalars(queries.last_logins(person.id, limit=5))) if keeper else [],
        "keeper": keeper,
        "guarded": GUARDED_WORDS if not person.slip_owed and any(one.role in GUARDED for one in held) else "",
        "shut": queries.shut_until(person, now=now()) if keeper and person.state is PersonState.ACTIVE else None,
    }


def _standing(authority: Authority) -> str:
    """now | later | past"""
    today = now().date()
    if authority.until_on <= today:
        return "past"
    return "later" if authority.from_on > today else "now"


def _lines(
    person: Person, roles: Sequence[PersonRole], authorities: Sequence[Authority], tree: Tree, *, keeper: bool
) -> list[TimelineLine]:
    """What happened and what will: roles and authorities from their own rows, the account from its lines."""
    today = now().date()
    found = [*_roles(roles, tree), *_authorities(authorities, tree)]
    if keeper:
        events = db.session.scalars(queries.events_of(person.id)).all()
        found += [
            TimelineLine(one.at, one.kind.label, "；".join(part for part in (one.text, one.by) if part))
            for one in events
        ]
        if not any(one.kind in (EventKind.CREATED, EventKind.IMPORTED) for one in events):
            found.append(TimelineLine(person.created_at, "建账号"))
    dated = [line for line in found if line.at.date() <= today or line.tone == "next"]
    return sorted(dated, key=lambda line: line.at, reverse=True)


def _line(day: date, title: str, text: str = "", *, ends: bool = False) -> TimelineLine:
    """A line that bears a day: what begins stands after all else of its day, what ends before it."""
    at = datetime.combine(day, time.min if ends else time.max, SHANGHAI)
    return TimelineLine(at, title, text, tone="next" if day > now().date() else "", date_only=True)


def _roles(roles: Sequence[PersonRole], tree: Tree) -> Iterator[TimelineLine]:
    for one in roles:
        words = f"{queries.place_name(tree.by_id[one.area_id], tree)} · {ROLES[one.role].label}"
        yield _line(one.from_on, f"担任{words}", f"{one.granted_by}授予")
        if one.until_on is not None:
            by = f"{one.ended_by}收回" if one.ended_by else ""
            yield _line(one.until_on, f"不再担任{words}", by, ends=True)


def _authorities(authorities: Sequence[Authority], tree: Tree) -> Iterator[TimelineLine]:
    for one in authorities:
        place = queries.place_name(tree.by_id[one.area_id], tree)
        yield _line(one.from_on, f"可代表甲方确认：{place}", f"{one.basis}；{one.granted_by}授权")
        by = f"{one.revoked_by}收回" if one.revoked_by else "到期"
        yield _line(one.until_on, f"甲方确认的授权结束：{place}", by, ends=True)
