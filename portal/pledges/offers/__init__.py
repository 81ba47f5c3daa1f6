"""What pledges give to the house: the rail, the shop list's column and filter, the shop file's card, lines and action,
the kind of paper, the kiosk's screen, settings, the two shipped texts, and the demonstration's signed pledges."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select

from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.declare import (
    Action,
    Bar,
    Cell,
    Chapter,
    ChapterOf,
    Column,
    Demo,
    DeskBars,
    DeskCard,
    DeskTasks,
    Figure,
    Filter,
    Hit,
    KioskScreen,
    NavEntry,
    Offers,
    PaperKind,
    SearchIn,
    Seed,
    SettingSpec,
    Task,
    TimelineLine,
)
from portal.ground.fields.masks import masked_name
from portal.merchants import queries as merchants
from portal.pledges import demo, queries, services
from portal.pledges.offers.reminding import REMINDERS
from portal.pledges.terms import (
    CONFIRM_DAYS,
    COVERAGE_TARGET,
    LAMPS,
    PAPER_KIND,
    PARTY_A,
    RENEW_DAYS,
    SERIES,
    SOON_DAYS,
    SUBJECT,
    TERM_MONTHS,
    TITLE,
    PledgeState,
    Shown,
    Standing,
    numbers_meant,
)
from portal.settings import queries as settings
from portal.web import now as this_instant
from portal.web.filters import day
from portal.worktime import queries as worktime


def _cells(shop_ids: Sequence[int], now: datetime) -> Mapping[int, Cell]:
    """责任书 on the shop list: the column of I13, and until when."""
    found = queries.standings(shop_ids, today=now.date())
    return {shop_id: _cell(standing, until_on) for shop_id, (standing, until_on) in found.items()}


def _cell(standing: Standing, until_on: date | None) -> Cell:
    lamp, icon = LAMPS[standing.value]
    until = f"到 {day(until_on - timedelta(days=1))}" if standing is Standing.LIVE and until_on else ""
    return Cell(standing.label, second=until, lamp=lamp, icon=icon)


def _narrow(values: Sequence[str], now: datetime) -> ColumnElement[bool]:
    return queries.standing_of(now.date()).in_(values)


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


def _time(board: queries.Board) -> str:
    return f"{board.as_of:%H:%M} 的数" if board.as_of else ""


def _figure(count: int, url: str, second: str, board: queries.Board, *, unit: str = "份", late: bool = False) -> Figure:
    words = " · ".join(part for part in (second, _time(board)) if part)
    return Figure(f"{count:,}", unit, words, url, late=late and count > 0)


def _lapsed(actor: Actor, now: datetime) -> Figure:
    board = queries.board(actor, now)
    count = board.shown.get(Shown.LAPSED.value, 0)
    return _figure(count, url_for("pledges.index", state="lapsed"), "要换签" if count else "没有", board, late=True)


def _soon(actor: Actor, now: datetime) -> Figure:
    board, url = queries.board(actor, now), url_for("pledges.index", state="soon")
    return _figure(board.shown.get(Shown.SOON.value, 0), url, f"{settings.value(SOON_DAYS, on=now.date())} 天内", board)


def _waiting(actor: Actor, now: datetime) -> Figure:
    board, url = queries.board(actor, now), url_for("pledges.index", state="waiting")
    return _figure(board.shown.get(Shown.WAITING.value, 0), url, "纸质责任书", board)


def _unsigned(actor: Actor, now: datetime) -> Figure:
    board = queries.board(actor, now)
    renew, never = board.sums[Standing.RENEW.value], board.sums[Standing.UNSIGNED.value]
    url = url_for("merchants.index", pledge=["unsigned", "renew"])
    return _figure(renew + never, url, f"其中待换签 {renew:,}" if renew else "从没签过", board, unit="家")


def _rate(actor: Actor, now: datetime) -> Figure | None:
    """签订率: cut, not rounded; 100 only when none is missing (rules 10, Shown figures)."""
    board = queries.board(actor, now)
    if not board.owing:
        return None
    share = board.live * 1000 // board.owing
    target = settings.value(COVERAGE_TARGET, on=now.date())
    missing, goal = board.missing(target), "" if target == 100 else f"到 {target}% "
    words = f"{goal}还差 {missing:,} 家" if missing else "都签了" if board.live == board.owing else f"已到 {target}%"
    second = " · ".join(part for part in (words, _time(board)) if part)
    return Figure(
        f"{share // 10}.{share % 10}" if share % 10 else f"{share // 10}",
        "%",
        second,
        url_for("merchants.index", pledge="live"),
    )


def _tasks(actor: Actor, now: datetime, limit: int) -> tuple[list[Task], int]:
    """Lapsed pledges, those that wait, and those that lapse soon, as lines of 先办这些."""
    board, places = queries.board(actor, now), merchants.tree()
    days = settings.value(SOON_DAYS, on=now.date())
    terms = board.shown.get(Shown.LAPSED.value, 0) + board.shown.get(Shown.SOON.value, 0)
    waiting = board.shown.get(Shown.WAITING.value, 0) if actor.may(Can.PLEDGES_CONFIRM) else 0
    # Where the board counts none, none is looked for: it would be sought among those of the whole office.
    found = queries.pressing(actor, now, limit, days) if terms else []
    if waiting:
        found += queries.waiting_ones(actor, limit)
    return [_task(one, places, now) for one in found], terms + waiting


def _task(one: queries.Pressing, places: merchants.Tree, now: datetime) -> Task:
    grid = places.by_id[one.grid_id]
    whose = f"{places.community_of(one.grid_id).name} {grid.name}"
    second = f"{one.number} · {one.shop_number}"
    if one.shown is Shown.WAITING:
        until = worktime.workdays_limit(one.signed_at, settings.value(CONFIRM_DAYS, on=now.date())).until_at
        late = until < now
        lamp = ("late", "逾期", "alarm") if late else ("soon", "待确认", "clock")
        return Task(f"“{one.shop}”的纸质责任书待确认", second, until, whose, *lamp, url_for("pledges.show", id=one.id))
    until = datetime.combine(one.last_on, time(23, 59), now.tzinfo)
    left = (one.last_on - now.date()).days
    if one.shown is Shown.LAPSED:
        lamp, title = ("late", "已到期", "alarm"), f"“{one.shop}”的责任书已到期，要换签"
    else:
        word = "今天到期" if left == 0 else f"剩 {left} 天"
        lamp, title = ("soon", word, "clock") if left <= 7 else ("fine", word, "check"), f"“{one.shop}”的责任书快到期"
    return Task(title, second, until, whose, *lamp, url_for("merchants.show", id=one.shop_id))


def _bars(actor: Actor, now: datetime) -> list[Bar]:
    """签约进度 by grid, or by community for whoever has several: the least signed first."""
    found = queries.areas_of(queries.board(actor, now), actor)
    return [Bar(place.name, live, owing, _shops_of(place)) for place, live, owing in found]


def _shops_of(place: merchants.Place) -> str:
    if place.type:
        return url_for("merchants.index", grid=place.code)
    return url_for("merchants.index", community=place.code)


def _find(actor: Actor, words: str, limit: int) -> list[Hit]:
    """By number: 142 or 桂三包〔2026〕第0142号."""
    numbers = numbers_meant(words, this_instant().year)
    hits = queries.by_number(actor, numbers, limit) if numbers else []
    return [Hit(number, shop, url_for("pledges.show", id=id)) for id, number, shop in hits]


OFFERS = Offers(
    nav=[NavEntry("门前三包", "责任书", "pledges.index", "file-certificate", 20)],
    columns=[Column("merchants", "责任书", _cells, 10, key="责任书")],
    filters=[Filter("merchants", "pledge", "责任书", Standing.choices(), _narrow, 10)],
    actions=[Action("merchant", "发签约码", "key", "pledges.code", "shop_id", Can.PLEDGES_CONFIRM, 10, primary=True)],
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
    cards=[
        DeskCard("pledges.lapsed", "已到期没换签", "alarm", Can.PLEDGES_READ, _lapsed, 10),
        DeskCard("pledges.waiting", "待街道确认", "signature", Can.PLEDGES_CONFIRM, _waiting, 20),
        DeskCard("pledges.soon", "快到期", "calendar-due", Can.PLEDGES_READ, _soon, 30),
        DeskCard("pledges.unsigned", "还没签", "circle-dashed", Can.PLEDGES_READ, _unsigned, 40),
        DeskCard("pledges.rate", "责任书签订率", "file-certificate", Can.PLEDGES_READ, _rate, 50),
    ],
    tasks=[DeskTasks("pledges", Can.PLEDGES_READ, _tasks, 10)],
    bars=[DeskBars("pledges", "签约进度", "merchants.index", "看商户", Can.PLEDGES_READ, _bars, 10)],
    search=[
        SearchIn(
            "pledges",
            "责任书",
            "file-certificate",
            Can.PLEDGES_READ,
            _find,
            lambda words: url_for("pledges.index", q=words),
            20,
        ),
    ],
    demos=[Demo(60, "责任书：400 份，各种状态", demo.build)],
)
