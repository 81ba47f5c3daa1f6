"""Doors of reminders: the inbox and what one does there, the bell, what has left it, the rules in words; mails that
wait for a person, and what one wants by mail."""

from datetime import date, datetime

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import queries as accounts
from portal.ground.can import Can
from portal.ground.clock import SHANGHAI
from portal.ground.declare import offers
from portal.ground.errors import Refused
from portal.ground.paging import SIZES, Page
from portal.reminders import queries, services
from portal.reminders.models import Mail, Note
from portal.reminders.terms import LAMPS, MAILS_MOST, PAGE, SHOWN_DAYS, STUCK, WALK_MOST, MailState, Snooze
from portal.web import SIGNED_IN, Room, done, me, now, one_or_404, page
from portal.web.pages import query_int, whole

#: How a page says when it was made: `datetime.isoformat` to the microsecond, with its zone.
SEEN = "%Y-%m-%dT%H:%M:%S.%f%z"
room = Room("reminders", __name__, url="/reminders")


@room.get("/", needs=SIGNED_IN)
def index() -> ResponseReturnValue:
    found = services.inbox(_person(), page=query_int("page", 1), now=now())
    return page("reminders/index.html", swap={"inbox": "reminders/_inbox.html"}, inbox=found, snoozes=Snooze.choices())


@room.get("/digests/<day>", needs=SIGNED_IN)
def digest(day: str) -> ResponseReturnValue:
    """A morning's digest: which notes it told of, and what became of them."""
    told = services.digest_on(_person(), _day(day), now=now()) or abort(404)
    before, after = services.digests_beside(told, now=now())
    found = services.came(_person(), told, page=query_int("page", 1), size=_size(), now=now())
    return page("reminders/digest.html", told=told, found=found, before=before, after=after, lamps=LAMPS)


@room.get("/bell", needs=SIGNED_IN)
def bell() -> ResponseReturnValue:
    """The bell alone, asked for by itself: no activity of a person (`X-Polling`)."""
    return page("reminders/_bell.html", unread=queries.unread(_person(), now=now()))


