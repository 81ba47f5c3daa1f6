"""What pledges give to the house: the rail, the shop list's column and filter, the shop file's card, lines and action,
the kind of paper, the kiosk's screen, settings, the two shipped texts, and the demonstration's signed pledges."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select

from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.declare import (
    Action,
    Card,
    Cell,
    Column,
    Demo,
    Filter,
    KioskScreen,
    NavEntry,
    Offers,
    PaperKind,
    Seed,
    SettingSpec,
    Timeline,
    TimelineLine,
)
from portal.ground.fields.masks import masked_name
from portal.pledges import demo, queries, services
from portal.pledges.terms import LAMPS, PAPER_KIND, SERIES, SUBJECT, TITLE, PledgeState, Standing
from portal.web.filters import day


def _cells(shop_ids: Sequence[int], now: datetime) -> Mapping[int, Cell]:
    """责任书 on the shop list: the column of I13, and until when."""
    cells = {}
    for shop_id, (standing, until_on) in queries.standings(shop_ids, today=now.date()).items():
        lamp, icon = LAMPS[standing.value]
        until = f"到 {day(until_on - timedelta(days=1))}" if standing is Standing.LIVE and until_on else ""
        cells[shop_id] = Cell(standing.label, second=until, lamp=lamp, icon=icon)
    return cells


def _narrow(values: Sequence[str], now: datetime) -> ColumnElement[bool]:
    return queries.standing_of(now.date()).in_(values)


def _facts(shop_id: int, actor: Actor, now: datetime) -> Sequence[tuple[str, Cell]]:
    """责任书 on the shop's file: how it stands, its number, term and signer."""
    standing, _until = queries.standings([shop_id], today=now.date())[shop_id]
    lamp, icon = LAMPS[standing.value]
    facts = [("现状", Cell(standing.label, lamp=lamp, icon=icon))]
    if not actor.may(Can.PLEDGES_READ):
        return facts
    newest = next(iter(queries.of_shop(shop_id)), None)
    if newest is None:
        return facts
    last = newest.until_on - timedelta(days=1)
    signer = masked_name(services.persons_of(newest).get("signer"))
    return [
        *facts,
        ("责任书编号", Cell(newest.number, url=url_for("pledges.show", id=newest.id))),
        ("期限", Cell(f"{day(newest.starts_on)} 至 {day(last)}")),
        ("签名人", Cell(f"{signer}（{newest.signer.label}）", second=newest.method.label)),
    ]


def _lines(shop_id: int, actor: Actor) -> Sequence[TimelineLine]:
    """What happened to a shop's pledges: signed, entered, ended."""
    if not actor.may(Can.PLEDGES_READ):
        return []
    pledges = queries.of_shop(shop_id)
    endings = queries.endings_of([one.id for one in pledges])
    lines = []
    for one in pledges:
        signer = f"{masked_name(services.persons_of(one).get('signer'))}（{one.signer.label}）"
        witness = f"，见证人 {one.witness.name}" if one.witness else ""
        url = url_for("pledges.show", id=one.id)
        lines.append(
            TimelineLine(one.signed_at, f"签订责任书：{signer}", f"{one.number}，{one.method.label}{witness}", url)
        )
        ending = endings.get(one.id)
        if ending and ending.state is not PledgeState.RENEWED:
            lines.append(
                TimelineLine(ending.ended_at, f"责任书{ending.state.label}", f"{one.number}，{ending.reason}", url)
            )
    return lines


def _check_rows(facts: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """What the check page shows: shop names and addresses as they are, persons masked (rules 10)."""
    signature = facts["signature"]
    return [
        ("店铺", facts["shop"]),
        ("地址", facts["address"]),
        ("店铺编号", facts["shop_number"]),
        ("甲方", facts["party_a"]),
        ("责任人", masked_name(facts["keeper"])),
        ("签名人", f"{masked_name(signature['signer'])}（{signature['role']}）"),
        ("签署方式", facts["way"]),
    ]


def _file_name(facts: Mapping[str, Any]) -> str:
    return f"门前三包责任书 {facts['shop_number']} {facts['shop']}.pdf"


def _papers_of(actor: Actor, key: Can, now: datetime) -> Select[int]:
    return queries.papers_of(actor, key, now)


OFFERS = Offers(
    nav=[NavEntry("门前三包", "责任书", "pledges.index", "file-certificate", 20)],
    columns=[Column("merchants", "责任书", _cells, 10, key="责任书")],
    filters=[Filter("merchants", "pledge", "责任书", Standing.choices(), _narrow, 10)],
    actions=[Action("merchant", "发签约码", "key", "pledges.code", "shop_id", Can.PLEDGES_CONFIRM, 10, primary=True)],
    timelines=[Timeline("merchant", _lines)],
    cards=[Card("merchant", "责任书", _facts, 10)],
    papers=[PaperKind(PAPER_KIND, TITLE, "pledges/paper.html", SERIES, _check_rows, _file_name, _papers_of)],
    kiosk=[KioskScreen(SUBJECT, "pledges.kiosk_shop")],
    settings=[
        SettingSpec("pledges.term_months", "责任书期限", 12, "个月", "rules 1：期限一年，到前一日止"),
        SettingSpec("pledges.party_a", "责任书甲方", "", "", "rules 1：空着就是街道办事处，也可写社区居委会"),
    ],
    seeds=[Seed(30, services.sow_templates)],
    demos=[Demo(60, "责任书：400 份，各种状态", demo.build)],
)
