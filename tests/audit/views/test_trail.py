"""The trail's pages: reading, narrowing, one line, checking, exporting."""

import io
import re
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import event, text

from portal.audit import ddl
from portal.audit.services import record
from portal.audit.terms import Result
from portal.ground.actor import Actor
from portal.ground.db import db, writing
from tests import trail
from tests.conftest import NOON, Visitor, a_visitor

CLERK = Actor("person", 77, "李晓梅（演示）", address="10.1.2.3")


def write(site: Flask, count: int, **but: Any) -> None:
    with site.app_context():
        writing.set(True)
        for number in range(count):
            deed = {"action": "merchants.edit", "subject": f"shop:{number}", "by": CLERK, "now": NOON, **but}
            record(**deed, fields=["店招"])
        db.session.commit()


@pytest.fixture
def auditor(site: Flask) -> Visitor:
    return a_visitor(site).sign_in("auditor")


def page(answer: Any) -> str:
    found: str = answer.get_data(as_text=True)
    return found


def test_works(site: Flask, auditor: Visitor) -> None:
    write(site, 1)
    found = page(auditor.get("/trail/"))
    assert "李晓梅（演示）" in found and "修改商户" in found and "商户 0" in found
    assert "登录" in found, "the auditor's own login"


def test_fragment_only(site: Flask, auditor: Visitor) -> None:
    write(site, 1)
    answer = auditor.htmx("get", "/trail/?action=merchants.edit", "trail-lines")
    assert page(answer).lstrip().startswith('<div class="list" id="trail-lines"')
    assert "<html" not in page(answer)
    assert "HX-Target" in answer.headers["Vary"]


def test_role_without_key(staff: Visitor) -> None:
    for url in ("/trail/", "/trail/1", "/trail/check"):
        assert staff.get(url).status_code == 403
    assert staff.post("/trail/export", {"format": "csv"}).status_code == 403


def test_a_refused_right_stands_in_the_trail(site: Flask, staff: Visitor) -> None:
    staff.get("/trail/")
    assert trail.told(site, "web.refuse") == [("周敏（演示）", "door:audit.index", "refused", {})]


def test_stranger_to_login(visitor: Visitor) -> None:
    assert visitor.get("/trail/").location == "/login?next=/trail/"


@pytest.mark.parametrize("address", ["since=0001-01-01", "until=9999-12-31", "since=1899-12-31&until=2100-01-01"])
def test_a_day_that_no_trail_holds_is_said(auditor: Visitor, address: str) -> None:
    answer = auditor.get(f"/trail/?{address}")
    assert answer.status_code == 422 and "日期看不懂" in page(answer)


def test_what_is_not_there(auditor: Visitor) -> None:
    assert auditor.get("/trail/9999").status_code == 404


def test_get_where_post_belongs(auditor: Visitor) -> None:
    assert auditor.get("/trail/export").status_code == 405


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", 8), ("?person=李晓梅", 7), ("?action=merchants.edit", 5), ("?subject=商户 3", 1), ("?subject=商户3", 1),
        ("?subject=shop:3", 1), ("?result=refused", 2), ("?since=2026-11-25&until=2026-11-25", 8),
        ("?since=2026-11-26", 0), ("?subject=没有的", 0), ("?result=nonsense", 8), ("?before=3", 2), ("?after=6", 2),
        ("?before=x", 8), ("?after=99999999999999999999", 8),
    ],
)  # fmt: skip
def test_conditions_stand_in_the_address(site: Flask, auditor: Visitor, query: str, rows: int) -> None:
    write(site, 5)
    write(site, 2, action="merchants.reveal", result=Result.REFUSED)
    found = page(auditor.get(f"/trail/{query}"))
    assert len(re.findall(r'<tr><td class="nowrap">', found)) == rows


def test_a_condition_can_be_taken_off(site: Flask, auditor: Visitor) -> None:
    found = page(auditor.get("/trail/?person=周&result=ok"))
    assert 'class="chip" href="/trail/?result=ok"' in found


@pytest.mark.parametrize(
    ("query", "says"),
    [
        pytest.param("since=2026-13-01", "日期看不懂", id="13月"),
        pytest.param("until=gestern", "日期看不懂", id="不是日期"),
        pytest.param("person=" + "字" * 41, "最多 40 个字", id="太长"),
    ],
)
def test_bad_input(auditor: Visitor, query: str, says: str) -> None:
    answer = auditor.get(f"/trail/?{query}")
    assert answer.status_code == 422
    assert says in page(answer)


def queries_of(site: Flask, visitor: Visitor, url: str) -> int:
    asked: list[str] = []
    with site.app_context():
        engine = db.engine

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert visitor.get(url).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def test_1_and_30_rows_ask_alike(site: Flask, auditor: Visitor) -> None:
    queries_of(site, auditor, "/trail/")  # the heartbeat is asked for once in a while
    one = queries_of(site, auditor, "/trail/")
    write(site, 29)
    assert queries_of(site, auditor, "/trail/") == one <= 12


