"""Words of the pledge: how and by whom it is signed, how it stands, and the column that every shop falls into."""

import re
from dataclasses import dataclass

from portal.ground.can import Can
from portal.ground.labels import Label

#: 文书 kind and series of numbers: 桂三包〔2026〕第0142号.
PAPER_KIND = "pledge"
SERIES = "桂三包"
SUBJECT = "tenure"
#: The year of the first number.
FIRST_YEAR = 2026

#: [P] settings: how many months a pledge runs, who 甲方 is, days before its end at which it is 即将到期 (rules 1).
TERM_MONTHS = "pledges.term_months"
PARTY_A = "pledges.party_a"
SOON_DAYS = "pledges.soon_days"
#: Days before its last day on which a pledge's end is told (rules 1): not a setting, the rules say so.
LAPSE_DAYS = (30, 7, 0)
#: What a pledge is reckoned with when it is signed: it keeps the versions of these (rules 7 no. 2). Its 甲方 and text
#: are snapshots.
RECKONED = (TERM_MONTHS,)
#: A signature needs so many points and so many pixels drawn in all (rules 1, Kiosk signing ⑤) …
LEAST_POINTS, LEAST_LENGTH = 8, 40.0
#: … and must not be a trembling dot: its longer side in pixels.
LEAST_SIDE = 24.0
#: What one signature may weigh when it arrives, before it is thinned.
MOST_BYTES, MOST_STROKES, MOST_POINTS = 1_500_000, 300, 20_000
#: Points that the careful thinning gets to see.
COARSE_POINTS = 800
MOST_PIXELS, MOST_MILLISECONDS = 20_000.0, 3_600_000.0


#: Up to so many shops within reach the desk counts live; beyond it shows kept figures with their time.
LIVE_MOST = 2_000
#: Days within which a pledge on paper is confirmed, in working days (rules 10), a [P] setting.
CONFIRM_DAYS = "pledges.confirm_days"
#: The rule that reminds of them; confirming the last of a grid ends its word.
TO_CONFIRM = "pledges.waiting"
RENEW_DAYS = "pledges.renew_days"
#: What nobody may confirm falls to 专项办 (rules 10): the one who writes the text also sees whose authority is missing.
FALLS_TO = Can.PLEDGES_TEMPLATE
#: The plan's target for coverage in percent (R5, rules 10), a [P] setting.
COVERAGE_TARGET = "pledges.coverage_target"


class Method(Label):
    """签署方式 (rules 1, Pledge)."""

    KIOSK = "kiosk", "自助机"
    COUNTER = "counter", "窗口手写板"
    PAPER = "paper", "纸质扫描"
    DOORSTEP = "doorstep", "入户"


class Signer(Label):
    """谁来签 (rules 1, Kiosk signing ④)."""

    OWNER = "owner", "本人"
    FAMILY = "family", "家属"
    CLERK = "clerk", "店员"


class Proof(Label):
    """凭何授权: what the signer showed to the member of staff; no copy is kept (rules 6)."""

    IDENTITY = "identity", "身份证"
    LICENCE = "licence", "营业执照和身份证"
    HOUSEHOLD = "household", "户口簿和身份证"
    LETTER = "letter", "授权委托书和身份证"
    CALL = "call", "经营者当场电话授权，并验身份证"


#: Which proofs serve for whom: the owner shows who they are, others also by what right they sign.
PROOFS: dict[Signer, tuple[Proof, ...]] = {
    Signer.OWNER: (Proof.LICENCE, Proof.IDENTITY),
    Signer.FAMILY: (Proof.HOUSEHOLD, Proof.LETTER, Proof.CALL),
    Signer.CLERK: (Proof.LETTER, Proof.CALL),
}


class PledgeState(Label):
    """The state that a service sets. 即将到期 and 到期 are derived from dates (rules 10, Renewal)."""

    WAITING = "waiting", "待街道确认"
    LIVE = "live", "生效"
    RENEWED = "renewed", "已换签"
    ENDED = "ended", "已解除"
    VOID = "void", "已作废"


class Shown(Label):
    """What lists show: the state, or what the dates make of it."""

    WAITING = "waiting", "待街道确认"
    LIVE = "live", "生效"
    SOON = "soon", "即将到期"
    LAPSED = "lapsed", "已到期"
    RENEWED = "renewed", "已换签"
    ENDED = "ended", "已解除"
    VOID = "void", "已作废"


class Todo(Label):
    """What the desk counts and lists of pledges; each word is a filter of the list."""

    CONFIRM = "confirm", "待我确认"
    NOBODY = "nobody", "没人有权确认"
    LAPSED = "lapsed", "到期没换签"
    TODAY = "today", "今天到期"
    SOON = "soon", "快到期"


class Standing(Label):
    """I13: the one column that a shop falls into, first match from the top; all of them add up to every shop."""

    EXEMPT = "exempt", "不用签"
    LIVE = "live", "生效"
    WAITING = "waiting", "待街道确认"
    DEFERRED = "deferred", "暂缓"
    REFUSED = "refused", "拒签"
    RENEW = "renew", "待换签"
    UNSIGNED = "unsigned", "未签"


