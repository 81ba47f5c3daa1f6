"""Logging in and out, and one's own account."""

from functools import partial

from flask import current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from portal.accounts import forms, queries, services
from portal.accounts.models import Person
from portal.accounts.views import late, seat
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.web import SIGNED_IN, Room, address, done, me, now, page, turn_to_writing
from portal.web.door import after_rollback, may_go
from portal.web.nav import rail

room = Room("accounts", __name__, cli_group=None)


@room.get("/login", needs=None)
def login() -> ResponseReturnValue:
    if g.actor is not None and g.actor.kind == "person":
        return redirect(_wanted() or _start(), 303)
    return _login_page(forms.Login(formdata=None), 200)


@room.post("/login", needs=None, begins_reading=True)
def submit_login() -> ResponseReturnValue:
    form = forms.Login()
    if not form.validate():
        return _login_page(form, 422)
    found = services.try_password(
        login=(form.login.data or "").lower(), password=form.password.data or "",
        address=address(), now=now(),
    )  # fmt: skip
    if not found.ok:
        if not found.known:
            after_rollback(partial(services.note_failure, found, now=now()))
        form.form_errors.append(found.sentence)
        return _login_page(form, found.status)
    turn_to_writing()
    _close_former()
    seat.sit(services.enter(found, now=now()), at=now())
    if (typed := late.opened(form.carried.data)) is not None:
        return page("accounts/resume.html", late=typed)
    return redirect(_wanted() or _start(), 303)


def _close_former() -> None:
    """Who logs in over a living session ends it."""
    if g.actor is not None and g.actor.kind == "person":
        services.close_session(key=session["key"], by=g.actor, now=now(), action="accounts.switch")


def _login_page(form: forms.Login, status: int) -> Response:
    over = request.args.get("over") == "1" and status == 200
    answer = page("accounts/login.html", form=form, over=over, late=bool(form.carried.data), status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _wanted() -> str | None:
    """Return where `next` leads when this person may pass that door, None otherwise (no foreign address)."""
    target = request.args.get("next", "")
    if not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return None
    try:
        endpoint, _values = _adapter().match(target.partition("?")[0], method="GET")
    except HTTPException:
        return None
    if "." not in endpoint or endpoint in ("accounts.login", "house.first") or not may_go(endpoint):
        return None
    session["arriving"] = target.partition("?")[0]
    return target


def _adapter() -> MapAdapter:
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    return adapter


def _start() -> str:
    """Return the first page: the rail's first entry, one's own account where the rail is empty."""
    groups = rail()
    return groups[0].lines[0].url if groups else url_for("accounts.me")


@room.after_app_request
def arrive(response: Response) -> Response:
    """After login: a former page that the new person may not see gives way to the first one."""
    seat.unseat(response)
    if session.get("arriving") != request.path or request.endpoint == "static":
        return response
    session.pop("arriving")
    if response.status_code not in (403, 404) or g.get("actor") is None:
        return response
    flash("刚才那一页不在您的管辖范围，已为您打开首页。", "held")
    return redirect(url_for("accounts.first"), 303)  # type: ignore[return-value]


@room.app_context_processor
def idle() -> dict[str, object]:
    """What the staff's frame needs to warn before the idle limit strikes."""
    if g.get("actor") is None or g.actor.kind != "person" or not getattr(current_user, "idle_seconds", 0):
        return {}
    return {"warn_idle": {"seconds": current_user.idle_seconds, "url": url_for("accounts.stay")}}


@room.get("/start", needs=SIGNED_IN)
def first() -> ResponseReturnValue:
    return redirect(_start(), 303)


@room.post("/logout", needs=SIGNED_IN)
def logout() -> ResponseReturnValue:
    services.close_session(key=session["key"], by=me(), now=now())
    seat.rise()
    return done(url_for(".login"), message="已退出。")


@room.post("/switch", needs=SIGNED_IN)
def switch() -> ResponseReturnValue:
    """切换用户: out, and straight to the login page with the former page kept."""
    services.close_session(key=session["key"], by=me(), now=now(), action="accounts.switch")
    seat.rise()
    return done(url_for(".login", next=request.form.get("next") or None), message="")


@room.post("/account/stay", needs=SIGNED_IN, begins_reading=True)
def stay() -> ResponseReturnValue:
    """接着用: nothing but activity."""
    return Response("", 204)


@room.get("/account", needs=SIGNED_IN, endpoint="me")
def account() -> ResponseReturnValue:
    today = now().date()
    person = db.session.get_one(Person, me().id)
    logins = list(db.session.scalars(queries.last_logins(person.id)))
    return page(
        "accounts/me.html",
        person=person,
        posts=queries.posts(person.id, on=today),
        authorities=list(db.session.scalars(queries.authorities(person.id, on=today))),
        logins=logins,
    )


@room.post("/account/sessions-end", needs=SIGNED_IN)
def end_sessions() -> ResponseReturnValue:
    services.sessions_out(by=me(), now=now())
    seat.rise()
    return done(url_for(".login"), message="所有登录都已退出。")


@room.get("/account/password", needs=SIGNED_IN)
def password() -> ResponseReturnValue:
    return _password_page(forms.ChangePassword(formdata=None), 200)


@room.post("/account/password", needs=SIGNED_IN, begins_reading=True)
def submit_password() -> ResponseReturnValue:
    form, by = forms.ChangePassword(), me()
    if not form.validate():
        return _password_page(form, 422)
    try:
        prepared = services.prepare_change(by=by, current=form.current.data or "", new=form.new.data or "", now=now())
    except Refused as refused:
        field = form[refused.field or "new"]
        field.errors = [*field.errors, refused.sentence]
        if refused.field == "current":
            after_rollback(partial(services.note_wrong_current, by=by, now=now()))
        return _password_page(form, 422)
    turn_to_writing()
    session["epoch"] = services.change(prepared, by=by, now=now())
    return done(url_for(".first"), message="密码已改，别处的登录都已退出。")


def _password_page(form: forms.ChangePassword, status: int) -> Response:
    person = db.session.get_one(Person, me().id)
    return page("accounts/password.html", form=form, login=person.login, forced=person.must_change, status=status)
