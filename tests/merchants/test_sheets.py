"""Sheets in and out, on both databases: dry run, cells and cures, all or nothing, twice, round trip (rules 10)."""

import io
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.sheets.cells import Misfit
from portal.ground.sheets.write import write_csv
from portal.merchants import queries, services
from portal.merchants.models import Shop, Tenure, WaitingSheet
from portal.merchants.services import Answers, Preview
from portal.merchants.services.sample import sample_rows
from portal.merchants.terms import Listing, ShopState
from tests.cast import Cast
from tests.merchants.shops import CODE, a_shop
from tests.trail import details, lines

HEAD = ["店名", "业态", "路名", "门牌", "网格", "面宽（米）", "经营者", "联系电话", "统一社会信用代码", "营业状态"]
ROW = ["阿婆豆花", "餐饮", "桂花巷", "7 号", "二网格", "6.2", "何小满", "13600002207", CODE, "营业"]


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


def no_face_lacks(_text: str) -> list[str]:
    return []


def look(
    data: bytes, cast: Cast, now: datetime, answers: Answers | None = None, who: str = "staff", name: str = "底册.xlsx"
) -> Preview:
    return services.preview(
        data, name, answers or Answers(), actor=cast[who], tree=queries.tree(), today=now.date(), missing=no_face_lacks
    )


def enter(
    data: bytes, cast: Cast, now: datetime, answers: Answers | None = None, who: str = "staff", name: str = "底册.xlsx"
) -> dict[str, int]:
    sheet = services.keep_sheet(data, name, by=cast[who], now=now)
    found = look(data, cast, now, answers, who, name)
    counts = services.import_sheet(sheet, found, seen=found.digest, tree=queries.tree(), by=cast[who], now=now)
    db.session.commit()
    db.session.expire_all()
    return counts


def test_a_plain_sheet_becomes_shops(house: Flask, cast: Cast, now: datetime) -> None:
    data = book(ROW, but(店名="学府文印", 门牌="9 号", 联系电话="０２３－７４５１２３４５", 统一社会信用代码="无照"))
    assert enter(data, cast, now) == {"added": 2, "changed": 0, "unchanged": 0}
    first, second = db.session.scalars(select(Shop).order_by(Shop.number))
    assert (first.number, first.sign_name, first.frontage_cm, first.uscc) == ("GX-MY-0001", "阿婆豆花", 620, CODE)
    assert (second.phone, second.unlicensed, second.responsible_name) == ("023-74512345", True, "何小满")
    assert queries.events(first.id)[0].title == "导入建档"
    line = lines("merchants.import")[-1]
    assert details(line)["counts"] == {"added": 2, "changed": 0, "unchanged": 0}
    assert len(details(line)["digest"]) == 64
    assert not lines("merchants.create")  # one line for the whole sheet


def test_the_same_file_twice_changes_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    data = book(ROW, but(店名="学府文印", 门牌="9 号", 统一社会信用代码=None))
    enter(data, cast, now)
    versions = list(db.session.scalars(select(Shop.version)))
    assert enter(data, cast, now) == {"added": 0, "changed": 0, "unchanged": 2}
    assert list(db.session.scalars(select(Shop.version))) == versions
    assert db.session.scalar(select(func.count()).select_from(Tenure)) == 2


@pytest.mark.parametrize(
    ("changes", "address", "says", "cure"),
    [
        ({"统一社会信用代码": CODE[:17] + "0"}, "I2", "第 18 位校验不符", CODE),
        ({"联系电话": "1360000220"}, "H2", "手机号要 11 位", None),
        ({"联系电话": 136000022071234567}, "H2", "", None),
        ({"面宽（米）": "62"}, "F2", "是不是 6.2", "6.2"),
        ({"面宽（米）": "六米"}, "F2", "不是一个数", None),
        ({"业态": "小吃店"}, "B2", "业态里没有", "餐饮"),
        ({"网格": "五网格"}, "E2", "明月社区没有", None),
        ({"网格": "SB-01"}, "E2", "没有", None),
        ({"店名": None}, "A2", "必填", None),
        ({"经营者": None}, "G2", "没填经营者", None),
        ({"经营者": "张\u200b三"}, "G2", "U+200B", None),
        ({"经营者": "何*"}, "G2", "打码", None),
        ({"联系电话": "138****5678"}, "H2", "打码", None),
        ({"门牌": "（）"}, "D2", "门牌", None),
        ({"营业状态": "开着"}, "J2", "营业状态里没有", None),
    ],
)
def test_faults_name_cell_and_cure(
    house: Flask, cast: Cast, now: datetime, changes: dict[str, Any], address: str, says: str, cure: str | None
) -> None:
    found = look(book(but(**changes)), cast, now)
    fault = next(one for one in found.faults if one.address == address)
    assert says in fault.why
    if cure:
        assert fault.cure == cure
    assert not found.ready
    assert found.bad_rows == 1


