"""Making calendars, on both databases: versions, the trail, limits with the office's numbers, WD-1, WD-8, WD-9, I4."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine

from portal.audit.services import verify
from portal.ground.actor import SYSTEM, Actor
from portal.ground.clock import SHANGHAI
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.workdays import Day, Workdays, YearNotPublished
from portal.settings import services as settings
from portal.worktime import queries, services
from portal.worktime.models import Calendar, CalendarDay
from portal.worktime.services import known
from portal.worktime.terms import STALE, CalendarState, Kept, LimitKind
from tests.trail import details, lines
from tests.worktime.almanac import counted, days_of, rolled, works

CLERK = Actor("person", 5, "专项（演示）")
PAPER = "国办发明电〔2026〕9号（演示）"


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def of_2027(*off: date) -> list[Day]:
    """A year 2027 as an office may enter it: weekends, three days of January, and what is given."""
    named = {date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3), *off}
    return [Day(day, day.weekday() < 5 and day not in named, "元旦" if day in named else "") for day in days_of(2027)]


def empty() -> None:
    """As an office begins: no calendar stands."""
    db.session.execute(db.delete(CalendarDay))
    db.session.execute(db.delete(Calendar))


def test_the_portal_brings_what_it_knows_and_foresees_the_rest(house: Flask, now: datetime) -> None:
    empty()
    assert services.keep(now=now) == 6
    db.session.commit()
    found = queries.in_force()
    assert {year: head.state.label for year, head in found.items()} == {
        2024: "已公布", 2025: "已公布", 2026: "已公布", 2027: "暂估", 2028: "暂估", 2029: "暂估",
    }  # fmt: skip
    assert found[2026].source == "国办发明电〔2025〕7号"
    assert queries.version() == 6
    assert services.keep(now=now) == 0, "the second time changes nothing"
    assert [one.subject for one in lines("worktime.publish")] == [f"calendar:{year}" for year in range(2024, 2030)]
    assert verify().whole
    spring = queries.workdays().foreseen.day(date(2027, 2, 9))
    assert (spring.works, spring.name) == (False, "春节")
    with pytest.raises(YearNotPublished):
        queries.workdays().day(date(2027, 2, 9))


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_agrees_with_chinese_calendar(house: Flask, now: datetime, year: int) -> None:
    empty()
    services.keep(now=now)
    assert {day: queries.workdays().is_workday(day) for day in days_of(year)} == {d: works(d) for d in days_of(year)}


def test_every_start_from_2024_whose_limit_ends_by_2026_agrees(house: Flask) -> None:
    """Rules 4, with the table and the office's numbers; WD-8 for every start of 2026 on the way."""
    for start in (day for year in (2024, 2025, 2026) for day in days_of(year)):
        general = queries.limit(LimitKind.GENERAL, on=start).of(at(start), queries.workdays())
        complicated = queries.limit(LimitKind.COMPLEX, on=start).of(at(start), queries.workdays())
        by_hand, fifteen = counted(start, 7), rolled(start, 15)
        assert general.provisional == (by_hand is None), start
        if by_hand:
            assert general.until_at == at(by_hand, 18), start
        if by_hand and fifteen:
            assert complicated.due_on == max(by_hand, fifteen), start
        assert complicated.due_on >= general.due_on, f"WD-8: {start}"


