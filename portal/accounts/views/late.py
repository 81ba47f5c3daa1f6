"""Forms that came too late: the login died while somebody typed. What was typed comes back after logging in.

It travels in the pages themselves, sealed and signed: nothing is kept on the server, no foreign page can plant a form,
and who sits down next at the same machine reads nothing out of the page. Passwords and files do not travel.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, g, request, session, url_for
from flask.wrappers import Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from portal.accounts import forms
from portal.accounts.views.seat import here, present
from portal.ground.db import writing
from portal.ground.sealed import sealer
from portal.ground.sealing import SealBroken
from portal.web import page

MOST = 200_000
PLACE = "accounts.late"
GOOD_FOR = 3600
#: Doors whose forms are never brought back: codes and passwords, and whatever is done on the kiosk (signatures).
NEVER = {"accounts", "kiosk", "check"}


def answer() -> Response | None:
    """Answer a form whose session or CSRF token is dead, None when there is nothing to bring back.

    Only a form of this site's own pages is brought back (`Origin`, which browsers send with every POST).
    """
    if not _ours() or request.blueprint in NEVER or request.path.startswith("/kiosk/"):
        return None
    carried = _carry()
    if carried is None:
        return None
    if g.get("actor") is None:
        writing.set(False)
        g.actor = present()
    if g.actor is not None:
        found = page("accounts/resume.html", late=opened(carried), status=409)
    else:
        form = forms.Login(formdata=None, carried=carried)
        found = page("accounts/login.html", form=form, way_back=here(), late=True, status=401)
    found.headers["Cache-Control"] = "no-store"
    return found


def way_to_login() -> str:
    """Return the address of the login page, with the way back: this page, or the page that its form stood on.

    A form that can be brought back is answered at once, with the login page that carries it.
    """
    late = answer()
    if late is not None:
        abort(late)
    return url_for("accounts.login", next=here() or None, over=1 if "_user_id" in session else None)


def _ours() -> bool:
    origin = urlsplit(request.headers.get("Origin", ""))
    return request.method == "POST" and origin.netloc == request.host and "HX-Request" not in request.headers


def _carry() -> str | None:
    fields = [
        (name, text) for name, text in request.form.items(multi=True) if name != "csrf_token" and "password" not in name
    ]
    if not fields:
        return None
    typed = {
        "path": request.full_path.rstrip("?"),
        "person": session.get("_user_id"),
        "fields": fields,
        "files": any(file.filename for file in request.files.values()),
    }
    carried = _signer().dumps(sealer().seal(json.dumps(typed, ensure_ascii=False), where=PLACE, ref=""))
    return carried if isinstance(carried, str) and len(carried) <= MOST else None


def opened(carried: str | None) -> dict[str, Any] | None:
    """Return what was typed, None when it is not ours, too old, or another person's."""
    try:
        sealed: str = _signer().loads(carried or "", max_age=GOOD_FOR)
        typed: dict[str, Any] = json.loads(sealer().open(sealed, where=PLACE, ref=""))
    except (BadSignature, SealBroken):
        return None
    theirs = typed["person"] not in (None, session.get("_user_id"))
    return None if theirs else typed


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="late form")
