"""Doors of the settings: the list, one setting, changing and taking back; the ladder of each."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import event
from sqlalchemy.engine import Engine

from portal import create_app
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.settings.models import Setting
from tests.conftest import Visitor, a_visitor, settings
from tests.trail import told

TERM, IDLE = "pledges.term_months", "accounts.idle_minutes"
CHANGE = {"value": "24", "from_on": "2026-12-01", "reason": "meeting", "other": "", "version": "0"}


@pytest.fixture
def office(visitor: Visitor) -> Visitor:
    """A browser of 专项办, who keep the campaign's numbers."""
    return visitor.sign_in("office")


@pytest.fixture
def admin(site: Flask) -> Visitor:
    """A browser of 系统管理员, who keeps the machine's."""
    return a_visitor(site).sign_in("admin")


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined]


def rows(site: Flask) -> list[Setting]:
    with site.app_context():
        writing.set(False)
        found = list(db.session.query(Setting).order_by(Setting.key, Setting.version))
        db.session.expunge_all()
        db.session.rollback()
    return found


def test_the_list_works(office: Visitor) -> None:
    shown = text(office.get("/settings"))
    assert all(
        word in shown for word in ("责任书期限", "12 个月", "常态整治阶段", "第 56", "登录与账号", "15日按日历天算")
    )
    assert 'aria-current="page"' in shown


def test_the_list_without_javascript_and_as_a_fragment(office: Visitor) -> None:
    asked = text(office.get("/settings?group=登录与账号&q=密码&state=shipped"))
    assert "密码至少几位" in asked
    assert "责任书期限" not in asked
    assert 'name="group" value="登录与账号"' in asked
    part = text(office.htmx("get", "/settings?q=期限", "settings-table"))
    assert part.lstrip().startswith('<div class="list" id="settings-table">')
    assert "责任书期限" in part
    assert "没有符合条件的设置" in text(office.get("/settings?state=coming"))
    assert "这一类没有设置" in text(office.get("/settings?group=没有的"))


def test_a_change_works_without_javascript_and_the_trail_tells_it(site: Flask, office: Visitor) -> None:
    answer = office.post(f"/settings/keys/{TERM}/values", CHANGE)
    assert (answer.status_code, answer.location) == (303, f"/settings/keys/{TERM}")
    shown = text(office.get(answer.location))
    assert "已保存：责任书期限，2026年12月1日起 24 个月" in shown
    assert "还没到" in shown
    assert "街道办公会议定" in shown
    listed = text(office.get("/settings?state=coming"))
    assert "2026年12月1日起</span><small>24 个月</small>" in listed
    assert told(site, "settings.set") == [
        (
            "专项（演示）", f"setting:{TERM}", "ok",
            {"setting": "责任书期限", "version": 1, "before": "12 个月", "after": "24 个月", "from_on": "2026-12-01",
             "reason": "街道办公会议定"},
        )
    ]  # fmt: skip


def test_with_htmx_it_leads_back_to_the_page(office: Visitor) -> None:
    answer = office.htmx("post", f"/settings/keys/{TERM}/values", "main", CHANGE)
    assert answer.headers["HX-Redirect"] == f"/settings/keys/{TERM}"


def test_a_second_press_changes_nothing(site: Flask, office: Visitor) -> None:
    assert office.post(f"/settings/keys/{TERM}/values", CHANGE).status_code == 303
    again = office.post(f"/settings/keys/{TERM}/values", CHANGE)
    assert again.status_code == 409
    assert "他人已先修改，请刷新" in text(again)
    assert len(rows(site)) == 1


def test_two_clerks_with_the_same_page(site: Flask, office: Visitor) -> None:
    other = a_visitor(site).sign_in("office")
    assert 'name="version" type="hidden" value="0"' in text(other.get(f"/settings/keys/{TERM}"))
    assert office.post(f"/settings/keys/{TERM}/values", CHANGE).status_code == 303
    late = other.post(f"/settings/keys/{TERM}/values", {**CHANGE, "value": "36", "other": "县里通知"})
    shown = text(late)
    assert late.status_code == 409 and "他人已先修改，请刷新。您填的还在下面" in shown
    assert 'value="36"' in shown and 'value="县里通知"' in shown and 'value="2026-12-01"' in shown
    assert 'name="version" type="hidden" value="0"' in shown, "not saved by pressing once more unseen"
    assert "24 个月" in shown, "what is good now stands beside it"
    assert [one.value for one in rows(site)] == [24]


