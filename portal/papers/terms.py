"""文书用语: standings of a paper, the kinds of verdict on a file, and the plain data that a pledge's paper prints."""

from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass
from typing import Any

from portal.ground.labels import Label


class Standing(Label):
    """A paper's standing as the room that issued it has set it; 已到期 is derived from its dates."""

    VALID = "valid", "有效"
    WAITING = "waiting", "待街道确认"
    RENEWED = "renewed", "已换签"
    ENDED = "ended", "已解除"
    VOID = "void", "已作废"


class Shown(Label):
    """What the check page says about a code."""

    VALID = "valid", "有效"
    WAITING = "waiting", "待街道确认"
    RENEWED = "renewed", "已换签"
    ENDED = "ended", "已解除"
    VOID = "void", "已作废"
    LAPSED = "lapsed", "已到期"
    FUTURE = "future", "尚未生效"
    ALTERED = "altered", "登记有异"
    UNKNOWN = "unknown", "没有查到"


class SealWord(Label):
    """What a file's seal says when the file is examined (engine/proof.py)."""

    NONE = "none", "没有印章"
    INTACT = "intact", "印章完好"
    ADDED = "added", "盖章以后有添加"
    BROKEN = "broken", "盖章以后有改动"
    FOREIGN = "foreign", "不是本机关的印章"


class FileVerdict(Label):
    """What a dropped file is (rules 10, Seals)."""

    OURS = "ours", "是原件，没有改动"
    OTHER_PAPER = "other", "是我们发出的，但不是这一份"
    CHANGED = "changed", "被改动过"
    ADDED = "added", "盖章以后又添加了内容"
    FOREIGN = "foreign", "盖的不是我们的章"
    UNKNOWN = "unknown", "不是我们发出的文件"


@dataclass(frozen=True)
class Duty:
    """One of the three duties: its heading and its lines, without final punctuation."""

    heading: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class PaperTerms:
    """The text that was signed: template, version and every clause, word for word."""

    template: str
    version: int
    title: str
    preamble: str
    duties: tuple[Duty, ...]
    party_a_duty: str
    signing: str

    def as_text(self) -> str:
        """Return the terms as plain text, the `terms.txt` that the PDF carries."""
        lines = [self.title, f"（{self.template} 第{self.version}版）", "", self.preamble, ""]
        for place, duty in enumerate(self.duties, 1):
            lines += [f"{place}. {duty.heading}", *(f"   ({n}) {item}" for n, item in enumerate(duty.items, 1)), ""]
        return "\n".join([*lines, f"甲方责任：{self.party_a_duty}", f"签署：{self.signing}", ""])


@dataclass(frozen=True)
class PaperArea:
    """The area of responsibility: metres as decimal text ("6.4"; empty when not measured), bounds by 东南西北."""

    frontage_m: str
    depth_m: str
    bounds: Mapping[str, str]


@dataclass(frozen=True)
class PaperSignature:
    """How 乙方 signed: who, as what (本人, 家属, 店员), on which authority, and the shape of the strokes.

    `strokes` are thinned (`engine.ink.thin`); `points` counts those that were drawn and `sha256` is the digest of all
    of them as canonical JSON. No strokes means signed on paper.
    """

    signer: str
    role: str
    authority: str
    strokes: tuple[Any, ...] = ()
    points: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class PledgePaper:
    """Everything that the paper of a pledge prints: the evidence that pledges hand to `papers.services.register`.

    Dates are ISO text (`2026-04-09`), instants ISO text with zone; `until` is exclusive, the paper prints the day
    before it. `telephone` comes masked.
    """

    shop: str
    licence_name: str
    licence_number: str
    shop_number: str
    address: str
    community: str
    grid: str
    keeper: str
    telephone: str
    party_a: str
    area: PaperArea
    terms: PaperTerms
    since: str
    until: str
    signed_at: str
    way: str
    device: str
    signature: PaperSignature
    witness: str
    witness_post: str
    confirmed_by: str
    more: Mapping[str, str] = field(default_factory=dict)

    def as_evidence(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return plain(self)


def plain(value: Any) -> Any:
    """Return the same data with lists for tuples and dicts for mappings and dataclasses."""
    if isinstance(value, str | int | float) or value is None:
        return value
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], int | float):  # a point of a signature: there are hundreds
            return list(value)
        return [plain(inner) for inner in value]
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__} if is_dataclass(value) else value