@pytest.mark.parametrize(
    ("kind", "start", "until"),
    [
        pytest.param(LimitKind.GENERAL, at(date(2026, 3, 30)), at(date(2026, 4, 9), 18), id="WD-1·清明"),
        pytest.param(LimitKind.GENERAL, at(date(2026, 4, 30)), at(date(2026, 5, 13), 18), id="WD-1·五一"),
        pytest.param(LimitKind.FEEDBACK, at(date(2026, 4, 30)), at(date(2026, 5, 7), 18), id="WD-1·反馈"),
        pytest.param(LimitKind.COMPLEX, at(date(2026, 9, 24)), at(date(2026, 10, 12), 18), id="WD-8·中秋国庆"),
        pytest.param(LimitKind.COUNTY, at(date(2026, 9, 30)), at(date(2026, 10, 8), 18), id="R9·顺延"),
        pytest.param(LimitKind.URGENT, at(date(2026, 10, 1), 23), at(date(2026, 10, 2), 1), id="R10·紧急不分放假"),
        pytest.param(LimitKind.URGENT_SITE, at(date(2026, 10, 1), 9), at(date(2026, 10, 2), 0), id="R10·当天到现场"),
        pytest.param(LimitKind.ACKNOWLEDGE, at(date(2026, 11, 27)), at(date(2026, 11, 30), 18), id="rules 4·签收"),
        pytest.param(
            LimitKind.ACKNOWLEDGE_URGENT, at(date(2026, 11, 28)), at(date(2026, 11, 28)) + timedelta(minutes=30),
            id="rules 4·紧急签收",
        ),
        pytest.param(LimitKind.REWORK, at(date(2026, 11, 25)), at(date(2026, 11, 30), 18), id="rules 10·重办"),
    ],
)  # fmt: skip
def test_limits_with_the_shipped_numbers(house: Flask, kind: LimitKind, start: datetime, until: datetime) -> None:
    found = queries.deadline(kind, start)
    assert (found.until_at, found.version, found.provisional) == (until, 6, False)


def test_a_rooms_own_number(house: Flask) -> None:
    assert queries.workdays_limit(at(date(2026, 11, 27)), 3).until_at == at(date(2026, 12, 2), 18)
    assert queries.workdays_limit(at(date(2026, 12, 31)), 3).provisional


def test_numbers_are_dated_settings_and_a_limit_names_their_versions(house: Flask, now: datetime) -> None:
    """I4: the rule version. A number changed from Thursday on leaves Wednesday's matters as they were."""
    start = date(2026, 11, 26)
    settings.put("worktime.general_days", 5, from_on=start, reason="试行", seen=0, by=CLERK, now=now)
    settings.put("worktime.day_end", "24:00", from_on=start, reason="试行", seen=0, by=CLERK, now=now)
    settings.put("worktime.complex_least", "none", from_on=start, reason="试行", seen=0, by=CLERK, now=now)
    before = queries.limit(LimitKind.GENERAL, on=start - timedelta(days=1))
    after = queries.limit(LimitKind.GENERAL, on=start)
    assert (before.words, after.words) == ("7 个工作日", "5 个工作日")
    assert (before.stamp["worktime.general_days"], after.stamp["worktime.general_days"]) == (0, 1)
    assert (before.ends.at, after.ends.at) == (time(18), None)
    assert after.of(at(start), queries.workdays()).until_at == at(date(2026, 12, 4), 0)
    assert queries.limit(LimitKind.COMPLEX, on=start).least == 0
    assert queries.limit(LimitKind.COMPLEX, on=now.date()).least == 7


def test_wd9_a_date_in_2027_is_marked_and_moves_with_the_calendar_and_the_trail_says_so(
    house: Flask, now: datetime
) -> None:
    """WD-9: flagged, provisional, reckoned again when the calendar comes, a line of the trail for each that moved."""
    limit = queries.limit(LimitKind.GENERAL, on=date(2026, 12, 23))
    kept = []
    for number, start in enumerate((date(2026, 12, 22), date(2026, 12, 23), date(2026, 12, 28)), 1):
        found = limit.of(at(start), queries.workdays())
        kept.append(Kept(f"case:{number}", found.until_at, found.version, _again(limit, start)))
    assert [one.until_at.date() for one in kept] == [date(2026, 12, 31), date(2027, 1, 4), date(2027, 1, 7)]
    assert services.follow(kept, by=SYSTEM, now=now) == [], "nothing is behind"

    made = services.publish(2027, of_2027(date(2027, 1, 4)), source=PAPER, seen=1, by=CLERK, now=now)
    assert (made.number, made.edition, queries.version()) == (7, 2, 7)
    moved = services.follow(kept, by=SYSTEM, now=now)
    db.session.commit()
    assert [deadline.due_on for _one, deadline in moved] == [date(2026, 12, 31), date(2027, 1, 5), date(2027, 1, 8)]
    assert {deadline.version for _one, deadline in moved} == {7}
    assert not any(deadline.provisional for _one, deadline in moved)
    told = lines("worktime.move")
    assert [one.subject for one in told] == ["case:2", "case:3"], "only what moved is told"
    assert details(told[0]) == {
        "before": "2027-01-04T18:00:00+08:00", "after": "2027-01-05T18:00:00+08:00", "version": 7,
    }  # fmt: skip
    again = [Kept(one.subject, deadline.until_at, deadline.version, one.again) for one, deadline in moved]
    assert services.follow(again, by=SYSTEM, now=now) == [], "harmless to repeat"
    assert limit.of(at(date(2026, 12, 23)), queries.workdays(version=6)).due_on == date(2027, 1, 4), "I4: version 6"


