"""Who stands at the door: the session's checks, once a request and with one query (rules 6, Session).

The signed cookie holds the person, the session's key, the person's epoch, and when it began and was last used.
Requests that ask by themselves (`X-Polling: 1`) are no activity.
"""

import secrets
from datetime import datetime
from urllib.parse import urlsplit

from flask import abort, current_app, g, make_response, redirect, request, session, url_for
from flask.wrappers import Response
from flask_login import UserMixin, current_user, login_user

from portal.accounts import queries, services
from portal.accounts.models import Person
from portal.ground.actor import Actor
from portal.ground.clock import SHANGHAI
from portal.web.door import address, now

#: Where somebody who must change the password may still go.
FREE = {"accounts.password", "accounts.submit_password", "accounts.logout"}
#: The cookie is not written anew for every picture of a page: seconds by which the idle clock may be behind.
GRAIN = 10


class Seat(UserMixin):
    """A person in a living session, as Flask-Login keeps it for the request."""

    def __init__(self, actor: Actor, *, must_change: bool, idle_seconds: int):
        self.id = actor.id
        self.actor = actor
        self.must_change = must_change
        self.idle_seconds = idle_seconds


def load_person(user_id: str) -> Seat | None:
    """Return the seat of the session's person, None when the session has ended in whatever way."""
    if not user_id.isdecimal() or not {"key", "epoch", "begun", "seen"} <= session.keys():
        return None
    person = queries.by_session(int(user_id), session["key"], on=now().date())
    if person is None:
        return None
    found = services.living_seat(
        person,
        epoch=session["epoch"],
        begun=_instant(session["begun"]),
        seen=_instant(session["seen"]),
        address=address(),
        now=now(),
    )
    if found is None:
        return None
    return Seat(found.actor, must_change=person.must_change, idle_seconds=int(found.idle.total_seconds()))


def present() -> Actor | None:
    """Return the person who has logged in, None without; the door asks. Moves the idle clock.

    Who must change the password passes no door but that one and the way out; at a public door they are nobody.
    """
    if not current_user.is_authenticated:
        return None
    if current_user.must_change and request.endpoint not in FREE:
        if getattr(current_app.view_functions.get(request.endpoint or ""), "needs", None) is None:
            return None
        abort(_to_password())
    moment = int(now().timestamp())
    if request.headers.get("X-Polling") != "1" and abs(moment - session["seen"]) >= GRAIN:
        session["seen"] = moment
    actor: Actor = current_user.actor
    return actor


def sit(person: Person, *, at: datetime) -> None:
    """Begin the person's session; whatever the cookie held before is gone, its CSRF token too (rotation)."""
    rise()
    moment = int(at.timestamp())
    session.update(key=secrets.token_hex(16), epoch=person.epoch, begun=moment, seen=moment)
    actor = queries.actor_of(person, on=at.date(), address=address())
    login_user(Seat(actor, must_change=person.must_change, idle_seconds=0))
    g.actor = actor
    g.just_seated = True


def unseat(response: Response) -> None:
    """Leave no session in the browser when the login that began it was not kept (the commit failed: a full disk)."""
    if response.status_code >= 400 and g.pop("just_seated", False):
        rise()


def rise() -> None:
    """Take the session out of this browser, and out of this request."""
    session.clear()
    g.pop("csrf_token", None)
    g.actor = None


def here() -> str:
    """Return the path of the page that the person looks at: of this site, else empty."""
    if request.method == "GET" and request.headers.get("HX-Request") != "true":
        return request.full_path.rstrip("?")
    shown = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    if shown.netloc != request.host:
        return ""
    return shown.path + (f"?{shown.query}" if shown.query else "")


def _to_password() -> Response:
    if request.headers.get("HX-Request") == "true":
        return Response("", 401, {"HX-Redirect": url_for("accounts.password")})
    return make_response(redirect(url_for("accounts.password"), 303))


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, SHANGHAI)
