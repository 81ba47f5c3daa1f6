"""A year's sheet: what it would do, what stands in its way by name, published as a whole or not; two clerks at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from portal.audit.services import verify
from portal.ground import marks
from portal.ground.actor import Actor
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.ground.sheets.cells import Misfit
from portal.ground.sheets.write import write_csv, write_xlsx
from portal.ground.workdays import Day
from portal.worktime import queries, rules, services
from portal.worktime.models import Calendar, CalendarDay, WaitingSheet
from portal.worktime.services import Answers, Preview
from portal.worktime.terms import STALE, CalendarState
from tests.trail import details, lines
from tests.worktime.almanac import days_of
from tests.worktime.notices import OF_2027

CLERK = Actor("person", 5, "专项（演示）")
PAPER = "国办发明电〔2026〕9号"
OFF = {date(2027, 1, 1): "元旦", date(2027, 6, 9): "端午节", **{date(2027, 10, n): "国庆节" for n in (1, 2, 3)}}
OFF |= {date(2027, 5, n): "劳动节" for n in (1, 2)}


def rows_of_2027() -> list[dict[str, Any]]:
    """A good sheet: every day, the paper once."""
    rows = [
        {"day": f"{day:%Y-%m-%d}", "works": "休息" if day in OFF or day.weekday() > 4 else "上班", "name": OFF.get(day)}
        for day in days_of(2027)
    ]
    rows[0]["source"] = PAPER
    return rows


def csv(rows: list[dict[str, Any]]) -> bytes:
    return write_csv(services.columns(), rows)


def read(rows: list[dict[str, Any]], **answers: Any) -> Preview:
    return services.preview(csv(rows), "日历.csv", Answers(**answers))


def kept(rows: list[dict[str, Any]], now: datetime) -> WaitingSheet:
    return services.keep_sheet(csv(rows), "日历.csv", by=CLERK, now=now)


def test_a_good_sheet_is_published(house: Flask, now: datetime) -> None:
    sheet, found = kept(rows_of_2027(), now), read(rows_of_2027())
    assert (found.year, found.edition, found.source, found.waiting, found.ready) == (2027, 1, PAPER, [], True)
    assert len(found.of("same")) + len(found.of("changed")) == 365
    counts = services.import_sheet(sheet, found, seen=found.digest, by=CLERK, now=now)
    db.session.commit()
    head = queries.in_force()[2027]
    assert (head.edition, head.state, head.source, head.own) == (2, CalendarState.PUBLISHED, PAPER, False)
    assert queries.workdays().day(date(2027, 6, 9)) == Day(date(2027, 6, 9), False, "端午节")
    assert (sheet.content, sheet.done_at, sheet.year) == (None, now, 2027)
    assert counts == {"added": 0, "changed": len(found.of("changed")), "unchanged": len(found.of("same"))}
    assert [one.action for one in lines()] == ["worktime.upload", "worktime.publish", "worktime.import"]
    assert details(lines("worktime.publish")[0])["source"] == PAPER
    assert verify().whole


def test_an_export_that_comes_back_changes_nothing(house: Flask, now: datetime) -> None:
    data = write_xlsx(
        services.columns(), services.rows_of(queries.workdays().years[2026]), title="2026年工作日历", filter_line="",
        snapshot=now, watermark="演示",
    )  # fmt: skip
    found = services.preview(data, "日历.xlsx", Answers())
    assert (found.year, found.ready, found.idle, len(found.of("same"))) == (2026, True, True, 365)
    sheet = services.keep_sheet(data, "日历.xlsx", by=CLERK, now=now)
    services.import_sheet(sheet, found, seen=found.digest, by=CLERK, now=now)
    assert queries.version() == 6


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        pytest.param(lambda r: [x for x in r if x["day"][5:7] != "03"], "缺 2027年3月，一天也没有", id="缺一个月"),
        pytest.param(
            lambda r: [x for x in r if x["day"][5:7] not in ("07", "12")], "缺 2027年7月、12月", id="缺两个月"
        ),
        pytest.param(lambda r: [x for x in r if x["day"] != "2027-02-28"], "2027年2月少 1 天：2月28日", id="缺一天"),
    ],
)
def test_a_missing_month_is_refused_by_name(
    house: Flask, now: datetime, spoil: Callable[[Any], Any], problem: str
) -> None:
    rows = spoil(rows_of_2027())
    found = read(rows)
    assert [problem in one for one in found.problems] == [True]
    assert not found.ready
    with pytest.raises(Refused, match="还不能导入"):
        services.import_sheet(kept(rows, now), found, seen=found.digest, by=CLERK, now=now)
    assert queries.version() == 6


@pytest.mark.parametrize(
    ("row", "change", "why", "cure"),
    [
        pytest.param(0, {"works": "上班"}, "1月1日是元旦，法定节假日不上班", "休息", id="元旦上班"),
        pytest.param(40, {"works": "看情况"}, "请填“上班”或“休息”", None, id="既不上班也不休息"),
        pytest.param(4, {"works": "休息"}, "平日休息，要写明是什么假", None, id="平日休息没写名称"),
        pytest.param(5, {"day": "2027-01-05"}, "第 6 行", None, id="同一天两行"),
        pytest.param(8, {"day": "2028-01-09"}, "一张表只导一年", None, id="别的年份"),
        pytest.param(8, {"source": "另一个文号"}, "一年只写一个文号", PAPER, id="两个文号"),
        pytest.param(8, {"name": "特别长的一个节日名称写不下的"}, "最多 12 个字", None, id="名称太长"),
        pytest.param(8, {"name": "元\u200b旦"}, "零宽空格", None, id="看不见的字"),
    ],
)
def test_a_wrong_cell_is_named(house: Flask, row: int, change: dict[str, str], why: str, cure: str | None) -> None:
    rows = rows_of_2027()
    rows[row] |= change
    found = read(rows)
    assert not found.ready
    (fault,) = found.faults
    assert why in fault.why
    assert fault.address.endswith(str(row + 2))
    if cure:
        assert fault.cure == cure


def test_words_that_people_use_are_understood(house: Flask) -> None:
    rows = rows_of_2027()
    rows[0]["works"], rows[3]["works"], rows[8]["works"] = "放假", "工作日", "休"
    assert read(rows).ready


def test_the_paper_is_asked_for(house: Flask, now: datetime) -> None:
    rows = rows_of_2027()
    rows[0]["source"] = ""
    assert read(rows).waiting == ["文件文号要填"]
    found = read(rows, source="渝办发〔2026〕1号")
    assert (found.source, found.ready) == ("渝办发〔2026〕1号", True)
    with pytest.raises(Misfit):
        services.preview(b"", "x.csv", Answers())


def test_a_paper_that_moves_december_of_this_year(house: Flask, now: datetime) -> None:
    """Two calendars come of it, both with their trail; the old December stays as a version."""
    notice = services.read_notice(OF_2027)
    data = services.notice_sheet(notice)
    found = services.preview(data, "通知.csv", Answers())
    assert (found.year, found.source, sorted(found.beyond), found.ready) == (2027, PAPER, [2026], True)
    sheet = services.keep_sheet(data, "通知.csv", by=CLERK, now=now)
    services.import_sheet(sheet, found, seen=found.digest, by=CLERK, now=now)
    db.session.commit()
    assert (queries.version(), queries.in_force()[2026].edition) == (8, 2)
    days = queries.workdays()
    assert (days.is_workday(date(2026, 12, 31)), days.is_workday(date(2026, 12, 26))) == (False, True)
    assert queries.workdays(version=6).is_workday(date(2026, 12, 31))
    assert days.after(date(2026, 12, 30), 1).due_on == date(2027, 1, 4)
    assert [one.subject for one in lines("worktime.publish")] == ["calendar:2027", "calendar:2026"]


def test_only_december_of_an_official_year_may_come_along(house: Flask) -> None:
    rows = rows_of_2027()
    rows.insert(0, {"day": "2026-11-30", "works": "休息", "name": "某假"})
    assert "一张表只导一年" in read(rows).faults[0].why


def test_what_a_colleague_published_since_the_preview_is_looked_at_again(house: Flask, now: datetime) -> None:
    found, sheet = read(rows_of_2027()), kept(rows_of_2027(), now)
    seen = found.digest
    days = [Day(day, day.weekday() < 5 and day not in OFF, OFF.get(day, "")) for day in days_of(2027)]
    services.publish(2027, days, source=PAPER, seen=1, by=CLERK, now=now)
    with pytest.raises(Refused, match="有了变动"):
        services.import_sheet(sheet, read(rows_of_2027()), seen=seen, by=CLERK, now=now)


def test_sheets_are_wiped_after_a_day(house: Flask, now: datetime) -> None:
    kept(rows_of_2027(), now)
    assert services.sweep_sheets(now=now + timedelta(hours=23)) == 0
    assert services.sweep_sheets(now=now + timedelta(hours=25)) == 1
    other = kept(rows_of_2027(), now)
    services.discard_sheet(other, by=CLERK, now=now)
    db.session.flush()
    assert db.session.scalar(select(func.count()).select_from(WaitingSheet)) == 0


# ---- two makers of the same calendar, with real threads and connections, on both databases

THREADS = 6


def race(app: Flask, deed: Callable[[int, Barrier], Any]) -> int:
    """Let the deed run in threads of its own at once; count those that succeeded, the others hear one sentence."""
    gate = Barrier(THREADS)

    def run(number: int) -> bool:
        with app.app_context():
            token = writing.set(True)
            try:
                deed(number, gate)
                db.session.commit()
                return True
            except Refused as refused:
                assert refused.sentence == STALE
                db.session.rollback()
                return False
            finally:
                db.session.remove()
                writing.reset(token)

    db.session.remove()
    with ThreadPoolExecutor(THREADS) as threads:
        return sum(threads.map(run, range(THREADS)))


def days_with(number: int) -> list[Day]:
    """Everybody's own idea of 2027."""
    extra = date(2027, 3, 1) + timedelta(days=number * 7)
    return [
        Day(day, day.weekday() < 5 and day not in OFF and day != extra, OFF.get(day, "某假" if day == extra else ""))
        for day in days_of(2027)
    ]


