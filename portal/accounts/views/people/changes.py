"""What 系统管理员 changes: new accounts, names and telephones, locks, one-time passwords, leaving with hand-over."""

from collections.abc import Sequence

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.accounts import forms, queries, services
from portal.accounts.models import Person
from portal.accounts.terms import ROLES, PersonState
from portal.accounts.views.people.room import area_choices, blame, person_or_404, role_choices, room
from portal.areas import queries as areas
from portal.areas.queries import places
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.sealed import looked_at
from portal.web import done, me, now, page, turn_to_writing
from portal.web.pages import whole

KEEP = Can.PEOPLE_KEEP


@room.get("/new", needs=KEEP)
def new() -> ResponseReturnValue:
    return _new_page(forms.NewPerson(formdata=None, data={"from_on": now().date().isoformat()}), 200)


@room.post("/", needs=KEEP, begins_reading=True)
def create() -> ResponseReturnValue:
    """Make the account, ask for the role, and show the slip: once, on the answer itself."""
    form = forms.NewPerson()
    form.role.choices, form.area.choices = role_choices(), area_choices(places())
    if not form.validate():
        return _new_page(form, 422)
    login = (form.login.data or "").lower()
    secret = services.one_time(login)
    turn_to_writing()
    try:
        person = services.add(
            login=login, name=form.clean("name"), phone=form.clean("phone"), secret=secret, by=me(), now=now()
        )
        if form.role.data:
            area = db.session.scalars(areas.by_codes([form.area.data])).one()
            begins = form.clean("from_on") or now().date()
            services.propose(person, role=form.role.data, area=area, from_on=begins, by=me(), now=now())
    except Refused as refused:
        blame(form, refused, "role")
        return _new_page(form, 422)
    return slips([(person, secret)], f"已建账号 {person.login}", asked=bool(form.role.data))


def _new_page(form: forms.NewPerson, status: int) -> Response:
    form.role.choices, form.area.choices = role_choices(), area_choices(places())
    return page("accounts/people/new.html", form=form, status=status)