#: Those of 待换签 whose new operator is past the limit (rules 10): a word of counts and of the list of shops.
RENEW_LATE = "renew_late"
#: Lamp and icon of each word on lists: state is always icon, word and colour (house.md section 6).
LAMPS: dict[str, tuple[str, str]] = {
    "live": ("fine", "check"),
    "waiting": ("soon", "clock"),
    "soon": ("soon", "clock"),
    "lapsed": ("late", "alarm"),
    "renew": ("soon", "refresh"),
    "deferred": ("held", "hourglass"),
    "refused": ("firm", "hand-stop"),
    "unsigned": ("done", "circle-dashed"),
    "exempt": ("done", "minus"),
    "renewed": ("done", "refresh"),
    "ended": ("done", "circle-off"),
    "void": ("firm", "ban"),
}


def numbers_meant(words: str, year: int) -> list[str]:
    """The numbers of pledges that somebody may mean: `142` in any year since 2026, `2026 142`, or a whole number."""
    plain = words.strip()
    if plain.startswith(SERIES):
        return [plain]
    digits = [int(part) for part in re.findall(r"\d+", plain)]
    if not digits or not re.fullmatch(r"[\d\s年第号〔〕\[\]-]+", plain):
        return []
    years = [digits[0]] if len(digits) == 2 and digits[0] > 2000 else range(year, FIRST_YEAR - 1, -1)
    return [f"{SERIES}〔{one}〕第{digits[-1]:04d}号" for one in years] if digits[-1] < 1_000_000 else []


@dataclass(frozen=True)
class Duty:
    """One of the three duties (R5): its name and its sentences."""

    name: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Wording:
    """A pledge's text as the office edits it; `as_json` is what a version and a signed pledge keep."""

    preamble: str
    duties: tuple[Duty, ...]
    party_a_duty: str
    signing: str
    basis: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return plain JSON data."""
        return {
            "preamble": self.preamble,
            "duties": [{"name": duty.name, "items": list(duty.items)} for duty in self.duties],
            "party_a_duty": self.party_a_duty,
            "signing": self.signing,
            "basis": list(self.basis),
        }


TITLE = "门前三包责任书"
_SIGNING = (
    "双方同意：现场核对身份后手写签名，由工作人员见证并由系统留存记录，即为双方约定的可靠签署方式"
    "（《中华人民共和国电子签名法》第十三条第二款）。乙方也可改签纸质责任书，效力相同。一式两份，各执一份。"
)
_PARTY_A = "宣传指导、日常巡查，听取并答复乙方意见，据实评定星级。"

#: The plan's wording (R5), in force from the beginning.
PLAN_WORDING = Wording(
    preamble="为共同维护街面整洁有序，根据《桂溪街道城乡人居环境综合整治专项行动实施方案》，甲乙双方就乙方门前责任区签订本责任书。",
    duties=(
        Duty(
            "市容环境",
            ("每天清扫，随脏随扫", "垃圾分类，盖好桶盖", "不乱贴乱画、乱拉乱挂", "店招完好，门窗干净"),
        ),
        Duty(
            "秩序维护",
            ("不出店经营、占道堆物", "不占盲道、消防通道", "车辆停整齐，见乱就劝", "不用高音喇叭，不扰邻"),
        ),
        Duty(
            "绿化管护",
            ("爱护花草树木和树池", "不倒油污、污水、热水", "不在树上钉钉、挂物", "发现损坏，及时报告"),
        ),
    ),
    party_a_duty=_PARTY_A,
    signing=_SIGNING,
    basis=("《桂溪街道城乡人居环境综合整治专项行动实施方案》", "《中华人民共和国电子签名法》第十三条第二款"),
)

#: Chongqing's wording of 2019, kept in stock (rules 9: it says 包设施 where the plan says 绿化管护).
CITY_WORDING = Wording(
    preamble="为落实市容环境卫生责任区制度，共同维护街面整洁有序，甲乙双方就乙方门前责任区签订本责任书。",
    duties=(
        Duty(
            "包卫生",
            ("每天清扫，随脏随扫", "无垃圾、污水、油渍", "不乱扔乱倒、乱贴乱画", "垃圾分类，按时投放"),
        ),
        Duty(
            "包秩序",
            ("不出店经营、占道堆物", "不乱搭乱建、乱拉乱挂", "车辆停整齐，见乱就劝", "不占盲道、消防通道"),
        ),
        Duty(
            "包设施",
            ("爱护绿化及公共设施", "不损毁树木、花草", "店招、灯饰完好干净", "发现损坏，及时报告"),
        ),
    ),
    party_a_duty=_PARTY_A,
    signing=_SIGNING,
    basis=(
        "重庆市“门前三包”责任制有关规定（2019年文本，条文由街道核对后粘贴）",
        "《中华人民共和国电子签名法》第十三条第二款",
    ),
)
