"""The fifteen roles (rules 7) as readable code: Chinese name, who may hold it, its keys; and every key's sentence."""

from dataclasses import dataclass
from datetime import timedelta

from portal.ground.can import Can
from portal.ground.fields.names import clean_name
from portal.ground.fields.pinyin import search_keys, search_term
from portal.ground.labels import Label


class PersonState(Label):
    """Whether somebody may log in."""

    ACTIVE = "active", "在用"
    LOCKED = "locked", "已锁定"
    LEFT = "left", "已离岗"


class ProposalState(Label):
    """How a role that was asked for stands."""

    WAITING = "waiting", "待授权"
    GRANTED = "granted", "已授权"
    DECLINED = "declined", "没有授予"
    WITHDRAWN = "withdrawn", "已撤回"


class EventKind(Label):
    """What happened to somebody's account."""

    CREATED = "created", "建账号"
    IMPORTED = "imported", "导入建账号"
    EDITED = "edited", "修改资料"
    PASSWORD = "password", "开交接单，重置密码"
    LOCKED = "locked", "锁定账号"
    UNLOCKED = "unlocked", "解锁账号"
    LEFT = "left", "离岗"
    RETURNED = "returned", "恢复账号"
    DECLINED = "declined", "角色没有授予"
    RECEIVED = "received", "接手"


KEYS: dict[Can, str] = {
    Can.PEOPLE_READ: "查看人员名册",
    Can.PEOPLE_KEEP: "建账号、停账号、重置密码，提请角色，导入和导出人员",
    Can.PEOPLE_GRANT: "授予和收回角色、确认权限",
    Can.TRAIL_READ: "查看留痕",
    Can.TRAIL_EXPORT: "导出留痕",
    Can.AREAS_READ: "查看社区和网格",
    Can.AREAS_KEEP: "维护社区和网格",
    Can.SETTINGS_READ: "查看系统设置",
    Can.SETTINGS_KEEP: "修改业务设置（期限、阶段、目标）",
    Can.SETTINGS_SYSTEM: "修改系统设置（账号、备份、邮件）",
    Can.WORKTIME_KEEP: "维护工作日历",
    Can.DUTIES_READ: "查看定时任务",
    Can.DUTIES_RUN: "立即执行定时任务",
    Can.UPKEEP_READ: "查看系统状态",
    Can.MAIL_KEEP: "处理没有送达和送达不明的邮件",
    Can.PLACES_READ: "查看路段",
    Can.PLACES_KEEP: "维护路段和责任人",
    Can.KIOSK_KEEP: "登记和停用自助机",
    Can.KIOSK_SIGN: "在自助机上签订（只给设备）",
    Can.MERCHANTS_READ: "查看商户档案",
    Can.MERCHANTS_EDIT: "新增和修改商户档案",
    Can.MERCHANTS_IMPORT: "导入商户底册",
    Can.MERCHANTS_EXPORT: "导出商户名单",
    Can.MERCHANTS_REVEAL: "查看完整电话（要填事由，会留痕）",
    Can.PLEDGES_READ: "查看责任书",
    Can.PLEDGES_CONFIRM: "核对身份、发签约码，代表甲方确认（另须有效授权）",
    Can.PLEDGES_TEMPLATE: "编写责任书文本",
    Can.PAPERS_READ: "查看和打印文书",
    Can.PAPERS_ISSUE: "补制文书",
}


@dataclass(frozen=True)
class RoleSpec:
    """A role: what it is called, who may hold it, where (`levels`: kinds of area), and its keys."""

    label: str
    who: str
    levels: tuple[str, ...]
    keys: frozenset[Can]


_LOOK = {Can.AREAS_READ, Can.PLACES_READ, Can.MERCHANTS_READ, Can.PLEDGES_READ, Can.PAPERS_READ, Can.SETTINGS_READ}
_KEEP_SHOPS = {Can.MERCHANTS_EDIT, Can.MERCHANTS_REVEAL, Can.PAPERS_ISSUE}
_SHEETS = {Can.MERCHANTS_IMPORT, Can.MERCHANTS_EXPORT}
_STREET = ("office",)
_PART = ("community", "village")


def _role(label: str, who: str, levels: tuple[str, ...], *keys: Can) -> RoleSpec:
    return RoleSpec(label, who, levels, frozenset(keys))


