"""Decisions about reminders: what a look covers, when a note is delivered, for how long it is put off. Pure.

`works` tells whether a day works; it answers for any day.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from portal.reminders.terms import (
    FIRST_WAIT,
    GRACE,
    LONGEST_WAIT,
    MAIL_BACK,
    OVERLAP,
    Delivery,
    Hours,
    Pace,
    Sign,
    Snooze,
    Told,
)

Works = Callable[[date], bool]
_DAY = timedelta(days=1)


def looked_since(mark: datetime | None, now: datetime) -> datetime:
    """Return the instant after which a rule looks: a little before its mark; a rule that never looked begins today.

    Where the clock has stepped back the mark steps back with it: what is found again has been written already, and
    what happens in the hours that come twice is not missed.
    """
    if mark is None:
        return now.replace(hour=0, minute=0, second=0, microsecond=0) - OVERLAP
    return min(mark, now) - OVERLAP


def delivery(owed_at: datetime, now: datetime, *, pace: Pace, hours: Hours, works: Works) -> Delivery:
    """Return when a note that has been owed since `owed_at`, and is written at `now`, stands in the inbox.

    Written in time, it comes when the rule says: with the next digest, or at once. Written too late (the clockwork
    stood), it comes as soon as anybody may be told, without waiting for a digest, and is marked (I6).
    """
    at = owed_at if pace.at_once else _digest(owed_at, hours)
    due = allowed(at, pace=pace, hours=hours, works=works)
    if now <= due + GRACE:
        return Delivery(due, late=False)
    return Delivery(allowed(now, pace=pace, hours=hours, works=works), late=True)


def _digest(at: datetime, hours: Hours) -> datetime:
    """The first digest at or after an instant."""
    found = datetime.combine(at.date(), hours.digest, at.tzinfo)
    return found if found >= at else found + _DAY


def allowed(at: datetime, *, pace: Pace, hours: Hours, works: Works) -> datetime:
    """Return the first instant from `at` on at which a rule of this pace may tell somebody."""
    while True:
        later = at
        if pace.workdays_only and not works(later.date()):
            day = later.date() + _DAY
            while not works(day):
                day += _DAY
            later = datetime.combine(day, time() if pace.at_once else hours.digest, at.tzinfo)
        if not pace.through_quiet:
            later = after_quiet(later, hours)
        if later == at:
            return at
        at = later


def after_quiet(at: datetime, hours: Hours) -> datetime:
    """Return the instant itself outside quiet hours, within them their end."""
    begin, end, clock = hours.quiet_from, hours.quiet_until, at.time()
    quiet = begin <= clock < end if begin <= end else clock >= begin or clock < end
    if not quiet:
        return at
    day = at.date() + _DAY if begin > end and clock >= begin else at.date()
    return datetime.combine(day, end, at.tzinfo)


def snoozed_until(choice: Snooze, now: datetime, *, hours: Hours, works: Works) -> datetime:
    """Return until when a note that somebody puts off stays away; never within quiet hours."""
    if choice is Snooze.HOUR:
        return after_quiet(now + timedelta(hours=1), hours)
    day = now.date() + _DAY
    while choice is Snooze.WORKDAY and not works(day):
        day += _DAY
    return after_quiet(datetime.combine(day, hours.digest, now.tzinfo), hours)


def last_day(until_at: datetime) -> date:
    """Return the last day of a limit: midnight is the end of the day before."""
    return (until_at - timedelta(microseconds=1)).date()


def sign(until_at: datetime | None, *, lamp: str, icon: str, word: str, now: datetime) -> Sign:
    """Return the lamp of a note: from its limit where it has one, else what its rule gave."""
    if until_at is None:
        return Sign(lamp, icon, word)
    if now >= until_at:
        return Sign("late", "alarm", "逾期")
    left = (last_day(until_at) - now.date()).days
    if left == 0:
        return Sign("soon", "clock", "今天止" if until_at.time() == time() else f"{until_at:%H:%M} 止")
    if left <= 2:
        return Sign("soon", "clock", f"剩 {left} 天")
    on = last_day(until_at)
    return Sign("done", "calendar-due", f"{on.month}月{on.day}日")


def borders(now: datetime) -> tuple[datetime, datetime]:
    """Return until when 今天 and 本周 reach, both included: the midnight that ends the day, and that ends Sunday."""
    midnight = datetime.combine(now.date() + _DAY, time(), now.tzinfo)
    return midnight, midnight + timedelta(days=6 - now.weekday())


def group(by_at: datetime, now: datetime) -> str:
    """Return the group of the inbox that a note stands in: today | week | later."""
    today, week = borders(now)
    return "today" if by_at <= today else "week" if by_at <= week else "later"


def digest_window(now: datetime, *, hours: Hours, works: Works) -> tuple[datetime, datetime]:
    """Return what the newest digest covers: from the end of the last working day's office hours before it (18:00) to
    the digest itself."""
    at = datetime.combine(now.date(), hours.digest, now.tzinfo)
    if at > now:
        at -= _DAY
    return digest_of(at.date(), hours=hours, works=works, like=now)


def digest_words(since: datetime, at: datetime, now: datetime) -> str:
    """Return what a digest covers in plain words: 昨天下班到今早, 11月27日下班到今早, 11月26日下班到当天早上."""
    today = now.date()
    begin = "昨天" if since.date() == today - _DAY else f"{since.month}月{since.day}日"
    return f"{begin}下班到{'今早' if at.date() == today else '当天早上'}"


def digest_of(day: date, *, hours: Hours, works: Works, like: datetime) -> tuple[datetime, datetime]:
    """Return what a day's digest covers, in the zone of `like`."""
    before = day - _DAY
    while not works(before):
        before -= _DAY
    return datetime.combine(before, time(18), like.tzinfo), datetime.combine(day, hours.digest, like.tzinfo)


def mailed_since(mark: datetime | None, now: datetime) -> datetime:
    """Return the instant after which notes are told of by mail: where mail has never looked it begins now, and after
    a long silence a week back."""
    return max(looked_since(mark, now), now - MAIL_BACK) if mark else now


def by_mail(*, at_once: bool, chosen: bool | None, office: str) -> bool:
    """Tell whether a rule goes by mail: as the person has chosen, else as the office's setting says."""
    return chosen if chosen is not None else office == "all" or (office == "at_once" and at_once)


def next_try(tries: int, now: datetime) -> datetime:
    """Return when a mail is tried again that was refused for now, `tries` times by now."""
    return now + min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)


def mail_subject(portal: str, told: Told) -> str:
    """桂溪人居：3 条新提醒，还有 12 条没办"""
    waiting = f"，一共 {told.waiting} 条没办" if told.waiting > told.came else ""
    return f"{portal}：{told.came} 条新提醒{waiting}"


def mail_text(portal: str, told: Told, link: str) -> str:
    """What a mail says: counts and a link, no names and no things."""
    overdue = f"，其中 {told.overdue} 条已经逾期" if told.overdue else ""
    at = f"{told.at.year}年{told.at.month}月{told.at.day}日 {told.at:%H:%M}"
    return (
        f"您好：\n\n截至 {at}，您在{portal}新到 {told.came} 条提醒，没办的一共 {told.waiting} 条{overdue}。\n\n"
        f"请登录查看：{link}\n\n"
        "邮件里只有条数，不写具体的事和人。这是系统自动发的，不用回复；不想收，登录后在“提醒规定 → 收邮件”里去掉。\n"
    )