def editions() -> list[int]:
    return list(db.session.scalars(select(Calendar.edition).where(Calendar.year == 2027).order_by(Calendar.number)))


def test_two_makers_of_the_same_calendar(house: Flask, now: datetime) -> None:
    """One wins, the others are told; the trail has one line and the chain holds."""

    def make(number: int, gate: Barrier) -> None:
        gate.wait()
        services.publish(2027, days_with(number), source=PAPER, seen=1, by=CLERK, now=now)

    assert race(house, make) == 1
    assert editions() == [1, 2]
    assert len(lines("worktime.publish")) == 1
    assert db.session.scalar(select(func.count()).where(CalendarDay.number == 7)) == 365
    assert verify().whole


def test_makers_of_different_years_all_succeed(house: Flask, now: datetime) -> None:
    def make(number: int, gate: Barrier) -> None:
        year = 2030 + number
        days = [Day(day, day.weekday() < 5 and (day.month, day.day) != (1, 1), "") for day in days_of(year)]
        gate.wait()
        services.publish(year, days, state=CalendarState.PROVISIONAL, source="推算", seen=0, by=CLERK, now=now)

    assert race(house, make) == THREADS
    assert queries.version() == 6 + THREADS


def test_without_the_guards_two_makers_both_succeed(house: Flask, now: datetime) -> None:
    """The negative control: a look, then an insert that takes whatever edition is free."""

    def make(number: int, gate: Barrier) -> None:
        seen = queries.in_force()[2027].edition
        assert seen == 1
        db.session.rollback()
        gate.wait()
        marks.bump("worktime")
        edition = (db.session.scalar(select(func.max(Calendar.edition)).where(Calendar.year == 2027)) or 0) + 1
        free = (db.session.scalar(select(func.max(Calendar.number))) or 0) + 1
        days = days_with(number)
        db.session.execute(
            insert(Calendar).values(
                number=free, year=2027, edition=edition, state=CalendarState.PUBLISHED, source=PAPER, reason="",
                workdays=250, changed=1, digest=rules.digest(days), made_at=now, made_by="",
            )
        )  # fmt: skip

    assert race(house, make) > 1
    assert len(editions()) > 2
