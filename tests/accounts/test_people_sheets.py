"""Sheets of people on both databases: dry run, cells and cures, all or nothing, twice, round trip (rules 10)."""

import io
import threading
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from portal.accounts import queries, services
from portal.accounts.models import Person, Proposal, WaitingSheet
from portal.accounts.services import Preview
from portal.accounts.terms import EventKind, Listing
from portal.areas.queries import places
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.ground.sheets.cells import Misfit
from portal.ground.sheets.dry import Answers
from tests.cast import Cast
from tests.conftest import NOON
from tests.trail import details, lines

HEAD = ["姓名", "账号", "手机", "角色", "区域", "起始日"]
ROW: list[Any] = ["王芳", "wangfang", "13612342207", "网格员", "MY-02", "2026-12-01"]


def book(*rows: list[Any], head: list[str] | None = None) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (head or HEAD, *rows):
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def but(**changes: Any) -> list[Any]:
    """ROW with other cells, by heading."""
    return [changes.get(name, value) for name, value in zip(HEAD, ROW, strict=True)]


def look(data: bytes, cast: Cast, answers: Answers | None = None, name: str = "人员.xlsx") -> Preview:
    return services.preview(data, name, answers or Answers(), actor=cast["admin"], tree=places(), today=NOON.date())


def enter(data: bytes, cast: Cast, now: datetime, answers: Answers | None = None) -> dict[str, int]:
    sheet = services.keep_sheet(data, "人员.xlsx", by=cast["admin"], now=now)
    found = look(data, cast, answers)
    counts = services.import_sheet(
        sheet, found, seen=found.digest, password_hash="$argon2id$x", by=cast["admin"], now=now
    )
    db.session.commit()
    return counts


def faults(found: Preview) -> list[tuple[str, str]]:
    return [(fault.address, fault.why) for fault in found.faults]


def test_a_dry_run_writes_nothing(house: Flask, cast: Cast) -> None:
    found = look(book(ROW, but(姓名="李明", 账号="liming", 角色=None, 区域=None)), cast)
    assert [(entry.kind, entry.words) for entry in found.entries] == [
        ("new", "建账号，提请 明月社区二网格 · 网格员"),
        ("new", "建账号"),
    ]
    assert found.ready
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Person)) == 16 and lines() == []


def test_accounts_are_made_and_roles_asked_for(house: Flask, cast: Cast, now: datetime) -> None:
    counts = enter(book(ROW, but(姓名="李明", 账号="liming", 角色="社区工作人员", 区域="石坝村")), cast, now)
    assert counts == {"added": 2, "changed": 0, "unchanged": 0, "asked": 2}
    person = db.session.scalars(queries.by_login("wangfang")).one()
    assert (person.name, person.phone, person.must_change, person.slip_owed) == ("王芳", "13612342207", True, True)
    assert queries.actor_of(person, on=now.date()).reaches == {}, "nobody has granted anything yet"
    assert [one.from_on.isoformat() for one in db.session.scalars(queries.waiting())] == ["2026-12-01", "2026-12-01"]
    assert [one.kind for one in db.session.scalars(queries.events_of(person.id))] == [EventKind.IMPORTED]
    [line] = lines("accounts.import")
    assert details(line)["counts"] == counts and len(lines()) == 2
    sheet = db.session.scalars(select(WaitingSheet)).one()
    assert sheet.content_sealed is None and sheet.added == 2


def test_the_same_file_twice_changes_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    data = book(ROW, but(角色="网格员", 区域="MY-01"))
    enter(data, cast, now)
    again = look(data, cast)
    assert [entry.kind for entry in again.entries] == ["same", "same"]
    assert again.entries[0].remark == "明月社区二网格 · 网格员：已经在等授权"
    services.grant(list(db.session.scalars(queries.waiting())), by=cast["security"], now=now)
    db.session.commit()
    assert [entry.remark[-4:] for entry in look(data, cast).entries] == ["已经担任", "已经担任"]
    assert enter(data, cast, now) == {"added": 0, "changed": 0, "unchanged": 2, "asked": 0}