def test_one_line(site: Flask, auditor: Visitor) -> None:
    write(site, 3)
    found = page(auditor.get("/trail/3"))
    assert "完好，接在前一行上" in found and "字段" in found and "店招" in found
    assert 'href="/trail/2"' in found and 'href="/trail/4"' in found


def spoil(site: Flask, seq: int) -> None:
    with site.app_context():
        writing.set(True)
        connection = db.session.connection()
        ddl.unguard(connection)
        connection.execute(text("UPDATE audit_lines SET subject = 'shop:9' WHERE seq = :seq"), {"seq": seq})
        db.session.commit()


def test_one_line_that_was_changed(site: Flask, auditor: Visitor) -> None:
    write(site, 3)
    spoil(site, 3)
    assert "被改动过" in page(auditor.get("/trail/3"))


def test_checking_without_scripts(site: Flask, auditor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    write(site, 25)
    monkeypatch.setattr("portal.audit.views.CHECKED_AT_ONCE", 10)
    assert "从头核对" in page(auditor.get("/trail/check"))
    url, steps = "/trail/check?after=0", 0
    while (onward := re.search(r'<p><a href="(/trail/check\?after=[1-9]\d*)"', page(auditor.get(url)))) is not None:
        url, steps = onward[1], steps + 1
    assert steps == 2
    assert "每一行都接得上，链头也对得上" in page(auditor.get(url))


def test_checking_goes_on_by_itself_and_is_no_activity(
    site: Flask, auditor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(site, 25)
    monkeypatch.setattr("portal.audit.views.CHECKED_AT_ONCE", 10)
    found = page(auditor.htmx("get", "/trail/check?after=0", "chain"))
    assert 'hx-get="/trail/check?after=10"' in found and "X-Polling" in found


def test_checking_finds_a_change(site: Flask, auditor: Visitor) -> None:
    write(site, 25)
    spoil(site, 12)
    found = page(auditor.get("/trail/check?after=0"))
    assert "第 12 行起对不上" in found and "被改动过" in found


def test_a_printed_head(site: Flask, auditor: Visitor) -> None:
    write(site, 3)
    with site.app_context():
        seq, digest = [(line.seq, line.hash) for line in trail.lines()][1]
    for typed, said in (
        (f"{seq}:{digest}", "和印的一样"), (f" {seq}：{digest.upper()} ", "和印的一样"),
        (f"{seq}:{'0' * 64}", "对不上"), (f"99:{digest}", "不在了"), ("x", "请照印的写"),
    ):  # fmt: skip
        assert said in page(auditor.client.get("/trail/check", query_string={"printed": typed}))


def test_export_as_a_sheet(site: Flask, auditor: Visitor) -> None:
    write(site, 3)
    write(site, 1, subject="=1+1")
    answer = auditor.post("/trail/export", {"format": "xlsx", "action": "merchants.edit", "person": "李"})
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][0] == "谁：李；事项：修改商户"
    assert "审计（演示）" in str(rows[2][0]), "a watermark says who and when"
    assert [row[6] for row in rows[4:]] == ["=1+1", "商户 2", "商户 1", "商户 0"]
    cell = sheet["G5"]
    assert cell.data_type == "s", "SEC-5: text, no formula"
    assert trail.told(site, "audit.export") == [
        (
            "审计（演示）", "trail", "ok",
            {"rows": 4, "format": "xlsx", "filters": {"action": "merchants.edit"}, "by_name": True},
        )
    ]  # fmt: skip


def test_export_as_csv(site: Flask, auditor: Visitor) -> None:
    write(site, 1, subject="=1+1")
    answer = auditor.post("/trail/export", {"format": "csv", "subject": "=1+1"})
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "'=1+1" in answer.data.decode("utf-8-sig")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_an_export_that_is_too_large(site: Flask, auditor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    write(site, 11)
    monkeypatch.setattr("portal.audit.views.EXPORT_MOST", 10)
    answer = auditor.post("/trail/export", {"format": "csv"})
    assert answer.status_code == 409
    assert "用日期把范围缩小" in page(answer)
    assert trail.told(site, "audit.export") == []


def test_an_unknown_kind_of_file(auditor: Visitor) -> None:
    assert auditor.post("/trail/export", {"format": "exe"}).status_code == 409


def test_reading_writes_nothing(site: Flask, auditor: Visitor) -> None:
    before = len(trail.told(site, ""))
    for url in ("/trail/", "/trail/1", "/trail/check?after=0"):
        auditor.get(url)
    assert len(trail.told(site, "")) == before


def test_the_rail_shows_it_to_the_auditor_alone(site: Flask, auditor: Visitor, staff: Visitor) -> None:
    assert '<a href="/trail/"' in page(auditor.get("/account"))
    assert '<a href="/trail/"' not in page(staff.get("/account"))
