"""What areas give: the root of the tree, its line on the rail, the search, and the demonstration's areas."""

from collections.abc import Sequence
from datetime import datetime

from flask import current_app, url_for

from portal.areas import demo, queries, services
from portal.areas.terms import AreaKind
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.declare import Demo, GivenNumbers, Hit, NavEntry, Offers, SearchIn, Seed


def sow(now: datetime) -> None:
    """Plant the street office."""
    services.plant(name=current_app.config["OFFICE"]["street"], now=now)


def find_by(_now: datetime) -> None:
    """Write down what areas are found by, in an office that is older than the search."""
    services.fill_words()


def search(actor: Actor, words: str, limit: int) -> Sequence[Hit]:
    """Areas that fit what was typed."""
    found = queries.searched(actor, words, limit)
    return [
        Hit(f"{above if kind is AreaKind.GRID else ''}{name}", f"{kind.label} · {code}", url_for("areas.show", id=one))
        for one, kind, name, code, above in found
    ]


OFFERS = Offers(
    nav=[NavEntry("综合", "社区·网格", "areas.index", icon="sitemap", order=10)],
    search=[
        SearchIn(
            "areas", "社区·网格", "sitemap", Can.AREAS_READ, search, lambda words: url_for("areas.index", q=words), 50
        )
    ],
    numbers=[GivenNumbers("网格和科室编号", services.numbers_used, services.pass_over)],
    seeds=[Seed(10, sow), Seed(11, find_by)],
    demos=[Demo(10, "社区、网格和科室", demo.build)],
)
