"""Doors of the machine itself: its start screen, the code, help, wiping, and its enrolment. No address holds an id."""

from functools import partial
from typing import Any

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.ground.can import Can
from portal.ground.declare import offers
from portal.kiosk import forms, queries, services
from portal.kiosk.terms import CODE, CallState, CodeState, Throttled
from portal.kiosk.views.door import COOKIE, remember, room, this_device
from portal.papers import queries as papers
from portal.papers import services as paper_services
from portal.web import address, me, now, page
from portal.web.door import after_rollback


@room.get("/kiosk", needs=None)
def start() -> ResponseReturnValue:
    """Step 1, with nothing of anybody on it; a machine that is not enrolled says so."""
    if this_device() is None:
        return page("kiosk/closed.html", known=bool(request.cookies.get(COOKIE)))
    return remember(_start(), request.cookies[COOKIE])


@room.post("/kiosk/code", needs=Can.KIOSK_SIGN)
def submit_code() -> ResponseReturnValue:
    """Begin the journey that a code opens; a shop's label only finds the shop, the code is still asked."""
    if shop := forms.shop_number(request.form.get("code", "")):
        return _start(shop=shop)
    if wait := services.throttled("code", me().id, now=now()):
        return _start(wait=wait, status=429)
    form = forms.CodeForm()
    if not form.validate():
        return _start(sentence=form.code.errors[0], status=422)
    journey = services.start_journey(form.digits, by=me(), now=now())
    if isinstance(journey, CodeState):
        after_rollback(partial(services.note_wrong, "code", me().id, now=now()))
        left = services.tries_left("code", me().id, now=now()) - 1
        return _start(sentence=journey.label, left=left, status=422)
    return redirect(_first_screen(journey.subject), 303)


@room.post("/kiosk/reset", needs=Can.KIOSK_SIGN)
def reset() -> ResponseReturnValue:
    """重来, 结束, and the wipe: the journey is over, its draft forgotten, the session's cookie made anew (I12)."""
    services.end_journey(by=me(), now=now())
    _forget_session()
    return redirect(url_for(".start"), 303)


@room.post("/kiosk/pulse", needs=Can.KIOSK_SIGN)
def pulse() -> ResponseReturnValue:
    """The machine is on; with `here`, somebody stands before it, and the five minutes begin anew."""
    services.see(by=me(), now=now())
    journey = queries.journey_of(me(), now())
    if journey is not None and request.form.get("here"):
        services.touch(journey, now=now())
    return Response(status=204)


@room.get("/kiosk/help", needs=Can.KIOSK_SIGN)
def help_() -> ResponseReturnValue:
    """找工作人员: where the staff are, whether they have been called, and the way back to the journey.

    The page's script reads from here how the call stands; without scripts this is the page itself.
    """
    journey = queries.journey_of(me(), now())
    back = _first_screen(journey.subject) if journey is not None else url_for(".start")
    said = CallState.OFTEN if "often" in request.args else queries.said_to(me().id or 0, now=now())
    return page("kiosk/help.html", step=CODE, back_to=back, said=said)


@room.post("/kiosk/help", needs=Can.KIOSK_SIGN)
def call() -> ResponseReturnValue:
    """叫工作人员: whoever serves this hall is reminded at once. Pressed twice it is one call."""
    said = services.call_staff(by=me(), now=now())
    return redirect(url_for(".help_", often=1) if said is CallState.OFTEN else url_for(".help_"), 303)


@room.get("/kiosk/check", needs=Can.KIOSK_SIGN)
def check() -> ResponseReturnValue:
    """查验证书: type or scan the 查验码 of a paper; what anyone may see of it is shown, persons masked."""
    if "code" not in request.args:
        return _check()
    if wait := services.throttled("check", me().id, now=now()):
        return _check(wait=wait, status=429)
    form = forms.CheckForm(request.args, meta={"csrf": False})
    if not form.validate():
        return _check(typed=form.code.data, sentence=form.code.errors[0], status=422)
    paper = papers.with_code(form.check_code)
    if paper is None:
        after_rollback(partial(services.note_wrong, "check", me().id, now=now()))
        return _check(typed=form.check_code, sentence="没有查到这个查验码，请对着证书再看一遍", status=404)
    return _check(paper=paper, view=paper_services.check_view(paper, now=now()))


def _check(*, status: int = 200, **found: Any) -> Response:
    given = {"paper": None, "view": None, "typed": "", "sentence": "", "wait": None, **found}
    return page("kiosk/check.html", step=CODE, status=status, **given)


@room.get("/kiosk/enrol", needs=None)
def enrol() -> ResponseReturnValue:
    """The page on which staff type the enrolment code."""
    return page("kiosk/enrol.html", form=forms.EnrolForm(), wait=None)


@room.post("/kiosk/enrol", needs=None)
def submit_enrol() -> ResponseReturnValue:
    """Make this browser into its device; wrong codes are throttled by address."""
    place, form = address(), forms.EnrolForm()
    if wait := services.throttled("enrolment", place, now=now()):
        return page("kiosk/enrol.html", form=form, wait=wait, status=429)
    if not form.validate():
        return page("kiosk/enrol.html", form=form, wait=None, status=422)
    enrolled = services.enrol(form.digits, address=place, now=now())
    if enrolled is None:
        after_rollback(partial(services.note_wrong, "enrolment", place, now=now()))
        form.code.errors = ["登记码不对，或者过了有效时间、已经用过。请在“自助机”页面重发一个"]
        return page("kiosk/enrol.html", form=form, wait=None, status=422)
    return remember(redirect(url_for(".start"), 303), enrolled[1])  # type: ignore[arg-type]


def _start(
    *, sentence: str = "", left: int | None = None, wait: Throttled | None = None, shop: str = "", status: int = 200
) -> Response:
    device = this_device()
    left_open = device is not None and queries.journey_on(device.id, now()) is not None
    return page(
        "kiosk/start.html", step=CODE, sentence=sentence, left=left, wait=wait, shop=shop, left_open=left_open,
        status=status,
    )  # fmt: skip


def _first_screen(subject: str) -> str:
    """Return the address of the screen that a room offers for subjects of this kind (`tenure:17`)."""
    kind = subject.partition(":")[0]
    return url_for(next(screen.endpoint for screen in offers().kiosk if screen.subject == kind))


def _forget_session() -> None:
    """Empty the session; where staff are logged in on the same browser, only what belongs to forms goes."""
    for name in list(session):
        if "_user_id" not in session or name in {"csrf_token", "_flashes"}:
            session.pop(name)
