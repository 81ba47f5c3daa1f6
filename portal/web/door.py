"""Doors: a room is a blueprint whose routes name the key they need; the door owns the transaction.

What a door does, in order: who stands there → may they → the view (translate, one service call, translate back) →
commit under 400, else roll back. `Refused` becomes 409 with its sentence.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, cast

from flask import Blueprint, current_app, g, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import Forbidden

from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db, writing
from portal.ground.errors import Refused

#: What a door needs when anybody who has logged in may pass.
SIGNED_IN = "signed-in"
READERS = {"GET", "HEAD", "OPTIONS"}
#: What two editors read who press at the same instant, past the check of the form's version (house.md section 4).
STALE = "他人已先修改，请刷新"
ADDRESS_MOST = 45
Needs = Can | tuple[Can, ...] | str | None


@dataclass
class Porter:
    """What `create_app` hands to the doors from the rooms above."""

    identifiers: list[Callable[[], Actor | None]]  # the person's first, then the device's
    write_refusal: Callable[[Actor, str, datetime], None]
    to_login: Callable[[], str]  # address of the login page, with the way back


def porter() -> Porter:
    """Return the running application's porter."""
    return cast(Porter, current_app.extensions["porter"])


def now() -> datetime:
    """Return the instant of this request: the clock is read once."""
    if "now" not in g:
        g.now = current_app.extensions["clock"].now()
    return cast(datetime, g.now)


def address() -> str:
    """Return where the request came from: 45 characters at most, as the longest address that there is (columns hold no
    more; behind a proxy it is a header, which may say anything)."""
    return (request.remote_addr or "")[:ADDRESS_MOST]


def me() -> Actor:
    """Return who stands at the door. Only behind a door that needs something."""
    return cast(Actor, g.actor)


def holds(actor: Actor, needs: Needs) -> bool:
    """Tell whether the actor holds what a door needs; any one of several keys is enough."""
    if needs is None:
        return True
    if needs == SIGNED_IN:
        return actor.kind == "person"
    return any(actor.may(key) for key in _keys(needs))


def _keys(needs: Needs) -> Iterable[Can]:
    return needs if isinstance(needs, tuple) else (cast(Can, needs),)


class Room(Blueprint):
    """A room's blueprint. `needs=` is said beside every route; forgetting it is a TypeError at import."""

    def __init__(self, name: str, import_name: str, *, url: str | None = None, cli_group: str | None = None):
        super().__init__(name, import_name, url_prefix=url, cli_group=cli_group or name)
        self.needs: dict[str, Needs] = {}

    def route(self, rule: str, *, needs: Needs, begins_reading: bool = False, **options: Any) -> Any:  # type: ignore[override]
        """Hang a door. `begins_reading` is for the few that write late (`turn_to_writing`)."""

        def hang(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
            endpoint = options.pop("endpoint", view.__name__)
            self.needs[endpoint] = needs
            self.add_url_rule(rule, endpoint, _door(view, needs, begins_reading), **options)
            return view

        return hang

    def get(self, rule: str, *, needs: Needs, **options: Any) -> Any:  # type: ignore[override]
        """Hang a door for reading."""
        return self.route(rule, needs=needs, methods=["GET"], **options)

    def post(self, rule: str, *, needs: Needs, begins_reading: bool = False, **options: Any) -> Any:  # type: ignore[override]
        """Hang a door for writing."""
        return self.route(rule, needs=needs, methods=["POST"], begins_reading=begins_reading, **options)


def _door(view: Callable[..., ResponseReturnValue], needs: Needs, begins_reading: bool) -> Callable[..., Any]:
    @wraps(view)
    def door(*args: Any, **kwargs: Any) -> Response:
        writing.set(request.method not in READERS and not begins_reading)
        turned_away = _identify(needs)
        if turned_away is not None:
            return turned_away
        try:
            response = make_response(view(*args, **kwargs))
            if response.status_code < 400 and writing.get():
                db.session.commit()
        except (Refused, StaleDataError) as no:
            db.session.rollback()
            refused = no if isinstance(no, Refused) else Refused(STALE)
            response = make_response(current_app.extensions["say_no"](refused))
        db.session.rollback()
        _afterwards()
        return response

    door.needs = needs  # type: ignore[attr-defined]
    return door


def turn_to_writing() -> None:
    """End the reading transaction of a door that `begins_reading`; what follows may write."""
    db.session.rollback()
    writing.set(True)


def after_rollback(deed: Callable[[], None]) -> None:
    """Do `deed` in a fresh transaction once the door has rolled back or committed: failed logins, wrong codes."""
    g.setdefault("afterwards", []).append(deed)


def _afterwards() -> None:
    for deed in g.pop("afterwards", []):
        writing.set(True)
        deed()
        db.session.commit()


def _identify(needs: Needs) -> Response | None:
    """Put the actor into `g`, or answer: to the login page, or 403 with the refusal in the trail."""
    g.actor = None
    present = [actor for identify in porter().identifiers if (actor := identify()) is not None]
    g.actor = next((actor for actor in present if holds(actor, needs)), present[0] if present else None)
    if needs is None or (g.actor is not None and holds(g.actor, needs)):
        return None
    if not present:
        return to_login()
    db.session.rollback()
    writing.set(True)
    porter().write_refusal(g.actor, request.endpoint or "", now())
    db.session.commit()
    writing.set(False)
    raise Forbidden


def to_login() -> Response:
    """Answer a dead session: a redirect, or `HX-Redirect` for htmx (never a login page inside a fragment)."""
    target = porter().to_login()
    if request.headers.get("HX-Request") == "true":
        return Response("", 401, {"HX-Redirect": target})
    return make_response(redirect(target, 303))


def may_go(endpoint: str, **_values: Any) -> bool:
    """Tell whether the present actor may pass the door `endpoint` ("merchants.edit"); for templates."""
    room, _, name = endpoint.rpartition(".")
    needs = cast(Room, current_app.blueprints[room]).needs[name]
    actor = g.get("actor")
    return needs is None or (actor is not None and holds(actor, needs))
