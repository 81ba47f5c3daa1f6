"""Rules for tests: a world of things that become owed at instants, and rules that look at it as a room's would."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.ground.db import db
from portal.ground.declare import Offers, Owed, ReminderRule, Whom
from portal.reminders import jobs
from portal.reminders.models import Mark, Note
from portal.reminders.terms import NoteState

OFFICE = Whom(role="campaign_office")


@dataclass
class World:
    """What a rule's find and still look at; `asked` counts the looks."""

    things: list[Owed] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    broken: bool = False
    asked: int = 0

    def owe(self, subject: str, at: datetime, slot: str = "1", whom: Whom = OFFICE, **but: Any) -> Owed:
        """Add a thing."""
        plain = Owed(subject, slot, at, whom, f"办 {subject}", "到时了", "/merchants/")
        self.things.append(replace(plain, **but))
        return self.things[-1]

    def find(self, since: datetime, now: datetime) -> Sequence[Owed]:
        self.asked += 1
        if self.broken:
            raise ZeroDivisionError("坏了")
        return [one for one in self.things if since < one.at <= now and one.subject not in self.done]

    def still(self, subjects: Sequence[str], now: datetime) -> Collection[str]:
        return set(subjects) - self.done

    def rule(self, name: str = "test.things", **but: Any) -> ReminderRule:
        """A rule that looks at this world."""
        return replace(ReminderRule(name, "试的提醒", "到时提醒", "系统约定", self.find), **but)


def offered(app: Flask, *rules: ReminderRule) -> None:
    """Let the house have these rules and no others."""
    whole: Offers = app.extensions["offers"]
    app.extensions["offers"] = replace(whole, reminders=list(rules))


def tick(now: datetime) -> int:
    """One tick as the clock does it, committed."""
    written = jobs.tick(now=now)
    db.session.commit()
    return written


def notes(**but: Any) -> list[Note]:
    """The notes on file, the oldest first, narrowed by columns."""
    db.session.expire_all()
    return list(db.session.scalars(select(Note).filter_by(**but).order_by(Note.id)))


def open_notes(**but: Any) -> list[Note]:
    return notes(state=NoteState.OPEN, **but)


def mark(rule: str = "test.things") -> datetime | None:
    db.session.expire_all()
    return db.session.scalar(select(Mark.looked_until).where(Mark.rule == rule))
