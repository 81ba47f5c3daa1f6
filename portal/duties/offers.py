"""What the clockwork gives to the house: its line on the rail, its heartbeat, and a word when a duty fails."""

from collections.abc import Collection, Sequence
from datetime import datetime

from flask import url_for

from portal.areas.queries import office
from portal.duties import demo, queries, services
from portal.duties.terms import LAMPS, LONG, RunState
from portal.ground.actor import Actor
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.declare import (
    Demo,
    DeskPlan,
    NavEntry,
    Offers,
    Owed,
    PlanLine,
    Probe,
    Reading,
    ReminderRule,
    Whom,
    duties,
)
from portal.web.filters import moment

HOW_TO_START = "请系统管理员在服务器上运行 script/server，或 systemctl start portal-clockwork。"


def _heartbeat(now: datetime) -> Reading:
    heart = queries.heard(now)
    if heart.at is None:
        return Reading("late", "还没有运行过", "提醒、备份都不会自动办", HOW_TO_START)
    if heart.ahead:
        return Reading(
            "late", f"最后一次在 {moment(heart.at)}", "比服务器现在的时间还晚", "服务器的时钟被拨回去了，请校准时间。"
        )
    if heart.silent:
        return Reading("late", f"最后一次在 {moment(heart.at)}", "定时任务停了", HOW_TO_START)
    lines = services.board(duties(), now=now)
    if (ahead := services.set_back(lines, now=now)) is not None:
        return Reading(
            "soon", "时钟拨回过", f"已经按 {moment(ahead)} 办过", "请核对服务器时间；办过的不会重办。", _page()
        )
    for line in lines:
        if line.run and line.run.state is RunState.RUNNING and now - (line.run.started_at or now) > LONG:
            since = f"“{line.duty.label}”从 {moment(line.run.started_at)} 办到现在"
            return Reading("soon", "有一项办得太久", since, "请看服务器日志。", _page())
    return Reading("fine", "正常", f"最后一次在 {moment(heart.at)}", url=_page())


def _outcome(now: datetime) -> Reading:
    """Whether every duty's newest run that ended has been done."""
    labels = {duty.name: duty.label for duty in duties()}
    failed = queries.still_failed(list(labels))
    if not failed:
        return Reading("fine", "都办成了", f"共 {len(labels)} 项", url=_page())
    named = "、".join(label for name, label in labels.items() if name in failed)
    return Reading("late", f"{len(failed)} 项出错", named, "点开看原因，修好以后按“立即执行”。", _page())


def _plan(_actor: Actor, now: datetime) -> list[PlanLine]:
    """Today's duties that have an hour of their own, and how each went."""
    return [
        PlanLine(at, duty.label, "", *_went(state, at, now), url_for("duties.show", name=duty.name))
        for at, duty, state in services.todays(duties(), now=now)
    ]


def _went(state: RunState | None, at: datetime, now: datetime) -> tuple[str, str, str]:
    if state:
        return LAMPS[state][0], state.label, LAMPS[state][1]
    return ("held", "没到", "clock") if at > now else ("late", "没办", "alarm")


def _page() -> str:
    return url_for("duties.index")


def _failed(since: datetime, now: datetime) -> Sequence[Owed]:
    found = services.failures(since, now)
    if not found:
        return []
    whom = Whom(role="system_admin", area_id=db.session.scalars(office()).one().id)
    labels = {duty.name: duty.label for duty in duties()}
    return [
        Owed(
            f"duty:{run.duty}", f"run {run.id}", run.ended_at, whom, f"定时任务“{labels[run.duty]}”出错",
            run.error[:120], url_for("duties.show", name=run.duty),
        )
        for run in found
        if run.duty in labels
    ]  # fmt: skip


def _still(subjects: Sequence[str], now: datetime) -> Collection[str]:
    names = [subject.removeprefix("duty:") for subject in subjects]
    return {f"duty:{name}" for name in queries.still_failed(names)}


OFFERS = Offers(
    nav=[NavEntry("综合", "定时任务", "duties.index", "clock-cog", 840)],
    plans=[DeskPlan("duties", Can.DUTIES_RUN, _plan, 40)],
    probes=[
        Probe("clockwork", "定时任务", "heart-rate-monitor", _heartbeat, 20),
        Probe("duties", "各项定时任务", "clock-cog", _outcome, 21),
    ],
    demos=[Demo(95, "定时任务：一周的执行记录", demo.build)],
    reminders=[
        ReminderRule(
            "duties.failed",
            "定时任务出错",
            "定时任务出错，马上提醒系统管理员，每天一次，直到再次办成",
            "系统约定",
            _failed,
            still=_still,
            at_once=True,
            icon="alert-circle",
            needs=Can.DUTIES_READ,
        )
    ],
)
