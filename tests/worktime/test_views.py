"""Doors of the calendar: a year, a day, why, versions, changing a day, bringing a year; the ladder of each."""

import io
import re
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import event
from sqlalchemy.engine import Engine

from portal.ground.clock import SHANGHAI, StoppedClock
from portal.ground.db import db, writing
from portal.worktime import queries
from portal.worktime.models import Calendar, WaitingSheet
from tests.conftest import Visitor, a_visitor
from tests.trail import told
from tests.worktime.notices import OF_2027
from tests.worktime.test_sheets import csv, rows_of_2027

DAY = "/worktime/days/2026-12-28"
CHANGE = {"works": "rests", "name": "停电检修", "reason": "供电公司通知", "source": "", "version": "1"}


@pytest.fixture
def office(visitor: Visitor) -> Visitor:
    """A browser of 专项办, who keep the calendar."""
    return visitor.sign_in("office")


@pytest.fixture
def clerk(site: Flask) -> Visitor:
    """A browser of somebody who only reads it."""
    return a_visitor(site).sign_in("staff")


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def editions(site: Flask, year: int) -> list[int]:
    with site.app_context():
        writing.set(False)
        found = db.session.scalars(db.select(Calendar.edition).where(Calendar.year == year).order_by(Calendar.number))
        return list(found)


