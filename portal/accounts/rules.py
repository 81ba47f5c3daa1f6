"""Decisions about people: good passwords, locks, how long a session lasts, which roles go together (rules 6)."""

import re
import unicodedata
from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.accounts.terms import (
    BLOCKED,
    GUARDED,
    GUARDED_WORDS,
    INDISPENSABLE,
    LEVELS,
    PASSWORD_MOST,
    ROLES,
    SEPARATE,
    PasswordRule,
    PersonState,
    Tries,
)

_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,30}[a-z0-9]")
#: Signs that stand for letters; 1 and ! stand for two.
_LOOKS_LIKE = [str.maketrans("013457@$!", "oleastasi"), str.maketrans("013457@$!", "oieastasl")]


def login_fault(login: str) -> str | None:
    """Say what is wrong with an account name, None when it will do."""
    if _LOGIN.fullmatch(login):
        return None
    return "账号用小写字母开头，3 到 32 位，只用小写字母、数字和 . _ -。"


def is_administrator(roles: Iterable[str]) -> bool:
    """Tell whether one of the roles is a separate duty: shorter idle limit, longer password (rules 6)."""
    return any(role in SEPARATE for role in roles)


def password_faults(password: str, *, login: str, rule: PasswordRule) -> list[str]:
    """Say everything that is wrong with a new password, in the order in which one mends it (rules 6, Password)."""
    faults = []
    if len(password) < rule.least:
        faults.append(f"至少 {rule.least} 位，现在是 {len(password)} 位。")
    if len(password) > PASSWORD_MOST:
        faults.append(f"最多 {PASSWORD_MOST} 位。")
    if any(unicodedata.category(sign).startswith("C") for sign in password):
        faults.append("含有看不见的字符，请重新输入。")
    if (kinds := _classes(password)) < rule.classes:
        faults.append(f"大写字母、小写字母、数字、符号里至少要有 {rule.classes} 种，现在有 {kinds} 种。")
    plain = password.lower()
    if login and login.lower() in plain:
        faults.append("不能含有账号。")
    if found := _blocked(plain):
        faults.append(f"含有容易猜到的“{found}”，请换一个。")
    if re.search(r"(.)\1{3}", password):
        faults.append("同一个字符连着出现太多次。")
    return faults


def _classes(password: str) -> int:
    return sum(
        (
            any(c.isascii() and c.isupper() for c in password),
            any(c.isascii() and c.islower() for c in password),
            any(c.isdecimal() for c in password),
            any(not c.isascii() or not c.isalnum() for c in password),
        )
    )


def _blocked(plain: str) -> str | None:
    """Return the piece that is on the list: as typed, without its separators, or with signs for letters."""
    closed = re.sub(r"[^a-z0-9@$!]", "", plain)
    letters = [closed.translate(table) for table in _LOOKS_LIKE]
    for piece in BLOCKED:
        if piece in plain or piece in closed or (piece.isalpha() and any(piece in one for one in letters)):
            return piece
    return None


@dataclass(frozen=True)
class Lock:
    """Whether an account may be tried from an address: until when not, else how many tries are left."""

    until: datetime | None
    left: int


def lock(failures: Collection[datetime], *, tries: Tries, now: datetime) -> Lock:
    """Return the lock that failures of one account from one address make.

    Five within 15 minutes, say, shut it for 15 minutes from the fifth (rules 6, Login); tries while it is shut are
    not among `failures`.
    """
    newest = sorted((at for at in failures if at <= now), reverse=True)[: tries.most]
    if len(newest) == tries.most and newest[0] - newest[-1] < tries.window and now < newest[0] + tries.window:
        return Lock(newest[0] + tries.window, 0)
    return Lock(None, tries.most - sum(at > now - tries.window for at in newest))


def session_over(*, begun: datetime, seen: datetime, now: datetime, idle: timedelta, absolute: timedelta) -> bool:
    """Tell whether a session has ended by itself: idle too long, or too old (rules 6, Session)."""
    return now - seen >= idle or now - begun >= absolute


