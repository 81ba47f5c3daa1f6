"""Tables of the kiosk: devices, their enrolments, one-time codes, journeys. No code or token stands here readable."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Authority, Person
from portal.areas.models import Area
from portal.ground.db import Labelled, Moment, db
from portal.kiosk.terms import DeviceKind, Outcome


def _uuid() -> str:
    return str(uuid4())


class Device(db.Model):
    """A machine that staff have enrolled. `staff_at`: where the staff are, shown by 叫工作人员.

    `hall_id`: the area or section whose people serve it, None where those of its own place do; `Attendant` names some.

    `staff_phone` is the counter's public number, shown to whoever stands at the machine. It belongs to no person, so it
    is neither sealed nor masked, unlike every private telephone (rules 6).
    """

    __tablename__ = "kiosk_devices"
    __table_args__ = (
        CheckConstraint("(enrolled_at IS NULL) = (token_hash IS NULL)", name="enrolled"),
        CheckConstraint("(retired_at IS NULL) = (retired_by IS NULL)", name="retired"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[DeviceKind] = mapped_column(Labelled(DeviceKind))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas_areas.id"), index=True)
    hall_id: Mapped[int | None]
    staff_at: Mapped[str] = mapped_column(String(60))
    staff_phone: Mapped[str] = mapped_column(String(24), default="")
    added_at: Mapped[datetime] = mapped_column(Moment)
    added_by: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    enrolled_at: Mapped[datetime | None] = mapped_column(Moment)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)
    retired_by: Mapped[str | None] = mapped_column(String(64))
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    area: Mapped[Area] = relationship()

    @property
    def edition(self) -> str:
        """Which state of what staff can edit this is: a form carries it, and a later edit is told from it."""
        told = json.dumps([self.name, self.staff_at, self.staff_phone, self.hall_id])
        return sha256(told.encode()).hexdigest()[:16]


class Enrolment(db.Model):
    """A one-use code that makes a browser into its device; at most one is live for a device."""

    __tablename__ = "kiosk_enrolments"
    __table_args__ = (
        Index(
            "uq_kiosk_enrolments_live_device",
            "device_id",
            unique=True,
            sqlite_where=text("used_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=text("used_at IS NULL AND cancelled_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("kiosk_devices.id"))
    code_hash: Mapped[str] = mapped_column(String(64), index=True)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    issued_by: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    device: Mapped[Device] = relationship()


class Code(db.Model):
    """A one-time code for one subject (`tenure:17`): six digits, kept as a keyed digest.

    Issuing it is the confirmation of 甲方 under `authority_id`, and makes the issuer the witness (rules 10).
    Not used and not cancelled: at most one such row a subject, and none shares its digits with another.
    """

    __tablename__ = "kiosk_codes"
    __table_args__ = (
        Index(
            "uq_kiosk_codes_live_subject",
            "subject",
            unique=True,
            sqlite_where=text("used_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=text("used_at IS NULL AND cancelled_at IS NULL"),
        ),
        Index(
            "uq_kiosk_codes_live_code",
            "code_hash",
            unique=True,
            sqlite_where=text("used_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=text("used_at IS NULL AND cancelled_at IS NULL"),
        ),
        CheckConstraint("used_at IS NULL OR cancelled_at IS NULL", name="ended_once"),
        CheckConstraint("expires_at > issued_at", name="ordered"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(String(64), index=True)
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"))
    authority_id: Mapped[int] = mapped_column(ForeignKey("accounts_authorities.id"))
    issued_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    issued_by: Mapped[Person] = relationship()
    authority: Mapped[Authority] = relationship()


class Journey(db.Model):
    """One person's way through the six steps, bound to one device and one code. Its draft forgets when it ends.

    `key` goes into every form of the journey: it tells a stale page from the present one, and makes signing
    happen once however often it is sent (I11).
    """

    __tablename__ = "kiosk_journeys"
    __table_args__ = (
        Index(
            "uq_kiosk_journeys_open_device",
            "device_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("step BETWEEN 1 AND 6", name="step"),
        CheckConstraint("ended_at IS NULL OR outcome IS NOT NULL", name="ended"),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=_uuid)
    device_id: Mapped[int] = mapped_column(ForeignKey("kiosk_devices.id"), index=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("kiosk_codes.id"), index=True)
    subject: Mapped[str] = mapped_column(String(64))
    step: Mapped[int]
    draft: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    key: Mapped[str] = mapped_column(String(36), unique=True, default=_uuid)
    started_at: Mapped[datetime] = mapped_column(Moment)
    touched_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[Outcome | None] = mapped_column(Labelled(Outcome))
    device: Mapped[Device] = relationship()
    code: Mapped[Code] = relationship()


class Attendant(db.Model):
    """Somebody named to come when people call from a machine, from an instant until (exclusive) another."""

    __tablename__ = "kiosk_attendants"
    __table_args__ = (
        CheckConstraint("(until_at IS NULL) = (ended_by IS NULL)", name="ended"),
        CheckConstraint("until_at IS NULL OR until_at >= since_at", name="ordered"),
        Index(
            "uq_kiosk_attendants_current", "device_id", "person_id", unique=True,
            sqlite_where=text("until_at IS NULL"), postgresql_where=text("until_at IS NULL"),
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("kiosk_devices.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts_people.id"), index=True)
    since_at: Mapped[datetime] = mapped_column(Moment)
    given_by: Mapped[str] = mapped_column(String(64))
    until_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str | None] = mapped_column(String(64))
    device: Mapped[Device] = relationship()
    person: Mapped[Person] = relationship()


class Call(db.Model):
    """Somebody at a machine has called the staff; it waits until somebody goes, or is over. One waits at a time."""

    __tablename__ = "kiosk_calls"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered"),
        CheckConstraint("answered_at IS NULL OR lapsed_at IS NULL", name="ended_once"),
        Index(
            "uq_kiosk_calls_waiting", "device_id", unique=True,
            sqlite_where=text("answered_at IS NULL AND lapsed_at IS NULL"),
            postgresql_where=text("answered_at IS NULL AND lapsed_at IS NULL"),
        ),
        Index("ix_kiosk_calls_called_at", "called_at"),
        Index("ix_kiosk_calls_device_id_called_at", "device_id", "called_at"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("kiosk_devices.id"))
    called_at: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_people.id"))
    answered_by: Mapped[str | None] = mapped_column(String(64))
    lapsed_at: Mapped[datetime | None] = mapped_column(Moment)
    device: Mapped[Device] = relationship()

    @property
    def subject(self) -> str:
        """call:17, as reminders name it."""
        return f"call:{self.id}"