def slips(
    handed: Sequence[tuple[Person, services.OneTime]], title: str, *, asked: bool = False, more: str = "", left: int = 0
) -> Response:
    """The slips to print: they stand on this answer alone, and nowhere else.

    `more` is the address that makes the next ones, `left` how many wait.
    """
    answer = page(
        "accounts/people/slips.html", handed=handed, title=title, today=now().date(), asked=asked, more=more, left=left
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@room.get("/<int:id>/edit", needs=KEEP)
def edit(id: int) -> ResponseReturnValue:
    person = person_or_404(id, KEEP)
    form = forms.EditPerson(formdata=None, data={"name": person.name, "version": person.version})
    return page("accounts/people/edit.html", form=form, person=person)


@room.post("/<int:id>/edit", needs=KEEP)
def update(id: int) -> ResponseReturnValue:
    person, form = person_or_404(id, KEEP), forms.EditPerson()
    if not form.validate():
        return page("accounts/people/edit.html", form=form, person=person, status=422)
    try:
        changed = services.edit(
            person, name=form.clean("name"), phone=form.telephone(looked_at(person, "phone")),
            mail=form.mail_address(looked_at(person, "mail")), version=whole(form.version.data), by=me(), now=now(),
        )  # fmt: skip
    except Refused as refused:
        return page("accounts/people/edit.html", form=form, person=person, refused=refused.sentence, status=409)
    return done(url_for(".show", id=id), message="已保存" if changed else "没有改动")


@room.post("/<int:id>/password", needs=KEEP, begins_reading=True)
def reset(id: int) -> ResponseReturnValue:
    """A new one-time password; the slip stands on the answer itself."""
    person = person_or_404(id, KEEP)
    secret = services.one_time(person.login)
    turn_to_writing()
    services.reset_password(person, secret=secret, version=whole(request.form.get("version")), by=me(), now=now())
    return slips([(person, secret)], f"{person.name}的新密码")


@room.get("/<int:id>/lock", needs=KEEP)
def lock(id: int) -> ResponseReturnValue:
    person = person_or_404(id, KEEP)
    form = forms.Reason(formdata=None, data={"version": person.version})
    return page("accounts/people/lock.html", form=form, person=person)


@room.post("/<int:id>/lock", needs=KEEP, endpoint="set_lock")
def set_lock(id: int) -> ResponseReturnValue:
    person, form = person_or_404(id, KEEP), forms.Reason()
    if not form.validate():
        return page("accounts/people/lock.html", form=form, person=person, status=422)
    try:
        services.lock(person, reason=form.reason.clean, version=whole(form.version.data), by=me(), now=now())
    except Refused as refused:
        return page("accounts/people/lock.html", form=form, person=person, refused=refused.sentence, status=409)
    return done(url_for(".show", id=id), message="账号已锁定")


@room.post("/<int:id>/unlock", needs=KEEP)
def unlock(id: int) -> ResponseReturnValue:
    person = person_or_404(id, KEEP)
    services.unlock(person, version=whole(request.form.get("version")), by=me(), now=now())
    return done(url_for(".show", id=id), message="账号已放行，可以登录了")


@room.get("/<int:id>/departure", needs=KEEP)
def departure(id: int) -> ResponseReturnValue:
    return _leaving_page(person_or_404(id, KEEP), 200)


@room.post("/<int:id>/departure", needs=KEEP, endpoint="leave")
def leave(id: int) -> ResponseReturnValue:
    """Hand everything over and shut the account, in one step."""
    person = person_or_404(id, KEEP)
    try:
        counts = services.leave(
            person, takers=_takers(), version=whole(request.form.get("version")), by=me(), now=now()
        )
    except Refused as refused:
        db.session.rollback()
        return _leaving_page(person, 409, refused=refused.sentence)
    handed = f"，交出 {sum(counts.values())} 件" if counts else ""
    return done(url_for(".show", id=id), message=f"{person.name}已离岗{handed}")


def _takers() -> dict[str, Person]:
    """Who takes what: each kind's own taker, else the one for all."""
    general = whole(request.form.get("taker"))
    picked = {one.key: whole(request.form.get(f"taker-{one.key}")) or general for one in services.holdings()}
    found = {one.id: one for one in db.session.scalars(queries.by_ids(sorted({*picked.values()})))}
    return {key: found[number] for key, number in picked.items() if number in found}


def _leaving_page(person: Person, status: int, refused: str = "") -> Response:
    handing = services.to_hand_over(person, now=now())
    every = [one for one in handing[0].takers if all(one in some.takers for some in handing)] if handing else []
    return page(
        "accounts/people/leave.html", person=person, refused=refused, status=status,
        holding=[
            (one.key, one.label, count, one.unit, _grouped(person, able)) for one, count, able in handing
        ],
        takers=_grouped(person, every),
        sent=request.form, left=person.state is PersonState.LEFT,
    )  # fmt: skip


def _grouped(person: Person, people: Sequence[queries.Taker]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Who may take over, each under the post that is nearest: the people of the same community first."""
    tree, today = places(), now().date()

    def home(area_id: int) -> int:
        place = tree.by_id[area_id]
        above = tree.by_id.get(place.parent or 0)
        return place.id if above is None or above.parent is None else above.id

    near = {home(area_id) for _role, area_id, *_ in queries.current_roles(person.id, on=today)}
    groups: dict[int, list[tuple[int, str]]] = {}
    for one in people:
        role, area_id = min(one.posts, key=lambda post: home(post[1]) not in near)
        place = queries.place_name(tree.by_id[area_id], tree)
        groups.setdefault(home(area_id), []).append((one.id, f"{one.name}（{place} · {ROLES[role].label}）"))
    ordered = sorted(groups, key=lambda area: (area not in near, tree.by_id[area].parent is not None, area))
    return [(tree.by_id[area].name, groups[area]) for area in ordered]
