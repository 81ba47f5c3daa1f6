"""How a pledge reads on a screen: the whole text as numbered clauses, for eyes and for read-aloud."""

from portal.pledges.services import Proposal

NUMERALS = "一二三四五六七八九十"


def clauses(offer: Proposal) -> list[tuple[str, str]]:
    """Return (heading, sentence) pairs of everything that will be signed, in the order of the paper."""
    wording = offer.template.wording
    parts = [("责任区", offer.area_words)]
    parts += [(duty["name"], "；".join(duty["items"]) + "。") for duty in wording["duties"]]
    last = offer.last_day
    parts += [
        ("期限", f"自签订之日起，至{last.year}年{last.month}月{last.day}日止。"),
        ("甲方责任", wording["party_a_duty"]),
        ("签署方式", wording["signing"]),
    ]
    return [(f"{NUMERALS[place]}、{heading}", text) for place, (heading, text) in enumerate(parts)]
