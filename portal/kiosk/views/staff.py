"""Doors of the staff who keep the machines: the list, a new one, enrolment, changes, retirement."""

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.areas import queries as areas
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.kiosk import forms, queries, services
from portal.kiosk.models import Device
from portal.kiosk.terms import DeviceKind
from portal.kiosk.views.calls import device_form, hall_choices, shown
from portal.kiosk.views.door import room
from portal.web import done, me, now, one_or_404, page


@room.get("/kiosks", needs=Can.KIOSK_KEEP)
def index() -> ResponseReturnValue:
    """自助机: the machines within reach, and what each is doing."""
    devices = db.session.scalars(queries.visible_to(me())).all()
    waiting = [one for one in queries.recent(me(), now=now(), most=1) if one.answered_at is None and not one.lapsed_at]
    return page("kiosk/index.html", devices=devices, waiting=waiting)


@room.get("/kiosks/new", needs=Can.KIOSK_KEEP)
def new() -> ResponseReturnValue:
    """A form for a new machine."""
    return page("kiosk/new.html", form=_form(me()))


@room.post("/kiosks", needs=Can.KIOSK_KEEP)
def create() -> ResponseReturnValue:
    """Enter a machine, and go on to its enrolment."""
    form = _form(me())
    if not form.validate():
        return page("kiosk/new.html", form=form, status=422)
    try:
        kind = next(one for one in DeviceKind if one.value == form.kind.data)
        device = services.add_device(kind=kind, area_id=form.area_id.data, **form.particulars, by=me(), now=now())
    except Refused as refused:
        form[refused.field if refused.field in form else "name"].errors = [refused.sentence]
        return page("kiosk/new.html", form=form, status=422)
    return done(url_for(".show", id=device.id), message=f"“{device.name}”已建立，接着发登记码")


@room.get("/kiosks/<int:id>", needs=Can.KIOSK_KEEP)
def show(id: int) -> ResponseReturnValue:
    """One machine: how it stands, and what can be done with it."""
    return shown(_device(id))


@room.post("/kiosks/<int:id>", needs=Can.KIOSK_KEEP)
def edit(id: int) -> ResponseReturnValue:
    """Change what it is called and where its staff are."""
    device = _device(id)
    form = device_form(device)
    if not form.validate():
        return shown(device, form=form, status=422)
    try:
        services.edit_device(device, **form.particulars, seen=form.edition.data or "", by=me(), now=now())
    except Refused as refused:
        if refused.field not in form:
            return shown(device, form=form, status=409, refused=refused.sentence)
        form[refused.field].errors = [refused.sentence]
        return shown(device, form=form, status=422)
    return done(url_for(".show", id=id))


@room.post("/kiosks/<int:id>/enrolment", needs=Can.KIOSK_KEEP)
def issue_enrolment(id: int) -> ResponseReturnValue:
    """Show the one-use code that turns a browser into this machine; it is shown once."""
    device = _device(id)
    digits = services.issue_enrolment(device, by=me(), now=now())
    return shown(device, digits=digits)


@room.post("/kiosks/<int:id>/retirement", needs=Can.KIOSK_KEEP)
def retire(id: int) -> ResponseReturnValue:
    """Retire a machine: it opens nothing any more."""
    device = _device(id)
    services.retire(device, by=me(), now=now())
    return done(url_for(".index"), message=f"“{device.name}”已停用")


def _device(device_id: int) -> Device:
    return one_or_404(queries.visible_to(me()).where(Device.id == device_id))


def _form(actor: Actor) -> forms.DeviceForm:
    """The form of a new machine, with the areas where the actor keeps machines."""
    form = forms.DeviceForm()
    places = [*db.session.scalars(areas.office())] if actor.reach(Can.KIOSK_KEEP).everything else []
    places += db.session.scalars(areas.communities(actor, Can.KIOSK_KEEP))
    form.area_id.choices = {place.id: place.name for place in places}
    form.hall_id.choices = hall_choices(areas.places())
    return form