def test_what_was_declined_is_not_asked_for_again(house: Flask, cast: Cast, now: datetime) -> None:
    data = book(ROW)
    enter(data, cast, now)
    [one] = db.session.scalars(queries.waiting())
    services.decline(one, reason="另有安排", by=cast["security"], now=now)
    db.session.commit()
    [entry] = look(data, cast).entries
    assert (entry.kind, entry.remark) == ("same", "明月社区二网格 · 网格员：上次没有授予（另有安排）")


def test_an_export_that_comes_back_changes_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    cast.people["staff"].phone = "13812345678"
    services.leave(cast.people["section"], by=cast["admin"], now=now)
    db.session.commit()
    want = queries.wanted(Listing(), actor=cast["admin"], tree=places(), on=now.date())
    sheet = services.export_sheet(want, line="全部", tree=places(), by=cast["admin"], now=now)
    services.note_export(sheet, by=cast["admin"], now=now)
    data = sheet.data
    cast = Cast.load(now)  # the export reads in parts and forgets them
    found = look(data, cast)
    asked = {notice.kind: notice.choices[0].key for notice in found.notices if notice.asks}
    found = look(data, cast, Answers(notices=asked))
    assert faults(found) == [] and {entry.kind for entry in found.entries} == {"same"}
    assert len(found.entries) == 16


def test_one_person_two_posts(house: Flask, cast: Cast, now: datetime) -> None:
    data = book(ROW, but(区域="MY-01", 手机=None))
    found = look(data, cast)
    assert [entry.kind for entry in found.entries] == ["new", "changed"]
    assert enter(data, cast, now)["asked"] == 2
    assert db.session.scalar(select(func.count()).select_from(Person).where(Person.login == "wangfang")) == 1


def test_a_telephone_that_changes(house: Flask, cast: Cast, now: datetime) -> None:
    enter(book(ROW), cast, now)
    found = look(book(but(手机="13900001111")), cast)
    assert [(entry.kind, entry.words) for entry in found.entries] == [("changed", "更新手机")]
    enter(book(but(手机="13900001111")), cast, now)
    person = db.session.scalars(queries.by_login("wangfang")).one()
    assert person.phone == "13900001111"
    assert enter(book(but(手机=None)), cast, now)["unchanged"] == 1, "a blank cell changes nothing"


@pytest.mark.parametrize(
    ("rows", "address", "why", "cure"),
    [
        pytest.param([but(账号=None)], "B2", "没填账号", "wangfang", id="no account: one made of pinyin"),
        pytest.param([but(姓名="周敏", 账号=None)], "B2", "没填账号", "zhoumin", id="a free one"),
        pytest.param([but(账号="王芳")], "B2", "小写字母开头", None, id="account name"),
        pytest.param([but(姓名=None)], "A2", "姓名必填", None, id="no name"),
        pytest.param([but(姓名="王\u200b芳")], "A2", "U+200B", "王芳", id="an invisible sign"),
        pytest.param([but(账号="staff")], "B2", "已经是周敏（演示）的", "wangfang", id="somebody else's account"),
        pytest.param([but(手机="1361234220")], "C2", "只有 10 位", None, id="telephone"),
        pytest.param([but(手机="136****2207")], "C2", "打码的内容", None, id="a mask of nothing"),
        pytest.param([but(角色="网格长")], "D2", "最接近“网格员”", "网格员", id="role"),
        pytest.param([but(区域="MY-09")], "E2", "没有叫“MY-09”", None, id="no such area"),
        pytest.param([but(区域="明月社区三网格")], "E2", "没有叫", "明月社区二网格", id="no such grid"),
        pytest.param([but(区域="一网格")], "E2", "不止一个，请填编号：MY-01 明月社区一网格、", None, id="two"),
        pytest.param([but(区域="MY")], "E2", "只能在网格一级", None, id="level"),
        pytest.param([but(区域=None)], "E2", "填了角色，请填区域", None, id="a role without a place"),
        pytest.param([but(角色=None)], "D2", "填了区域，请填角色", None, id="a place without a role"),
        pytest.param([but(起始日="12月1日")], "F2", "日期", None, id="day"),
        pytest.param([ROW, ROW], "D3", "与第 2 行重复", None, id="twice"),
        pytest.param([ROW, but(姓名="李明", 区域="MY-01")], "B3", "账号相同、姓名不同", "liming", id="two people"),
        pytest.param([ROW, but(手机="13900001111", 区域="MY-01")], "C3", "账号相同、手机不同", None, id="two numbers"),
        pytest.param(
            [but(角色="审计员", 区域="GX"), but(角色="街道领导", 区域="GX")], "D3", "三员分设", None, id="apart"
        ),
        pytest.param([but(姓名="周敏（示范）")], "A2", "姓名里有", None, id="brackets"),
    ],
)  # fmt: skip
def test_cells_that_cannot_be_taken(
    house: Flask, cast: Cast, now: datetime, rows: list[list[Any]], address: str, why: str, cure: str | None
) -> None:
    found = look(book(*rows), cast)
    fault = found.faults[0]
    assert (fault.address, fault.cure) == (address, cure) and why in fault.why, fault
    assert not found.ready and "1 行要改" in found.waiting[0]
    sheet = services.keep_sheet(book(*rows), "人员.xlsx", by=cast["admin"], now=now)
    with pytest.raises(Refused, match="还不能导入"):
        services.import_sheet(sheet, found, seen=found.digest, password_hash="x", by=cast["admin"], now=now)


