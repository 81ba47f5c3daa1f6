"""Demonstration streets: those on which the shops stand, and lanes behind them; most with a keeper, some without (R3).

Their names are invented; nobody in them exists.
"""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from portal.accounts import queries as accounts
from portal.areas.queries import Place, places
from portal.areas.terms import AreaType
from portal.ground.db import db
from portal.places import queries, services
from portal.places.services.numbers import next_codes
from portal.places.terms import EventKind, StreetFacts, StreetKind

#: Community, kind, then names, each with the numbers of the grids that it runs through.
STREETS = """
MY 主干道　明月大道北段12　明月大道南段3
MY 次干道　月台街23
MY 背街小巷　桂花巷4　明月东巷5　月亮湾巷6　水塔巷45　邮电巷5
MD 主干道　牡丹路12
MD 次干道　牡丹东街3
MD 支路　牡丹横街23
MD 背街小巷　花市巷4　北滨巷5　丝厂巷6　粮站巷6
GH 主干道　桂花路12
GH 次干道　桂香街2
GH 支路　桂香后街23
GH 背街小巷　老井巷3　丹桂巷4　石梯巷5　布鞋巷4
XF 主干道　学府路12
XF 次干道　书院街2
XF 支路　校场坝路1
XF 背街小巷　文庙巷3　墨池巷4　笔架巷5　贡院巷34
BM 次干道　北门街1　北正街23
BM 背街小巷　城墙巷2　更鼓巷3　马号巷4　盐店巷5　北门后巷45
JS 主干道　金山路1
JS 次干道　金银街2
JS 支路　矿山路3　砖厂路4　金山环路45
JS 背街小巷　石匠巷2　铁匠巷3
XQ 主干道　建新路1
XQ 次干道　新桥街2
XQ 支路　河沿路4　新桥横街5
XQ 背街小巷　桥头巷3　染坊巷3　码头巷4
GY 主干道　果园路1
GY 次干道　柚香街2
GY 支路　果然路4　苗圃路5
GY 背街小巷　梨花巷3　蜜柚巷23
SP 次干道　松坪路12　环城东路松坪段（松坪路口至环城东路与工业园区连接线交叉口）345
SP 支路　松林街2
SP 背街小巷　坪上巷1　松针巷2　坪上后巷3
SB 支路　石坝场街1
SB 乡村道路　坝口路2　石坝至坝口村道34　水库路5
ZL 支路　竹编街1
ZL 乡村道路　竹林路1　竹林环线23　茶山路4
QX 支路　溪口街1
QX 乡村道路　清溪路1　清溪便民路23　响水洞路4
"""
#: Streets that nobody answers for, and one whose keeper is no grid worker: what the lists of R3 show.
VACANT = {"邮电巷", "粮站巷", "布鞋巷", "马号巷", "铁匠巷", "新桥横街", "苗圃路", "水库路", "金山环路", "坪上后巷"}
OTHERS = {"贡院巷", "码头巷"}
ENDS = ("大道口", "菜市口", "桥头", "小学门口", "车站", "老街口", "卫生院", "河边")


def build(ctx: Any) -> None:
    """Enter the streets, and who has answered for them since; some were passed on when a grid got another worker."""
    tree, chance = places(), Random(20261125)
    begun = ctx.now - timedelta(days=230)
    grids = {grid.code: grid for grid in tree.grids}
    plans = [one for one in _plans() if f"{one[0]}-01" in grids]
    for (code, name, kind, numbers), number in zip(plans, next_codes(len(plans)) if plans else [], strict=True):
        through = [grids[f"{code}-0{one}"] for one in numbers if f"{code}-0{one}" in grids]
        facts = _facts(name, kind, through, chance)
        street = services.build(facts, code=number, by=ctx.by, now=begun, kind=EventKind.IMPORTED)
        db.session.flush()
        _keep(ctx, street, name, through, chance, begun)


def _plans() -> Iterator[tuple[str, str, StreetKind, str]]:
    """Each street: community, name, kind, the digits of its grids."""
    kinds = {kind.label: kind for kind in StreetKind}
    for line in STREETS.strip().splitlines():
        head, *some = line.split("　")
        code, kind = head.split()
        for one in some:
            name = one.rstrip("123456")
            yield code, name, kinds[kind], one.removeprefix(name)


def _facts(name: str, kind: StreetKind, through: list[Place], chance: Random) -> StreetFacts:
    long = {StreetKind.MAIN: 900, StreetKind.SECONDARY: 500, StreetKind.RURAL: 1800}.get(kind, 220)
    first, last = chance.sample(ENDS, 2)
    return StreetFacts(
        name=name, kind=kind, area_type=through[0].type or AreaType.BACKSTREET,
        grids=frozenset(one.id for one in through), runs_from=first, runs_to=last,
        length_m=int(long * (0.6 + chance.random())) // 10 * 10,
    )  # fmt: skip


def _keep(ctx: Any, street: Any, name: str, through: list[Place], chance: Random, begun: Any) -> None:
    if name in VACANT:
        return
    seats = accounts.seats([through[0].id, through[0].parent or 0], on=ctx.now.date())
    workers = [one for one in seats.get(through[0].id, ()) if one.role == "grid_worker" and one.active]
    staff = [one for one in seats.get(through[0].parent or 0, ()) if one.role == "community_staff" and one.active]
    wanted = staff if name in OTHERS or not workers else workers
    if not wanted:
        return
    if chance.random() < 0.15 and staff and wanted is workers:
        _given(street, staff[0].person_id, ctx, begun + timedelta(days=2))
        begun += timedelta(days=chance.randrange(40, 160))
    _given(street, wanted[0].person_id, ctx, begun + timedelta(days=3))


def _given(street: Any, person_id: int, ctx: Any, at: Any) -> None:
    person = db.session.scalars(queries.person(person_id)).one()
    services.put_keeper(street, person, reason="逐巷定人", by=ctx.by, now=at)
    db.session.flush()
