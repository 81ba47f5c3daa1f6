"""What accounts give to the desk and to the one search."""

from datetime import timedelta

from flask import Flask

from portal.accounts import services
from portal.ground.declare import offers
from tests.cast import Cast
from tests.conftest import NOON


def test_search(house: Flask, cast: Cast) -> None:
    [search] = [one for one in offers().search if one.key == "people"]
    with house.test_request_context():
        hits = search.find(cast["admin"], "zm", 5)
        assert [(hit.title, hit.second) for hit in hits] == [("周敏（演示）", "staff · 明月社区社区工作人员")]
        assert [hit.title for hit in search.find(cast["staff"], "village", 5)] == [], "out of her reach"
        assert len(search.find(cast["admin"], "e", 3)) == 3
        assert search.all_url("周 敏") == "/people/?q=%E5%91%A8+%E6%95%8F"


def test_the_desk_of_those_who_keep_and_grant(house: Flask, cast: Cast) -> None:
    cards = {one.key: one for one in offers().cards if one.key.startswith("accounts.")}
    later = NOON + timedelta(days=3)
    with house.test_request_context():
        assert cards["accounts.waiting"].read(cast["security"], NOON).second == "没有等着的"
        services.propose(
            cast.people["staff"], role="community_staff", area=cast.areas["SB"], from_on=NOON.date(),
            by=cast["admin"], now=NOON,
        )  # fmt: skip
        figure = cards["accounts.waiting"].read(cast["security"], later)
        assert (figure.number, figure.second, figure.url) == ("1", "最早的等了 3 天", "/people/proposals")
        figure = cards["accounts.people"].read(cast["admin"], NOON)
        assert (figure.number, figure.second) == ("16", "还没有角色 0 · 已锁定 0")
