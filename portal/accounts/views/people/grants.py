"""What 安全管理员 grants and takes back: roles, 甲方 authorities, and what 系统管理员 asks for (待授权)."""

from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.accounts import forms, queries, services
from portal.accounts.models import Person, Proposal
from portal.accounts.terms import ROLES
from portal.accounts.views.people.room import area_choices, blame, person_or_404, role_choices, room
from portal.areas import queries as areas
from portal.areas.models import Area
from portal.areas.queries import places
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.web import done, me, now, one_or_404, page
from portal.web.pages import whole

GRANT, KEEP = Can.PEOPLE_GRANT, Can.PEOPLE_KEEP


@room.get("/<int:id>/roles/new", needs=GRANT, endpoint="role")
def role(id: int) -> ResponseReturnValue:
    return _role_page(person_or_404(id, GRANT), _role_form(), 200)


@room.post("/<int:id>/roles", needs=GRANT, endpoint="give_role")
def give_role(id: int) -> ResponseReturnValue:
    person, form = person_or_404(id, GRANT), _role_form(sent=True)
    if not form.validate():
        return _role_page(person, form, 422)
    try:
        services.give_role(
            person, role=form.role.data, area=_area(form), from_on=form.from_on.clean, by=me(), now=now()
        )
    except Refused as refused:
        blame(form, refused, "role")
        return _role_page(person, form, 409)
    return done(url_for(".show", id=id), message=f"已授予{ROLES[form.role.data].label}")


@room.post("/<int:id>/roles/<int:role>/end", needs=GRANT, endpoint="end_role")
def end_role(id: int, role: int) -> ResponseReturnValue:
    person = person_or_404(id, GRANT)
    one = one_or_404(queries.role_of(id, role))
    left = services.end_role(person, role=one.role, area=one.area, by=me(), now=now())
    words = "、".join(f"{one.label} {count} {one.unit}" for one, count in left)
    more = f"；此人手里还有{words}，这里已没有岗位来办，请尽快安排人接手" if left else ""
    return done(url_for(".show", id=id), message=f"已收回{ROLES[one.role].label}{more}")


@room.get("/<int:id>/proposals/new", needs=KEEP, endpoint="proposal")
def proposal(id: int) -> ResponseReturnValue:
    return _role_page(person_or_404(id, KEEP), _role_form(), 200, asking=True)


@room.post("/<int:id>/proposals", needs=KEEP, endpoint="propose")
def propose(id: int) -> ResponseReturnValue:
    person, form = person_or_404(id, KEEP), _role_form(sent=True)
    if not form.validate():
        return _role_page(person, form, 422, asking=True)
    try:
        services.propose(person, role=form.role.data, area=_area(form), from_on=form.from_on.clean, by=me(), now=now())
    except Refused as refused:
        blame(form, refused, "role")
        return _role_page(person, form, 409, asking=True)
    return done(url_for(".show", id=id), message="已提请，等安全管理员授权")


def _role_form(*, sent: bool = False) -> forms.RoleForm:
    form = forms.RoleForm() if sent else forms.RoleForm(formdata=None, data={"from_on": now().date().isoformat()})
    form.role.choices, form.area.choices = role_choices(), area_choices(places())
    return form


def _role_page(person: Person, form: forms.RoleForm, status: int, *, asking: bool = False) -> Response:
    held = queries.posts(person.id, on=now().date())
    return page(
        "accounts/people/role.html", person=person, form=form, asking=asking, held=held, spec=ROLES, status=status
    )


def _area(form: Any) -> Area:
    return db.session.scalars(areas.by_codes([form.area.data])).one()


@room.get("/<int:id>/authorities/new", needs=GRANT, endpoint="authority")
def authority(id: int) -> ResponseReturnValue:
    today = now().date()
    begin = {"from_on": today.isoformat(), "last_on": (today + timedelta(days=364)).isoformat()}
    person = person_or_404(id, GRANT)
    return _authority_page(person, _authority_form(person, begin), 200)


