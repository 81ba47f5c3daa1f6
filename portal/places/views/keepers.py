"""Who answers for a street: given, taken back, and many at once as the grids say (R3)."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.areas.queries import places
from portal.ground.can import Can
from portal.ground.errors import Refused
from portal.places import forms, queries, services
from portal.places.models import Street
from portal.places.views.lists import came_from
from portal.places.views.room import room, street_or_404
from portal.web import done, me, now, one_or_404, page
from portal.web.pages import whole

KEEP = Can.PLACES_KEEP


@room.get("/<int:id>/keeper", needs=KEEP)
def keeper(id: int) -> ResponseReturnValue:
    street = street_or_404(id, KEEP)
    return _keeper_page(street, forms.KeeperForm(formdata=None, data={"version": street.version}), 200)


@room.post("/<int:id>/keeper", needs=KEEP, endpoint="assign")
def assign(id: int) -> ResponseReturnValue:
    """Somebody answers for it from now on; whoever did before is released in the same instant."""
    street, form = street_or_404(id, KEEP), forms.KeeperForm()
    form.person.choices = _choices(street)
    if not form.validate():
        return _keeper_page(street, form, 422)
    person = one_or_404(queries.person(whole(form.person.data)))
    try:
        services.assign(street, person, reason=form.words, version=whole(form.version.data), by=me(), now=now())
    except Refused as refused:
        if refused.field is None:
            return _keeper_page(street, form, 409, refused.sentence)
        form.person.errors = [refused.sentence]
        return _keeper_page(street, form, 422)
    return done(url_for("places.show", id=id), message=f"{street.name}由{person.name}负责")


@room.post("/<int:id>/keeper/removal", needs=KEEP, endpoint="release")
def release(id: int) -> ResponseReturnValue:
    """Nobody answers for it from now on."""
    street, form = street_or_404(id, KEEP), forms.ReasonForm()
    if not form.validate():
        empty = forms.KeeperForm(formdata=None, data={"version": street.version})
        return _keeper_page(street, empty, 422, form.reason.errors[0])
    try:
        services.release(street, reason=form.words, version=whole(form.version.data), by=me(), now=now())
    except Refused as refused:
        empty = forms.KeeperForm(formdata=None, data={"version": street.version})
        return _keeper_page(street, empty, 409, refused.sentence)
    return done(url_for("places.show", id=id), message="已解除，现在没有责任人")


@room.get("/allotment", needs=KEEP)
def allotment() -> ResponseReturnValue:
    """按网格落实: streets that nobody answers for, and whoever the grids name; ticked, then given."""
    return _allotment_page(200)


@room.post("/allotment", needs=KEEP, endpoint="allot")
def allot() -> ResponseReturnValue:
    wanted = {}
    for sent in request.form.getlist("street")[:1000]:
        street, _, person = sent.partition("-")
        if whole(street) and whole(person):
            wanted[whole(street)] = whole(person)
    if not wanted:
        return _allotment_page(422, "请至少勾选一条路段。")
    given = services.allot(wanted, by=me(), now=now())
    left = len(wanted) - given
    message = f"{given} 条路段有了责任人" + (f"，{left} 条已有变化，没有动" if left else "")
    return done(url_for("places.index"), message=message)


def _allotment_page(status: int, refused: str = "") -> Response:
    tree, today = places(), now().date()
    found = services.allotment(me(), now=now())
    rows = [
        (one.street, one.person, queries.area_words([part.grid_id for part in one.street.grids], tree)) for one in found
    ]
    counted = queries.tallies(me(), tree=tree, on=today)
    return page(
        "places/allotment.html", rows=rows, counted=counted, back=came_from(), refused=refused, status=status
    )  # fmt: skip


def _choices(street: Street) -> dict[str, str | dict[str, str]]:
    """Who may answer for it, the nearest first; whoever does already is left out."""
    groups = services.candidates([one.grid_id for one in street.grids], tree=places(), on=now().date())
    offered = {
        title: {str(one.person_id): f"{one.name}（{one.post}）" for one in people if one.person_id != street.keeper_id}
        for title, people in groups.items()
    }
    return {"": "请选", **{title: people for title, people in offered.items() if people}}


def _keeper_page(street: Street, form: forms.KeeperForm, status: int, refused: str = "") -> Response:
    form.person.choices = _choices(street)
    kept = street.keeper_id is not None and queries.answers(street.id, on=now().date())
    return page("places/keeper.html", street=street, form=form, refused=refused, answers=kept, status=status)
