"""Demonstration shops: six hundred invented fronts, and a sample sheet. All are marked 演示; nobody in them exists.

Telephones stand in a range that is not given out (the middle four are 0000); codes hold MADEM, which nobody has.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from portal.areas.terms import AreaType
from portal.ground.clock import SHANGHAI
from portal.ground.db import db
from portal.ground.fields.names import clean_name
from portal.merchants import queries, services
from portal.merchants.models import Shop
from portal.merchants.queries import Place, Tree
from portal.merchants.services.numbers import next_numbers
from portal.merchants.services.sample import HEADS, REMARK, TRADES, invented_code, invented_telephone
from portal.merchants.terms import EventKind, ShopFacts, ShopState, Trade

SHOPS = 600
HANDED_ON = 14

STREETS = {
    "MY": ("明月大道", "桂花巷", "月台街", "明月东巷"), "MD": ("牡丹路", "牡丹东街", "花市巷", "北滨巷"),
    "GH": ("桂花路", "桂香街", "老井巷", "丹桂巷"), "XF": ("学府路", "书院街", "文庙巷", "墨池巷"),
    "BM": ("北门街", "城墙巷", "北正街", "更鼓巷"), "JS": ("金山路", "金银街", "矿山路", "石匠巷"),
    "XQ": ("建新路", "新桥街", "桥头巷", "河沿路"), "GY": ("果园路", "柚香街", "梨花巷", "果然路"),
    "SP": ("松坪路", "松林街", "坪上巷", "松针巷"), "SB": ("石坝场街", "坝口路"), "ZL": ("竹林路", "竹编街"),
    "QX": ("清溪路", "溪口街"),
}  # fmt: skip
WEIGHTS = {Trade.FOOD: 34, Trade.RETAIL: 26, Trade.HAIR: 7, Trade.REPAIR: 8, Trade.FRESH: 9, Trade.CONVENIENCE: 10,
           Trade.OTHER: 6}  # fmt: skip
STATES = [(ShopState.OPEN, 900), (ShopState.PAUSED, 30), (ShopState.VACANT, 42), (ShopState.TRANSFER, 20),
          (ShopState.REMOVED, 8)]  # fmt: skip

#: Fronts that the pictures of the face show: community, name, street, door, trade, detail.
KNOWN = [
    ("XQ", "建新路早餐店", "建新路", "12 号", Trade.FOOD, "早餐小吃"),
    ("MY", "阿婆豆花", "桂花巷", "7 号", Trade.FOOD, "早餐小吃"),
    ("MY", "德顺五金建材", "明月大道", "18 号", Trade.RETAIL, "五金建材"),
    ("MY", "邻州老味道豆花饭与手工糍粑联营店（明月大道便民服务综合体一层东侧临街铺面）", "明月大道", "101 号附 1–3 号",
     Trade.FOOD, "中餐"),
    ("MD", "惠民大药房牡丹路店", "牡丹路", "44 号", Trade.RETAIL, "药店"),
    ("XF", "学府文印", "学府路", "3 号", Trade.OTHER, "打字复印"),
    ("BM", "川南面馆", "北门街", "31 号", Trade.FOOD, "面馆"),
    ("JS", "金山洗车行", "金山路", "5 号", Trade.REPAIR, "洗车"),
]  # fmt: skip


def build(ctx: Any) -> None:
    """Enter the shops on days of last spring, some with a second operator; `ctx.made["shops"]` holds their ids."""
    tree = queries.tree()
    opened = ctx.now - timedelta(days=228)
    plans = list(_plans(ctx, tree))
    homes: dict[Place, list[ShopFacts]] = {}
    for facts in plans:
        homes.setdefault(tree.community_of(facts.grid_id), []).append(facts)
    shops = []
    for home, part in homes.items():
        for facts, number in zip(part, next_numbers(home, len(part)), strict=True):
            entered = _workday(opened + timedelta(days=ctx.random.randrange(12)), ctx.random)
            shops.append(
                services.build(facts, number=number, tree=tree, by=ctx.by, now=entered, kind=EventKind.IMPORTED)
            )
    db.session.flush()
    _hand_on(ctx, shops)
    ctx.made["shops"] = [shop.id for shop in shops]


def _plans(ctx: Any, tree: Tree) -> Iterator[ShopFacts]:
    """What the fronts are, each address once."""
    taken: set[tuple[str, str]] = set()
    grids: dict[str, list[Place]] = {}
    for grid in tree.grids:
        grids.setdefault(grid.code[:2], []).append(grid)
    for code, name, street, door, trade, detail in KNOWN:
        if code in grids:
            taken.add((street, door))
            yield _facts(ctx, grids[code][0], street, door, trade, detail, name, ShopState.OPEN)
    share = [
        max(1, 12 if grid.type is AreaType.KEY else 9 if grid.type is not AreaType.RURAL else 5) for grid in tree.grids
    ]
    while len(taken) < SHOPS:
        grid = ctx.random.choices(tree.grids, share)[0]
        streets = STREETS.get(grid.code[:2], (f"{grid.name[:2]}街",))
        street = streets[(int(grid.code[-2:]) + ctx.random.randrange(2)) % len(streets)]
        door = f"{ctx.random.randrange(1, 160)} 号"
        if (street, door) in taken:
            continue
        taken.add((street, door))
        trade = ctx.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        words, details = TRADES[trade]
        pick = ctx.random.randrange(len(words))
        state = ctx.random.choices([one for one, _ in STATES], [weight for _, weight in STATES])[0]
        name = (
            f"{street}{door.replace(' ', '')}铺面"
            if state is ShopState.VACANT
            else _sign(ctx.random, street, words[pick])
        )
        yield _facts(ctx, grid, street, door, trade, details[pick], name, state)


def _sign(random: Random, street: str, word: str) -> str:
    return f"{street}{word}" if random.random() < 0.25 else f"{random.choice(HEADS)}{word}"


def _facts(
    ctx: Any, grid: Place, street: str, door: str, trade: Trade, detail: str, name: str, state: ShopState
) -> ShopFacts:
    random: Random = ctx.random
    empty = state in (ShopState.VACANT, ShopState.REMOVED)
    number = int(door.split()[0])
    person = clean_name(ctx.faker.name())
    return ShopFacts(
        sign_name=name,
        licence_name="" if empty else f"垫江县{name[:12]}（演示）",
        uscc=None if empty else invented_code(ctx),
        trade=trade,
        trade_detail=detail,
        street=street,
        door_no=door,
        grid_id=grid.id,
        frontage_cm=random.randrange(28, 92, 2) * 10 if random.random() < 0.93 else None,
        depth_cm=random.choice((250, 300, 350, 400, 450, 500)),
        bounds_east=f"{street} {number + 2} 号",
        bounds_west=f"{street} {max(number - 2, 1)} 号",
        bounds_south="路缘石",
        bounds_north="墙根",
        operator_name="" if empty else person,
        operator_from=ctx.now.date() - timedelta(days=random.randrange(260, 3000)),
        responsible_name="" if empty else person,
        phone=None if empty else invented_telephone(random),
        landlord_name=clean_name(ctx.faker.name()) if empty or random.random() < 0.2 else "",
        landlord_phone=invented_telephone(random) if empty else None,
        state=state,
        hours=random.choice(("6:00—14:00", "8:00—21:00", "9:00—22:00", "7:30—19:00", "")),
        bins=None if empty else random.randrange(1, 4),
        remark=REMARK,
    )


def _workday(at: datetime, random: Random) -> datetime:
    """A moment of office hours on the day of `at`, no Saturday and no Sunday."""
    day = at.date() - timedelta(days=max(0, at.weekday() - 4))
    return datetime.combine(day, time(9 + random.randrange(8), random.randrange(60)), SHANGHAI)


def _hand_on(ctx: Any, shops: list[Shop]) -> None:
    """Some fronts changed hands in the last months."""
    trading = [shop for shop in shops if shop.state is ShopState.OPEN and shop.sign_name not in {k[1] for k in KNOWN}]
    for shop in ctx.random.sample(trading, min(HANDED_ON, len(trading))):
        at = _workday(ctx.now - timedelta(days=ctx.random.randrange(40, 150)), ctx.random)
        services.change_operator(
            shop, operator=clean_name(ctx.faker.name()), responsible="", on=at.date(),
            phone=invented_telephone(ctx.random),
            reason="上门登记，执照已换（演示）", version=shop.version, by=ctx.by, now=at,
        )  # fmt: skip