@pytest.mark.parametrize("area", ["MY-02", "my－02", "明月社区二网格", "明月 二网格", "二网格"])
def test_places_as_people_write_them(house: Flask, cast: Cast, area: str) -> None:
    found = look(book(but(区域=area)), cast)
    assert [entry.post.place for entry in found.entries if entry.post] == ["明月社区二网格"]


@pytest.mark.parametrize("area", ["GX", "桂溪街道", "街道", "桂溪"])
def test_the_office_as_people_write_it(house: Flask, cast: Cast, area: str) -> None:
    found = look(book(but(角色="街道领导", 区域=area)), cast)
    assert [entry.post.place for entry in found.entries if entry.post] == ["桂溪街道"]


def test_duties_apart_from_what_is_held(house: Flask, cast: Cast, now: datetime) -> None:
    enter(book(ROW), cast, now)
    found = look(book(but(角色="审计员", 区域="GX")), cast)
    assert "三员分设" in found.faults[0].why, "what waits counts too"


def test_namesakes_are_named(house: Flask, cast: Cast, now: datetime) -> None:
    enter(book(ROW), cast, now)
    found = look(book(but(账号=None, 角色=None, 区域=None)), cast)
    assert (found.faults[0].cure, "就填 wangfang" in found.faults[0].why) == ("wangfang", True)
    found = look(book(but(账号="wangfang2")), cast)
    assert found.entries[0].remark == "和 wangfang 同名"


def test_who_has_left_comes_back_by_hand(house: Flask, cast: Cast, now: datetime) -> None:
    enter(book(ROW), cast, now)
    services.leave(db.session.scalars(queries.by_login("wangfang")).one(), by=cast["admin"], now=now)
    db.session.commit()
    assert "已离岗" in look(book(ROW), cast).faults[0].why


def test_nobody_asks_for_himself(house: Flask, cast: Cast, now: datetime) -> None:
    services.edit(cast.people["admin"], name="程海", phone=None, mail=None, by=cast["admin"], now=now)
    found = look(book(but(姓名="程海", 账号="admin", 手机=None, 角色="系统管理员", 区域="SB")), cast)
    assert "不能给自己提请" in found.faults[0].why


def test_days_that_have_passed_are_told(house: Flask, cast: Cast, now: datetime) -> None:
    found = look(book(but(起始日="2026-01-05")), cast)
    assert found.late_days == 1 and found.entries[0].post
    assert found.entries[0].post.from_on == now.date()


def test_answers(house: Flask, cast: Cast, now: datetime) -> None:
    data = book(but(账号=None), but(姓名="李明", 账号="li"))
    found = look(data, cast, Answers(cells={"B2": "wangfang"}, skipped=[3]))
    assert found.ready and [entry.login for entry in found.entries] == ["wangfang"]