def _again(limit: Any, start: date) -> Any:
    return lambda workdays: limit.of(at(start), workdays)


def test_a_calendar_is_added_and_the_trail_tells_it(house: Flask, now: datetime) -> None:
    made = services.publish(2027, of_2027(), source=PAPER, reason="国办通知", seen=1, by=CLERK, now=now)
    db.session.commit()
    assert (made.number, made.edition, made.made_by, made.workdays) == (7, 2, CLERK.name, 260)
    assert queries.in_force()[2027].published
    assert db.session.scalar(select(func.count()).where(CalendarDay.number == 7)) == 365
    assert db.session.scalar(select(func.count()).where(CalendarDay.number == 4)) == 365, "the old one stays"
    (told,) = lines("worktime.publish")
    assert (told.actor_name, told.subject) == (CLERK.name, "calendar:2027")
    assert details(told) == {
        "version": 7, "edition": 2, "state": "published", "source": PAPER, "reason": "国办通知",
        "changed": made.changed, "workdays": 260,
    }  # fmt: skip
    assert [(one.number, one.edition, one.state.label) for one in queries.versions(2027)] == [
        (7, 2, "已公布"), (4, 1, "暂估"),
    ]  # fmt: skip
    assert services.keep(now=now) == 0, "what the office made is never touched"