def is_dormant(*, last_used: datetime, now: datetime, days: int) -> bool:
    """Tell whether an account has not been used for `days` (0: never too long; rules 6, Accounts)."""
    return days > 0 and now - last_used >= timedelta(days=days)


def must_change(*, told: bool, set_at: datetime, now: datetime, days: int) -> bool:
    """Tell whether the password must be changed: told to, or older than `days` (0: never; rules 6, Password)."""
    return told or (days > 0 and now - set_at >= timedelta(days=days))


def role_refusal(role: str, *, level: str, held: Sequence[str]) -> str | None:
    """Say why a role cannot be given, None when it can: level of the area, and the three separate duties (rules 6)."""
    spec = ROLES[role]
    if level not in spec.levels:
        return f"“{spec.label}”只能在{'、'.join(LEVELS[one] for one in spec.levels)}一级授予。"
    others = {one for one in held if one != role}
    if others and (role in SEPARATE or any(one in SEPARATE for one in others)):
        names = "、".join(ROLES[one].label for one in sorted(others))
        return f"系统管理员、安全管理员、审计员三员分设，也不办业务：“{spec.label}”不能和“{names}”由一人兼任。"
    return None


def authority_refusal(*, held: Iterable[str], covered: bool, within_roles: bool, ordered: bool) -> str | None:
    """Say why 甲方 authority cannot be given, None when it can (rules 10)."""
    if not ordered:
        return "授权的截止日要晚于开始日。"
    if not within_roles:
        labels = "、".join(ROLES[one].label for one in held) or "没有角色"
        return f"此人现在的角色（{labels}）不能代表甲方确认，请先授予网格员、社区工作人员等办理责任书的角色。"
    if not covered:
        return "授权的范围超出此人角色的范围。"
    return None


def last_refusal(role: str, *, others: int) -> str | None:
    """Say why the last holder of an indispensable duty stays, None while others hold it (rules 6)."""
    if others > 0 or role not in INDISPENSABLE:
        return None
    return f"这是最后一位在用的{ROLES[role].label}，走了就没人能办。请先让另一个人担任。"


def deciding_refusal(*, decider: int | None, asker: int | None, person: int) -> str | None:
    """Say why somebody may not decide about a role that was asked for, None when they may (rules 6)."""
    if decider is None:
        return None
    if decider == person:
        return "不能给自己授权，请另一位安全管理员办理。"
    if decider == asker:
        return "提请的人不能自己批，请另一位安全管理员办理。"
    return None


def leaving_refusal(held: Iterable[tuple[str, str, int]]) -> str | None:
    """Say what somebody who leaves still holds, None when it is nothing: (label, unit, count)."""
    words = "、".join(f"{label} {count} {unit}" for label, unit, count in held if count)
    return f"此人手里还有{words}，请选好接手人再办离岗。" if words else None


def reset_refusal(roles: Iterable[str], *, by_person: bool) -> str | None:
    """Say why whoever keeps accounts cannot set somebody's password, None when they can (rules 6: three separate
    duties): with it they would grant roles, or read their own trail."""
    return GUARDED_WORDS if by_person and not set(GUARDED).isdisjoint(roles) else None


def taker_refusal(
    name: str, *, label: str, state: PersonState, oneself: bool, posts: Iterable[tuple[str, int]],
    roles: Container[str], near: Container[int],
) -> str | None:  # fmt: skip
    """Say why somebody cannot take over what `label` says, None when they can.

    `posts` are the roles that they hold, each with its area; `roles` those that may take it over, `near` the areas
    round whoever leaves: their community with its grids, the office and its sections.
    """
    if oneself:
        return "接手人不能是离岗的人自己。"
    if state is not PersonState.ACTIVE:
        return f"{name}的账号{state.label}，请换一位接手人。"
    able = [area for role, area in posts if role in roles]
    if not able:
        return f"{name}的岗位不能接手{label}，请为{label}另选接手人。"
    if not any(area in near for area in able):
        return f"{name}不在离岗人的社区，也不在街道，不能接手{label}，请为{label}另选接手人。"
    return None