@pytest.mark.parametrize(
    ("key", "but", "says"),
    [
        pytest.param(TERM, {"value": "61"}, "要在 1 到 60 个月之间。", id="出界"),
        pytest.param(TERM, {"value": "一年"}, "“一年”不是一个数", id="不是数"),
        pytest.param(TERM, {"value": ""}, "请填数字", id="空着"),
        pytest.param(TERM, {"value": "12"}, "不用改", id="没有变"),
        pytest.param(TERM, {"from_on": "2026-11-24"}, "不能早于今天", id="过去的日期"),
        pytest.param(TERM, {"from_on": "12月1日"}, "“12月1日”不是日期", id="看不懂的日期"),
        pytest.param(TERM, {"reason": ""}, "请选一个事由", id="没有事由"),
        pytest.param(TERM, {"reason": "else"}, "请选一个事由", id="别的事由"),
        pytest.param(TERM, {"other": "长" * 61}, "最多 60 个字", id="事由太长"),
        pytest.param("plan.phase_3_name", {"value": "整"}, "至少 2 个字", id="太短"),
        pytest.param("plan.phase_2_from", {"value": "2026-12-31"}, "要早于“第三阶段开始”", id="阶段次序"),
        pytest.param("pledges.party_a", {"value": "办\ue000事处"}, "私用区字符", id="看不见的字"),
        pytest.param("pledges.party_a", {"value": "办\U00032000事处"}, "印不出来", id="印不出的字"),
    ],
)
def test_bad_input_says_what_to_do_and_keeps_what_was_typed(
    site: Flask, office: Visitor, key: str, but: dict[str, str], says: str
) -> None:
    answer = office.post(f"/settings/keys/{key}/values", {**CHANGE, **but})
    assert answer.status_code == 422
    shown = text(answer)
    assert says in shown
    if but.get("value"):
        assert f'value="{but["value"]}"' in shown
    assert not rows(site)


def test_a_reason_of_ones_own(site: Flask, office: Visitor) -> None:
    office.post(f"/settings/keys/{TERM}/values", {**CHANGE, "reason": "", "other": " 县里  通知 "})
    assert [one.reason for one in rows(site)] == ["县里 通知"]


def test_taking_back(site: Flask, office: Visitor) -> None:
    office.post(f"/settings/keys/{TERM}/values", CHANGE)
    shown = text(office.get(f"/settings/keys/{TERM}"))
    assert f'action="/settings/keys/{TERM}/withdrawals"' in shown
    no_reason = office.post(f"/settings/keys/{TERM}/withdrawals", {"number": "1", "version": "1", "reason": " "})
    assert (no_reason.status_code, "请写明为什么撤回，再按一次。" in text(no_reason)) == (422, True)
    assert '<details class="asking" open>' in text(no_reason)
    long = office.post(f"/settings/keys/{TERM}/withdrawals", {"number": "1", "version": "1", "reason": "长" * 61})
    assert (long.status_code, "最多 60 个字" in text(long), f'value="{"长" * 61}"' in text(long)) == (422, True, True)
    stale = office.post(f"/settings/keys/{TERM}/withdrawals", {"number": "1", "version": "0", "reason": "另行安排"})
    assert (stale.status_code, "他人已先修改，请刷新。" in text(stale)) == (409, True)
    assert 'value="另行安排"' in text(stale) and '<details class="asking" open>' in text(stale)
    answer = office.post(f"/settings/keys/{TERM}/withdrawals", {"number": "1", "version": "1", "reason": "另行安排"})
    assert answer.status_code == 303
    shown = text(office.get(f"/settings/keys/{TERM}"))
    assert "已撤回" in shown
    assert "撤回第 1 版" in shown
    assert "withdrawals" not in shown
    assert [(one.version, one.withdraws) for one in rows(site)] == [(1, None), (2, 1)]
    again = office.post(f"/settings/keys/{TERM}/withdrawals", {"number": "1", "version": "2", "reason": "再撤"})
    assert (again.status_code, "您写的事由是“再撤”，没有用上" in text(again)) == (409, True)


@pytest.mark.parametrize("login", ["leader", "staff", "grid", "security"])
def test_who_may_look_may_not_change(site: Flask, visitor: Visitor, login: str) -> None:
    visitor.sign_in(login)
    shown = visitor.get(f"/settings/keys/{TERM}")
    assert shown.status_code == 200
    assert "要改这一项，请找专项办" in text(shown)
    assert "存为" not in text(shown)
    assert visitor.post(f"/settings/keys/{TERM}/values", CHANGE).status_code == 403
    assert visitor.post(f"/settings/keys/{TERM}/withdrawals").status_code == 403
    assert told(site, "web.refuse")[-1][1] == "door:settings.withdraw"


def test_the_campaigns_and_the_machines_have_doors_of_their_own(site: Flask, office: Visitor, admin: Visitor) -> None:
    change = {**CHANGE, "value": "20"}
    assert "要改这一项，请找系统管理员" in text(office.get(f"/settings/keys/{IDLE}"))
    assert office.post(f"/settings/keys/{IDLE}/system-values", change).status_code == 403
    assert office.post(f"/settings/keys/{IDLE}/values", change).status_code == 404, "not behind this door"
    assert admin.post(f"/settings/keys/{TERM}/values", change).status_code == 403
    assert admin.post(f"/settings/keys/{TERM}/system-values", change).status_code == 404
    assert admin.post(f"/settings/keys/{IDLE}/system-values", change).status_code == 303
    back = {"number": "1", "version": "1", "reason": "缓"}
    assert admin.post(f"/settings/keys/{IDLE}/system-withdrawals", back).status_code == 303
    assert [(one.key, one.version) for one in rows(site)] == [(IDLE, 1), (IDLE, 2)]


