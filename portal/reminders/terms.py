"""Words of reminders: channels, how a note stands, how it came, for how long it can be put off, keys of settings."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from portal.ground.labels import Label

#: [P] settings (rules 10): when the morning's digest comes, and between which hours nobody is disturbed.
DIGEST_AT = "reminders.digest_at"
QUIET_FROM = "reminders.quiet_from"
QUIET_UNTIL = "reminders.quiet_until"
HOURS = (DIGEST_AT, QUIET_FROM, QUIET_UNTIL)
#: [P] settings of mail: which rules go by mail where a person has not chosen, and how often a mail is tried that the
#: server does not take for the time being.
MAIL_RULES = "reminders.mail_rules"
MAIL_TRIES = "reminders.mail_tries"
MAIL_TRIES_MOST = 8
#: Which rules: key → word.
MAILED = {"all": "所有提醒", "at_once": "只有马上送的", "none": "都不发，谁要收谁自己选"}

#: What committed this long after its own instant is still found: longer than any request that writes.
OVERLAP = timedelta(minutes=2)
#: A note that is written this long after it should have been delivered is late (补发).
GRACE = timedelta(minutes=10)
#: Notes written in one transaction, and subjects that are asked in one turn whether they are done.
CHUNK, ASKED_AT_ONCE = 500, 200
#: Days for which 更早的 shows what has left the inbox, and for which the rows are kept at all.
SHOWN_DAYS, KEPT_DAYS = 90, 366
#: Rows of one page, the number at which the bell stops counting, and notes that are walked through one by one.
PAGE, BELL_MOST, WALK_MOST = 50, 99, 500

#: The rule that tells of mails that wait for a person (never by mail itself), and the mark of how far mail has looked.
MAIL_RULE, MAIL_MARK = "reminders.mail", "mail"
#: Waits after a refusal for now: the first, doubled each time, and at most; within a day a mail is sent or never.
FIRST_WAIT, LONGEST_WAIT, MAIL_STALE = timedelta(minutes=5), timedelta(hours=4), timedelta(days=1)
#: A mail that was claimed so long ago, and of which nothing was heard, went out or did not: nobody knows. Longer than
#: any talk with a server.
CLAIMED_MOST = timedelta(minutes=5)
#: How far back mail looks when it has not looked for long, and rows of each list of mails.
MAIL_BACK, MAILS_MOST = timedelta(days=7), 50
ANSWER_MOST = 200
#: A mail that waits for so long is told of on 系统状态.
WAITS_LONG = timedelta(hours=1)

TITLE_MOST, SECOND_MOST, WHY_MOST, URL_MOST = 120, 120, 200, 240


class Channel(Label):
    """By which way a note reaches its person. Mail tells of many notes at once and has rows of its own."""

    INBOX = "inbox", "提醒箱"


class NoteState(Label):
    """How a note stands. Only 待办 is in the inbox; 已知悉 has left it though the thing itself is not done yet."""

    OPEN = "open", "待办"
    ACKNOWLEDGED = "acknowledged", "已知悉"
    SETTLED = "settled", "已办结"
    SUPERSEDED = "superseded", "有新提醒"
    HANDED = "handed", "已转交"


class MailState(Label):
    """How a mail stands. 被拒绝 and 不明 wait for a person."""

    WAITING = "waiting", "待发"
    SENDING = "sending", "发送中"
    TAKEN = "taken", "已发出"
    REFUSED = "refused", "被拒绝"
    UNKNOWN = "unknown", "不明"
    DROPPED = "dropped", "不用发"
    CLOSED = "closed", "已处理"


#: Mails that wait for a person.
STUCK = (MailState.UNKNOWN, MailState.REFUSED)


class Origin(Label):
    """How a note came to its person."""

    RULE = "rule", "到时提醒"
    RAISED = "raised", "没人办，往上报"
    HANDED = "handed", "同事转交"


class Snooze(Label):
    """For how long a note can be put off."""

    HOUR = "hour", "1 小时后"
    TOMORROW = "tomorrow", "明天早上"
    WORKDAY = "workday", "下个工作日"


#: Lamp and icon of each state, for 更早的.
LAMPS: dict[str, tuple[str, str]] = {
    "open": ("soon", "clock"),
    "acknowledged": ("done", "eye-check"),
    "settled": ("fine", "check"),
    "superseded": ("done", "refresh"),
    "handed": ("held", "arrow-forward-up"),
}


@dataclass(frozen=True)
class Hours:
    """When people are told: the digest, and the hours in which nobody is (which may pass midnight)."""

    digest: time
    quiet_from: time
    quiet_until: time


@dataclass(frozen=True)
class Pace:
    """How a rule tells: at once or with the digest, through quiet hours or not, on working days only or not."""

    at_once: bool
    through_quiet: bool
    workdays_only: bool


class Delivery(NamedTuple):
    """When a note stands in the inbox, and whether that is later than it should have."""

    at: datetime
    late: bool


class Told(NamedTuple):
    """What a mail tells: notes that are new, that wait in all, and that are overdue; as they stood at `at`."""

    came: int
    waiting: int
    overdue: int
    at: datetime


class Sign(NamedTuple):
    """A lamp, its icon and its word."""

    lamp: str
    icon: str
    word: str


#: The stretches of an inbox and their words.
GROUPS = (("today", "今天"), ("week", "本周"), ("later", "以后"))
