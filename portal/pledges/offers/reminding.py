"""The reminders of pledges: what lapses, where shops have not signed, what waits for 甲方, whose operator is new."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from flask import url_for

from portal.areas.queries import Place, places
from portal.ground.can import Can
from portal.ground.clock import SHANGHAI
from portal.ground.declare import Escalation, Owed, ReminderRule, Whom, days_begun
from portal.pledges import queries
from portal.pledges.terms import CONFIRM_DAYS, LAPSE_DAYS, RENEW_DAYS, TO_CONFIRM
from portal.settings import queries as settings
from portal.worktime import queries as worktime

DAY = timedelta(days=1)
#: How far back a change of operator is looked for: five working days with the longest holiday and some air.
TAKEN_BACK = timedelta(days=45)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _grid_worker(grid_id: int) -> Whom:
    return Whom(role="grid_worker", area_id=grid_id)


# ---- 到期


def _lapsing(since: datetime, now: datetime) -> Sequence[Owed]:
    """Pledges that have 30, 7 or 0 days left; on the last one 0."""
    days = days_begun(since, now)
    if not days:
        return []
    turns: defaultdict[date, list[tuple[int, date]]] = defaultdict(list)  # exclusive end → days left, and on which day
    for day in days:
        for left in LAPSE_DAYS:
            turns[day + timedelta(days=left + 1)].append((left, day))
    return [
        Owed(
            f"pledge:{one.id}", str(left), _midnight(day), _grid_worker(one.grid_id),
            f"“{one.shop}”的责任书 {_short(one.until_on - DAY)} 到期",
            f"到期前 {left} 天，可以换签了" if left else "今天是最后一天，还没有换签",
            url_for("merchants.show", id=one.shop_id), one.shop_number, _midnight(one.until_on),
            escalates=left <= LAPSE_DAYS[1],
        )
        for one in queries.lapsing(turns)
        for left, day in turns[one.until_on]
    ]  # fmt: skip


def _still_lapsing(subjects: Sequence[str], _now: datetime) -> Collection[str]:
    return {f"pledge:{one}" for one in queries.still_running(queries.ids_of(subjects))}


# ---- 未签


def _to_sign(since: datetime, now: datetime) -> Sequence[Owed]:
    """One word a week to each grid: how many of its shops have still to sign; from the newest Monday on."""
    mondays = [day for day in days_begun(since, now) if day.weekday() == 0]
    if not mondays:
        return []
    monday, tree = mondays[-1], places()
    year, week, _ = monday.isocalendar()
    return [
        Owed(
            f"grid:{grid_id}", f"{year}-W{week:02}", _midnight(monday), _grid_worker(grid_id),
            f"{tree.by_id[grid_id].name}还有 {total:,} 家没签责任书",
            f"其中 {renew:,} 家以前签过，要换签" if renew else "都从没签过，上门时一并带去",
            _shops(tree.by_id[grid_id]), tree.community_of(grid_id).name, lamp="held", word="本周",
        )
        for grid_id, (total, renew) in sorted(queries.to_sign(now.date()).items())
    ]  # fmt: skip


def _shops(grid: Place) -> str:
    return url_for("merchants.index", grid=grid.code, pledge=list(queries.TO_SIGN))


def _still_to_sign(subjects: Sequence[str], now: datetime) -> Collection[str]:
    return {f"grid:{one}" for one in queries.still_to_sign(queries.ids_of(subjects), now.date())}


# ---- 待街道确认


def _to_confirm(since: datetime, now: datetime) -> Sequence[Owed]:
    """Each working day: paper pledges whose limit ends today or has ended, a word to each who may confirm there."""
    days = days_begun(since, now)
    if not days or not (dues := queries.to_confirm(now.date())):
        return []
    limit = settings.value(CONFIRM_DAYS, on=now.date())
    tree, people = places(), queries.confirming(dues, now.date())
    owed = []
    for grid_id, untils in sorted(dues.items()):
        grid, community, first = tree.by_id[grid_id], tree.community_of(grid_id), min(untils)
        why = f"收件第 {limit} 个工作日，今天是最后一天" if first >= now else f"收件已经超过 {limit} 个工作日"
        url = url_for("pledges.index", todo="confirm" if people[grid_id] else "nobody", grid=grid.code)
        for person_id in people[grid_id] or (None,):
            whom = Whom(person_id, "campaign_office", grid_id)
            owed.append(
                Owed(
                    f"grid:{grid_id}", days[-1].isoformat(), _midnight(days[-1]), whom,
                    f"确认 {len(untils)} 份纸质责任书", why, url, f"{community.name} · {grid.name}", first,
                )
            )  # fmt: skip
    return owed


def _still_to_confirm(_subjects: Sequence[str], now: datetime) -> Collection[str]:
    return {f"grid:{grid_id}" for grid_id in queries.to_confirm(now.date())}


# ---- 换签


def _to_renew(since: datetime, now: datetime) -> Sequence[Owed]:
    """Shops with a new operator: two working days before the end of the limit, and on its last day."""
    days = days_begun(since, now)
    if not days or not (found := queries.taken_over(now.date(), since=now - TAKEN_BACK)):
        return []
    limit, calendar = queries.renew_days(now.date()), worktime.workdays().foreseen
    owed = []
    for one in found:
        turns = {"0": one.limit.due_on}
        if limit > 2:
            turns["2"] = calendar.before(one.limit.due_on, 2)
        for slot, day in turns.items():
            if day in days:
                owed.append(
                    Owed(
                        f"tenure:{one.tenure_id}", slot, _midnight(day), _grid_worker(one.grid_id),
                        f"“{one.shop}”待换签",
                        f"{_short(one.at.date())} 登记的新经营者，{limit} 个工作日内换签",
                        url_for("merchants.show", id=one.shop_id), one.shop_number, one.limit.until_at,
                        escalates=slot == "0",
                    )
                )  # fmt: skip
    return owed


def _still_to_renew(subjects: Sequence[str], now: datetime) -> Collection[str]:
    return {f"tenure:{one}" for one in queries.still_taken_over(queries.ids_of(subjects), now.date())}


REMINDERS = (
    ReminderRule(
        "pledges.lapse", "责任书到期", "责任书到期前 30、7、0 天提醒网格员换签", "工作规则一",
        _lapsing, _still_lapsing, escalation=Escalation(3 * DAY, "secretary", "社区书记"), icon="file-certificate",
        needs=Can.MERCHANTS_READ,
    ),
    ReminderRule(
        "pledges.unsigned", "还没签责任书", "每周一告诉网格员，网格里还有几家没签", "方案：逐店签订",
        _to_sign, _still_to_sign, workdays_only=True, icon="circle-dashed", needs=Can.MERCHANTS_READ,
    ),
    ReminderRule(
        TO_CONFIRM, "纸质责任书待确认", "纸质责任书收件 3 个工作日内确认，到期当天起每天提醒", "工作规则十",
        _to_confirm, _still_to_confirm, workdays_only=True,
        escalation=Escalation(DAY, "campaign_office", "专项办"), icon="signature", needs=Can.PLEDGES_CONFIRM,
        settings=(CONFIRM_DAYS,),
    ),
    ReminderRule(
        "pledges.renewal", "换经营者待换签", "换了经营者的店 5 个工作日内换签，剩 2 天和最后一天提醒", "工作规则十",
        _to_renew, _still_to_renew, workdays_only=True,
        escalation=Escalation(2 * DAY, "secretary", "社区书记"), icon="refresh", needs=Can.MERCHANTS_READ,
        settings=(RENEW_DAYS,),
    ),
)  # fmt: skip
