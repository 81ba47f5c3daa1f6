"""What pledges give to the desk and to the one search: figures, what to do first, progress, numbers."""

from datetime import datetime, time
from urllib.parse import quote

from flask import url_for

from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.declare import (
    Bar,
    DeskBars,
    DeskCard,
    DeskPlan,
    DeskTasks,
    Figure,
    Hit,
    PlanLine,
    SearchIn,
    Task,
    Tasks,
)
from portal.merchants import queries as merchants
from portal.pledges import queries
from portal.pledges.terms import (
    CONFIRM_DAYS,
    COVERAGE_TARGET,
    FALLS_TO,
    RENEW_LATE,
    SOON_DAYS,
    Standing,
    Todo,
    numbers_meant,
)
from portal.settings import queries as settings
from portal.web import now as this_instant
from portal.worktime import queries as worktime

#: Words of the board that make up what somebody has to confirm, and what will lapse.
TO_CONFIRM = (Todo.CONFIRM.value, "confirm_late")
COMING = (Todo.TODAY.value, Todo.SOON.value)


def _time(board: queries.Board) -> str:
    return f"{board.as_of:%H:%M} 的数" if board.as_of else ""


def _figure(
    count: int, url: str, second: str, board: queries.Board, *, unit: str = "份", late: bool = False,
    part: tuple[str, str] = ("", ""),
) -> Figure:  # fmt: skip
    words = " · ".join(one for one in (second, _time(board)) if one)
    return Figure(f"{count:,}", unit, words, url, late=late and count > 0, part=part)


def _list(todo: Todo) -> str:
    return url_for("pledges.index", todo=todo.value)


def _lapsed(actor: Actor, now: datetime) -> Figure:
    board = queries.board(actor, now)
    count = board.count(Todo.LAPSED.value)
    return _figure(count, _list(Todo.LAPSED), "要换签" if count else "没有", board, late=True)


def _today(actor: Actor, now: datetime) -> Figure:
    board = queries.board(actor, now)
    count = board.count(Todo.TODAY.value)
    return _figure(count, _list(Todo.TODAY), "今天是最后一天" if count else "没有", board)


def _soon(actor: Actor, now: datetime) -> Figure:
    board = queries.board(actor, now)
    days = settings.value(SOON_DAYS, on=now.date())
    return _figure(board.count(*COMING), _list(Todo.SOON), f"{days} 天内", board)


def _confirm(actor: Actor, now: datetime) -> Figure | None:
    """待我确认: what this person's own dated authority reaches today; without one there is no card (rules 10)."""
    hands = queries.hands_of(actor, now.date())
    if not hands.mine:
        return None
    board = queries.board(actor, now)
    count, late = (board.count(*words, grids=hands.mine) for words in (TO_CONFIRM, TO_CONFIRM[1:]))
    second = f"超期 {late:,}" if late else "纸质责任书" if count else "没有等着的"
    return _figure(count, _list(Todo.CONFIRM), second, board, late=late > 0)


def _nobody(actor: Actor, now: datetime) -> Figure | None:
    """What waits where nobody may confirm: on 专项办's desk, with what to do about it."""
    board = queries.board(actor, now)
    count = board.count(*TO_CONFIRM, grids=queries.hands_of(actor, now.date()).nobody)
    return _figure(count, _list(Todo.NOBODY), "请安全管理员授权", board) if count else None


def _unsigned(actor: Actor, now: datetime) -> Figure:
    board = queries.board(actor, now)
    renew, late, never = (board.sums[word] for word in (Standing.RENEW.value, RENEW_LATE, Standing.UNSIGNED.value))
    url = url_for("merchants.index", pledge=list(queries.TO_SIGN))
    words = f"其中待换签 {renew + late:,}" if renew + late else "从没签过"
    if not late:
        return _figure(renew + never, url, words, board, unit="家")
    part = f"超期 {late:,}"
    overdue = part, url_for("merchants.index", pledge=RENEW_LATE)
    return _figure(renew + late + never, url, f"{words}，{part}", board, unit="家", late=True, part=overdue)


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


def _tasks(actor: Actor, now: datetime, limit: int) -> Tasks:
    """Lapsed pledges, new operators past their limit, what waits for this person, and what lapses soon, as lines of
    先办这些.

    Where the board counts none, none is looked for: it would be sought among those of the whole office.
    """
    board, places = queries.board(actor, now), merchants.tree()
    hands = queries.hands_of(actor, now.date())
    grids = hands.mine | hands.nobody
    lapsed, coming = board.count(Todo.LAPSED.value), board.count(*COMING)
    waiting, overdue = (board.count(*words, grids=grids) for words in (TO_CONFIRM, TO_CONFIRM[1:]))
    renew = board.sums[RENEW_LATE]
    found = queries.pressing(actor, now, limit) if lapsed + coming else []
    lines = [_ending(one, places, now) for one in found]
    lines += [_waiting(one, places, now) for one in (queries.waiting_ones(grids, limit) if waiting else [])]
    lines += [_renewing(one, places) for one in queries.overdue_ones(actor, now, limit)]
    return Tasks(lines, lapsed + coming + waiting + renew, lapsed + overdue + renew)


