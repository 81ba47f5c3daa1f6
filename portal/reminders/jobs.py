"""What the clock does with reminders: the tick each minute, mails, and dropping what was over long ago."""

import time
from datetime import datetime

from flask import current_app

from portal.ground.db import db
from portal.ground.mail import Fate, deliver
from portal.reminders import services

#: A piece of a long list, and the seconds that follow it: on SQLite one writes at a time, and whoever waits asks again
#: every tenth of a second.
PIECE, TURN = services.CHUNK, 0.12
#: How long one run sends before it lets the other duties have their turn; a single talk may take longer (ground.mail).
MAIL_SECONDS = 20


def tick(*, now: datetime) -> int:
    """Write what became owed; each piece of it commits by itself, and after a full one others have their turn, so that
    a long list does not hold up the office."""
    written = 0
    for count in services.tick(now=now):
        db.session.commit()
        written += count
        if count >= PIECE:
            time.sleep(TURN)
    return written


def mail(*, now: datetime) -> int:
    """Send the mails that are due, each claimed and committed before the first word; returns how many were taken.

    After a while the rest waits for the next minute: other duties are due too.
    """
    services.overdue_mails(now=now)
    db.session.commit()
    post, end, taken = services.post(), time.monotonic() + MAIL_SECONDS, 0
    while post and time.monotonic() < end:
        claim = services.claim(post, now=now)
        db.session.commit()
        if claim is None:
            break
        answer = deliver(post, claim.mail)
        now = current_app.extensions["clock"].now()
        services.heard(claim, answer, now=now)
        db.session.commit()
        taken += answer.fate is Fate.TAKEN
        if answer.all or answer.fate is Fate.UNKNOWN:
            break
    return taken


def purge(*, now: datetime) -> int:
    """Drop old notes."""
    return services.purge(now=now)
