"""叫工作人员: called at a machine, answered by whoever goes, over when nobody did; who is named to go."""

from datetime import datetime, timedelta

from sqlalchemy import update

from portal.accounts.models import Person
from portal.areas.queries import places
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.kiosk import queries
from portal.kiosk.models import Attendant, Call, Device
from portal.kiosk.services.once import insert_unless_taken, one_row, rows
from portal.kiosk.terms import CALL_MINUTES, CALLS_MOST, CallState
from portal.reminders import services as reminders
from portal.settings import queries as settings


def call_staff(*, by: Actor, now: datetime) -> CallState:
    """Somebody at the machine calls, and whoever serves it is told at once. Pressed again while it waits, it is the
    same call; too often, it is none."""
    lapse(now=now, device_id=by.id)
    said = queries.said_to(by.id or 0, now=now)
    if said is CallState.CALLED:
        return said
    if queries.calls_of(by.id or 0, now=now) >= CALLS_MOST:
        return CallState.OFTEN
    call_id = insert_unless_taken(Call, device_id=by.id, called_at=now)
    if call_id is not None:
        record("kiosk.call", f"call:{call_id}", by=by, now=now)
        reminders.tell("kiosk.call", now=now)
    return CallState.CALLED


def answer(call: Call, *, by: Actor, now: datetime) -> bool:
    """我去: whoever presses first goes, and everybody's reminder is settled. False when one has pressed it oneself
    before; `Refused` when somebody else is on the way, or it is over."""
    claim = update(Call).where(Call.id == call.id, Call.answered_at.is_(None), Call.lapsed_at.is_(None))
    if not one_row(claim.values(answered_at=now, answered_by_id=by.id, answered_by=by.name)):
        db.session.refresh(call)
        if call.answered_by_id == by.id and call.answered_at is not None:
            return False
        raise Refused(f"{call.answered_by}已经去了。" if call.answered_at else "等得太久，这一次已经作罢。")
    reminders.settle(subject=call.subject, now=now, by=by)
    record("kiosk.answer", call.subject, by=by, now=now)
    return True


def lapse(*, now: datetime, device_id: int | None = None) -> int:
    """End calls that nobody has answered for so long (of one machine, or of all); return how many."""
    past = now - timedelta(minutes=settings.value(CALL_MINUTES, on=now.date()))
    old = update(Call).where(Call.answered_at.is_(None), Call.lapsed_at.is_(None), Call.called_at <= past)
    if device_id is not None:
        old = old.where(Call.device_id == device_id)
    return rows(old.values(lapsed_at=now))


def withdraw(device_id: int, *, now: datetime) -> None:
    """A machine goes out of use: what was called from it is over."""
    rows(
        update(Call)
        .where(Call.device_id == device_id, Call.answered_at.is_(None), Call.lapsed_at.is_(None))
        .values(lapsed_at=now)
    )


def name_attendant(device: Device, person: Person, *, by: Actor, now: datetime) -> None:
    """Name somebody who comes when people call from a machine."""
    if device.retired_at is not None:
        raise Refused(f"“{device.name}”已停用。")
    named = insert_unless_taken(
        Attendant, device_id=device.id, person_id=person.id, since_at=now, given_by=by.name
    )  # fmt: skip
    if named is None:
        raise Refused(f"{person.name}已经在列。", field="person")
    record("kiosk.attend", f"device:{device.id}", by=by, now=now, login=person.login)


def dismiss_attendant(attendant: Attendant, *, by: Actor, now: datetime) -> None:
    """Somebody no longer comes; without any name, the hall's role is called again."""
    ended = update(Attendant).where(Attendant.id == attendant.id, Attendant.until_at.is_(None))
    if not one_row(ended.values(until_at=max(now, attendant.since_at), ended_by=by.name)):
        raise Refused("已经不在列了。")
    record("kiosk.dismiss", f"device:{attendant.device_id}", by=by, now=now, login=attendant.person.login)


def hand_over(*, giver: int, taker: int, by: Actor, now: datetime) -> int:
    """Name somebody in somebody else's place at every machine; returns at how many."""
    standing = db.session.execute(queries.attended(giver)).all()
    for attendant_id, device_id in standing:
        rows(update(Attendant).where(Attendant.id == attendant_id).values(until_at=now, ended_by=by.name))
        insert_unless_taken(Attendant, device_id=device_id, person_id=taker, since_at=now, given_by=by.name)
    if standing:
        record("kiosk.hand_over", f"person:{giver}", by=by, now=now, count=len(standing), taker=taker)
    return len(standing)


def set_hall(device: Device, hall_id: int | None) -> int | None:
    """The hall as it is stored: None where it is the machine's own place. `Refused` for an area that is not in use."""
    if hall_id is None or hall_id == device.area_id:
        return None
    place = places().by_id.get(hall_id)
    if place is None or place.closed:
        raise Refused("这个地方已经撤销，请另选由谁服务。", field="hall_id")
    return hall_id
