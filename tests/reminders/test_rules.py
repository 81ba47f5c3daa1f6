"""Pure rules: what a look covers, when a note is delivered, lamps and groups. Both databases and Flask are far away."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.clock import SHANGHAI
from portal.ground.declare import days_begun
from portal.reminders import rules
from portal.reminders.terms import (
    GRACE,
    LONGEST_WAIT,
    MAIL_BACK,
    MAIL_STALE,
    MAIL_TRIES_MOST,
    OVERLAP,
    Hours,
    Pace,
    Sign,
    Snooze,
    Told,
)

HOURS = Hours(time(8, 30), time(21), time(7, 30))
DIGEST, AT_ONCE = Pace(False, False, False), Pace(True, False, False)
URGENT, WORKDAYS = Pace(True, True, False), Pace(False, False, True)


def at(day: int, clock: str = "00:00", month: int = 11) -> datetime:
    return datetime.combine(date(2026, month, day), time.fromisoformat(clock), SHANGHAI)


def works(day: date) -> bool:
    return day.weekday() < 5 and day != date(2026, 11, 27)


@pytest.mark.parametrize(
    ("mark", "now", "since"),
    [
        pytest.param(None, at(25, "10:00"), at(25) - OVERLAP, id="a rule that never looked begins with today"),
        pytest.param(at(25, "09:59"), at(25, "10:00"), at(25, "09:59") - OVERLAP, id="a little before the mark"),
        pytest.param(at(28), at(25, "10:00"), at(25, "10:00") - OVERLAP, id="the clock stepped back"),
    ],
)
def test_looked_since(mark: datetime | None, now: datetime, since: datetime) -> None:
    assert rules.looked_since(mark, now) == since


@pytest.mark.parametrize(
    ("pace", "owed", "now", "delivered", "late"),
    [
        pytest.param(DIGEST, at(25), at(25), at(25, "08:30"), False, id="R10·midnight waits for the digest"),
        pytest.param(DIGEST, at(25, "08:31"), at(25, "08:31"), at(26, "08:30"), False, id="R10·past it, the next one"),
        pytest.param(AT_ONCE, at(25, "10:00"), at(25, "10:01"), at(25, "10:00"), False, id="at once"),
        pytest.param(AT_ONCE, at(25, "21:00"), at(25, "21:00"), at(26, "07:30"), False, id="R10·quiet from 21:00"),
        pytest.param(AT_ONCE, at(26, "07:29"), at(26, "07:29"), at(26, "07:30"), False, id="R10·until 07:30"),
        pytest.param(AT_ONCE, at(26, "07:30"), at(26, "07:30"), at(26, "07:30"), False, id="R10·07:30 is day"),
        pytest.param(URGENT, at(25, "23:00"), at(25, "23:00"), at(25, "23:00"), False, id="through quiet hours"),
        pytest.param(WORKDAYS, at(27), at(27), at(30, "08:30"), False, id="a holiday, then the weekend"),
        pytest.param(DIGEST, at(25), at(25, "08:40"), at(25, "08:30"), False, id="ten minutes are not late"),
        pytest.param(DIGEST, at(25), at(25, "08:41"), at(25, "08:41"), True, id="I6·late: now, not the next digest"),
        pytest.param(DIGEST, at(23), at(25, "22:00"), at(26, "07:30"), True, id="I6·late, but nobody is woken"),
        pytest.param(WORKDAYS, at(23), at(28, "10:00"), at(30, "08:30"), True, id="I6·late, on a day off"),
        pytest.param(DIGEST, at(25), at(25, "04:00"), at(25, "08:30"), False, id="in time before the digest"),
    ],
)
def test_delivery(pace: Pace, owed: datetime, now: datetime, delivered: datetime, late: bool) -> None:
    assert rules.delivery(owed, now, pace=pace, hours=HOURS, works=works) == (delivered, late)


CLOCKS = st.times().map(lambda one: one.replace(second=0, microsecond=0))
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda one: one.replace(tzinfo=SHANGHAI))
PACES = st.builds(Pace, st.booleans(), st.booleans(), st.booleans())


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=9)), PACES, st.builds(Hours, CLOCKS, CLOCKS, CLOCKS))
def test_nobody_is_told_when_nobody_may_be(owed: datetime, waited: timedelta, pace: Pace, hours: Hours) -> None:
    """Whatever the hours: never before it is owed, never in quiet hours or on days off where the rule heeds them."""
    now = owed + waited
    found = rules.delivery(owed, now, pace=pace, hours=hours, works=works)
    assert found.at >= owed
    assert found.late or found.at + GRACE >= now
    assert not found.late or found.at >= now
    assert pace.through_quiet or rules.after_quiet(found.at, hours) == found.at
    assert not pace.workdays_only or works(found.at.date())
    assert found.at - now < timedelta(days=12)


@given(INSTANTS, INSTANTS)
def test_days_begun_are_those_whose_midnight_lies_between(since: datetime, now: datetime) -> None:
    expected, day = [], since.date()
    while day < now.date():
        day += timedelta(days=1)
        expected.append(day)
    assert days_begun(since, now) == expected


@pytest.mark.parametrize(
    ("choice", "now", "until"),
    [
        pytest.param(Snooze.HOUR, at(25, "10:00"), at(25, "11:00"), id="an hour"),
        pytest.param(Snooze.HOUR, at(25, "20:30"), at(26, "07:30"), id="an hour would be quiet"),
        pytest.param(Snooze.TOMORROW, at(26, "10:00"), at(27, "08:30"), id="tomorrow, a holiday too"),
        pytest.param(Snooze.WORKDAY, at(26, "10:00"), at(30, "08:30"), id="the next working day"),
    ],
)
def test_snoozed_until(choice: Snooze, now: datetime, until: datetime) -> None:
    assert rules.snoozed_until(choice, now, hours=HOURS, works=works) == until


@pytest.mark.parametrize(
    ("until", "sign", "group"),
    [
        pytest.param(None, Sign("fine", "bell", "有回复"), "today", id="no limit: what the rule says"),
        pytest.param(at(25, "09:59"), Sign("late", "alarm", "逾期"), "today", id="over"),
        pytest.param(at(25, "18:00"), Sign("soon", "clock", "18:00 止"), "today", id="today"),
        pytest.param(at(26), Sign("soon", "clock", "今天止"), "today", id="midnight is the end of today"),
        pytest.param(at(26, "18:00"), Sign("soon", "clock", "剩 1 天"), "week", id="tomorrow"),
        pytest.param(at(30), Sign("done", "calendar-due", "11月29日"), "week", id="the end of Sunday"),
        pytest.param(at(30, "18:00"), Sign("done", "calendar-due", "11月30日"), "later", id="next week"),
    ],
)
def test_sign_and_group(until: datetime | None, sign: Sign, group: str) -> None:
    now = at(25, "10:00")
    assert rules.sign(until, lamp="fine", icon="bell", word="有回复", now=now) == sign
    assert rules.group(until or now, now) == group


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        pytest.param(at(25, "10:00"), at(24, "18:00"), at(25, "08:30"), id="since yesterday's end"),
        pytest.param(at(25, "08:00"), at(23, "18:00"), at(24, "08:30"), id="before it: yesterday's"),
        pytest.param(at(30, "09:00"), at(26, "18:00"), at(30, "08:30"), id="over a holiday and a weekend"),
    ],
)
def test_digest_window(now: datetime, since: datetime, until: datetime) -> None:
    assert rules.digest_window(now, hours=HOURS, works=works) == (since, until)


@pytest.mark.parametrize(
    ("since", "until", "now", "words"),
    [
        pytest.param(at(24, "18:00"), at(25, "08:30"), at(25, "10:00"), "昨天下班到今早", id="today's"),
        pytest.param(at(23, "18:00"), at(24, "08:30"), at(25, "08:00"), "11月23日下班到当天早上", id="yesterday's"),
        pytest.param(at(26, "18:00"), at(30, "08:30"), at(30, "09:00"), "11月26日下班到今早", id="after days off"),
    ],
)
def test_what_a_digest_covers_in_words(since: datetime, until: datetime, now: datetime, words: str) -> None:
    assert rules.digest_words(since, until, now) == words


# mail -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("office", "at_once", "chosen", "goes"),
    [
        pytest.param("all", False, None, True, id="all: what waits for the digest"),
        pytest.param("all", True, None, True, id="all: what is told at once"),
        pytest.param("at_once", True, None, True, id="at once: what is told at once"),
        pytest.param("at_once", False, None, False, id="at once: not what waits"),
        pytest.param("none", True, None, False, id="none"),
        pytest.param("none", False, True, True, id="none, but the person wants it"),
        pytest.param("all", True, False, False, id="all, but the person does not"),
    ],
)
def test_by_mail(office: str, at_once: bool, chosen: bool | None, goes: bool) -> None:
    assert rules.by_mail(at_once=at_once, chosen=chosen, office=office) == goes


def test_tries_take_longer_and_longer_and_all_of_them_fit_into_a_day() -> None:
    waits = [rules.next_try(tries, at(25)) - at(25) for tries in range(1, MAIL_TRIES_MOST)]
    assert waits == sorted(waits) and waits[:3] == [timedelta(minutes=minutes) for minutes in (5, 10, 20)]
    assert waits[-1] == LONGEST_WAIT and sum(waits, timedelta()) < MAIL_STALE


@pytest.mark.parametrize(
    ("mark", "since"),
    [
        pytest.param(None, at(25, "10:00"), id="where mail begins it begins now"),
        pytest.param(at(25, "09:59"), at(25, "09:59") - OVERLAP, id="a little before the mark"),
        pytest.param(at(1), at(25, "10:00") - MAIL_BACK, id="not for ever"),
        pytest.param(at(28), at(25, "10:00") - OVERLAP, id="the clock stepped back"),
    ],
)
def test_mailed_since(mark: datetime | None, since: datetime) -> None:
    assert rules.mailed_since(mark, at(25, "10:00")) == since


@pytest.mark.parametrize(
    ("told", "subject", "says"),
    [
        (Told(3, 3, 0, at(25, "08:30")), "桂溪人居：3 条新提醒", "新到 3 条提醒，没办的一共 3 条。"),
        (
            Told(3, 12, 2, at(25, "08:30")),
            "桂溪人居：3 条新提醒，一共 12 条没办",
            "没办的一共 12 条，其中 2 条已经逾期。",
        ),
    ],
    ids=["all of them new", "older ones too"],
)
def test_what_a_mail_says(told: Told, subject: str, says: str) -> None:
    assert rules.mail_subject("桂溪人居", told) == subject
    text = rules.mail_text("桂溪人居", told, "http://portal.lan/reminders/")
    assert says in text and "截至 2026年11月25日 08:30" in text and "http://portal.lan/reminders/\n" in text
