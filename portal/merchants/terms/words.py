"""Words of the shop file: states, trades, kinds of events (rules 1, Shop file)."""

from dataclasses import dataclass, fields
from datetime import date

from portal.areas.terms import AreaType
from portal.ground.labels import Label


class ShopState(Label):
    """营业状态. 空置 and 拆除 leave the denominator of coverage (I13)."""

    OPEN = "open", "营业"
    PAUSED = "paused", "停业"
    VACANT = "vacant", "空置"
    TRANSFER = "transfer", "转让中"
    REMOVED = "removed", "拆除"


class Trade(Label):
    """业态."""

    FOOD = "food", "餐饮"
    RETAIL = "retail", "零售"
    HAIR = "hair", "理发"
    REPAIR = "repair", "维修"
    FRESH = "fresh", "生鲜"
    CONVENIENCE = "convenience", "便利"
    OTHER = "other", "其他"


class EventKind(Label):
    """What happened to a shop's file."""

    CREATED = "created", "建档"
    IMPORTED = "imported", "导入建档"
    EDITED = "edited", "修改资料"
    OPERATOR = "operator", "经营者变更"
    STATE = "state", "营业状态变更"
    PHOTO = "photo", "更新门头照"


#: States in which nobody has to sign (I13).
NOT_OWING = (ShopState.VACANT, ShopState.REMOVED)


@dataclass(frozen=True)
class ShopFacts:
    """What a clerk says about a shop: clean values, lengths in centimetres, telephones in their stored form.

    The community is the grid's parent; `operator_name` opens a tenure and is empty where nobody trades.
    """

    sign_name: str
    trade: Trade
    street: str
    door_no: str
    grid_id: int
    licence_name: str = ""
    uscc: str | None = None
    unlicensed: bool = False
    trade_detail: str = ""
    segment: str = ""
    frontage_cm: int | None = None
    depth_cm: int | None = None
    bounds_east: str = ""
    bounds_west: str = ""
    bounds_south: str = ""
    bounds_north: str = ""
    operator_name: str = ""
    operator_from: date | None = None
    responsible_name: str = ""
    phone: str | None = None
    landlord_name: str = ""
    landlord_phone: str | None = None
    state: ShopState = ShopState.OPEN
    hours: str = ""
    bins: int | None = None
    remark: str = ""


#: Fields of `ShopFacts` that an edit sets on the shop; the operator and the state have services of their own.
EDITABLE = tuple(f.name for f in fields(ShopFacts) if f.name not in ("operator_name", "operator_from", "state"))

#: Chinese names of the fields, as forms, sheets and the timeline say them.
FIELDS: dict[str, str] = {
    "sign_name": "店招名称",
    "licence_name": "营业执照名称",
    "uscc": "统一社会信用代码",
    "unlicensed": "无照",
    "trade": "业态",
    "trade_detail": "业态细类",
    "street": "路名",
    "door_no": "门牌",
    "community": "社区",
    "grid_id": "网格",
    "segment": "路段",
    "frontage_cm": "面宽",
    "depth_cm": "进深",
    "bounds_east": "东至",
    "bounds_west": "西至",
    "bounds_south": "南至",
    "bounds_north": "北至",
    "operator_name": "经营者",
    "operator_from": "经营开始日期",
    "responsible_name": "责任人",
    "phone": "责任人电话",
    "landlord_name": "房东",
    "landlord_phone": "房东电话",
    "state": "营业状态",
    "hours": "营业时段",
    "bins": "垃圾桶数",
    "remark": "备注",
}


#: Saved views over the list: key → word, and the state that each holds; 我的网格 has none.
VIEWS: dict[str, tuple[str, ShopState | None]] = {
    "": ("全部", None),
    "mine": ("我的网格", None),
    "open": ("营业", ShopState.OPEN),
    "paused": ("停业", ShopState.PAUSED),
    "vacant": ("空置", ShopState.VACANT),
    "transfer": ("转让中", ShopState.TRANSFER),
}


@dataclass(frozen=True)
class Listing:
    """What a list was asked for, as the address bar says it; areas by their codes."""

    words: str = ""
    communities: tuple[str, ...] = ()
    grids: tuple[str, ...] = ()
    types: tuple[AreaType, ...] = ()
    trades: tuple[Trade, ...] = ()
    states: tuple[ShopState, ...] = ()
    view: str = ""
    offered: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Twin:
    """A shop that may be the same one as another: which it is, and why we think so."""

    id: int
    number: str
    sign_name: str
    address: str
    because: str


#: Reasons to see a telephone: four to press, the fifth is typed.
REASONS: dict[str, str] = {
    "visit": "上门前联系",
    "sign": "通知签订责任书",
    "case": "处理投诉或问题",
    "check": "核对档案信息",
}

#: How long a revealed telephone stays on the screen, in seconds (rules 6).
REVEALED_SECONDS = 60

#: Rows that one export or one import may hold.
EXPORT_MOST = 10_000
IMPORT_MOST = 5_000

#: Labels that one print may hold: ten sheets of A4 with three times eight.
LABELS_MOST, LABELS_A_SHEET = 240, 24

#: Up to this many rows a filtered list is counted at every request (proofs.md, Traps).
COUNTED_MOST = 10_000

#: What a clerk reads whose form is older than the file.
STALE = "他人已先修改，请刷新"

#: What `papers` writes when an operator goes and no reason was typed.
HANDED_ON = "换了经营者"
