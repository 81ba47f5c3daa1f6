"""The demonstration's calendar: the real years, and one day that the office changed and put back."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.accounts.models import Person
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.worktime import queries, services


def build(ctx: Any) -> None:
    """A working day two weeks ahead on which the hall was to be closed for a power cut: announced, then called off."""
    day = queries.workdays().foreseen.next_workday(ctx.now.date() + timedelta(days=14))
    office = db.session.scalar(select(Person).where(Person.login == "office"))
    if office is None or not queries.published(day.year):
        return
    by = Actor("person", office.id, office.name)
    for works, name, reason in (
        (False, "停电检修", "供电公司通知，大厅停电一天（演示）"),
        (True, "", "停电改到周末，照常上班（演示）"),
    ):
        seen = queries.in_force()[day.year].edition
        services.change_day(day, works=works, name=name, source="", reason=reason, seen=seen, by=by, now=ctx.now)