@room.post("/<int:id>/authorities", needs=GRANT, endpoint="grant_authority")
def grant_authority(id: int) -> ResponseReturnValue:
    person = person_or_404(id, GRANT)
    form = _authority_form(person)
    if not form.validate():
        return _authority_page(person, form, 422)
    try:
        services.grant_authority(
            person, area=_area(form), from_on=form.from_on.clean, until_on=form.last_on.clean + timedelta(days=1),
            basis=form.basis.clean, by=me(), now=now(),
        )  # fmt: skip
    except Refused as refused:
        blame(form, refused, "area")
        return _authority_page(person, form, 409)
    return done(url_for(".show", id=id), message="已授权，可以代表甲方确认")


@room.post("/<int:id>/authorities/<int:authority>/end", needs=GRANT, endpoint="revoke_authority")
def revoke_authority(id: int, authority: int) -> ResponseReturnValue:
    person_or_404(id, GRANT)
    services.revoke_authority(one_or_404(queries.authority_of(id, authority)), by=me(), now=now())
    return done(url_for(".show", id=id), message="授权已收回")


def _authority_form(person: Person, begin: dict[str, str] | None = None) -> forms.AuthorityForm:
    """Only areas are offered that the person's roles carry."""
    form = forms.AuthorityForm() if begin is None else forms.AuthorityForm(formdata=None, data=begin)
    tree = places()
    held = queries.standing_roles(person.id, on=now().date())
    carrying = {one.area_id for one in db.session.scalars(held) if Can.PLEDGES_CONFIRM in ROLES[one.role].keys}
    below = [one.id for one in tree.by_id.values() if carrying & {one.id, one.parent or 0, _above(one.parent)}]
    form.area.choices = area_choices(tree, only=below)
    return form


def _above(area_id: int | None) -> int:
    place = places().by_id.get(area_id or 0)
    return place.parent or 0 if place else 0


def _authority_page(person: Person, form: forms.AuthorityForm, status: int) -> Response:
    return page("accounts/people/authority.html", person=person, form=form, status=status)


@room.get("/proposals", needs=(GRANT, KEEP))
def proposals() -> ResponseReturnValue:
    return _proposals_page(200)


@room.post("/proposals/grant", needs=GRANT, endpoint="grant")
def grant() -> ResponseReturnValue:
    """Grant what was ticked: all of it, or nothing and why."""
    picked = {whole(number) for number in request.form.getlist("pick")}
    chosen = [one for one in db.session.scalars(queries.waiting()) if one.id in picked]
    if picked and not chosen:
        return done(url_for(".proposals"), message="这几条已经办过了")
    try:
        count = services.grant(chosen, by=me(), now=now())
    except Refused as refused:
        db.session.rollback()
        return _proposals_page(409, refused=refused.sentence)
    return done(url_for(".proposals"), message=f"已授予 {count} 个角色")


@room.get("/proposals/<int:id>/refusal", needs=GRANT, endpoint="refusal")
def refusal(id: int) -> ResponseReturnValue:
    return _refusal_page(one_or_404(queries.proposal(id)), forms.Reason(formdata=None), 200)


@room.post("/proposals/<int:id>/refusal", needs=GRANT, endpoint="decline")
def decline(id: int) -> ResponseReturnValue:
    one, form = one_or_404(queries.proposal(id)), forms.Reason()
    if not form.validate():
        return _refusal_page(one, form, 422)
    services.decline(one, reason=form.reason.clean, by=me(), now=now())
    return done(url_for(".proposals"), message="已退回，原因记在此人的档案里")


@room.post("/proposals/<int:id>/withdrawal", needs=KEEP, endpoint="withdraw")
def withdraw(id: int) -> ResponseReturnValue:
    services.withdraw(one_or_404(queries.proposal(id)), by=me(), now=now())
    return done(url_for(".proposals"), message="已撤回")


def _proposals_page(status: int, refused: str = "") -> Response:
    tree = places()
    waiting = list(db.session.scalars(queries.waiting()))
    obstacles = services.obstacles(waiting, on=now().date())
    rows = [(one, queries.place_name(tree.by_id[one.area_id], tree), obstacles.get(one.id, "")) for one in waiting]
    return page(
        "accounts/people/proposals.html", rows=rows, spec=ROLES, refused=refused, status=status,
        picked=set(request.form.getlist("pick")), granting=me().may(GRANT),
    )  # fmt: skip


def _refusal_page(one: Proposal, form: forms.Reason, status: int) -> Response:
    place = queries.place_name(places().by_id[one.area_id], places())
    return page("accounts/people/refusal.html", one=one, place=place, spec=ROLES, form=form, status=status)
