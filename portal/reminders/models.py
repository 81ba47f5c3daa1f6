"""Tables of reminders: how far each rule has looked, the notes that it wrote, and mails that count them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Labelled, Moment, db
from portal.reminders.terms import (
    ANSWER_MOST,
    SECOND_MOST,
    TITLE_MOST,
    URL_MOST,
    WHY_MOST,
    Channel,
    MailState,
    NoteState,
    Origin,
)


def _where(name: str, condition: str, *columns: str) -> Index:
    """An index over those rows only that are still of interest: what has ended costs it nothing."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


class Mark(db.Model):
    """Until when a rule has looked; moved in the transaction that wrote the last of what it found.

    `asked_after` is the last subject that was asked whether it is done.
    """

    __tablename__ = "reminders_marks"
    rule: Mapped[str] = mapped_column(String(48), primary_key=True)
    looked_until: Mapped[datetime] = mapped_column(Moment)
    asked_after: Mapped[str] = mapped_column(String(64), default="")


class Note(db.Model):
    """One word to one person: (rule, subject, slot, person, channel) is once for all (I6).

    It is in the inbox from `deliver_at` until `closed_at` (whatever closed it), but while it is put off; the thing
    itself is over at `ended_at`. `by_at` orders the inbox: the limit, else the delivery. `area_id` is where an
    escalation, due at `escalate_at`, looks for its role.
    """

    __tablename__ = "reminders_notes"
    __table_args__ = (
        UniqueConstraint("rule", "subject", "slot", "person_id", "channel"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("(state IN ('open', 'acknowledged')) = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(state = 'handed') = (handed_to_id IS NOT NULL)", name="handed"),
        _where("ix_reminders_notes_inbox", "closed_at IS NULL", "person_id", "by_at", "id"),
        _where("ix_reminders_notes_subject", "ended_at IS NULL", "subject"),
        _where("ix_reminders_notes_rule", "ended_at IS NULL", "rule", "subject"),
        _where("ix_reminders_notes_escalate", "escalate_at IS NOT NULL", "escalate_at"),
        _where("ix_reminders_notes_earlier", "closed_at IS NOT NULL", "person_id", "closed_at", "id"),
        # Not by person first: without statistics SQLite would take it for the inbox, with all that has long been over.
        Index("ix_reminders_notes_deliver_at_person_id", "deliver_at", "person_id"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    rule: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str] = mapped_column(String(64))
    slot: Mapped[str] = mapped_column(String(32))
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"))
    channel: Mapped[Channel] = mapped_column(Labelled(Channel))
    origin: Mapped[Origin] = mapped_column(Labelled(Origin))
    title: Mapped[str] = mapped_column(String(TITLE_MOST))
    second: Mapped[str] = mapped_column(String(SECOND_MOST))
    why: Mapped[str] = mapped_column(String(WHY_MOST))
    url: Mapped[str] = mapped_column(String(URL_MOST))
    lamp: Mapped[str] = mapped_column(String(8))
    word: Mapped[str] = mapped_column(String(12))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas_areas.id"))
    until_at: Mapped[datetime | None] = mapped_column(Moment)
    owed_at: Mapped[datetime] = mapped_column(Moment)
    written_at: Mapped[datetime] = mapped_column(Moment)
    deliver_at: Mapped[datetime] = mapped_column(Moment)
    by_at: Mapped[datetime] = mapped_column(Moment)
    late: Mapped[bool]
    state: Mapped[NoteState] = mapped_column(Labelled(NoteState))
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    snoozed_until: Mapped[datetime | None] = mapped_column(Moment)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))
    handed_to_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))
    giver_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))
    escalate_at: Mapped[datetime | None] = mapped_column(Moment)
    escalated_at: Mapped[datetime | None] = mapped_column(Moment)


class Mail(db.Model):
    """One mail to one person about one digest, or about what was to be told at once: (person, slot) is once for all.

    It holds counts and no names; the address is opened when it is sent. `until_at` is the newest delivery that it
    tells of, and `message_id` the same in every try, so that whoever gets it twice can know. A try is a claim
    (`token`, `claimed_at`), committed before the first word to the server; what came of it is `answer`. `asked_at` is
    when it was written, or last asked for by a person.
    """

    __tablename__ = "reminders_mails"
    __table_args__ = (
        UniqueConstraint("person_id", "slot"),
        CheckConstraint("(state = 'waiting') = (try_at IS NOT NULL)", name="waiting"),
        CheckConstraint("state <> 'sending' OR (token IS NOT NULL AND claimed_at IS NOT NULL)", name="claimed"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        _where("ix_reminders_mails_try", "state = 'waiting'", "try_at", "id"),
        _where("ix_reminders_mails_sending", "state = 'sending'", "claimed_at"),
        _where("ix_reminders_mails_stuck", "state IN ('refused', 'unknown')", "state", "answered_at"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"))
    slot: Mapped[str] = mapped_column(String(40))
    message_id: Mapped[str] = mapped_column(String(320), unique=True)
    until_at: Mapped[datetime] = mapped_column(Moment)
    came: Mapped[int]
    waiting: Mapped[int]
    overdue: Mapped[int]
    written_at: Mapped[datetime] = mapped_column(Moment)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[MailState] = mapped_column(Labelled(MailState))
    tries: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime | None] = mapped_column(Moment)
    token: Mapped[str | None] = mapped_column(String(32))
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(String(ANSWER_MOST), default="")
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))


class Choice(db.Model):
    """Whether a person wants a rule by mail too; without a row the office's setting decides."""

    __tablename__ = "reminders_choices"
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    rule: Mapped[str] = mapped_column(String(48), primary_key=True)
    wanted: Mapped[bool]
