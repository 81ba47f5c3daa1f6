"""What places give: the rail, what a person holds, the desk's figure of R3, the search, the tree's column."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import url_for

from portal.areas.queries import places
from portal.areas.terms import PARTS, AreaKind
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.declare import (
    AreaUse,
    Cell,
    Chapter,
    ChapterOf,
    Column,
    Demo,
    DeskCard,
    Figure,
    GivenNumbers,
    Hit,
    Holding,
    NavEntry,
    Offers,
    SearchIn,
)
from portal.places import demo, queries, services
from portal.places.terms import KEEPING_ROLES, Listing
from portal.web import now as this_instant


def _held(person_id: int, _now: datetime) -> int:
    """How many streets somebody answers for."""
    return queries.count_held(person_id)


def _keeping_roles(_person_id: int, _now: datetime) -> Collection[str]:
    """Who may answer for a street."""
    return KEEPING_ROLES


def _nobody(actor: Actor, now: datetime) -> Figure | None:
    """无责任人的路段 on the desk of whoever keeps streets; nothing where there are none at all."""
    streets, vacant, alleys = queries.vacancies(actor, tree=places(), on=now.date())
    if not streets:
        return None
    second = f"其中背街小巷 {alleys} 条" if alleys else "背街小巷都有人管" if vacant else f"{streets:,} 条都有人管"
    return Figure(f"{vacant:,}", "条", second, url_for("places.index", view="nobody"))


def _find(actor: Actor, typed: str, limit: int) -> Sequence[Hit]:
    """Streets by name, pinyin, initials, code, ends and keeper, within reach."""
    tree = places()
    want = queries.wanted(Listing(words=typed), actor=actor, tree=tree, on=this_instant().date())
    return [
        Hit(
            line.name,
            f"{line.code} · {line.community} · {line.keeper or '无责任人'}",
            url_for("places.show", id=line.id),
        )
        for line in queries.first(want, limit, tree=tree)
    ]


def _cells(area_ids: Sequence[int], now: datetime) -> Mapping[int, Cell]:
    """Streets of each community and grid, and how many nobody answers for; one query for a page."""
    tree = places()
    wanted = {one for one in area_ids if tree.by_id[one].kind is AreaKind.GRID}
    wanted |= {grid.id for grid in tree.grids if grid.parent in area_ids}
    parts = queries.coverage(tree, wanted, on=now.date()) if wanted else {}
    return {
        one: Cell(f"{part.streets} 条", f"{part.nobody} 条无责任人" if part.nobody else "")
        for one, part in parts.items()
        if one in area_ids
    }


def _chapter(area_id: int, actor: Actor, now: datetime) -> Chapter:
    """Streets of a community or grid, for its file page; the numbers lead to their lists."""
    tree = places()
    place, named = tree.by_id[area_id], "grid" if tree.by_id[area_id].kind is AreaKind.GRID else "community"
    if place.kind not in (*PARTS, AreaKind.GRID) or place.closed or not actor.may(Can.PLACES_READ):
        return Chapter("路段")
    grids = [area_id] if named == "grid" else [grid.id for grid in tree.grids if grid.parent == area_id]
    part = queries.coverage(tree, grids, on=now.date()).get(area_id, queries.Part(0, 0, 0, 0))
    here: dict[str, Any] = {named: place.code}
    return Chapter(
        "路段",
        facts=[
            ("在用", Cell(f"{part.streets} 条", url=url_for("places.index", **here))),
            ("背街小巷", Cell(f"{part.alleys} 条", url=url_for("places.index", view="alleys", **here))),
            ("无责任人", Cell(f"{part.nobody} 条", url=url_for("places.index", view="nobody", **here))),
        ],
    )


def _standing(area_id: int, now: datetime) -> int:
    """Streets in use that run through a grid: they keep it from being closed."""
    part = queries.coverage(places(), [area_id], on=now.date()).get(area_id)
    return part.streets if part else 0


OFFERS = Offers(
    nav=[NavEntry("综合", "路段", "places.index", icon="road", order=15)],
    columns=[Column("areas", "路段", _cells, 20)],
    chapters=[ChapterOf("area", _chapter, 20)],
    area_uses=[AreaUse("路段", "条", _standing, 20)],
    holdings=[Holding("places.streets", "负责的路段", "条", _held, services.hand_over, 20, _keeping_roles)],
    cards=[DeskCard("places.nobody", "无责任人的路段", "user-question", Can.PLACES_KEEP, _nobody, 300)],
    search=[
        SearchIn(
            "places", "路段", "road", Can.PLACES_READ, _find, lambda typed: url_for("places.index", q=typed), 40
        )
    ],
    numbers=[GivenNumbers("路段编号", queries.codes_used, services.pass_over)],
    demos=[Demo(35, "路段和责任人", demo.build)],
)  # fmt: skip