@room.get("/earlier", needs=SIGNED_IN)
def earlier() -> ResponseReturnValue:
    total, number, size = queries.earlier_count(_person(), now=now()), query_int("page", 1), _size()
    number = min(max(1, number), max(1, -(-total // size)))
    lines = queries.earlier(_person(), now=now(), first=(number - 1) * size, most=size)
    return page("reminders/earlier.html", found=Page(lines, number, size, total), days=SHOWN_DAYS, lamps=LAMPS)


@room.get("/rules", needs=SIGNED_IN)
def rules() -> ResponseReturnValue:
    """What the portal reminds of, rule by rule, and at which hours."""
    return page("reminders/rules.html", table=offers().reminders, hours=services.Office(now()).hours)


@room.get("/next", needs=SIGNED_IN)
def walk() -> ResponseReturnValue:
    """逐条办理: one note after another, the nearest limit first."""
    ids = queries.open_ids(_person(), now=now(), most=WALK_MOST)
    place = min(max(1, query_int("at", 1)), len(ids))
    lines = queries.inbox(_person(), now=now(), first=place - 1, most=1) if ids else []
    shown = services.shown_as(lines[0], now()) if lines else None
    return page("reminders/walk.html", shown=shown, place=place, count=len(ids), snoozes=Snooze.choices())


@room.post("/<int:id>/opening", needs=SIGNED_IN, endpoint="open")
def open_note(id: int) -> ResponseReturnValue:
    """办理: the note is read; on to where its thing is done."""
    url = services.open_note(_note(id), now=now())
    return redirect(url if url.startswith("/") else url_for("reminders.index"), 303)


@room.post("/<int:id>/acknowledgement", needs=SIGNED_IN)
def acknowledge(id: int) -> ResponseReturnValue:
    services.acknowledge(_note(id), by=me(), now=now())
    return _back("已知悉，收进“更早的”")


@room.post("/acknowledgement", needs=SIGNED_IN)
def acknowledge_all() -> ResponseReturnValue:
    """全部已知悉: what stood in the inbox when the page was made, and nothing that came since."""
    count = services.acknowledge_all(seen=_seen(), by=me(), now=now())
    return done(url_for("reminders.index"), message=f"{count} 条已知悉，收进“更早的”" if count else "没有要知悉的")


@room.post("/<int:id>/snooze", needs=SIGNED_IN)
def snooze(id: int) -> ResponseReturnValue:
    choice = request.form.get("choice", "")
    note = _note(id)
    if choice not in set(Snooze):
        abort(422)
    until = services.snooze(note, Snooze(choice), by=me(), now=now())
    return _back(f"{until.month}月{until.day}日 {until:%H:%M} 再提醒" if until else "这条已经不在提醒里了")


@room.post("/<int:id>/return", needs=SIGNED_IN)
def put_back(id: int) -> ResponseReturnValue:
    put = services.put_back(_note(id), by=me(), now=now())
    return done(url_for("reminders.earlier"), message="放回提醒了" if put else "这件事已经办结，不用放回")


@room.get("/<int:id>/handover", needs=SIGNED_IN)
def handover(id: int) -> ResponseReturnValue:
    """Ask to whom."""
    note = _note(id)
    colleagues = services.takers(note, on=now())
    return page("reminders/handover.html", swap={"asked": "reminders/_handover.html"}, note=note, colleagues=colleagues)


@room.post("/<int:id>/handover", needs=SIGNED_IN)
def hand_over(id: int) -> ResponseReturnValue:
    taker = services.give(_note(id), whole(request.form.get("taker")), by=me(), now=now())
    return done(url_for("reminders.index"), message=f"已转交给 {taker.name}")


@room.get("/mail", needs=SIGNED_IN)
def mail() -> ResponseReturnValue:
    """收邮件: what comes by mail too, rule by rule."""
    rules, address = services.wanted(_person(), now=now()), accounts.mail_of(_person())
    return page("reminders/mail.html", wanted=rules, address=address, sends=services.post() is not None)


@room.post("/mail", needs=SIGNED_IN)
def choose() -> ResponseReturnValue:
    services.choose(set(request.form.getlist("rule")), by=me(), now=now())
    return done(url_for("reminders.mail"), message="已存下，下一封起照这样发")


@room.post("/mail/reset", needs=SIGNED_IN)
def choose_nothing() -> ResponseReturnValue:
    services.choose_nothing(by=me(), now=now())
    return done(url_for("reminders.mail"), message="照街道的设置发")


@room.get("/mails", needs=Can.MAIL_KEEP)
def mails() -> ResponseReturnValue:
    """提醒邮件: those that wait for a person, 不明 and 被拒绝."""
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    lists = [(state, queries.stuck(state, most=MAILS_MOST)) for state in STUCK]
    sends = services.post() is not None
    return page("reminders/mails.html", lists=lists, tally=queries.tally(since=today), most=MAILS_MOST, sends=sends)


@room.post("/mails/<int:id>/sending", needs=Can.MAIL_KEEP)
def send_again(id: int) -> ResponseReturnValue:
    services.send_again(_mail(id), by=me(), now=now())
    return done(url_for("reminders.mails"), message="一分钟内再发一次")


@room.post("/mails/<int:id>/closure", needs=Can.MAIL_KEEP)
def close_mail(id: int) -> ResponseReturnValue:
    services.close(_mail(id), by=me(), now=now())
    return done(url_for("reminders.mails"), message="已处理，不再列在这里")


@room.post("/mails/sending", needs=Can.MAIL_KEEP)
def send_all_again() -> ResponseReturnValue:
    count = services.send_all_again(seen=_seen(), by=me(), now=now())
    return done(url_for("reminders.mails"), message=f"{count} 封一分钟内再发一次" if count else "没有要再发的")


@room.post("/mails/closure", needs=Can.MAIL_KEEP)
def close_mails() -> ResponseReturnValue:
    state = request.form.get("state", "")
    if state not in STUCK:
        abort(422)
    count = services.close_all(MailState(state), seen=_seen(), by=me(), now=now())
    return done(url_for("reminders.mails"), message=f"{count} 封已处理" if count else "没有要处理的")


def _mail(id: int) -> Mail:
    return one_or_404(queries.mail_of(id))


def _seen() -> datetime:
    """When the page was made on which somebody pressed for all; what came since is not meant. `Refused` without it."""
    try:
        return datetime.strptime(request.form.get("seen", ""), SEEN).astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        raise Refused("不知道您看到的是哪一刻的列表，请刷新以后再按。") from None


def _size() -> int:
    return size if (size := query_int("size", PAGE)) in SIZES else PAGE


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)


def _back(message: str) -> Response:
    """Back to where the hand was: to the next of them, or to the same page of the inbox."""
    if request.form.get("walking"):
        return done(url_for("reminders.walk"), message=message)
    found = services.inbox(_person(), page=whole(request.form.get("page"), 1), now=now())
    place = url_for("reminders.index", page=found.page if found.page > 1 else None)
    return done(
        place, message=message, fragment="reminders/_inbox.html", inbox=found, snoozes=Snooze.choices()
    )  # fmt: skip


def _note(id: int) -> Note:
    return one_or_404(queries.note_of(_person(), id))


def _person() -> int:
    return me().id or abort(404)
