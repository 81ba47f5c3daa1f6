"""Sending mails: claim a row, commit, talk to the server with no transaction open, write down what came of it (I6).

A mail is tried again by itself only after a certain no for now. One that may have been taken, and one that was refused
for good, wait for a person.
"""

import secrets
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import Update, or_, select, update

from portal.accounts import queries as accounts
from portal.audit.services import record
from portal.ground.actor import Actor
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.fields.letters import Misread
from portal.ground.mail import Answer, Fate, Post, letter
from portal.ground.sealing import SealBroken
from portal.reminders import queries, rules
from portal.reminders.models import Mail
from portal.reminders.terms import (
    ANSWER_MOST,
    CLAIMED_MOST,
    MAIL_STALE,
    MAIL_TRIES,
    STUCK,
    MailState,
    Told,
)
from portal.settings import queries as settings

GONE = "这封邮件已经处理过了，请刷新。"


@dataclass(frozen=True)
class Claim:
    """A mail that this process may send, ready to go out; the token must come back with what came of it."""

    mail_id: int
    token: str
    mail: EmailMessage


def overdue_mails(*, now: datetime) -> int:
    """Settle what no try will: mails whose claim was left behind are 不明, and what is a day old is not sent any more.

    Returns how many are 不明 now.
    """
    left = or_(Mail.claimed_at < now - CLAIMED_MOST, Mail.claimed_at > now + CLAIMED_MOST)
    lost = _now(now, MailState.UNKNOWN, "发送时程序停了，不知道发出去没有").where(Mail.state == MailState.SENDING, left)
    stale = _now(now, MailState.DROPPED, "过了一天没有发出，不再发").where(
        Mail.state == MailState.WAITING, Mail.asked_at < now - MAIL_STALE
    )
    db.session.execute(stale)
    return int(db.session.execute(lost).rowcount)  # type: ignore[attr-defined]


def claim(post: Post, *, now: datetime) -> Claim | None:
    """Claim the next mail that is due; None when there is none. What cannot be sent at all is settled on the way.

    Whoever calls commits before the first word to the server.
    """
    for mail_id, _tries in queries.due(now, most=50):
        token = secrets.token_hex(16)
        taken = (
            update(Mail)
            .where(Mail.id == mail_id, Mail.state == MailState.WAITING)
            .values(state=MailState.SENDING, try_at=None, token=token, claimed_at=now)
            .execution_options(synchronize_session=False)
        )
        if db.session.execute(taken).rowcount != 1:  # type: ignore[attr-defined]
            continue
        row = db.session.execute(select(Mail.__table__).where(Mail.id == mail_id)).mappings().one()
        try:
            address = accounts.mail_of(row["person_id"])
            if address is None:
                _settle(mail_id, MailState.DROPPED, "没有邮箱，或者已经不在用", now=now)
                continue
            told = Told(row["came"], row["waiting"], row["overdue"], row["until_at"])
            return Claim(mail_id, token, _letter(post, address, told, row["message_id"]))
        except Misread as fault:
            _settle(mail_id, MailState.REFUSED, f"登记的邮箱不能用：{fault}", now=now)
        except SealBroken:
            _settle(mail_id, MailState.REFUSED, "登记的邮箱打不开：封存密钥对不上", now=now)
    return None


def _letter(post: Post, address: str, told: Told, message_id: str) -> EmailMessage:
    link = f"{post.portal}/reminders/"
    return letter(
        post, to=address, subject=rules.mail_subject(post.name, told), text=rules.mail_text(post.name, told, link),
        message_id=message_id, at=told.at,
    )  # fmt: skip


def trial_letter(post: Post, to: str, *, now: datetime) -> EmailMessage:
    """A mail that only says that mail works. Misread for what is no address."""
    text = f"您好：\n\n这是{post.name}的测试邮件，收到说明邮件能发。门户的地址：{post.portal}/\n"
    message_id = f"<{secrets.token_hex(16)}@{post.sender.rpartition('@')[2]}>"
    return letter(post, to=to, subject=f"{post.name}：测试邮件", text=text, message_id=message_id, at=now)