ROLES: dict[str, RoleSpec] = {
    "system_admin": _role(
        "系统管理员", "街道指定的信息化人员，管账号和设备，不办业务", _STREET,
        Can.PEOPLE_READ, Can.PEOPLE_KEEP, Can.AREAS_READ, Can.AREAS_KEEP, Can.KIOSK_KEEP,
        Can.PLACES_READ, Can.SETTINGS_READ, Can.SETTINGS_SYSTEM, Can.DUTIES_READ, Can.DUTIES_RUN, Can.UPKEEP_READ,
        Can.MAIL_KEEP,
    ),
    "security_admin": _role(
        "安全管理员", "街道指定的授权人员，授予角色和权限，不办业务", _STREET,
        Can.PEOPLE_READ, Can.PEOPLE_GRANT, Can.AREAS_READ, Can.SETTINGS_READ,
    ),
    "auditor": _role(
        "审计员", "纪检或办公室指定的人员，只看留痕，不办业务", _STREET, Can.TRAIL_READ, Can.TRAIL_EXPORT,
    ),
    "leader": _role("街道领导", "街道班子成员", _STREET, *_LOOK),
    "campaign_office": _role(
        "专项办", "专项工作办公室工作人员", _STREET,
        *_LOOK, *_KEEP_SHOPS, *_SHEETS, Can.PLEDGES_CONFIRM, Can.PLEDGES_TEMPLATE, Can.KIOSK_KEEP,
        Can.PEOPLE_READ, Can.PLACES_KEEP, Can.SETTINGS_KEEP, Can.WORKTIME_KEEP, Can.DUTIES_READ, Can.UPKEEP_READ,
    ),
    "command_post": _role("141指挥岗", "基层治理综合指挥室值班人员", _STREET, *_LOOK, Can.MERCHANTS_REVEAL),
    "section": _role("科室承办", "街道各办（中心）承办人员", (*_STREET, "section"), *_LOOK),
    "enforcement": _role("城管执法", "城市管理执法队员", _STREET, *_LOOK, Can.MERCHANTS_REVEAL),
    "secretary": _role(
        "社区书记", "社区（村）党组织书记", _PART,
        *_LOOK, *_KEEP_SHOPS, *_SHEETS, Can.PLEDGES_CONFIRM, Can.KIOSK_KEEP, Can.PLACES_KEEP, Can.PEOPLE_READ,
    ),
    "community_staff": _role(
        "社区工作人员", "社区（村）两委成员和专职工作者", _PART,
        *_LOOK, *_KEEP_SHOPS, *_SHEETS, Can.PLEDGES_CONFIRM, Can.KIOSK_KEEP, Can.PLACES_KEEP, Can.PEOPLE_READ,
    ),
    "grid_worker": _role(
        "网格员", "专职网格员", ("grid",), *_LOOK, *_KEEP_SHOPS, Can.PLEDGES_CONFIRM,
    ),
    "market_manager": _role(
        "市集管理员", "夜市和便民市集的管理人员", (*_STREET, *_PART), Can.AREAS_READ, Can.MERCHANTS_READ,
    ),
    "volunteer_leader": _role("志愿者队长", "桂溪桑榆志愿服务队的队长", (*_STREET, *_PART), Can.AREAS_READ),
    "volunteer": _role("志愿者（长辈版）", "桂溪桑榆志愿者", _PART, Can.AREAS_READ),
    "supervisor": _role("督查专班/纪工委", "督查专班和纪工委人员，只看不办", _STREET, *_LOOK),
}  # fmt: skip

#: Three separate duties (rules 6): none of them may be held together with another, or with business.
SEPARATE = ("system_admin", "security_admin", "auditor")


#: Whose password nobody sets from a page: with it 系统管理员 would grant roles, or read their own trail.
GUARDED = ("security_admin", "auditor")
GUARDED_WORDS = "安全管理员、审计员的密码，要两个人到服务器上一起重置：flask people password 账号。"


def roles_with(*keys: Can) -> frozenset[str]:
    """Return the roles that hold all of these keys; without a key those that do business."""
    return frozenset(
        name for name, role in ROLES.items() if role.keys.issuperset(keys) and (keys or name not in SEPARATE)
    )


class LoginOutcome(Label):
    """How a try to log in ended, as the log of logins keeps it."""

    OK = "ok", "成功"
    WRONG = "wrong", "密码不正确"
    UNKNOWN = "unknown", "没有这个账号"
    WAITING = "waiting", "试错太多，还在等"
    LOCKED = "locked", "账号已锁定"
    DORMANT = "dormant", "太久没登录，锁定"
    LEFT = "left", "已离岗"