def test_another_state_than_was_confirmed_is_refused(house: Flask, cast: Cast, now: datetime) -> None:
    data = book(ROW)
    sheet = services.keep_sheet(data, "人员.xlsx", by=cast["admin"], now=now)
    seen = look(data, cast).digest
    services.add(login="wangfang", name="王芳", secret=services.OneTime("x", "x"), by=cast["admin"], now=now)
    with pytest.raises(Refused, match="再看一遍"):
        services.import_sheet(sheet, look(data, cast), seen=seen, password_hash="x", by=cast["admin"], now=now)


def test_too_many_rows(house: Flask, cast: Cast) -> None:
    with pytest.raises(Misfit, match="一次最多导入 500 行"):
        look(book(*[but(账号=f"worker{number}") for number in range(501)]), cast)


def test_no_sheet_of_people(house: Flask, cast: Cast) -> None:
    with pytest.raises(Misfit, match="没有找到表头"):
        look(book([1, 2], head=["店名", "业态"]), cast)


def test_slips_are_handed_out_once(house: Flask, cast: Cast, now: datetime) -> None:
    enter(book(ROW, but(姓名="李明", 账号="liming", 区域="MY-01")), cast, now)
    sheet = db.session.scalars(select(WaitingSheet)).one()
    people = list(db.session.scalars(queries.slips_owed(sheet.id)))
    secrets = {one.id: services.one_time(one.login) for one in people}
    fresh = services.hand_out(people, secrets, by=cast["admin"], now=now)
    db.session.commit()
    assert [one.login for one in fresh] == ["liming", "wangfang"]
    assert list(db.session.scalars(queries.slips_owed(sheet.id))) == [] and not people[0].slip_owed
    assert services.hand_out(people, secrets, by=cast["admin"], now=now) == []
    found = services.try_password(
        login="wangfang", password=secrets[people[1].id].password, address="10.0.0.1", now=now
    )
    assert found.ok
    assert len(lines("accounts.reset_password")) == 2


def test_an_old_sheet_is_wiped(house: Flask, cast: Cast, now: datetime) -> None:
    services.keep_sheet(book(ROW), "人员.xlsx", by=cast["admin"], now=now)
    assert services.sweep_sheets(now=now) == 0
    assert services.sweep_sheets(now=now.replace(day=27)) == 1


def test_two_clerks_import_the_same_sheet(house: Flask, cast: Cast, now: datetime) -> None:
    """Two administrators, each with their own copy, at the same moment: one is told, and nobody is made twice."""
    second = services.add(login="second", name="程江", secret=services.OneTime("x", "x"), by=cast["admin"], now=now)
    data, numbers = book(ROW), [cast["admin"].id, second.id]
    db.session.commit()
    db.session.remove()
    gate, outcomes = threading.Barrier(2), list[str]()

    def go(number: int | None) -> None:
        with house.app_context():
            cast = Cast.load(NOON)
            by = queries.actor_of(db.session.get_one(Person, number), on=NOON.date())
            db.session.rollback()
            writing.set(True)
            sheet = services.keep_sheet(data, "人员.xlsx", by=by, now=NOON)
            db.session.commit()
            gate.wait()
            try:
                found = look(data, cast)
                services.import_sheet(sheet, found, seen=found.digest, password_hash="x", by=by, now=NOON)
                db.session.commit()
                outcomes.append("in")
            except Refused as refused:
                db.session.rollback()
                outcomes.append(refused.sentence)
            db.session.remove()

    threads = [threading.Thread(target=go, args=(number,)) for number in numbers]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert "in" in outcomes and len(outcomes) == 2
    assert db.session.scalar(select(func.count()).select_from(Person).where(Person.name == "王芳")) == 1
    assert db.session.scalar(select(func.count()).select_from(Proposal)) == 1


def test_the_template_reads_itself(house: Flask, cast: Cast) -> None:
    from portal.ground.sheets.template import template_xlsx

    data = template_xlsx(services.columns(), title="人员", notes=services.NOTES)
    headings = [str(cell.value) for cell in load_workbook(io.BytesIO(data))["人员"][1]]
    assert [heading.lstrip("*").strip() for heading in headings] == HEAD
    assert look(data, cast).entries == []
