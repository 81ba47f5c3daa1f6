"""What pledges give to the house: the rail, the shop list's column and filter, the shop file's card, lines and action,
the kind of paper, the kiosk's screen, settings, the two shipped texts, and the demonstration's signed pledges."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, or_

from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.declare import (
    Action,
    Cell,
    Chapter,
    ChapterOf,
    Column,
    Demo,
    Filter,
    KioskScreen,
    NavEntry,
    Offers,
    PaperKind,
    Seed,
    SettingSpec,
    TimelineLine,
)
from portal.ground.fields.masks import masked_name
from portal.pledges import demo, queries, services
from portal.pledges.offers import desk
from portal.pledges.offers.reminding import REMINDERS
from portal.pledges.terms import (
    CONFIRM_DAYS,
    COVERAGE_TARGET,
    LAMPS,
    PAPER_KIND,
    PARTY_A,
    RENEW_DAYS,
    RENEW_LATE,
    SERIES,
    SOON_DAYS,
    SUBJECT,
    TERM_MONTHS,
    TITLE,
    PledgeState,
    Standing,
)
from portal.web.filters import day


def _cells(shop_ids: Sequence[int], now: datetime) -> Mapping[int, Cell]:
    """责任书 on the shop list: the column of I13, and until when."""
    found = queries.standings(shop_ids, today=now.date())
    return {shop_id: _cell(standing, until_on) for shop_id, (standing, until_on) in found.items()}


def _cell(standing: Standing, until_on: date | None) -> Cell:
    lamp, icon = LAMPS[standing.value]
    until = f"到 {day(until_on - timedelta(days=1))}" if standing is Standing.LIVE and until_on else ""
    return Cell(standing.label, second=until, lamp=lamp, icon=icon)


def _narrow(values: Sequence[str], now: datetime) -> ColumnElement[bool]:
    wanted = queries.standing_of(now.date()).in_([one for one in values if one != RENEW_LATE])
    return or_(wanted, queries.is_overdue(now)) if RENEW_LATE in values else wanted


def _chapter(shop_id: int, actor: Actor, now: datetime) -> Chapter:
    """责任书 on the shop's file: how it stands, its number, term and signer, and what happened to each."""
    if not actor.may(Can.PLEDGES_READ):
        cell = _cells([shop_id], now)[shop_id]
        return Chapter("责任书", cell, [("现状", cell._replace(second=""))])
    standing, until_on, history = queries.history(shop_id, today=now.date())
    cell = _cell(standing, until_on)
    return Chapter("责任书", cell, _facts(cell, history), [line for one in history for line in _lines(one)])


def _facts(cell: Cell, history: Sequence[queries.Signed]) -> list[tuple[str, Cell]]:
    standing = ("现状", cell._replace(second=""))
    if not history:
        return [standing]
    newest = history[0]
    last = newest.until_on - timedelta(days=1)
    return [
        standing,
        ("责任书编号", Cell(newest.number, url=url_for("pledges.show", id=newest.id))),
        ("期限", Cell(f"{day(newest.starts_on)} 至 {day(last)}")),
        ("签名人", Cell(f"{masked_name(newest.signer_name)}（{newest.signer.label}）", second=newest.method.label)),
    ]


def _lines(one: queries.Signed) -> list[TimelineLine]:
    """What happened to a pledge: signed or entered, ended."""
    url = url_for("pledges.show", id=one.id)
    witness = f"，见证人 {one.witness}" if one.witness else ""
    said = f"签订责任书：{masked_name(one.signer_name)}（{one.signer.label}）"
    lines = [TimelineLine(one.signed_at, said, f"{one.number}，{one.method.label}{witness}", url)]
    if one.ended_as and one.ended_at and one.ended_as is not PledgeState.RENEWED:
        lines.append(TimelineLine(one.ended_at, f"责任书{one.ended_as.label}", f"{one.number}，{one.reason}", url))
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


#: The columns of I13, and of 待换签 those that are past their limit.
CHOICES = [*Standing.choices(), (RENEW_LATE, "超期没换签")]

OFFERS = Offers(
    nav=[NavEntry("门前三包", "责任书", "pledges.index", "file-certificate", 20)],
    columns=[Column("merchants", "责任书", _cells, 10, key="责任书")],
    filters=[Filter("merchants", "pledge", "责任书", CHOICES, _narrow, 10)],
    actions=[
        Action("merchant", "登记纸质责任书", "scan", "pledges.paper", "shop_id", Can.PLEDGES_CONFIRM, 5),
        Action("merchant", "发签约码", "key", "pledges.code", "shop_id", Can.PLEDGES_CONFIRM, 10, primary=True),
    ],
    chapters=[ChapterOf("merchant", _chapter, 10)],
    papers=[PaperKind(PAPER_KIND, TITLE, "pledges/paper.html", SERIES, _check_rows, _file_name, _papers_of)],
    kiosk=[KioskScreen(SUBJECT, "pledges.kiosk_shop")],
    settings=[
        SettingSpec(
            TERM_MONTHS, "责任书期限", 12, "个月", "从签订当天起算，到期满的前一天止；已签的不变", least=1, most=60
        ),
        SettingSpec(
            PARTY_A,
            "责任书甲方",
            "",
            "",
            "空着就是街道办事处，也可以写社区居委会",
            "text",
            most=40,
            refuse=services.unprintable,
        ),
        SettingSpec(
            CONFIRM_DAYS, "纸质责任书几个工作日内确认", 3, "个工作日", "从收件算起；过了就算逾期", least=1, most=15
        ),
        SettingSpec(
            RENEW_DAYS,
            "换经营者几个工作日内换签",
            5,
            "个工作日",
            "从登记新经营者算起；剩 2 天和最后一天提醒",
            least=1,
            most=15,
        ),
        SettingSpec(
            COVERAGE_TARGET,
            "签订率目标",
            100,
            "%",
            "方案要求第一阶段全覆盖签订；工作台按它算还差几家",
            least=50,
            most=100,
        ),
        SettingSpec(SOON_DAYS, "提前多少天算即将到期", 30, "天", "名单上显示“即将到期”", least=7, most=90),
    ],
    reminders=REMINDERS,
    seeds=[Seed(30, services.sow_templates)],
    cards=desk.CARDS,
    plans=desk.PLANS,
    tasks=desk.TASKS,
    bars=desk.BARS,
    search=desk.SEARCH,
    demos=[Demo(60, "责任书：400 份，各种状态", demo.build)],
)
