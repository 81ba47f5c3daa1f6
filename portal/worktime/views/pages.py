"""Pages that everybody reads: a year at a glance, a day, why a limit ends when it does, versions; changing a day."""

from datetime import date

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.ground.can import Can
from portal.ground.errors import Refused
from portal.ground.fields.days import clean_day
from portal.ground.fields.letters import Misread
from portal.ground.workdays import Day
from portal.web import SIGNED_IN, done, me, now, page
from portal.web.pages import query_int, whole
from portal.worktime import forms, queries, services
from portal.worktime.queries import Glance
from portal.worktime.terms import asked_years, span
from portal.worktime.views.room import room


@room.get("", needs=SIGNED_IN)
def index() -> ResponseReturnValue:
    """A year at a glance."""
    return _year("worktime/index.html")


@room.get("/print", needs=SIGNED_IN, endpoint="print")
def print_year() -> ResponseReturnValue:
    """The same for paper."""
    return _year("worktime/print.html")


@room.post("/print", needs=SIGNED_IN, endpoint="note_print")
def note_print() -> ResponseReturnValue:
    """Write down who prints it; the page then prints itself."""
    services.note_print(query_int("year", now().year), by=me(), now=now())
    return _year("worktime/print.html", printing=True)


def _year(template: str, printing: bool = False) -> ResponseReturnValue:
    year, today = query_int("year", now().year), now().date()
    found: Glance | None = queries.glance(year)
    if found is None:
        abort(404)
    return page(
        template, found=found, year=year, years=sorted(queries.in_force().values(), key=lambda head: head.year),
        today=today, asked=asked_years(today, queries.workdays()), span=span, may=me().may(Can.WORKTIME_KEEP),
        printing=printing,
    )  # fmt: skip


@room.get("/why", needs=SIGNED_IN)
def why() -> ResponseReturnValue:
    """A limit, reckoned for a day of one's choice, with every day on the way."""
    form = forms.WhyForm(request.args)
    fine = form.validate()
    started_at = form.started_at(now())
    found = queries.explained(form.chosen, started_at) if fine else None
    return page(
        "worktime/why.html", swap={"why": "worktime/_why.html"}, form=form, found=found, started_at=started_at,
        status=200 if fine else 422,
    )  # fmt: skip


@room.get("/versions", needs=SIGNED_IN)
def versions() -> ResponseReturnValue:
    """Every calendar that was ever in force."""
    return page("worktime/versions.html", versions=queries.versions(), in_force=_numbers())


@room.get("/versions/<int:number>", needs=SIGNED_IN)
def version(number: int) -> ResponseReturnValue:
    """One of them, and what it changed."""
    head = queries.head(number) or abort(404)
    found = next(one for one in queries.versions(head.year) if one.number == number)
    return page(
        "worktime/version.html", found=found, differences=queries.differences(head), before=queries.before(head),
        in_force=_numbers(), Day=Day,
    )  # fmt: skip


def _numbers() -> set[int]:
    return {head.number for head in queries.in_force().values()}


@room.get("/days", needs=SIGNED_IN)
def find_day() -> ResponseReturnValue:
    """From the box of a date to its page."""
    try:
        on = clean_day(request.args.get("on", ""))
    except Misread:
        return done(url_for(".index"), message="")
    return done(url_for(".day", on=on.isoformat()), message="")


@room.get("/days/<on>", needs=SIGNED_IN)
def day(on: str) -> ResponseReturnValue:
    """One day: what it is, by which paper, what it was before."""
    found = _day(on)
    form = forms.DayForm(
        formdata=None, works="works" if found.works else "rests", name=found.name,
        version=str(queries.in_force()[found.on.year].edition),
    )  # fmt: skip
    return _show(found, form)


@room.post("/days/<on>/changes", needs=Can.WORKTIME_KEEP, endpoint="change")
def change_day(on: str) -> ResponseReturnValue:
    """Change it: a new version of its year."""
    found, form = _day(on), forms.DayForm()
    if not form.validate():
        return _show(found, form, 422)
    try:
        services.change_day(found.on, **form.given, seen=whole(form.version.data), by=me(), now=now())
    except Refused as refused:
        if refused.field is None:
            return _show(_day(on), form, 409, refused=refused.sentence)
        form[refused.field].errors = [refused.sentence]
        return _show(found, form, 422)
    said = f"已改：{found.on.month}月{found.on.day}日 {'上班' if form.given['works'] else '休息'}，日历出了新的一版"
    return done(url_for(".day", on=on), message=said)


def _day(on: str) -> Day:
    try:
        day = date.fromisoformat(on)
    except ValueError:
        abort(404)
    return queries.workdays().foreseen.day(day) if day.year in queries.in_force() else abort(404)


def _show(found: Day, form: forms.DayForm, status: int = 200, *, refused: str = "") -> ResponseReturnValue:
    head = queries.in_force()[found.on.year]
    return page(
        "worktime/day.html", found=found, form=form, standing=head, history=queries.day_history(found.on),
        may=me().may(Can.WORKTIME_KEEP), refused=refused, status=status,
    )  # fmt: skip
