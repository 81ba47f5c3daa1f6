"""What the shop file gives to the house: its line on the rail, the files that its rows name, shops in the one search,
and its part of the demonstration office."""

from flask import url_for

from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.declare import AreaUse, Demo, FileNames, GivenNumbers, Hit, NavEntry, Offers, SearchIn
from portal.merchants import demo, queries, services


def _find(actor: Actor, words: str, limit: int) -> list[Hit]:
    """The best shops for what was typed: name, pinyin, initials, number, address, telephone's last four."""
    return [Hit(name, place, url_for("merchants.show", id=id)) for id, name, place in queries.best(actor, words, limit)]


OFFERS = Offers(
    search=[
        SearchIn(
            "merchants",
            "商户",
            "building-store",
            Can.MERCHANTS_READ,
            _find,
            lambda words: url_for("merchants.index", q=words),
            10,
        )
    ],
    area_uses=[AreaUse("商户", "家", queries.standing_in, 15)],
    file_names=[
        FileNames("门头照", queries.named_photos),
        FileNames("以前的门头照", queries.named_old_photos),
        FileNames("商户附件", queries.named_attachments),
    ],
    numbers=[GivenNumbers("店铺编号", queries.numbers_used, services.pass_over)],
    nav=[NavEntry("门前三包", "商户", "merchants.index", "building-store", 10)],
    demos=[Demo(40, "商户：600 家", demo.build)],
)
