"""Reading the kiosk: devices, the live code, the journey that a device is on."""

from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select, true
from sqlalchemy.orm import joinedload

from portal.areas.models import Area
from portal.ground import marks
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.sealed import sealer
from portal.kiosk.models import Code, Device, Enrolment, Journey
from portal.kiosk.terms import DONE, SILENCE_MINUTES
from portal.settings import queries as settings


def digest(secret: str, what: str) -> str:
    """Return the keyed digest under which a secret is stored; `what`: "code", "enrolment" or "token"."""
    return sealer().index(secret, f"kiosk.{what}")


def visible_to(actor: Actor) -> Select[Device]:
    """Devices that somebody keeps: those of the areas within reach."""
    reach = actor.reach(Can.KIOSK_KEEP)
    within = or_(Area.id.in_(reach.communities), Area.id.in_(reach.grids), Area.parent_id.in_(reach.communities))
    return (
        select(Device)
        .join(Device.area)
        .where(true() if reach.everything else within)
        .options(joinedload(Device.area))
        .order_by(Device.retired_at.is_not(None), Device.name)
    )


def device_with(token: str) -> Device | None:
    """Return the enrolled device that holds this token, None when there is none or it is retired. The marks come
    with it."""
    enrolled = (Device.token_hash == digest(token, "token"), Device.retired_at.is_(None))
    found = db.session.execute(select(Device, *marks.columns()).where(*enrolled)).one_or_none()
    if found is None:
        return None
    marks.note(found[1:])
    return found[0]


def silent_since(now: datetime) -> datetime:
    """Return the instant since which somebody must have touched a journey, else it is over (rules 6: 5 minutes)."""
    return now - timedelta(minutes=settings.value(SILENCE_MINUTES, on=now.date()))


def device(device_id: int | None) -> Select[Device]:
    """The device with this id."""
    return select(Device).where(Device.id == device_id)


def named(name: str) -> Select[Device]:
    """The machine with this name that is not retired."""
    return select(Device).where(Device.name == name, Device.retired_at.is_(None))


def code_with(digits: str) -> Code | None:
    """Return the newest code with these digits, whatever its state."""
    return db.session.scalars(
        select(Code)
        .where(Code.code_hash == digest(digits, "code"))
        .order_by(Code.used_at.is_not(None), Code.cancelled_at.is_not(None), Code.id.desc())
        .limit(1)
    ).first()


def live_code_of(subject: str, *, now: datetime) -> Code | None:
    """Return the code that is good for a subject now (`tenure:17`); its digits cannot be read back."""
    return db.session.scalars(
        select(Code).where(
            Code.subject == subject, Code.used_at.is_(None), Code.cancelled_at.is_(None), Code.expires_at > now
        )
    ).one_or_none()


def enrolment_with(digits: str, *, now: datetime) -> Enrolment | None:
    """Return the enrolment that may still be used with these digits."""
    return db.session.scalars(
        select(Enrolment)
        .join(Enrolment.device)
        .where(
            Enrolment.code_hash == digest(digits, "enrolment"),
            Enrolment.used_at.is_(None),
            Enrolment.cancelled_at.is_(None),
            Enrolment.expires_at > now,
            Device.retired_at.is_(None),
        )
        .limit(1)
    ).first()


def journey_of(actor: Actor, now: datetime) -> Journey | None:
    """Return the journey that a device is on, None when it is on none or nobody has touched it for 5 minutes.

    There is no other way to a journey: a device has at most one, and no address names one.
    """
    return journey_on(actor.id, now) if actor.kind == "device" and actor.id is not None else None


def journey_on(device_id: int, now: datetime) -> Journey | None:
    """Return the open journey of a device that is not silent, with its device, code, witness and authority."""
    return db.session.scalars(
        select(Journey)
        .where(Journey.device_id == device_id, Journey.ended_at.is_(None), Journey.touched_at > silent_since(now))
        .options(
            joinedload(Journey.device),
            joinedload(Journey.code).joinedload(Code.issued_by),
            joinedload(Journey.code).joinedload(Code.authority),
        )
    ).one_or_none()


def paper_of(actor: Actor, now: datetime) -> int | None:
    """Return the id of the paper that a device may make, show and print: that of its own signed journey alone."""
    journey = journey_of(actor, now)
    return journey.draft.get("paper_id") if journey is not None and journey.step == DONE else None
