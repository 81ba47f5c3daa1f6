"""叫工作人员 at the staff's end: the calls that are one's business, and 我去; who is named for a machine."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.accounts import queries as accounts
from portal.accounts.terms import ROLES, SEPARATE
from portal.areas.queries import Tree, places
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.kiosk import forms, queries, services
from portal.kiosk.models import Call, Device
from portal.kiosk.views.door import room
from portal.web import SIGNED_IN, done, me, now, one_or_404, page
from portal.web.pages import whole


@room.get("/kiosks/calls", needs=SIGNED_IN)
def calls() -> ResponseReturnValue:
    """Who waits at which machine, and who went."""
    found = queries.recent(me(), now=now())
    waiting = [one for one in found if one.answered_at is None and one.lapsed_at is None]
    ended = [one for one in found if one not in waiting]
    return page("kiosk/calls.html", swap={"calls": "kiosk/_calls.html"}, waiting=waiting, ended=ended)


@room.post("/kiosks/calls/<int:id>/answer", needs=SIGNED_IN)
def answer(id: int) -> ResponseReturnValue:
    """我去: pressed twice by one person, it is once; pressed by two, the later reads who went."""
    call = one_or_404(queries.visible_calls(me(), on=now().date()).where(Call.id == id))
    went = services.answer(call, by=me(), now=now())
    message = f"“{call.device.name}”那边已告诉他您马上到" if went else "您已经接了这一次"
    return done(url_for(".calls"), message=message)


@room.post("/kiosks/<int:id>/attendants", needs=Can.KIOSK_KEEP)
def attend(id: int) -> ResponseReturnValue:
    """Name somebody who comes when people call."""
    device, form = one_or_404(queries.visible_to(me()).where(Device.id == id)), forms.AttendantForm()
    form.person.choices = person_choices(device)
    if not form.validate():
        return shown(device, status=422, attendant=form)
    try:
        person = one_or_404(queries.able(whole(form.person.data)))
        services.name_attendant(device, person, by=me(), now=now())
    except Refused as refused:
        form.person.errors = [refused.sentence]
        return shown(device, status=422, attendant=form)
    return done(url_for(".show", id=id), message=f"有人叫时提醒{person.name}")


@room.post("/kiosks/<int:id>/attendants/<int:person>/removal", needs=Can.KIOSK_KEEP)
def dismiss(id: int, person: int) -> ResponseReturnValue:
    """Name them no longer."""
    device = one_or_404(queries.visible_to(me()).where(Device.id == id))
    attendant = one_or_404(queries.attending(device.id, person))
    services.dismiss_attendant(attendant, by=me(), now=now())
    return done(url_for(".show", id=id), message=f"有人叫时不再提醒{attendant.person.name}")


def shown(
    device: Device, *, status: int = 200, form: forms.DeviceForm | None = None, digits: str | None = None,
    attendant: forms.AttendantForm | None = None, refused: str = "",
) -> Response:  # fmt: skip
    """The page of one machine."""
    if attendant is None:
        attendant = forms.AttendantForm(formdata=None)
        attendant.person.choices = person_choices(device)
    form = form or device_form(device, posted=False)
    return page(
        "kiosk/show.html", device=device, form=form, digits=digits, attendant=attendant, status=status,
        refused=refused, **serving(device),
    )  # fmt: skip


def serving(device: Device) -> dict[str, Any]:
    """Who comes when people call from a machine: those who are named, else whoever holds the hall's role."""
    tree = places()
    named = db.session.scalars(queries.attendants(device.id)).all()
    hall = tree.by_id[device.hall_id or device.area_id]
    role = queries.role_of(hall.kind)
    seated = accounts.seated(on=now().date()) if not named else None
    holding = seated.holding(role, hall.id) if seated else ()
    told = holding or (seated.reminded(role, hall.id) if seated else ())
    return {
        "named": named, "hall": tree.full_name(hall), "role": ROLES[role].label, "vacant": not holding,
        "told": db.session.scalars(accounts.by_ids(told)).all() if told else [],
    }  # fmt: skip


def device_form(device: Device, *, posted: bool = True) -> forms.DeviceForm:
    """The form of a machine that stands: its kind and its place stay as they are."""
    form = forms.DeviceForm(obj=device) if posted else forms.DeviceForm(formdata=None, obj=device)
    del form.kind, form.area_id
    form.hall_id.choices = hall_choices(places(), device)
    if form.hall_id.data is None:
        form.hall_id.data = device.hall_id or 0
    return form


def hall_choices(tree: Tree, device: Device | None = None) -> dict[Any, Any]:
    """Whose people may serve a machine: those of its own place (0), the office, a section, a community."""
    reach = me().reach(Can.KIOSK_KEEP)
    own = tree.by_id[device.area_id].name if device is not None else ""
    groups: dict[Any, Any] = {0: f"放在哪里就由哪里（{own}）" if own else "放在哪里就由哪里"}
    if reach.everything:
        groups["街道"] = {tree.office.id: tree.office.name}
    sections = {one.id: one.name for one in tree.sections}
    parts = {one.id: one.name for one in tree.communities if reach.covers(community=one.id, grid=None)}
    kept = device.hall_id if device is not None else None
    if kept and kept not in sections and kept not in parts and kept != tree.office.id:
        parts[kept] = tree.by_id[kept].name
    return {**groups, **({"科室": sections} if sections else {}), **({"社区和村": parts} if parts else {})}


def person_choices(device: Device) -> dict[str, Any]:
    """Who may be named: the hall's people first, then those of the same community, then the office's."""
    tree = places()
    place, hall = tree.by_id[device.area_id], tree.by_id[device.hall_id or device.area_id]
    near = [one.id for one in tree.by_code.values() if place.parent is not None and one.parent == place.id]
    groups = [(hall.name, [hall.id]), (place.name, [place.id, *near])]
    if me().reach(Can.KIOSK_KEEP).everything:
        groups.append(("街道和科室", [tree.office.id, *(one.id for one in tree.sections)]))
    sitting = accounts.seats(sorted({area for _title, areas in groups for area in areas}), on=now().date())
    taken = {one.person_id for one in db.session.scalars(queries.attendants(device.id))}
    found: dict[str, Any] = {"": "请选"}
    for title, areas in groups:
        for area in areas:
            for seat in sitting.get(area, ()):
                if seat.active and seat.person_id not in taken and seat.role not in SEPARATE:
                    taken.add(seat.person_id)
                    words = f"{seat.name}（{tree.full_name(tree.by_id[area])} · {ROLES[seat.role].label}）"
                    found.setdefault(title, {})[str(seat.person_id)] = words
    return found
