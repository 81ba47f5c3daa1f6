"""What reminders give to the house: when people are told and what by mail, as settings; what somebody holds who leaves;
how mail stands, for 系统状态, and a word when a mail waits for a person."""

from collections.abc import Collection, Sequence
from datetime import datetime, time

from flask import current_app, url_for

from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.declare import (
    Demo,
    DeskCard,
    DeskPlan,
    Figure,
    Holding,
    Offers,
    Owed,
    PlanLine,
    Probe,
    Reading,
    ReminderRule,
    SettingSpec,
    Whom,
)
from portal.ground.mail import NotReady, post_of
from portal.reminders import demo, queries, services
from portal.reminders.terms import (
    DIGEST_AT,
    MAIL_RULE,
    MAIL_RULES,
    MAIL_TRIES,
    MAIL_TRIES_MOST,
    MAILED,
    QUIET_FROM,
    QUIET_UNTIL,
    WAITS_LONG,
)
from portal.settings import queries as settings
from portal.web import may_go
from portal.web.filters import moment

_GROUP = "期限与提醒"


def _open(actor: Actor, now: datetime) -> Figure | None:
    """提醒没办: what stands in one's own inbox."""
    if actor.id is None:
        return None
    count = queries.open_count(actor.id, now=now)
    return Figure(f"{count:,}", "条", "点开逐条办" if count else "都办完了", url_for("reminders.index"))


def _plan(actor: Actor, now: datetime) -> list[PlanLine]:
    """The hour of the day's digest."""
    at = datetime.combine(now.date(), settings.value(DIGEST_AT, on=now.date()), now.tzinfo)
    lamp = ("done", "到点了", "check") if at <= now else ("held", "没到", "clock")
    return [PlanLine(at, "当天的提醒汇总", "不急的提醒攒到这时一起送", *lamp, url_for("reminders.index"))]


def _mail(now: datetime) -> Reading:
    """How mail stands: off, wrongly configured, waiting for a person, waiting for the server, or well."""
    try:
        post = post_of(current_app.config)
    except NotReady as fault:
        return Reading("late", "没有配好", str(fault), "改好 PORTAL_MAIL_… 以后重启，再用 flask mail test 试一封。")
    if post is None:
        return Reading("held", "没有启用", "提醒只在门户里看；要发邮件，见部署说明")
    stands = queries.tally(since=datetime.combine(now.date(), time(), now.tzinfo))
    where, url = f"{post.host}:{post.port}", url_for("reminders.mails") if may_go("reminders.mails") else ""
    if stands.unknown or stands.refused:
        parts = [f"{count} 封{word}" for count, word in ((stands.unknown, "不明"), (stands.refused, "被拒绝")) if count]
        return Reading(
            "late", "、".join(parts), where, "请点开看原因，逐封处理。" if url else "请系统管理员逐封处理。", url
        )
    if stands.since and now - stands.since > WAITS_LONG:
        text = f"{stands.waiting} 封等着发，最早的从{moment(stands.since)}等起"
        return Reading("soon", text, where, "邮件服务器暂时不收，过一会儿自动再试。", url)
    return Reading("fine", f"今天发出 {stands.taken} 封", where, url=url)


def _stuck(since: datetime, now: datetime) -> Sequence[Owed]:
    """A word a day to 系统管理员 when mails begin to wait for a person."""
    if services.post() is None:
        return []
    at, count = queries.newly_stuck(since=since, now=now)
    if at is None:
        return []
    return [
        Owed(
            "mails", f"{at:%Y-%m-%d}", at, Whom(role="system_admin"), "有提醒邮件没有送到",
            f"{count} 封被拒绝或不明，要人处理", url_for("reminders.mails"), lamp="late", word="没送到",
        )
    ]  # fmt: skip


def _still_stuck(subjects: Sequence[str], now: datetime) -> Collection[str]:
    return subjects if queries.any_stuck() else ()


OFFERS = Offers(
    settings=[
        SettingSpec(DIGEST_AT, "每天什么时候汇总提醒", time(8, 30), "", "不急的提醒攒到这个时候一起送", "time", _GROUP),
        SettingSpec(QUIET_FROM, "晚上从几点起不打扰", time(21, 0), "", "夜里到时的，第二天早上再送", "time", _GROUP),
        SettingSpec(QUIET_UNTIL, "早上到几点为止不打扰", time(7, 30), "", "和上一项相同就不设静默", "time", _GROUP),
        SettingSpec(
            MAIL_RULES, "哪些提醒也发邮件", "all", "", "有邮箱的人才发；本人另选过的，照本人的", "choice", "运行维护",
            choices=list(MAILED.items()), needs=Can.SETTINGS_SYSTEM,
        ),
        SettingSpec(
            MAIL_TRIES, "邮件最多试几次", 5, "次", "对方暂时不收才再试，越试间隔越长", group="运行维护", least=1,
            most=MAIL_TRIES_MOST, needs=Can.SETTINGS_SYSTEM,
        ),
    ],
    holdings=[
        Holding(
            "reminders", "没办的提醒", "条", queries.unfinished_count, services.hand_over, 10, services.taking_roles
        )
    ],
    cards=[DeskCard("reminders.open", "提醒没办", "bell", None, _open, 5)],
    plans=[DeskPlan("reminders", None, _plan, 20)],
    probes=[Probe("mail", "邮件", "mail", _mail, 40)],
    reminders=[
        ReminderRule(
            MAIL_RULE, "提醒邮件没送到", "邮件被拒绝或不明，当天提醒系统管理员，到处理完为止",
            "系统约定：不明的不自动重发", _stuck, still=_still_stuck, at_once=True, icon="mail", needs=Can.MAIL_KEEP,
        )
    ],
    demos=[Demo(80, "提醒：最近十二天", demo.build)],
)  # fmt: skip