def heard(claim: Claim, answer: Answer, *, now: datetime) -> bool:
    """Write down what came of a try. Tells whether it was still this try's to say: a claim that somebody has dealt
    with meanwhile is not."""
    most = settings.value(MAIL_TRIES, on=now.date())
    mine = Mail.id == claim.mail_id, Mail.token == claim.token, Mail.state.in_([MailState.SENDING, MailState.UNKNOWN])
    tries = db.session.scalar(select(Mail.tries).where(*mine))
    if tries is None:
        return False
    written = db.session.execute(_after(answer, tries + 1, most, now).where(*mine))
    if answer.all and answer.fate in (Fate.LATER, Fate.REFUSED):
        _same_for_all(answer, most, now)
    return bool(written.rowcount == 1)  # type: ignore[attr-defined]


def _after(answer: Answer, tries: int, most: int, now: datetime) -> Update:
    """The statement for mails that have had so many tries, this one included."""
    if answer.fate is Fate.LATER and tries < most:
        again = _now(now, MailState.WAITING, answer.words)
        return again.values(tries=tries, try_at=rules.next_try(tries, now), token=None, claimed_at=None)
    if answer.fate is Fate.LATER:
        return _now(now, MailState.REFUSED, f"试了 {tries} 次，{answer.words}").values(tries=tries)
    state = {Fate.TAKEN: MailState.TAKEN, Fate.REFUSED: MailState.REFUSED, Fate.UNKNOWN: MailState.UNKNOWN}[answer.fate]
    return _now(now, state, answer.words).values(tries=tries)


def _same_for_all(answer: Answer, most: int, now: datetime) -> None:
    """What the server said before it heard of any recipient it would say to all that are due: nobody asks again."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for mail_id, tries in queries.due(now, most=10_000):
        found[tries].append(mail_id)
    for tries, ids in found.items():
        db.session.execute(
            _after(answer, tries + 1, most, now).where(Mail.id.in_(ids), Mail.state == MailState.WAITING)
        )


def _now(now: datetime, state: MailState, answer: str) -> Update:
    changed = update(Mail).values(state=state, answer=answer[:ANSWER_MOST], answered_at=now, try_at=None)
    return changed.execution_options(synchronize_session=False)


def _settle(mail_id: int, state: MailState, answer: str, *, now: datetime) -> None:
    db.session.execute(_now(now, state, answer).where(Mail.id == mail_id))


# ---- what a person does


def send_again(mail: Mail, *, by: Actor, now: datetime) -> None:
    """再发一次: the same mail goes out once more. `Refused` when somebody was quicker."""
    if not _stuck(Mail.id == mail.id, **_anew(now)):
        raise Refused(GONE)
    record("reminders.mail_again", f"mail:{mail.id}", by=by, now=now, was=mail.state.value)


def close(mail: Mail, *, by: Actor, now: datetime) -> None:
    """已处理: nothing more is to be done about a mail. `Refused` when somebody was quicker."""
    if not _stuck(Mail.id == mail.id, **_closed(by, now)):
        raise Refused(GONE)
    record("reminders.mail_close", f"mail:{mail.id}", by=by, now=now, was=mail.state.value)


def send_all_again(*, seen: datetime, by: Actor, now: datetime) -> int:
    """Every mail that was refused by the time the list was looked at goes out once more; returns how many."""
    count = _stuck(Mail.state == MailState.REFUSED, Mail.answered_at <= seen, **_anew(now))
    if count:
        record("reminders.mail_again", "mails", by=by, now=now, was=MailState.REFUSED.value, count=count)
    return count


def close_all(state: MailState, *, seen: datetime, by: Actor, now: datetime) -> int:
    """Nothing more is to be done about any mail of a list as it was looked at; returns how many."""
    count = _stuck(Mail.state == state, Mail.answered_at <= seen, **_closed(by, now))
    if count:
        record("reminders.mail_close", "mails", by=by, now=now, was=state.value, count=count)
    return count


def _anew(now: datetime) -> dict[str, object]:
    return {
        "state": MailState.WAITING, "tries": 0, "try_at": now, "asked_at": now, "token": None, "claimed_at": None,
        "answered_at": None, "answer": "",
    }  # fmt: skip


def _closed(by: Actor, now: datetime) -> dict[str, object]:
    person = by.id if by.kind == "person" else None
    return {"state": MailState.CLOSED, "closed_at": now, "closed_by_id": person, "token": None}


def _stuck(*which: object, **values: object) -> int:
    """Change mails that wait for a person, and tells how many still did."""
    changed = update(Mail).where(Mail.state.in_(STUCK), *which).values(**values)  # type: ignore[arg-type]
    return int(db.session.execute(changed.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