#: [P] settings (rules 6, Login): so many failures of one account from one address within the window shut it as long.
FAILURES = "accounts.failures"
FAILURE_MINUTES = "accounts.failure_minutes"
#: Failures from one address, whatever the accounts, that shut it for as long as one account's do.
ADDRESS_FAILURES = "accounts.address_failures"
#: (Session): how long a session may lie idle, and how old it may grow.
IDLE_MINUTES = "accounts.idle_minutes"
IDLE_MINUTES_ADMINS = "accounts.idle_minutes_admins"
ABSOLUTE_HOURS = "accounts.absolute_hours"
#: (Password): least signs, kinds of signs, old ones that are refused; days after which it must be changed, and after
#: which an unused account is locked; 0 is never.
PASSWORD_LEAST = "accounts.password_least"  # noqa: S105 (the name of a setting)
PASSWORD_LEAST_ADMINS = "accounts.password_least_admins"  # noqa: S105
PASSWORD_CLASSES = "accounts.password_classes"  # noqa: S105
PASSWORD_HISTORY = "accounts.password_history"  # noqa: S105
PASSWORD_DAYS = "accounts.password_days"  # noqa: S105
DORMANT_DAYS = "accounts.dormant_days"
PASSWORD_MOST = 128
#: So many tries at accounts that do not exist, from one address within the window, stand in the trail one by one.
UNKNOWN_TOLD = 5
#: The settings can ask for no more than this: a one-time password meets it, whatever they say.
PASSWORD_LEAST_MOST = 14
#: No setting lets a session grow older; so long an ended one is remembered.
ABSOLUTE_MOST = timedelta(hours=24)


@dataclass(frozen=True)
class Tries:
    """How often an account may be tried from one address: `most` failures within `window` shut it for as long."""

    most: int
    window: timedelta


@dataclass(frozen=True)
class PasswordRule:
    """What a new password needs at least: signs, and kinds of signs (capitals, small letters, digits, others)."""

    least: int
    classes: int


#: Failures count for fifteen minutes, kiosk codes for an hour at most: a day is past every window. The log of logins
#: is kept for a year (rules 6, Audit).
FAILURES_KEPT = timedelta(days=1)
LOGINS_KEPT = timedelta(days=366)

#: Pieces that make a password easy to guess here (rules 6): of the place, of keyboards and of the usual lists.
BLOCKED = (
    "guixi", "dianjiang", "chongqing", "mingyue", "mudan", "sangyu", "sanbao", "menhu", "shequ", "jiedao", "wangge",
    "123456", "654321", "123123", "112233", "121212", "111111", "000000", "888888", "666666", "147258", "159357",
    "abcdef", "abc123", "a1b2c3", "qwerty", "qwert", "asdfgh", "zxcvbn", "1qaz2wsx", "qazwsx", "1q2w3e",
    "password", "passw0rd", "p@ssw0rd", "p@ssword", "admin", "welcome", "letmein", "iloveyou",
    "woaini", "5201314", "changeme", "default", "test1234", "user1234",
)  # fmt: skip

#: Without 系统管理员 or 安全管理员 nobody could let anybody in, without 审计员 nobody sees what was done: the last one
#: stays, and another one is seated by two people together.
INDISPENSABLE = SEPARATE
#: Kinds of areas as sentences name them.
LEVELS = {"office": "街道", "section": "科室", "community": "社区", "village": "村", "grid": "网格"}

#: Rows that one export or one import may hold, and slips that one sheet of paper may hold.
EXPORT_MOST = 10_000
IMPORT_MOST = 500
SLIPS_MOST = 50

#: What follows the name of everybody in the demonstration office.
MARK = "（演示）"

#: What a clerk reads whose form is older than the person's file.
STALE = "他人已先修改，请刷新"

#: Saved views over the list of people: key → word, and the state that each holds.
VIEWS: dict[str, tuple[str, PersonState | None]] = {
    "": ("全部", None),
    "active": ("在用", PersonState.ACTIVE),
    "bare": ("还没有角色", None),
    "locked": ("已锁定", PersonState.LOCKED),
    "left": ("已离岗", PersonState.LEFT),
}


@dataclass(frozen=True)
class Listing:
    """What a list of people was asked for, as the address bar says it; areas by their codes."""

    words: str = ""
    roles: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    view: str = ""


def clean_person(text: str) -> str:
    """A person's name (`ground.fields.names.clean_name`); the mark of the demonstration may follow it."""
    plain = text.strip()
    return clean_name(plain.removesuffix(MARK)) + MARK if plain.endswith(MARK) else clean_name(plain)


def found_by(name: str) -> str:
    """What a name is found by, one kind a line: itself, its initials, every reading in pinyin."""
    name = name.removesuffix(MARK)
    pinyin, initials = search_keys(name)
    return "\n" + "\n".join(line for line in (search_term(name), initials, pinyin) if line) + "\n"
