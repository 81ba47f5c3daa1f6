"""Tables of reminders: how far each rule has looked, and the notes that it wrote."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.ground.db import Labelled, Moment, db
from portal.reminders.terms import (
    SECOND_MOST,
    TITLE_MOST,
    URL_MOST,
    WHY_MOST,
    Channel,
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