def _whose(grid_id: int, places: merchants.Tree) -> str:
    return f"{places.community_of(grid_id).name} {places.by_id[grid_id].name}"


def _renewing(one: queries.Taken, places: merchants.Tree) -> Task:
    return Task(
        f"“{one.shop}”换了经营者，还没换签", f"{one.at.month}月{one.at.day}日 登记的新经营者 · {one.shop_number}",
        one.limit.until_at, _whose(one.grid_id, places), "late", "逾期", "alarm",
        url_for("merchants.show", id=one.shop_id),
    )  # fmt: skip


def _waiting(one: queries.Pressing, places: merchants.Tree, now: datetime) -> Task:
    until = worktime.workdays_limit(one.received_at or now, settings.value(CONFIRM_DAYS, on=now.date())).until_at
    lamp = ("late", "逾期", "alarm") if until < now else ("soon", "待确认", "clock")
    return Task(
        f"“{one.shop}”的纸质责任书待确认", f"{one.number} · {one.shop_number}", until, _whose(one.grid_id, places),
        *lamp, url_for("pledges.show", id=one.id),
    )  # fmt: skip


def _ending(one: queries.Pressing, places: merchants.Tree, now: datetime) -> Task:
    until, left = datetime.combine(one.last_on, time(23, 59), now.tzinfo), (one.last_on - now.date()).days
    if one.todo is Todo.LAPSED:
        lamp, title = ("late", "已到期", "alarm"), f"“{one.shop}”的责任书已到期，要换签"
    else:
        word = "今天到期" if left == 0 else f"剩 {left} 天"
        lamp, title = ("soon", word, "clock") if left <= 7 else ("fine", word, "check"), f"“{one.shop}”的责任书快到期"
    return Task(
        title, f"{one.number} · {one.shop_number}", until, _whose(one.grid_id, places), *lamp,
        url_for("merchants.show", id=one.shop_id),
    )  # fmt: skip


def _plan(actor: Actor, now: datetime) -> list[PlanLine]:
    """Pledges whose last day is today."""
    count = queries.board(actor, now).count(Todo.TODAY.value)
    if not count:
        return []
    at = datetime.combine(now.date(), time(23, 59), now.tzinfo)
    return [
        PlanLine(at, f"{count:,} 份责任书到期", "今天是最后一天，要换签", "soon", "今天", "clock", _list(Todo.TODAY))
    ]


def _bars(actor: Actor, now: datetime) -> list[Bar]:
    """签约进度 by grid, or by community for whoever has several: the least signed first. Each bar opens the shops that
    owe a pledge there: as many as it is long."""
    found = queries.areas_of(queries.board(actor, now), actor)
    owing = url_for("merchants.index", pledge=[one.value for one in Standing if one is not Standing.EXEMPT])
    return [
        Bar(place.name, live, all_of_them, f"{owing}&{'grid' if place.type else 'community'}={quote(place.code)}")
        for place, live, all_of_them in found
    ]


def _find(actor: Actor, words: str, limit: int) -> list[Hit]:
    """By number: 142 or 桂三包〔2026〕第0142号."""
    numbers = numbers_meant(words, this_instant().year)
    hits = queries.by_number(actor, numbers, limit) if numbers else []
    whole = words.strip() in numbers
    return [Hit(number, shop, url_for("pledges.show", id=id), exact=whole) for id, number, shop in hits]


CARDS = (
    DeskCard("pledges.lapsed", "已到期没换签", "alarm", Can.PLEDGES_READ, _lapsed, 10),
    DeskCard("pledges.today", "今天到期", "calendar-due", Can.PLEDGES_READ, _today, 20),
    DeskCard("pledges.confirm", "待我确认", "signature", Can.PLEDGES_CONFIRM, _confirm, 30),
    DeskCard("pledges.nobody", "没人有权确认", "user-question", FALLS_TO, _nobody, 35),
    DeskCard("pledges.soon", "快到期", "calendar", Can.PLEDGES_READ, _soon, 40),
    DeskCard("pledges.unsigned", "还没签", "circle-dashed", Can.PLEDGES_READ, _unsigned, 50),
    DeskCard("pledges.rate", "责任书签订率", "file-certificate", Can.PLEDGES_READ, _rate, 60),
)
PLANS = (DeskPlan("pledges", Can.PLEDGES_READ, _plan, 30),)
TASKS = (DeskTasks("pledges", Can.PLEDGES_READ, _tasks, 10),)
BARS = (DeskBars("pledges", "签约进度", "merchants.index", "看商户", Can.PLEDGES_READ, _bars, 10),)
SEARCH = (
    SearchIn(
        "pledges", "责任书", "file-certificate", Can.PLEDGES_READ, _find,
        lambda words: url_for("pledges.index", q=words), 20,
    ),
)  # fmt: skip
