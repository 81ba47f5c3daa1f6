"""Doors that change a file: entering, editing, operator, state; each climbs its ladder."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.areas.models import Area
from portal.ground.db import db, writing
from portal.merchants.terms import ShopState
from tests.conftest import Visitor, a_visitor
from tests.merchants.shops import phone_of, planted, read
from tests.trail import told

FORM = {
    "sign_name": "建新路早餐店", "trade": "food", "street": "建新路", "door_no": "12 号", "operator_name": "张顺",
    "phone": "138 0000 5678", "frontage_cm": "6.2", "depth_cm": "４ 米", "state": "open",
}  # fmt: skip


def grid(site: Flask, code: str = "MY-02") -> str:
    with site.app_context():
        writing.set(False)
        found = db.session.scalars(select(Area.id).where(Area.code == code)).one()
        db.session.rollback()
    return str(found)


def new(site: Flask, **but: Any) -> dict[str, Any]:
    return {**FORM, "grid_id": grid(site), **but}


def test_new_form(staff: Visitor) -> None:
    text = staff.get("/merchants/new").get_data(as_text=True)
    assert "明月社区 二网格" in text
    assert "石坝村" not in text  # not within reach


def test_create(site: Flask, staff: Visitor) -> None:
    answer = staff.post("/merchants/", new(site))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/merchants/1")
    shop = read(site, 1)
    assert (shop.number, shop.depth_cm, phone_of(site, 1)) == ("GX-MY-0001", 400, "13800005678")
    assert "已建档，编号 GX-MY-0001" in staff.get("/merchants/1").get_data(as_text=True)
    assert told(site, "merchants.create")[-1][1] == "shop:1"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sign_name": ""}, "请填店招名称"),
        ({"phone": "1380000567"}, "手机号要 11 位"),
        ({"uscc": "92500231MADEM00110"}, "第 18 位校验不符"),
        ({"uscc": "92500231MADEM0011P", "unlicensed": "y"}, "不用勾"),
        ({"operator_name": ""}, "请填经营者姓名"),
        ({"operator_name": "张\ue000顺"}, "私用区"),
        ({"frontage_cm": "abc"}, "不是一个数"),
        ({"trade": ""}, "请选业态"),
        ({"trade": "nonsense"}, "没有存上"),
        ({"grid_id": "999999"}, "没有存上"),
        ({"grid_id": "x"}, "没有存上"),
        ({"operator_from": "2027-01-01"}, "还没到"),
        ({"sign_name": "长" * 61}, "最多 60 个字"),
    ],
)
def test_bad_input_is_422_beside_the_field_with_what_was_typed(
    site: Flask, staff: Visitor, changes: dict[str, str], says: str
) -> None:
    answer = staff.post("/merchants/", new(site, **changes))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert says in text
    assert "建新路" in text
    assert staff.get("/merchants/1").status_code == 404


def test_grid_of_another_community_cannot_be_crafted(site: Flask, staff: Visitor) -> None:
    assert staff.post("/merchants/", new(site, grid_id=grid(site, "SB-01"))).status_code == 422


def test_a_character_that_no_paper_prints_is_named(site: Flask, staff: Visitor) -> None:
    """A name that cannot be printed is refused here, not after its owner has signed (rules 10, Names)."""
    answer = staff.post("/merchants/", new(site, operator_name="张\U000323af"))
    assert answer.status_code == 422
    assert "U+323AF" in answer.get_data(as_text=True)


def test_rare_surnames_are_taken(site: Flask, staff: Visitor) -> None:
    assert staff.post("/merchants/", new(site, operator_name="䶮㛃𠮷𬭎")).status_code == 303


def test_duplicates_are_warned_and_can_be_insisted_on(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, {"street": "建新路", "door_no": "12号"})
    answer = staff.post("/merchants/", new(site))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "GX-MY-0001 阿婆豆花" in text
    assert "地址和门牌相同" in text
    assert staff.post("/merchants/", new(site, twins_seen="y")).status_code == 303


def test_role_without_key_403_stranger_login_get_405(site: Flask) -> None:
    assert a_visitor(site).sign_in("leader").post("/merchants/", FORM).status_code == 403
    assert a_visitor(site).post("/merchants/", FORM).status_code == 303


def test_edit_keeps_what_is_masked_and_left_blank(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    text = staff.get(f"/merchants/{one}/edit").get_data(as_text=True)
    assert "13600002207" not in text
    assert "何小满" not in text
    sent = {**FORM, "grid_id": grid(site), "version": "1", "phone": "", "sign_name": "阿婆豆花总店"}
    assert staff.post(f"/merchants/{one}/edit", sent).status_code == 303
    shop = read(site, one)
    assert (shop.sign_name, shop.responsible_name, shop.version) == ("阿婆豆花总店", "何小满", 2)
    assert phone_of(site, one) == "13600002207"
    assert told(site, "merchants.edit")[-1][3]["number"] == "GX-MY-0001"


def test_edit_can_forget_a_telephone(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    sent = {**FORM, "grid_id": grid(site), "version": "1", "phone": "", "forget_phone": "y"}
    staff.post(f"/merchants/{one}/edit", sent)
    assert phone_of(site, one) is None


def test_stale_edit_is_409_and_keeps_what_was_typed(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    sent = {**FORM, "grid_id": grid(site), "version": "1"}
    assert staff.post(f"/merchants/{one}/edit", {**sent, "phone": ""}).status_code == 303
    answer = staff.post(f"/merchants/{one}/edit", {**sent, "remark": "我写的备注"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "他人已先修改，请刷新" in text
    assert "我写的备注" in text
    assert read(site, one).remark == ""


def test_edit_bad_input(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    sent = {**FORM, "grid_id": grid(site), "version": "1", "phone": "12"}
    assert staff.post(f"/merchants/{one}/edit", sent).status_code == 422


def test_operator(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    assert "何*" in staff.get(f"/merchants/{one}/operator").get_data(as_text=True)
    sent = {"version": "1", "kind": "change", "operator_name": "何春", "on": "2026-11-25", "phone": "13600009999"}
    assert staff.post(f"/merchants/{one}/operator", sent).status_code == 303
    assert [t.operator_name for t in read(site, one).tenures] == ["何小满", "何春"]
    text = staff.get(f"/merchants/{one}").get_data(as_text=True)
    assert "经营者变更：何* 转给 何*" in text
    assert "以前的经营者" in text
    assert staff.post(f"/merchants/{one}/operator", sent).status_code == 409  # the version is stale now


def test_operator_corrected(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    sent = {"version": "1", "kind": "correct", "operator_name": "何晓满"}
    assert staff.post(f"/merchants/{one}/operator", sent).status_code == 303
    assert [t.operator_name for t in read(site, one).tenures] == ["何晓满"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"operator_name": ""}, 422), ({"on": ""}, 422), ({"on": "2026-13-01"}, 422), ({"kind": "nonsense"}, 422),
     ({"on": "2026-11-26"}, 409), ({"version": "7"}, 409), ({"version": ""}, 409), ({"phone": "1"}, 422)],
)  # fmt: skip
def test_operator_refused(site: Flask, staff: Visitor, now: datetime, changes: dict[str, str], status: int) -> None:
    (one,) = planted(site, now)
    sent = {"version": "1", "kind": "change", "operator_name": "何春", "on": "2026-11-25", **changes}
    assert staff.post(f"/merchants/{one}/operator", sent).status_code == status
    assert len(read(site, one).tenures) == 1


def test_state(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    sent = {"version": "1", "state": "vacant", "reason": "上门看过，已搬空", "left": "y"}
    assert staff.post(f"/merchants/{one}/state", sent).status_code == 303
    shop = read(site, one)
    assert shop.state is ShopState.VACANT
    assert all(t.until_on for t in shop.tenures)
    assert told(site, "merchants.state")[-1][3]["after"] == "vacant"


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"reason": ""}, 422), ({"state": "nonsense"}, 422), ({"version": "9"}, 409), ({"state": "open"}, 409)],
)
def test_state_refused(site: Flask, staff: Visitor, now: datetime, changes: dict[str, str], status: int) -> None:
    (one,) = planted(site, now)
    sent = {"version": "1", "state": "vacant", "reason": "搬空", **changes}
    assert staff.post(f"/merchants/{one}/state", sent).status_code == status
    assert read(site, one).state is ShopState.OPEN


def test_a_version_that_is_no_number_is_stale(site: Flask, staff: Visitor, now: datetime) -> None:
    (one,) = planted(site, now)
    sent = {"version": "9" * 5000, "state": "paused", "reason": "上门看过"}
    assert staff.post(f"/merchants/{one}/state", sent).status_code == 409