def test_a_role_without_the_key(visitor: Visitor) -> None:
    visitor.sign_in("auditor")
    assert [visitor.get(url).status_code for url in ("/settings", f"/settings/keys/{TERM}", "/settings/print")] == [
        403
    ] * 3


def test_a_stranger_to_login(visitor: Visitor) -> None:
    answer = visitor.get(f"/settings/keys/{TERM}")
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/login")


def test_what_is_not_there(office: Visitor) -> None:
    assert office.get("/settings/keys/no.such").status_code == 404
    assert office.post("/settings/keys/no.such/values", CHANGE).status_code == 404
    assert office.get(f"/settings/keys/{TERM}/values").status_code == 405


def test_the_printed_list_says_who_and_why(office: Visitor) -> None:
    office.post(f"/settings/keys/{TERM}/values", {**CHANGE, "from_on": "2026-11-25"})
    shown = text(office.get("/settings/print"))
    assert "<small>第 1 版</small>" in shown
    assert "<small>街道办公会议定</small>" in shown
    assert "专项（演示）" in shown
    assert "常态整治阶段第 56 天" in shown


def test_who_prints_the_list_stands_in_the_trail(site: Flask, office: Visitor) -> None:
    assert "data-print-now" not in text(office.get("/settings/print"))
    assert "data-print-now" in text(office.post("/settings/print"))
    assert told(site, "settings.print") == [("专项（演示）", "settings", "ok", {})]


def test_the_export_is_what_the_list_shows(site: Flask, office: Visitor) -> None:
    office.post(f"/settings/keys/{TERM}/values", {**CHANGE, "from_on": "2026-11-25"})
    office.post(f"/settings/keys/{TERM}/values", {**CHANGE, "value": "36", "version": "1"})
    answer = office.post("/settings/export", {"group": "门前三包", "q": "期限", "state": ""})
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    cells = list(sheet.iter_rows(min_row=4, values_only=True))
    assert cells[0][:6] == ("类别", "设置", "现在的值", "单位", "从哪天起", "版本")
    assert cells[1][:4] == ("门前三包", "责任书期限", 24, "个月")
    assert cells[1][5:9] == (1, "专项（演示）", "街道办公会议定", "2026年12月1日起 36 个月")
    assert len(cells) == 2
    assert told(site, "settings.export") == [
        ("专项（演示）", "settings", "ok", {"rows": 1, "filters": "类别：门前三包；搜索：期限"})
    ]
    assert office.post("/settings/export", {"q": "没有的"}).status_code == 409


def asked(visitor: Visitor, url: str) -> int:
    """How many statements a page takes."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert visitor.get(url).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return sum(one.startswith("SELECT") for one in seen)


def test_the_list_asks_for_nothing_but_who_is_there(office: Visitor) -> None:
    """And for the bell. Once the process has read the settings; after each change it reads them once more."""
    office.get("/settings")
    assert asked(office, "/settings") == 2
    office.post(f"/settings/keys/{TERM}/values", CHANGE)
    assert asked(office, "/settings") == 3
    assert asked(office, "/settings") == 2
    assert asked(office, f"/settings/keys/{TERM}") == 3


def test_a_value_holds_at_once_in_every_process(
    site: Flask, instance: Path, sqlite_url: str, clock: StoppedClock, admin: Visitor
) -> None:
    """The idle limit, the value that every request asks for: the other worker hears of it with its next request."""
    other = create_app(settings(instance, sqlite_url), clock=clock)
    here, there = a_visitor(site).sign_in("staff"), a_visitor(other).sign_in("staff")
    clock.tick(timedelta(minutes=14))
    assert here.get("/account").status_code == there.get("/account").status_code == 200
    change = {**CHANGE, "value": "10", "from_on": "2026-11-25"}
    assert admin.post(f"/settings/keys/{IDLE}/system-values", change).status_code == 303
    clock.tick(timedelta(minutes=9))
    assert here.get("/account").status_code == there.get("/account").status_code == 200
    assert re.search(r'data-seconds="600"', text(there.get("/account")))
    clock.tick(timedelta(minutes=10))
    assert here.get("/account").status_code == there.get("/account").status_code == 303
    with other.app_context():
        db.engine.dispose()


def test_a_value_holds_from_midnight_of_its_day(office: Visitor, clock: StoppedClock) -> None:
    office.post(f"/settings/keys/{TERM}/values", CHANGE)
    clock.tick(timedelta(days=5, hours=13, minutes=59))
    office.sign_in("office")
    assert "12 个月" in text(office.get(f"/settings/keys/{TERM}"))
    clock.tick(timedelta(minutes=1))
    shown = text(office.get(f"/settings/keys/{TERM}"))
    assert '<b class="fs-5">24 个月</b>' in shown
    assert "正在用" in shown
