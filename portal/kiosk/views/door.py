"""The room's doors hang here; and who stands at the machine: the device that its cookie names."""

from typing import Any, cast

from flask import current_app, g, request
from flask.wrappers import Response

from portal.ground.actor import NOWHERE, Actor
from portal.ground.can import Can
from portal.kiosk import queries
from portal.kiosk.models import Device
from portal.kiosk.terms import (
    CODE,
    CODE_MINUTES,
    DONE_SECONDS,
    ENROLMENT_MINUTES,
    IDLE_SECONDS,
    STEPS,
    WARN_SECONDS,
)
from portal.settings import queries as settings
from portal.web import Room, address, now, page

room = Room("kiosk", __name__)

COOKIE = "kiosk"
COOKIE_DAYS = 400  # as long as browsers keep one; every start screen sets it anew
#: Seconds between two pulses; milliseconds in which a fresh screen takes no press.
TIMES = {"still": 400, "pulse": 60}


def present() -> Actor | None:
    """Return the enrolled device whose cookie came along, None without.

    It holds one key, good nowhere: what it may see is the subject of its own journey, and nothing by reach.
    """
    token = request.cookies.get(COOKIE)
    device = queries.device_with(token) if token else None
    if device is None:
        return None
    g.kiosk_device = device
    return Actor("device", device.id, device.name, device.kind.label, {Can.KIOSK_SIGN: NOWHERE}, address())


def this_device() -> Device | None:
    """Return the device that stands at the door."""
    return cast("Device | None", g.get("kiosk_device"))


def remember(response: Response, token: str) -> Response:
    """Put the device's token into its cookie: out of reach of scripts, sent to this portal alone."""
    response.set_cookie(
        COOKIE, token, max_age=COOKIE_DAYS * 86_400, httponly=True, samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )  # fmt: skip
    return response


def refusal(sentence: str, status: int) -> Response | None:
    """Answer a no on the machine's own screens in its own frame; None where another page should say it."""
    if not request.path.startswith("/kiosk/") or (this_device() is None and present() is None):
        return None
    return page("kiosk/refused.html", step=CODE, sentence=sentence, status=status)


@room.app_context_processor
def words() -> dict[str, Any]:
    """What the frame of the kiosk shows: the machine, the six steps, and how long things last (functions, since every
    page of the staff gets these words too)."""
    return {"kiosk": {"device": this_device(), "steps": STEPS, "times": times, "good_for": good_for}}


def times() -> dict[str, int]:
    """Return how long the screens wait, as the page's script reads it: seconds of silence until the warning, to stay,
    of the last screen."""
    idle, warn, last = settings.values((IDLE_SECONDS, WARN_SECONDS, DONE_SECONDS), on=now().date())
    return {"idle": idle, "warn": warn, "done": last, **TIMES, **current_app.config.get("KIOSK_TIMES", {})}


def good_for(what: str) -> int:
    """Return for how many minutes a "code" or an "enrolment" is good that is issued today."""
    key = {"code": CODE_MINUTES, "enrolment": ENROLMENT_MINUTES}[what]
    return cast(int, settings.value(key, on=now().date()))