def test_a_refused_telephone_is_shown_masked(house: Flask, cast: Cast, now: datetime) -> None:
    found = look(book(but(联系电话="1360000220")), cast, now)
    assert found.faults[0].shown == "136****220"


def test_all_or_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    data = book(ROW, but(门牌="9 号", 业态="小吃店"))
    sheet = services.keep_sheet(data, "底册.xlsx", by=cast["staff"], now=now)
    found = look(data, cast, now)
    with pytest.raises(Refused, match="1 行要改"):
        services.import_sheet(sheet, found, seen=found.digest, tree=queries.tree(), by=cast["staff"], now=now)
    assert db.session.scalar(select(func.count()).select_from(Shop)) == 0


def test_cells_mended_and_rows_skipped_in_the_preview(house: Flask, cast: Cast, now: datetime) -> None:
    data = book(but(**{"业态": "小吃店", "面宽（米）": "62"}), but(店名="坏行", 门牌="9 号", 联系电话="12"))
    answers = Answers(cells={"B2": "餐饮", "F2": "62"}, skipped=[3])  # 62 typed again: it is meant
    found = look(data, cast, now, answers)
    assert (found.ready, [e.facts.frontage_cm for e in found.of("new")]) == (True, [6200])
    assert enter(data, cast, now, answers)["added"] == 1


def test_twice_in_one_file(house: Flask, cast: Cast, now: datetime) -> None:
    found = look(book(ROW, ROW), cast, now)
    assert [fault.why for fault in found.faults] == ["与第 2 行是同一家（店名和地址相同），可跳过此行"]


def test_the_file_is_changed_and_says_what(house: Flask, cast: Cast, now: datetime) -> None:
    enter(book(ROW), cast, now)
    found = look(book(but(**{"面宽（米）": "7", "营业状态": "停业", "联系电话": None})), cast, now)
    entry = found.of("changed")[0]
    assert (entry.changed, entry.words) == (["frontage_cm", "state"], "面宽、营业状态")
    enter(book(but(**{"面宽（米）": "7", "营业状态": "停业", "联系电话": None})), cast, now)
    shop = db.session.scalars(select(Shop)).one()
    assert (shop.frontage_cm, shop.state, shop.phone) == (700, ShopState.PAUSED, "13600002207")  # blank wipes nothing


def test_another_operator_is_asked_about(house: Flask, cast: Cast, now: datetime) -> None:
    enter(book(ROW), cast, now)
    data = book(but(经营者="何春", 联系电话="13600009999"))
    assert look(data, cast, now).waiting == ["经营者变动要选"]
    enter(data, cast, now, Answers(operators="change"))
    shop = db.session.scalars(select(Shop)).one()
    assert [t.operator_name for t in shop.tenures] == ["何小满", "何春"]
    assert (shop.responsible_name, shop.phone) == ("何春", "13600009999")


def test_a_misspelt_operator_is_put_right(house: Flask, cast: Cast, now: datetime) -> None:
    enter(book(ROW), cast, now)
    enter(book(but(经营者="何晓满")), cast, now, Answers(operators="correct"))
    shop = db.session.scalars(select(Shop)).one()
    assert [t.operator_name for t in shop.tenures] == ["何晓满"]


