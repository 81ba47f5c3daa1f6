"""Writing mails: in the transaction that moves the tick's marks, one row for each person who has something new (I6).

Where the office has configured no mail server this looks at nothing and writes nothing.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from flask import current_app
from sqlalchemy import update

from portal.accounts import queries as accounts
from portal.ground.db import db
from portal.ground.declare import ReminderRule
from portal.ground.mail import NotReady, Post, post_of
from portal.ground.sealed import sealer
from portal.reminders import queries
from portal.reminders import rules as decide
from portal.reminders.models import Mail, Mark
from portal.reminders.services.writing import insert
from portal.reminders.terms import MAIL_MARK, MAIL_RULE, MAIL_RULES, MailState
from portal.settings import queries as settings


def post() -> Post | None:
    """Return the office's mail server, None where mail is not configured, or not rightly (系统状态 tells)."""
    try:
        return post_of(current_app.config)
    except NotReady:
        return None


def write_mails(mark: datetime | None, *, rules: Sequence[ReminderRule], now: datetime) -> bool:
    """Write what is to be told by mail of the notes that came since `mark`; tells whether the mark may move.

    One look-up where nothing came. Only one tick at a time gets past the mark: two that look at once tell once.
    """
    through = post()
    if through is None:
        return False
    came = queries.came_by_rule(since=decide.mailed_since(mark, now), now=now)
    if came and (mark is None or _held(mark, now=now)):
        _write(came, through, rules=rules, now=now)
    return True


def _held(mark: datetime, *, now: datetime) -> bool:
    """Move the mark from where this tick saw it; False when another tick has moved it meanwhile."""
    moved = update(Mark).where(Mark.rule == MAIL_MARK, Mark.looked_until == mark).values(looked_until=now)
    changed = db.session.execute(moved.execution_options(synchronize_session=False))
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def _write(came: Sequence[queries.Came], through: Post, *, rules: Sequence[ReminderRule], now: datetime) -> None:
    people = accounts.with_mail({one.person_id for one in came})
    if not people:
        return
    chosen, office = queries.choices(people), settings.value(MAIL_RULES, on=now.date())
    before = queries.told_until(people)
    at_once = {rule.name: rule.at_once for rule in rules if rule.name != MAIL_RULE}
    told: defaultdict[int, list[queries.Came]] = defaultdict(list)
    for one in came:
        if one.person_id in people and one.rule in at_once and _news(one, before.get(one.person_id)):
            choice = chosen.get((one.person_id, one.rule))
            if decide.by_mail(at_once=at_once[one.rule], chosen=choice, office=office):
                told[one.person_id].append(one)
    standing = queries.standing_counts(told, now=now) if told else {}
    lines = []
    for person_id, found in sorted(told.items()):
        until, new = max(one.at for one in found), sum(one.new for one in found)
        waiting, overdue = standing.get(person_id, (0, 0))
        slot = until.isoformat()
        lines.append(
            {
                "person_id": person_id, "slot": slot, "message_id": message_id(person_id, slot, through.sender),
                "until_at": until, "came": new, "waiting": max(new, waiting), "overdue": overdue, "written_at": now,
                "asked_at": now, "state": MailState.WAITING, "tries": 0, "try_at": now, "answer": "",
            }
        )  # fmt: skip
    if lines:
        anew = insert(Mail).on_conflict_do_nothing(index_elements=["person_id", "slot"])
        db.session.connection().execute(anew, lines)


def _news(one: queries.Came, told: datetime | None) -> bool:
    return told is None or one.at > told


def message_id(person_id: int, slot: str, sender: str) -> str:
    """Return the Message-ID of a person's mail about a slot: always the same one, and nothing that tells who it is."""
    return f"<{sealer().index(f'{person_id} {slot}', 'reminders_mails.message_id')[:32]}@{sender.rpartition('@')[2]}>"
