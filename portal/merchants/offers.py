"""What the shop file gives to the house: its line on the rail, and its part of the demonstration office."""

from portal.ground.declare import Demo, FileNames, NavEntry, Offers
from portal.merchants import demo, queries

OFFERS = Offers(
    file_names=[FileNames("门头照", queries.named_photos), FileNames("商户附件", queries.named_attachments)],
    nav=[NavEntry("门前三包", "商户", "merchants.index", "building-store", 10)],
    demos=[Demo(40, "商户：600 家", demo.build)],
)