def test_duplicates_are_asked_about(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now, sign_name="德顺五金建材", door_no="18 号", phone="13900000416")
    db.session.commit()
    data = book(but(店名="德顺五金", 门牌="18 号附 1 号", 联系电话="13900000416", 统一社会信用代码=None))
    found = look(data, cast, now)
    twin = found.of("twin")[0]
    assert [(one.id, why) for one, why in twin.twins] == [(shop.id, "电话相同、店名相近")]
    assert found.waiting == ["1 行要选"]
    rows = {name: (old, new, alike) for name, old, new, alike in services.side_by_side(twin, shop, queries.tree())}
    assert rows["door_no"] == ("18 号", "18 号附 1 号", False)
    assert rows["phone"] == ("139****0416", "139****0416", True)
    assert look(data, cast, now, Answers(twins={"2": "new"})).of("new")
    merge = Answers(twins={"2": str(shop.id)}, kept={"2": ["sign_name"]})
    assert enter(data, cast, now, merge) == {"added": 0, "changed": 1, "unchanged": 0}
    assert (shop.sign_name, shop.door_no) == ("德顺五金建材", "18 号附 1 号")


def test_what_was_shown_is_what_is_done(house: Flask, cast: Cast, now: datetime) -> None:
    data = book(ROW)
    sheet = services.keep_sheet(data, "底册.xlsx", by=cast["staff"], now=now)
    seen = look(data, cast, now).digest
    a_shop(now, phone="13600002207", street="别处")  # meanwhile somebody else enters it
    db.session.flush()
    with pytest.raises(Refused):
        services.import_sheet(sheet, look(data, cast, now), seen=seen, tree=queries.tree(), by=cast["staff"], now=now)


def test_what_a_colleague_wrote_since_the_preview_is_not_overwritten(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now, phone="13600002207", frontage_cm=500)
    data = book(ROW)
    sheet = services.keep_sheet(data, "底册.xlsx", by=cast["staff"], now=now)
    seen = look(data, cast, now).digest
    assert look(data, cast, now).digest == seen
    shop.frontage_cm = 480  # the sheet says 6.2 m: the same field
    db.session.flush()
    with pytest.raises(Refused, match="再看一遍"):
        services.import_sheet(sheet, look(data, cast, now), seen=seen, tree=queries.tree(), by=cast["staff"], now=now)
    assert shop.frontage_cm == 480


def test_the_sheet_is_sealed_while_it_waits_and_wiped_afterwards(house: Flask, cast: Cast, now: datetime) -> None:
    data = write_csv(services.columns(missing=no_face_lacks), [])[:-2] + b"\r\n,\xe5\xba\x97"
    sheet = services.keep_sheet(data, "底册.csv", by=cast["staff"], now=now)
    db.session.flush()
    raw = db.session.scalar(select(WaitingSheet.content_sealed))
    assert raw is not None
    assert "店" not in raw
    assert services.sheet_bytes(sheet) == data
    counts = enter(book(ROW), cast, now)
    assert counts["added"] == 1
    done = db.session.scalars(select(WaitingSheet)).one()
    assert (done.content_sealed, done.answers_sealed, done.added) == (None, None, 1)
    with pytest.raises(Refused):
        services.sheet_bytes(done)


def test_a_sheet_is_entered_once(house: Flask, cast: Cast, now: datetime) -> None:
    data = book(ROW)
    sheet = services.keep_sheet(data, "底册.xlsx", by=cast["staff"], now=now)
    found = look(data, cast, now)
    services.import_sheet(sheet, found, seen=found.digest, tree=queries.tree(), by=cast["staff"], now=now)
    with pytest.raises(Refused, match="已经导入"):
        services.import_sheet(sheet, found, seen=found.digest, tree=queries.tree(), by=cast["staff"], now=now)


def test_old_sheets_are_swept(house: Flask, cast: Cast, now: datetime) -> None:
    services.keep_sheet(book(ROW), "底册.xlsx", by=cast["staff"], now=now)
    assert services.sweep_sheets(now=now + timedelta(hours=23)) == 0
    assert services.sweep_sheets(now=now + timedelta(hours=25)) == 1


