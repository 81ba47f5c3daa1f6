"""The demonstration's reminders: the last twelve days as the clock would have gone through them, some of them read,
acknowledged, put off."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.ground.db import db
from portal.reminders import services
from portal.reminders.models import Note
from portal.reminders.terms import NoteState, Snooze

DAYS = 12


def build(ctx: Any) -> None:
    """Tick through the last days, and let people do with their notes what people do."""
    midnight = ctx.now.replace(hour=0, minute=0, second=30, microsecond=0)
    moments = [midnight - timedelta(days=back, hours=-clock) for back in range(DAYS, -1, -1) for clock in (0, 9)]
    for moment in [one for one in moments if one < ctx.now]:
        for _written in services.tick(now=moment):
            db.session.commit()
    for _written in services.tick(now=ctx.now):
        db.session.commit()
    _handled(ctx)


def _handled(ctx: Any) -> None:
    """Of what was delivered some days ago, half is acknowledged; some of today's has been opened, one is put off."""
    delivered = select(Note).where(Note.state == NoteState.OPEN, Note.deliver_at <= ctx.now).order_by(Note.id)
    for place, note in enumerate(db.session.scalars(delivered).all()):
        person = db.session.get_one(Person, note.person_id)
        actor = actor_of(person, on=ctx.now.date(), address="10.20.0.12")
        if note.deliver_at < ctx.now - timedelta(days=2) and place % 2:
            services.acknowledge(note, by=actor, now=min(ctx.now, note.deliver_at + timedelta(hours=2)))
        elif place % 7 == 3:
            services.snooze(note, Snooze.WORKDAY, by=actor, now=ctx.now)
        elif place % 3 == 0:
            services.open_note(note, now=ctx.now)
    db.session.commit()