def upload(visitor: Visitor, data: bytes, name: str = "日历.csv") -> Any:
    return visitor.post("/worktime/sheets", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


# ---- reading


@pytest.mark.parametrize("login", ["office", "staff", "auditor", "volunteer", "market"])
def test_everybody_reads_the_year(site: Flask, login: str) -> None:
    """The calendar is nobody's secret; only its keepers are offered to change it."""
    browser = a_visitor(site).sign_in(login)
    shown = text(browser.get("/worktime"))
    assert all(
        word in shown for word in ("2026年工作日历", "国办发明电〔2025〕7号", "2月15日—23日", "调休上班", "248 天")
    )
    assert shown.count('class="month"') == 12
    assert 'class="holiday"' in shown and 'class="make_up"' in shown
    assert ("导入 2027 年" in shown) == (login == "office")
    assert 'aria-current="page"' in shown


def test_a_provisional_year_says_so(clerk: Visitor) -> None:
    shown = text(clerk.get("/worktime?year=2027"))
    assert "待节假日安排公布后重算" in shown
    assert "暂估" in shown
    assert 'class="months guess"' in shown
    assert "去导入" not in shown


@pytest.mark.parametrize(
    "url",
    [
        "/worktime?year=2019", "/worktime/print?year=1", "/worktime/days/2019-01-01", "/worktime/days/nonsense",
        "/worktime/days/2026-02-30", "/worktime/versions/99", "/worktime/sheets/2019.xlsx", "/worktime/sheets/7",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404(office: Visitor, url: str) -> None:
    assert office.get(url).status_code == 404


def test_a_stranger_goes_to_the_login(visitor: Visitor) -> None:
    for url in ("/worktime", "/worktime/why", DAY, "/worktime/versions", "/worktime/sheets/new"):
        answer = visitor.get(url)
        assert (answer.status_code, "/login" in answer.location) == (303, True)


def test_who_prints_a_year_stands_in_the_trail(site: Flask, clerk: Visitor) -> None:
    assert "data-print-now" in text(clerk.post("/worktime/print?year=2026"))
    assert clerk.post("/worktime/print?year=2019").status_code == 404
    assert [line[1] for line in told(site, "worktime.print")] == ["calendar:2026"]


def test_the_printed_year(clerk: Visitor) -> None:
    shown = text(clerk.get("/worktime/print?year=2026"))
    assert "2026 年工作日历" in shown
    assert 'action="/worktime/print?year=2026"' in shown and "data-print-now" not in shown
    assert shown.count('class="month"') == 12


def test_a_day_tells_why(clerk: Visitor) -> None:
    shown = text(clerk.get("/worktime/days/2026-10-10"))
    assert all(word in shown for word in ("2026年10月10日 周六", "调休上班", "国庆节", "国办发明电〔2025〕7号"))
    assert "改这一天" not in shown
    assert "请告诉专项办" in shown
    assert "是暂估" not in text(clerk.get("/worktime/days/2026-10-10"))
    assert "暂估" in text(clerk.get("/worktime/days/2027-10-10"))


def test_a_date_leads_to_its_day(clerk: Visitor) -> None:
    assert clerk.get("/worktime/days?on=2026-10-10").location == "/worktime/days/2026-10-10"
    assert clerk.get("/worktime/days?on=2026年10月1日").location == "/worktime/days/2026-10-01"
    assert clerk.get("/worktime/days?on=什么").location == "/worktime"


def test_versions(clerk: Visitor) -> None:
    shown = text(clerk.get("/worktime/versions"))
    assert shown.count("正在用") == 3
    assert "2026 年第 1 版" in shown
    assert "首版" in text(clerk.get("/worktime/versions/3"))


# ---- why


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param("on=2026-04-30&kind=general", "为什么是 5月13日", id="WD-1·五一"),
        pytest.param("on=2026-03-30&kind=general", "为什么是 4月9日", id="WD-1·清明"),
        pytest.param("on=2026-04-30&kind=feedback", "为什么是 5月7日", id="WD-1·反馈"),
        pytest.param("on=2026-09-24&kind=complex", "按 15 天算是 10月9日，早一些，以晚的为准", id="WD-8"),
        pytest.param("on=2026-09-24&kind=general", "如果是复杂事项：15 天，到 10月9日", id="复杂事项画在下面"),
        pytest.param("on=2026-12-23&kind=general", "暂估，待节假日安排公布后重算", id="WD-9"),
        pytest.param("on=2026-11-28&at=23:30&kind=urgent", "2026年11月29日 01:30", id="紧急按钟点"),
        pytest.param("on=2026-09-30&kind=county", "顺延到上班的 10月8日", id="R9"),
        pytest.param("", "为什么是 12月4日", id="不填就是今天的一般事项"),
        pytest.param("kind=nonsense", "为什么是 12月4日", id="认不得的期限当一般事项"),
    ],
)
def test_why_a_limit_ends_when_it_does(clerk: Visitor, query: str, said: str) -> None:
    answer = clerk.get(f"/worktime/why?{query}")
    assert answer.status_code == 200
    assert said in text(answer)


def test_why_as_a_fragment_and_refused(clerk: Visitor) -> None:
    part = text(clerk.htmx("get", "/worktime/why?on=2026-04-30&kind=general", "why"))
    assert part.lstrip().startswith('<div id="why">')
    assert "看成表格" in part
    for wrong in ("on=什么时候", "on=2026-02-30", "at=25:99"):
        answer = clerk.get(f"/worktime/why?{wrong}")
        assert answer.status_code == 422
        assert "请改好再算" in text(answer)


# ---- changing a day


def test_a_change_works_without_javascript_and_the_trail_tells_it(site: Flask, office: Visitor) -> None:
    assert "存为第 2 版" in text(office.get(DAY))
    answer = office.post(f"{DAY}/changes", CHANGE)
    assert (answer.status_code, answer.location) == (303, DAY)
    shown = text(office.get(DAY))
    assert all(word in shown for word in ("已改：12月28日 休息", "停电检修", "供电公司通知", "第 2 版"))
    assert "停电检修" in text(office.get("/worktime"))
    differences = text(office.get("/worktime/versions/7"))
    assert "2026年12月28日" in differences and "停电检修" in differences
    who, subject, result, said = told(site, "worktime.publish")[-1]
    assert (who, subject, result) == ("专项（演示）", "calendar:2026", "ok")
    assert (said["edition"], said["changed"], said["reason"]) == (2, 1, "供电公司通知")


def test_a_change_is_seen_by_the_next_request(site: Flask, office: Visitor, clerk: Visitor) -> None:
    """The process keeps the calendar until its mark moves."""
    assert "为什么是 12月29日" in text(clerk.get("/worktime/why?on=2026-12-18&kind=general"))
    office.post(f"{DAY}/changes", CHANGE)
    assert "为什么是 12月30日" in text(clerk.get("/worktime/why?on=2026-12-18&kind=general"))


@pytest.mark.parametrize(
    ("url", "but", "status", "said"),
    [
        pytest.param(DAY, {"version": "0"}, 409, "他人已先修改，请刷新", id="别人先改"),
        pytest.param(DAY, {"works": ""}, 422, "请选上班或休息", id="没选"),
        pytest.param(DAY, {"reason": ""}, 422, "请写明为什么改", id="没写为什么"),
        pytest.param(DAY, {"name": ""}, 422, "要写明是什么假", id="平日休息没写名称"),
        pytest.param(DAY, {"name": "名" * 13}, 422, "最多 12 个字", id="名称太长"),
        pytest.param(DAY, {"works": "works", "name": ""}, 422, "没有要改的", id="没改"),
        pytest.param("/worktime/days/2026-10-01", {"works": "works"}, 422, "法定节假日不上班", id="国庆上班"),
        pytest.param("/worktime/days/2027-03-01", {}, 409, "2027 年还没有公布", id="暂估的年份"),
        pytest.param("/worktime/days/2019-03-01", {}, 404, "没有找到", id="没有的年份"),
    ],
)
def test_a_change_is_refused(
    site: Flask, office: Visitor, url: str, but: dict[str, str], status: int, said: str
) -> None:
    answer = office.post(f"{url}/changes", CHANGE | but)
    assert (answer.status_code, said in text(answer)) == (status, True)
    assert editions(site, 2026) == [1]


def test_a_second_clerk_finds_what_was_typed(site: Flask, office: Visitor) -> None:
    """Who was quicker is told, and the form comes again with its words and the version that it was opened with."""
    assert office.post(f"{DAY}/changes", CHANGE).status_code == 303
    late = office.post(
        f"{DAY}/changes", CHANGE | {"reason": "供水公司通知", "name": "停水", "source": "供水〔2026〕3号"}
    )
    shown = text(late)
    assert late.status_code == 409 and "他人已先修改，请刷新。您填的还在下面" in shown
    assert all(f'value="{word}"' in shown for word in ("供水公司通知", "停水", "供水〔2026〕3号", CHANGE["version"]))
    assert "停电检修" in shown, "the day as it stands now"
    assert editions(site, 2026) == [1, 2]


def test_a_change_needs_its_key_and_is_no_get(site: Flask, clerk: Visitor) -> None:
    assert clerk.post(f"{DAY}/changes", CHANGE).status_code == 403
    assert clerk.get(f"{DAY}/changes").status_code == 405
    assert editions(site, 2026) == [1]


def test_pressed_twice_it_is_one_change(site: Flask, office: Visitor) -> None:
    assert office.post(f"{DAY}/changes", CHANGE).status_code == 303
    assert office.post(f"{DAY}/changes", CHANGE).status_code == 409
    assert editions(site, 2026) == [1, 2]


# ---- bringing a year


def test_a_sheet_is_looked_at_and_published(site: Flask, office: Visitor) -> None:
    answer = upload(office, csv(rows_of_2027()))
    assert answer.status_code == 303
    address = answer.location
    shown = text(office.get(address))
    assert all(
        word in shown for word in ("核对 2027 年日历", "国办发明电〔2026〕9号", "和现在不同的日子", "可以发布了")
    )
    assert editions(site, 2027) == [1], "nothing is published by looking"
    seen = re.search(r'name="seen" value="(\w+)"', shown)
    assert seen
    answer = office.post(f"{address}/entry", {"seen": seen[1]})
    assert (answer.status_code, answer.location) == (303, address)
    assert "2027 年日历已发布" in text(office.get(address))
    assert editions(site, 2027) == [1, 2]
    assert "已公布" in text(office.get("/worktime?year=2027"))
    assert office.post(f"{address}/entry", {"seen": seen[1]}).status_code == 303, "pressed twice"
    assert editions(site, 2027) == [1, 2]
    assert "还没有 2027 年" not in text(office.get("/worktime"))


def test_the_paper_is_pasted(site: Flask, office: Visitor) -> None:
    answer = office.post("/worktime/notices", {"text": OF_2027})
    assert answer.status_code == 303
    shown = text(office.get(answer.location))
    assert all(word in shown for word in ("2027年放假通知.csv", "2026 年 12 月的日子", "可以发布了"))
    wrong = office.post("/worktime/notices", {"text": "今年放假八天"})
    assert (wrong.status_code, "没有找到" in text(wrong)) == (422, True)
    assert office.post("/worktime/notices", {"text": ""}).status_code == 422
    assert office.post("/worktime/notices", {"text": "字" * 5001}).status_code == 422


def test_a_sheet_with_a_missing_month_names_it(site: Flask, office: Visitor) -> None:
    answer = upload(office, csv([row for row in rows_of_2027() if row["day"][5:7] != "03"]))
    shown = text(office.get(answer.location))
    assert "缺 2027年3月，一天也没有" in shown
    assert "disabled" in re.search(r"<button[^>]*>[^<]*<svg.{0,200}发布 2027 年", shown, re.S)[0]
    seen = re.search(r'name="seen" value="(\w+)"', shown)[1]
    refused = office.post(f"{answer.location}/entry", {"seen": seen})
    assert (refused.status_code, "还不能导入" in text(refused)) == (409, True)
    assert editions(site, 2027) == [1]


def test_cells_are_mended_in_place(site: Flask, office: Visitor) -> None:
    rows = rows_of_2027()
    rows[0] |= {"works": "上班", "source": ""}
    address = upload(office, csv(rows)).location
    shown = text(office.get(address))
    assert "1月1日是元旦，法定节假日不上班" in shown
    part = office.htmx("post", f"{address}/answers", "sheet-preview", {"version": "1", "cure": "B2"})
    assert "文件文号要填" in text(part)
    assert text(part).lstrip().startswith('<div id="sheet-preview">')
    part = office.post(f"{address}/answers", {"version": "2", "source": "国办发明电〔2026〕9号"})
    assert part.status_code == 303
    assert "可以发布了" in text(office.get(address))
    assert office.post(f"{address}/answers", {"version": "1", "source": "x"}).status_code == 409
    faults = upload(office, csv(rows)).location + "/faults"
    assert office.post(faults).mimetype.endswith("spreadsheetml.sheet")


def test_a_sheet_is_given_up(site: Flask, office: Visitor) -> None:
    address = upload(office, csv(rows_of_2027())).location
    assert office.post(f"{address}/removal").status_code == 303
    assert office.get(address).status_code == 404


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", "标题\n没有日期".encode()])
def test_what_is_no_sheet_is_said(site: Flask, office: Visitor, data: bytes) -> None:
    answer = upload(office, data)
    assert (answer.status_code, "invalid-feedback" in text(answer)) == (422, True)


def test_a_colleagues_sheet_is_not_there(site: Flask, office: Visitor) -> None:
    address = upload(office, csv(rows_of_2027())).location
    with site.app_context():
        writing.set(True)
        db.session.execute(db.update(WaitingSheet).values(person_id=1))
        db.session.commit()
    assert office.get(address).status_code == 404


def test_bringing_a_year_needs_its_key(site: Flask, clerk: Visitor) -> None:
    for url in ("/worktime/sheets", "/worktime/notices", "/worktime/sheets/1/entry"):
        assert clerk.post(url).status_code == 403
    assert clerk.get("/worktime/sheets/new").status_code == 403


def test_the_years_sheet_goes_out(clerk: Visitor) -> None:
    answer = clerk.get("/worktime/sheets/2026.xlsx")
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.data)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[3] == ("日期", "上班/休息", "名称", "文件")
    assert rows[4] == (datetime(2026, 1, 1), "休息", "元旦", "国办发明电〔2025〕7号")
    assert len(rows) == 4 + 365