def test_outside_the_clerks_reach(house: Flask, cast: Cast, now: datetime) -> None:
    village = a_shop(now, grid="SB-01")
    db.session.commit()
    head = ["店铺编号", *HEAD]
    found = look(book([village.number, *ROW], head=head), cast, now)
    assert "不在您的管辖范围" in found.faults[0].why


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv(house: Flask, cast: Cast, now: datetime, coding: str) -> None:
    text = "\r\n".join(",".join(str(value) for value in row) for row in (HEAD, ROW))
    found = look(text.encode(coding), cast, now, name="底册.csv")
    answers = Answers(notices={one.kind: one.choices[0].key for one in found.notices if one.asks})
    assert enter(text.encode(coding), cast, now, answers, name="底册.csv")["added"] == 1
    assert db.session.scalars(select(Shop.sign_name)).one() == "阿婆豆花"


def test_hidden_rows_and_totals_are_asked_about(house: Flask, cast: Cast, now: datetime) -> None:
    made = load_workbook(io.BytesIO(book(ROW, but(店名="藏起来的店", 门牌="9 号", 统一社会信用代码=None))))
    sheet = made.active
    assert sheet is not None
    sheet.row_dimensions[3].hidden = True
    sheet.append(["合计", None, None, None, None, 12])
    out = io.BytesIO()
    made.save(out)
    found = look(out.getvalue(), cast, now)
    assert found.open_notices == {"hidden-rows", "totals"}
    assert "2 个问题要答" in found.waiting
    answers = Answers(notices={"hidden-rows": "take", "totals": "skip"})
    assert enter(out.getvalue(), cast, now, answers)["added"] == 2


def test_missing_column_is_a_problem_of_the_file(house: Flask, cast: Cast, now: datetime) -> None:
    found = look(book(ROW[:3], head=HEAD[:3]), cast, now)
    assert any("门牌" in problem for problem in found.problems)
    assert not found.ready


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.xlsx"),
        (b"PK\x03\x04broken", "a.xlsx"),
        (b"%PDF-1.4", "a.xlsx"),
        (b"x", "a.docx"),
        (b"a,b\r\n1,2", "a.csv"),
    ],
)
def test_what_is_no_sheet_is_refused(house: Flask, cast: Cast, now: datetime, data: bytes, name: str) -> None:
    with pytest.raises(Misfit):
        look(data, cast, now, name=name)


def test_round_trip_changes_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    """SEC-5 and Sheets out: text stays text whatever it begins with; importing an export changes nothing."""
    a_shop(now, sign_name="+1 便利", remark="=2+3", segment="-3", operator_from=date(2025, 6, 3),
           landlord_name="陈大顺", landlord_phone="023-74512345", bins=2, hours="6:00—14:00", uscc=CODE,
           bounds_east="@桂花巷 9 号")  # fmt: skip
    a_shop(now, sign_name="铺面", door_no="9 号", state=ShopState.VACANT, operator_name="", phone=None, unlicensed=True)
    db.session.commit()
    tree = queries.tree()
    want = queries.wanted(Listing(), actor=cast["staff"], tree=tree, now=now)
    sheet = services.export_sheet(want, line="全部", tree=tree, by=cast["staff"], now=now)
    services.note_export(sheet, by=cast["staff"], now=now)
    data = sheet.data
    db.session.commit()
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert cells["+1 便利"] == cells["=2+3"] == cells["-3"] == "s"
    flat = " ".join(map(str, cells))
    assert "136****2207" in flat
    assert "13600002207" not in flat
    assert "周敏（演示）" in flat
    assert details(lines("merchants.export")[-1])["count"] == 2
    found = look(data, cast, now)
    assert [entry.kind for entry in found.entries] == ["same", "same"], found.faults
    assert enter(data, cast, now, found.answers) == {"added": 0, "changed": 0, "unchanged": 2}


def test_sample_sheet(house: Flask, cast: Cast, now: datetime, tmp_path: Path) -> None:
    runner = house.test_cli_runner()
    fine, bad = tmp_path / "fine.xlsx", tmp_path / "bad.xlsx"
    assert runner.invoke(args=["merchants", "sample", str(fine), "--community", "MY"]).exit_code == 0
    assert runner.invoke(args=["merchants", "sample", str(bad), "--community", "MY", "--faulty"]).exit_code == 0
    assert len(look(fine.read_bytes(), cast, now).of("new")) == 24
    assert look(bad.read_bytes(), cast, now).bad_rows == 7
    assert sample_rows is not None
