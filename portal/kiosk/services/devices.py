"""Devices: entered by staff, enrolled with a one-use code, retired."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import exists, update
from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.fields.letters import naming
from portal.kiosk import queries
from portal.kiosk.models import Device, Enrolment
from portal.kiosk.services.calls import set_hall, withdraw
from portal.kiosk.services.journeys import leave
from portal.kiosk.services.once import fresh_digits, insert_unless_taken, one_row, rows
from portal.kiosk.terms import ENROLMENT_DIGITS, ENROLMENT_MINUTES, DeviceKind
from portal.papers.queries import missing_characters
from portal.settings import queries as settings

#: What the later of two editors reads (house.md section 4).
STALE = "他人已先修改，请刷新"


def _taken(name: str) -> Refused:
    return Refused(f"已经有一台叫“{name}”的设备，请换个名字", field="name")


def _refuse_unprintable(name: str) -> None:
    """A machine's name stands on what is signed on it: better refused here than after somebody has signed."""
    missing = missing_characters(name)
    if missing:
        named = "、".join(naming(sign) for sign in missing[:5])
        raise Refused(f"{named} 现有字库印不出来，设备名称要印在责任书上，请换个写法", field="name")


def add_device(
    *, name: str, kind: DeviceKind, area_id: int, staff_at: str, staff_phone: str, hall_id: int | None = None,
    by: Actor, now: datetime,
) -> Device:  # fmt: skip
    """Enter a machine; it can do nothing until its browser is enrolled. Refused when the name is taken or
    cannot be printed."""
    _refuse_unprintable(name)
    values = {"name": name, "kind": kind, "area_id": area_id, "staff_at": staff_at, "staff_phone": staff_phone}
    device_id = insert_unless_taken(Device, **values, added_at=now, added_by=by.name)
    if device_id is None:
        raise _taken(name)
    device = db.session.get_one(Device, device_id)
    device.hall_id = set_hall(device, hall_id)
    db.session.flush()
    record("kiosk.device_add", f"device:{device_id}", by=by, now=now, kind=kind.value, area=area_id)
    return device


def edit_device(
    device: Device, *, name: str, staff_at: str, staff_phone: str, hall_id: int | None = None, seen: str, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Change what a machine is called, where its staff are, and whose people serve it.

    `seen` is the `Device.edition` that the editor had before them. Refused when somebody else has changed the machine
    since, when the name is taken or cannot be printed. Pulses and enrolments are no edits and disturb nobody.
    """
    _refuse_unprintable(name)
    if seen != device.edition:
        raise Refused(STALE)
    if db.session.scalar(exists().where(Device.name == name, Device.id != device.id).select()):
        raise _taken(name)
    hall_id = set_hall(device, hall_id)
    before = (
        Device.name == device.name, Device.staff_at == device.staff_at, Device.staff_phone == device.staff_phone,
        Device.hall_id.is_not_distinct_from(device.hall_id),
    )  # fmt: skip
    values = {"name": name, "staff_at": staff_at, "staff_phone": staff_phone, "hall_id": hall_id}
    try:
        with db.session.begin_nested():
            changed = one_row(update(Device).where(Device.id == device.id, *before).values(**values))
    except IntegrityError:  # another machine got the name at this very instant
        raise Refused(_taken(name).sentence) from None
    if not changed:
        raise Refused(STALE)
    db.session.refresh(device)
    record("kiosk.device_edit", f"device:{device.id}", by=by, now=now)


def issue_enrolment(device: Device, *, by: Actor, now: datetime) -> str:
    """Make the one-use code (8 digits, 30 minutes) that turns a browser into this device; an earlier one is void."""
    if device.retired_at is not None:
        raise Refused(f"“{device.name}”已停用，不能再登记")
    good_for = timedelta(minutes=settings.value(ENROLMENT_MINUTES, on=now.date()))

    def insert(digits: str) -> int | None:
        _cancel_enrolments(device.id, now)
        return insert_unless_taken(
            Enrolment,
            device_id=device.id,
            code_hash=queries.digest(digits, "enrolment"),
            issued_at=now,
            issued_by=by.name,
            expires_at=now + good_for,
        )

    digits = fresh_digits(ENROLMENT_DIGITS, insert)
    record("kiosk.enrolment_issue", f"device:{device.id}", by=by, now=now)
    return digits


def enrol(digits: str, *, address: str, now: datetime) -> tuple[Device, str] | None:
    """Use an enrolment code up: return the device and the token for its cookie, None when the code is not good.

    A machine that was enrolled before loses its old token, and its journey is over.
    """
    enrolment = queries.enrolment_with(digits, now=now)
    if enrolment is None or not one_row(
        update(Enrolment)
        .where(Enrolment.id == enrolment.id, Enrolment.used_at.is_(None), Enrolment.cancelled_at.is_(None))
        .values(used_at=now)
    ):
        return None
    token, device = secrets.token_urlsafe(32), enrolment.device
    leave(device.id, now=now)
    device.token_hash, device.enrolled_at, device.seen_at = queries.digest(token, "token"), now, now
    by = Actor("device", device.id, device.name, address=address)
    record("kiosk.device_enrol", f"device:{device.id}", by=by, now=now, issued_by=enrolment.issued_by)
    return device, token


def retire(device: Device, *, by: Actor, now: datetime) -> None:
    """End a machine: its token opens nothing any more, its journey is over, a waiting enrolment is void."""
    if not one_row(
        update(Device)
        .where(Device.id == device.id, Device.retired_at.is_(None))
        .values(retired_at=now, retired_by=by.name)
    ):
        raise Refused(f"“{device.name}”已经停用")
    _cancel_enrolments(device.id, now)
    leave(device.id, now=now)
    withdraw(device.id, now=now)
    db.session.refresh(device)
    record("kiosk.device_retire", f"device:{device.id}", by=by, now=now)


def see(*, by: Actor, now: datetime) -> None:
    """Note that a machine is on and connected; no deed, so no line in the trail."""
    rows(update(Device).where(Device.id == by.id).values(seen_at=now))


def _cancel_enrolments(device_id: int, now: datetime) -> None:
    live = (Enrolment.used_at.is_(None), Enrolment.cancelled_at.is_(None))
    rows(update(Enrolment).where(Enrolment.device_id == device_id, *live).values(cancelled_at=now))
