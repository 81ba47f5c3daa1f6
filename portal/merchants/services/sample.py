"""Invented shops for a sample sheet and for the demonstration: words of trades, telephones, codes that nobody has."""

from datetime import date, datetime
from random import Random
from types import SimpleNamespace
from typing import Any

from portal.ground import later
from portal.ground.fields.codes import uscc_check
from portal.ground.fields.names import clean_name
from portal.ground.sheets.write import write_xlsx
from portal.merchants.queries import Place, Tree
from portal.merchants.services.intake import columns
from portal.merchants.terms import Trade

REMARK = "演示数据"
TRADES: dict[Trade, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Trade.FOOD: (("早餐店", "豆花饭", "面馆", "火锅", "烧烤", "小面", "羊肉汤锅", "糕点", "卤菜", "饺子馆"),
                 ("早餐小吃", "豆花饭", "面馆", "火锅", "烧烤", "面馆", "汤锅", "烘焙", "卤菜", "早餐小吃")),
    Trade.RETAIL: (("五金建材", "文具店", "鲜花", "服饰", "鞋店", "眼镜", "茶叶店", "母婴用品", "大药房"),
                   ("五金建材", "文具", "鲜花", "服装", "鞋帽", "眼镜", "茶叶", "母婴", "药店")),
    Trade.HAIR: (("理发店", "美发", "造型"), ("理发", "美发", "美发")),
    Trade.REPAIR: (("家电维修", "电动车行", "汽车养护", "钟表修理"), ("家电维修", "电动车", "汽车养护", "钟表")),
    Trade.FRESH: (("鲜果铺", "蔬菜店", "鲜肉店", "水产店"), ("水果", "蔬菜", "肉类", "水产")),
    Trade.CONVENIENCE: (("便利店", "副食店", "小超市"), ("便利店", "副食", "超市")),
    Trade.OTHER: (("文印", "洗衣店", "照相馆", "快递驿站"), ("打字复印", "洗衣", "照相", "快递")),
}  # fmt: skip
HEADS = [
    "阿婆",
    "老码头",
    "德顺",
    "惠民",
    "学府",
    "小满",
    "川南",
    "桂香园",
    "明辉",
    "金山",
    "果园",
    "福来",
    "顺风",
    "家和",
    "幸福",
    "乐园",
    "老街",
    "喜相逢",
    "四季",
    "好运",
]


def invented_telephone(random: Random) -> str:
    """A mobile number of a range that is not given out."""
    return f"1{random.choice('35678')}{random.randrange(10)}0000{random.randrange(10000):04d}"


def invented_code(ctx: Any) -> str:
    """A code whose check holds and that nobody has."""
    ctx.made["codes"] = ctx.made.get("codes", 0) + 1
    body = f"92500231MADEM{ctx.made['codes']:04d}"
    return body + uscc_check(body)


def sample_rows(ctx: Any, grids: list[tuple[str, str]], count: int, *, faulty: bool) -> list[dict[str, Any]]:
    """Rows of a sample sheet for the named (community, grid) pairs; `faulty` puts seven slips of the pen into it."""
    rows = []
    for number in range(count):
        community, grid = grids[number % len(grids)]
        words, details = TRADES[Trade.FOOD if number % 2 else Trade.RETAIL]
        pick = ctx.random.randrange(len(words))
        person = clean_name(ctx.faker.name())
        rows.append(
            {
                "sign_name": f"{ctx.random.choice(HEADS)}{words[pick]}（演示）", "licence": invented_code(ctx),
                "trade": (Trade.FOOD if number % 2 else Trade.RETAIL).label, "trade_detail": details[pick],
                "street": "演示路", "door_no": f"{number + 1} 号", "community": community, "grid": grid,
                "frontage_cm": ctx.random.randrange(28, 92, 2) / 10, "depth_cm": 4, "operator_name": person,
                "operator_from": date(2025, 6, 3), "phone": invented_telephone(ctx.random), "state": "营业",
                "bounds_east": f"演示路 {number + 2} 号", "bounds_west": f"演示路 {max(number, 1)} 号",
                "bounds_south": "路缘石", "bounds_north": "墙根", "remark": REMARK,
            }
        )  # fmt: skip
    if faulty and count >= 8:
        rows[0]["licence"] = rows[0]["licence"][:17] + ("1" if rows[0]["licence"][17] != "1" else "2")
        rows[1]["phone"] = rows[1]["phone"][:10]
        rows[2]["frontage_cm"] = 62
        rows[3]["trade"] = "小吃店"
        rows[4]["grid"] = "九十网格"
        rows[5]["sign_name"] = None
        rows[6]["operator_from"] = "2026-13"
    return rows


def sample_sheet(tree: Tree, home: Place, *, rows: int, faulty: bool, now: datetime) -> bytes:
    """Return an .xlsx of `rows` invented shops in the grids of `home`, to practise importing with."""
    grids = [(home.name, grid.name) for grid in tree.grids if grid.parent == home.id]
    faker = later.module("faker").Faker("zh_CN")
    faker.seed_instance(2026)
    context = SimpleNamespace(random=Random(2026), faker=faker, made={"codes": 5000}, now=now)
    return write_xlsx(
        columns(missing=lambda _text: []), sample_rows(context, grids, rows, faulty=faulty),
        title="商户", filter_line="演示底册，内容全是编的", snapshot=now, watermark="演示",
    )  # fmt: skip
