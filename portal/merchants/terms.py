"""Words of the shop file: states, trades, kinds of events (rules 1, Shop file)."""

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
