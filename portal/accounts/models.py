"""Tables of people: who they are, which roles they hold where, what they may confirm, how they log in."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.accounts.terms import EventKind, LoginOutcome, PersonState, ProposalState, found_by
from portal.areas.models import Area
from portal.ground.db import Labelled, Moment, db
from portal.ground.sealed import Sealed, SealedRow
from portal.ground.sheets.waiting import WaitingRow


class Person(SealedRow, db.Model):
    """Somebody who logs in. `epoch` counts up when all sessions must end (全部下线, new password).

    `words` is what the name is found by, in every reading; it follows the name. `sheet_id` is the sheet that brought
    the account; `slip_owed` while nobody has been handed a password for it. `mail` is where reminders
    also go, where the office sends mail; most have none.
    """

    __tablename__ = "accounts_people"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    login: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    phone_sealed: Mapped[str | None] = mapped_column(Text)
    mail_sealed: Mapped[str | None] = mapped_column(Text)
    state: Mapped[PersonState] = mapped_column(Labelled(PersonState), default=PersonState.ACTIVE)
    password_hash: Mapped[str] = mapped_column(String(160))
    password_set_at: Mapped[datetime] = mapped_column(Moment)
    must_change: Mapped[bool] = mapped_column(default=True)
    epoch: Mapped[int] = mapped_column(default=0)
    last_login_at: Mapped[datetime | None] = mapped_column(Moment)
    unlocked_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    words: Mapped[str | None] = mapped_column(Text, deferred=True)
    sheet_id: Mapped[int | None]
    slip_owed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    version: Mapped[int] = mapped_column(default=1)
    phone = Sealed("phone")
    mail = Sealed("mail")
    roles: Mapped[list["PersonRole"]] = relationship(back_populates="person")
    __mapper_args__ = {"version_id_col": version}

    @validates("name")
    def _named(self, _key: str, name: str) -> str:
        self.words = found_by(name)
        return name


class PersonRole(db.Model):
    """A role within an area, from a day on; `until_on` (exclusive) ends it."""

    __tablename__ = "accounts_roles"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "area_id", "from_on"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="ordered"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas_areas.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    granted_by: Mapped[str] = mapped_column(String(64))
    ended_by: Mapped[str | None] = mapped_column(String(64))
    person: Mapped[Person] = relationship(back_populates="roles")
    area: Mapped[Area] = relationship()


class Authority(db.Model):
    """甲方 authority: a dated grant of `pledges.confirm` within an area (rules 10).

    One taken back on its first day was good on no day: `until_on` (exclusive) equals `from_on`.
    """

    __tablename__ = "accounts_authorities"
    __table_args__ = (CheckConstraint("until_on >= from_on", name="ordered"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"), index=True)
    key: Mapped[str] = mapped_column(String(32))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas_areas.id"))
    from_on: Mapped[date]
    until_on: Mapped[date]
    basis: Mapped[str] = mapped_column(String(120))
    granted_by: Mapped[str] = mapped_column(String(64))
    granted_at: Mapped[datetime] = mapped_column(Moment)
    revoked_by: Mapped[str | None] = mapped_column(String(64))
    person: Mapped[Person] = relationship()
    area: Mapped[Area] = relationship()


class OldPassword(db.Model):
    """Hashes of passwords used before; the newest five cannot be used again."""

    __tablename__ = "accounts_old_passwords"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(160))
    replaced_at: Mapped[datetime] = mapped_column(Moment)


class Login(db.Model):
    """The log of logins: every try and how it ended; an unknown account has no person."""

    __tablename__ = "accounts_logins"
    __table_args__ = (Index("ix_accounts_logins_person_id_at", "person_id", "at"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))
    address: Mapped[str] = mapped_column(String(45))
    outcome: Mapped[LoginOutcome] = mapped_column(Labelled(LoginOutcome))


class EndedSession(db.Model):
    """A session that somebody ended: the same signed cookie, kept elsewhere, opens nothing any more.

    A row is of no use once the session would have ended by itself (12 hours), and is then dropped.
    """

    __tablename__ = "accounts_ended_sessions"
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"))
    ended_at: Mapped[datetime] = mapped_column(Moment, index=True)


class Proposal(db.Model):
    """A role that 系统管理员 asks for, and that waits for 安全管理员: who makes an account grants nothing (rules 6).

    One waits for a person, a role and an area at most.
    """

    __tablename__ = "accounts_proposals"
    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        Index(
            "uq_accounts_proposals_waiting", "person_id", "role", "area_id", unique=True,
            sqlite_where=text("decided_at IS NULL"), postgresql_where=text("decided_at IS NULL"),
        ),
        Index("ix_accounts_proposals_state_id", "state", "id"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas_areas.id"))
    from_on: Mapped[date]
    state: Mapped[ProposalState] = mapped_column(Labelled(ProposalState), default=ProposalState.WAITING)
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(String(120), default="")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    area: Mapped[Area] = relationship()


class PersonEvent(db.Model):
    """A line of a person's file about the account: what, who, when. Roles and authorities are rows of their own."""

    __tablename__ = "accounts_events"
    __table_args__ = (Index("ix_accounts_events_person_id_at", "person_id", "at"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[EventKind] = mapped_column(Labelled(EventKind))
    text: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[str] = mapped_column(String(64))


class WaitingSheet(WaitingRow, db.Model):
    """An uploaded sheet of people between preview and import."""

    __tablename__ = "accounts_sheets"
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"), index=True)