# ---- what it costs


def asked(site: Flask, browser: Visitor, url: str) -> list[str]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    browser.get(url)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert browser.get(url).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return [one for one in seen if not one.startswith(("BEGIN", "PRAGMA", "SELECT 1"))]


def test_the_calendar_costs_a_request_nothing(site: Flask, clerk: Visitor) -> None:
    """`queries.workdays()` inside a request: kept by the process, its mark comes with whoever stands at the door."""
    found = asked(site, clerk, "/worktime/why?on=2026-04-30&kind=general")
    assert not [one for one in found if "worktime" in one and "ground_marks" not in one], found


@pytest.mark.parametrize("url", ["/worktime", "/worktime/print", DAY, "/worktime/versions"])
def test_pages_ask_one_query_of_their_own(site: Flask, clerk: Visitor, url: str) -> None:
    before = [one for one in asked(site, clerk, url) if "FROM worktime" in one]
    assert len(before) == 1
    with site.app_context():
        writing.set(True)
        days = queries.workdays().foreseen
        assert days.version == 6


# ---- the word that next year's calendar is missing


def test_the_desk_asks_from_november_on(site: Flask, office: Visitor, clerk: Visitor, clock: StoppedClock) -> None:
    shown = text(office.get("/desk/"))
    assert "还没有 2027 年的工作日历" in shown
    assert "12月23日起交办的一般事项就要用到" in shown
    assert "年的工作日历" not in text(clerk.get("/desk/")).split("<main", 1)[1]
    clock.at = datetime(2026, 10, 30, 10, tzinfo=SHANGHAI)
    october = a_visitor(site).sign_in("office")
    assert "2027 年的工作日历" not in text(october.get("/desk/"))
    clock.at = datetime(2026, 12, 28, 10, tzinfo=SHANGHAI)
    december = a_visitor(site).sign_in("office")
    assert "逾期" in text(december.get("/desk/"))


def test_a_year_switch_keeps_to_years_that_stand(clerk: Visitor) -> None:
    shown = text(clerk.get("/worktime"))
    assert [int(year) for year in re.findall(r'href="/worktime\?year=(\d+)"', shown)] == [*range(2024, 2030)]
