"""A calendar is added, never overwritten: a year as a whole, or one day of it."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from portal.audit.services import record
from portal.ground import marks
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.workdays import Day
from portal.worktime import queries, rules
from portal.worktime.models import Calendar, CalendarDay
from portal.worktime.terms import STALE, CalendarState, Head, changes


def publish(
    year: int,
    days: Sequence[Day],
    *,
    state: CalendarState = CalendarState.PUBLISHED,
    source: str,
    reason: str = "",
    seen: int,
    by: Actor,
    now: datetime,
) -> Calendar:
    """Let these be the days of a year from now on; the version of the calendar rises.

    `seen` is the edition of that year that the maker saw (0: none). Refused where somebody else was quicker, where a
    day is missing, and where nothing would change.
    """
    if fault := next(iter(rules.gaps(year, {day.on for day in days})), None):
        raise Refused(f"{fault}。")
    ordered = sorted(days)
    standing = _claim(year, seen)
    known = queries.year_of(standing.number) if standing else None
    differing = changes(known, ordered)
    if standing and not differing and standing.state is state and standing.source == source:
        raise Refused(f"和现在的 {year} 年日历完全一样，不用再发布。")
    made = Calendar(
        number=_next_number(), year=year, edition=seen + 1, state=state, source=source, reason=reason,
        workdays=sum(day.works for day in ordered), changed=len(differing), digest=rules.digest(ordered), made_at=now,
        made_by=by.name, made_by_id=by.id if by.kind == "person" else None,
    )  # fmt: skip
    _insert(made, ordered)
    record(
        "worktime.publish", f"calendar:{year}", by=by, now=now, version=made.number, edition=made.edition,
        state=state.value, source=source, reason=reason, changed=len(differing), workdays=made.workdays,
    )  # fmt: skip
    return made


def change_day(
    on: date, *, works: bool, name: str, source: str, reason: str, seen: int, by: Actor, now: datetime
) -> Calendar:
    """Change one day of an official year: a new edition of it, with who and why.

    Refused for a year that is not published (the whole of it is imported first), for a statutory day that works, and
    for a change that changes nothing.
    """
    if not queries.published(on.year):
        raise Refused(f"{on.year} 年还没有公布，现在是暂估。请先导入全年的日历，再改个别日子。")
    head = queries.in_force()[on.year]
    if head.edition != seen:
        raise Refused(STALE)
    after = Day(on, works, name)
    if fault := rules.day_fault(after):
        raise Refused(f"{fault}。", field="works" if works else "name")
    year = queries.year_of(head.number)
    if year.day(on) == after:
        raise Refused("和现在一样，没有要改的。", field="works")
    days = [after if day.on == on else day for day in year.days()]
    return publish(on.year, days, source=source or head.source, reason=reason, seen=seen, by=by, now=now)


def _claim(year: int, seen: int) -> Head | None:
    """Take the year's place in line: the mark's row lets one maker through after the other."""
    marks.bump("worktime")
    standing = queries.in_force().get(year)
    if (standing.edition if standing else 0) != seen:
        raise Refused(STALE)
    return standing


def _next_number() -> int:
    return (db.session.scalar(select(func.max(Calendar.number))) or 0) + 1


def _insert(made: Calendar, days: Sequence[Day]) -> None:
    """(year, edition) is unique: of two who make the same calendar the later one is told."""
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        raise Refused(STALE) from None
    values = [{"number": made.number, "day": day.on, "works": day.works, "name": day.name} for day in days]
    db.session.execute(insert(CalendarDay), values)


def note_print(year: int, *, by: Actor, now: datetime) -> None:
    """Write down who prints a year (rules 6, Audit)."""
    record("worktime.print", f"calendar:{year}", by=by, now=now)