@pytest.mark.parametrize(
    ("year", "but", "seen", "sentence"),
    [
        pytest.param(2027, {}, 0, STALE, id="别人先发布"),
        pytest.param(2027, {}, 2, STALE, id="版本对不上"),
        pytest.param(2028, {}, 1, "缺 2028年1月、2月", id="不是这一年的日子"),
    ],
)
def test_a_calendar_is_refused(
    house: Flask, now: datetime, year: int, but: dict[str, Any], seen: int, sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        services.publish(year, of_2027(), source=PAPER, seen=seen, by=CLERK, now=now, **but)
    assert sentence in refused.value.sentence
    assert queries.version() == 6


def test_the_same_calendar_twice_is_refused(house: Flask, now: datetime) -> None:
    services.publish(2027, of_2027(), source=PAPER, seen=1, by=CLERK, now=now)
    with pytest.raises(Refused, match="完全一样"):
        services.publish(2027, of_2027(), source=PAPER, seen=2, by=CLERK, now=now)


def test_one_day_is_changed(house: Flask, now: datetime) -> None:
    on = date(2026, 12, 28)
    made = services.change_day(
        on, works=False, name="停电检修", source="", reason="街道通知", seen=1, by=CLERK, now=now
    )
    db.session.commit()
    assert (made.number, made.edition, made.changed, made.source) == (7, 2, 1, "国办发明电〔2025〕7号")
    assert queries.workdays().day(on) == Day(on, False, "停电检修")
    assert queries.workdays(version=6).day(on) == Day(on, True, "")
    assert queries.deadline(LimitKind.GENERAL, at(date(2026, 12, 18))).due_on == date(2026, 12, 30)
    assert [one.subject for one in lines("worktime.publish")] == ["calendar:2026"]


@pytest.mark.parametrize(
    ("on", "works", "name", "sentence"),
    [
        pytest.param(date(2027, 3, 1), False, "某假", "2027 年还没有公布", id="暂估的年份"),
        pytest.param(date(2026, 10, 1), True, "", "法定节假日不上班", id="国庆上班"),
        pytest.param(date(2026, 12, 28), False, "", "要写明是什么假", id="没写名称"),
        pytest.param(date(2026, 12, 28), True, "", "和现在一样", id="什么也没改"),
    ],
)
def test_a_day_is_refused(house: Flask, now: datetime, on: date, works: bool, name: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        services.change_day(on, works=works, name=name, source="", reason="试", seen=1, by=CLERK, now=now)


def test_two_editors_of_one_day(house: Flask, now: datetime) -> None:
    on, but = date(2026, 12, 28), {"source": "", "reason": "试", "by": CLERK, "now": now}
    services.change_day(on, works=False, name="甲假", seen=1, **but)
    with pytest.raises(Refused, match=STALE):
        services.change_day(on, works=False, name="乙假", seen=1, **but)


def test_a_newer_package_mends_what_the_portal_brought_and_nothing_of_the_office(
    house: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The paper of a coming year may move the last days of this one: 2018-12-29 worked for 2019's New Year."""
    services.change_day(date(2025, 12, 30), works=False, name="甲假", source="", reason="试", seen=1, by=CLERK, now=now)
    shipped = {year: known.known_days(year) for year in known.known_years()}

    def mended(year: int) -> list[Day]:
        eve = date(year, 12, 31)
        return [Day(eve, False, "元旦") if day.on == eve else day for day in shipped[year]]

    monkeypatch.setattr(known, "known_days", mended)
    assert services.keep(now=now) == 2
    assert {year: head.edition for year, head in queries.in_force().items()} == {
        2024: 2, 2025: 2, 2026: 2, 2027: 1, 2028: 1, 2029: 1,
    }  # fmt: skip
    assert queries.workdays().day(date(2025, 12, 30)).name == "甲假"
    assert queries.workdays().is_workday(date(2025, 12, 31))
    assert not queries.workdays().is_workday(date(2026, 12, 31))


def test_the_calendar_of_a_version_is_read_once_and_a_rollback_is_not_kept(house: Flask, now: datetime) -> None:
    """Elsewhere than in a request one light query says what stands; a number that was rolled back is not believed."""
    db.session.commit()
    queries.workdays()
    assert _asked(queries.workdays) == 1
    services.publish(2027, of_2027(date(2027, 1, 4)), source=PAPER, seen=1, by=CLERK, now=now)
    assert not queries.workdays().is_workday(date(2027, 1, 4))
    db.session.rollback()
    services.publish(2027, of_2027(), source=PAPER, seen=1, by=CLERK, now=now)
    assert queries.version() == 7
    assert queries.workdays().is_workday(date(2027, 1, 4))


def _asked(deed: Any) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        deed()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(seen)


def test_without_any_calendar_everything_says_so(house: Flask, now: datetime) -> None:
    empty()
    assert (queries.version(), queries.in_force()) == (0, {})
    assert isinstance(queries.workdays(), Workdays)
    with pytest.raises(YearNotPublished):
        queries.workdays().is_workday(now.date())
    found = queries.deadline(LimitKind.GENERAL, now)
    assert (found.due_on, found.provisional, found.version) == (date(2026, 12, 4), True, 0)
    assert queries.deadline(LimitKind.URGENT, now).until_at == now + timedelta(hours=2)


def test_states_have_words() -> None:
    assert [state.label for state in CalendarState] == ["已公布", "暂估"]


@pytest.mark.parametrize("days", [1, 3, 5])
def test_what_began_too_early_is_what_is_overdue(house: Flask, days: int) -> None:
    """One comparison instead of a limit for each row says the same, over the long holidays of 2026 too (WD)."""
    starts = [datetime(2026, 9, 10, 9, tzinfo=SHANGHAI) + timedelta(hours=11 * n) for n in range(80)]
    ends = [queries.workdays_limit(start, days).until_at for start in starts]
    for now in (datetime(2026, 9, 15, tzinfo=SHANGHAI) + timedelta(hours=7 * n) for n in range(120)):
        early = queries.begun_too_early(days, now=now)
        assert [start < early for start in starts] == [until < now for until in ends], now
