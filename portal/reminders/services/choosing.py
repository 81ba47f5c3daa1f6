"""What a person wants by mail: rule by rule, or as the office has set it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.declare import ReminderRule, offers
from portal.reminders import queries, rules
from portal.reminders.models import Choice
from portal.reminders.services.writing import insert
from portal.reminders.terms import MAIL_RULE, MAIL_RULES
from portal.settings import queries as settings


class Wanted(NamedTuple):
    """A rule, whether it goes to somebody by mail, and whether they have chosen that themselves."""

    rule: ReminderRule
    by_mail: bool
    chosen: bool


def wanted(person_id: int, *, now: datetime) -> Sequence[Wanted]:
    """Every rule that can go by mail, as it goes to this person."""
    chosen, office = queries.choices([person_id]), settings.value(MAIL_RULES, on=now.date())
    found = []
    for rule in offers().reminders:
        if rule.name != MAIL_RULE:
            choice = chosen.get((person_id, rule.name))
            by_mail = rules.by_mail(at_once=rule.at_once, chosen=choice, office=office)
            found.append(Wanted(rule, by_mail, choice is not None))
    return found


def choose(names: Collection[str], *, by: Actor, now: datetime) -> None:
    """Keep what somebody wants by mail for themselves: these rules, and no others."""
    known = [one.rule.name for one in wanted(by.id or 0, now=now)]
    lines = [{"person_id": by.id, "rule": name, "wanted": name in names} for name in known]
    statement = insert(Choice)
    anew = {"wanted": statement.excluded.wanted}
    kept = statement.on_conflict_do_update(index_elements=["person_id", "rule"], set_=anew)
    db.session.connection().execute(kept, lines)
    record("reminders.choose", f"person:{by.id}", by=by, now=now, count=sum(name in names for name in known))


def choose_nothing(*, by: Actor, now: datetime) -> None:
    """Go by the office's setting again."""
    db.session.execute(delete(Choice).where(Choice.person_id == by.id).execution_options(synchronize_session=False))
    record("reminders.choose", f"person:{by.id}", by=by, now=now)
