"""Doors of a street's file, up one ladder: works without JavaScript, colleague of elsewhere, key, stranger, wrong
state, bad input; who answers for it, one by one and as the grids say (R3)."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from tests.areas.pages import hidden, text
from tests.conftest import Visitor, a_visitor
from tests.places.streets import id_of, person_id, planted, read
from tests.trail import told


def sent(site: Flask, **but: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "name": "桂花巷", "kind": "alley", "area_type": "backstreet", "grids": [str(id_of(site, "MY-01"))],
        "runs_from": "", "runs_to": "", "length_m": "320米", "remark": "",
    }  # fmt: skip
    return {**usual, **but}


def test_enter(site: Flask, staff: Visitor) -> None:
    page = text(staff.get("/places/new"))
    assert "一网格（重点区域）" in page and "石坝村" not in page
    answer = staff.post("/places/", sent(site))
    assert answer.status_code == 303
    page = text(staff.get(answer.headers["Location"]))
    assert "已登记，代码 L0001" in page and "320 米" in page and "还没有人对它负责" in page
    assert told(site, "places.create")[-1][0] == "周敏（演示）"


@pytest.mark.parametrize(
    ("but", "says"),
    [
        pytest.param({"name": " "}, "请填名称", id="no name"),
        pytest.param({"name": "桂\u200b花巷"}, "零宽空格", id="an unseen sign"),
        pytest.param({"name": "字" * 41}, "最多 40 个字", id="a long name"),
        pytest.param({"kind": ""}, "请选类别", id="no kind"),
        pytest.param({"grids": []}, "请至少选一个网格", id="no grid"),
        pytest.param({"grids": ["99999"]}, "请在列出的网格里选", id="a grid that is not there"),
        pytest.param({"length_m": "很长"}, "整米数", id="no length"),
    ],
)
def test_bad_input_is_422_beside_its_field(site: Flask, staff: Visitor, but: dict[str, Any], says: str) -> None:
    answer = staff.post("/places/", sent(site, **but))
    page = text(answer)
    assert answer.status_code == 422 and says in page and 'role="alert"' in page
    assert told(site, "places.create") == []


def test_a_grid_out_of_reach_is_422(site: Flask, staff: Visitor) -> None:
    answer = staff.post("/places/", sent(site, grids=[str(id_of(site, "SB-01"))]))
    assert answer.status_code == 422 and "请在列出的网格里选" in text(answer)


def test_pressed_twice_is_one_street(site: Flask, staff: Visitor) -> None:
    assert staff.post("/places/", sent(site)).status_code == 303
    answer = staff.post("/places/", sent(site))
    assert answer.status_code == 422 and "L0001 也叫“桂花巷”" in text(answer)


def test_edit(site: Flask, staff: Visitor, now: datetime) -> None:
    (number,) = planted(site, now)
    page = text(staff.get(f"/places/{number}/edit"))
    assert 'value="桂花巷"' in page and 'value="320"' in page
    version = hidden(page, "version")
    both = [str(id_of(site, one)) for one in ("MY-01", "MY-02")]
    answer = staff.post(f"/places/{number}/edit", sent(site, version=version, name="桂花一巷", grids=both))
    assert answer.status_code == 303
    assert {one.grid_id for one in read(site, number).grids} == {int(one) for one in both}
    page = text(staff.get(f"/places/{number}"))
    assert "名称 桂花巷 → 桂花一巷" in page
    answer = staff.post(f"/places/{number}/edit", sent(site, version=version, name="乙巷"))
    assert answer.status_code == 409 and "他人已先修改" in text(answer) and "乙巷" in text(answer)


def test_a_street_of_two_communities_keeps_the_others_grid(site: Flask, staff: Visitor, now: datetime) -> None:
    (number,) = planted(site, now, {"grids": ("MY-01", "SB-01")})
    page = text(staff.get(f"/places/{number}/edit"))
    assert "还穿过石坝村一网格" in page
    mine = [str(id_of(site, "MY-02"))]
    staff.post(f"/places/{number}/edit", sent(site, version=hidden(page, "version"), grids=mine))
    assert {one.grid_id for one in read(site, number).grids} == {id_of(site, "MY-02"), id_of(site, "SB-01")}


def test_keeper(site: Flask, staff: Visitor, now: datetime) -> None:
    (number,) = planted(site, now)
    page = text(staff.get(f"/places/{number}/keeper"))
    assert "本网格的网格员" in page and "李网格（演示）（明月社区一网格 · 网格员）" in page
    keeper = str(person_id(site, "grid"))
    fields = {"version": hidden(page, "version"), "person": keeper, "reason": "逐巷定人"}
    assert staff.post(f"/places/{number}/keeper", fields).status_code == 303
    page = text(staff.get(f"/places/{number}"))
    assert "桂花巷由李网格（演示）负责" in page and "第 1 天" in page and "责任人：李网格（演示）" in page
    assert told(site, "places.assign")[-1][3]["keeper"] == "grid"
    answer = staff.post(f"/places/{number}/keeper", fields)  # pressed twice
    assert answer.status_code == 422
    assert len(told(site, "places.assign")) == 1


def test_r3_a_keeper_without_a_role_is_told(site: Flask, staff: Visitor, now: datetime) -> None:
    (number,) = planted(site, now, {"keeper": "grid"})
    assert "无责任人" not in text(staff.get(f"/places/{number}"))
    site.test_cli_runner().invoke(args=["people", "role", "grid", "grid_worker", "MY-01", "--end"])
    page = text(staff.get(f"/places/{number}"))
    assert "无责任人" in page and "李网格（演示）" in page and "已没有岗位" in page
    assert "已没有岗位，等于没有责任人" in text(staff.get(f"/places/{number}/keeper"))
    listed = text(staff.get("/places/?view=nobody"))
    assert "桂花巷" in listed and "定责任人" in listed and "李网格" not in listed
    assert 'view=nobody">1</a>' in text(staff.get("/places/coverage")).replace("&amp;", "&")


def test_keeper_bad_input_and_older_page(site: Flask, staff: Visitor, now: datetime) -> None:
    (number,) = planted(site, now)
    for person in ("", "99999", str(person_id(site, "village")), "x"):
        answer = staff.post(f"/places/{number}/keeper", {"version": "1", "person": person})
        assert answer.status_code == 422, person
    fields = {"version": "0", "person": str(person_id(site, "grid"))}
    answer = staff.post(f"/places/{number}/keeper", fields)
    assert answer.status_code == 409 and "他人已先修改" in text(answer)


def test_release(site: Flask, staff: Visitor, now: datetime) -> None:
    (number,) = planted(site, now, {"keeper": "grid"})
    page = text(staff.get(f"/places/{number}/keeper"))
    assert "解除李网格（演示）" in page
    fields = {"version": str(read(site, number).version), "reason": "调走"}
    assert staff.post(f"/places/{number}/keeper/removal", {**fields, "reason": ""}).status_code == 422
    assert staff.post(f"/places/{number}/keeper/removal", fields).status_code == 303
    page = text(staff.get(f"/places/{number}"))
    assert "李网格（演示）不再是责任人" in page and read(site, number).keeper_id is None
    assert staff.post(f"/places/{number}/keeper/removal", fields).status_code == 409


def test_close_and_reopen(site: Flask, staff: Visitor, now: datetime) -> None:
    kept, number = planted(site, now, {"keeper": "grid"}, {"name": "水塔巷"})
    fields = {"version": str(read(site, kept).version), "reason": "封闭"}
    answer = staff.post(f"/places/{kept}/closure", fields)
    assert answer.status_code == 409 and "还有责任人" in text(answer)
    fields = {"version": hidden(text(staff.get(f"/places/{number}/closure")), "version"), "reason": "封闭"}
    assert staff.post(f"/places/{number}/closure", fields).status_code == 303
    assert staff.post(f"/places/{number}/closure", fields).status_code == 409
    page = text(staff.get(f"/places/{number}"))
    assert "已撤销" in page and "恢复" in page and "改资料" not in page
    fields = {"version": hidden(text(staff.get(f"/places/{number}/reopening")), "version"), "reason": "通了"}
    assert staff.post(f"/places/{number}/reopening", fields).status_code == 303
    assert staff.post(f"/places/{number}/reopening", fields).status_code == 409


def test_r3_allotment(site: Flask, staff: Visitor, now: datetime) -> None:
    one, two = planted(site, now, {}, {"name": "水塔巷", "grids": ("MY-02",)})
    page = text(staff.get("/places/allotment"))
    keeper = person_id(site, "grid")
    assert f'value="{one}-{keeper}"' in page and "水塔巷" not in page and "另有 1 条要逐条定" in page
    assert staff.post("/places/allotment", {}).status_code == 422
    assert staff.post("/places/allotment", {"street": ["x", "²-1", f"{two}-{keeper}"]}).status_code == 303
    assert read(site, two).keeper_id is None
    answer = staff.post("/places/allotment", {"street": [f"{one}-{keeper}"]})
    assert answer.status_code == 303 and read(site, one).keeper_id == keeper
    assert "1 条路段有了责任人" in text(staff.get("/places/"))
    assert "没有能按网格直接落实" in text(staff.get("/places/allotment"))
    assert [line[3]["count"] for line in told(site, "places.allot")] == [1]


@pytest.mark.parametrize("door", ["", "/edit", "/keeper", "/closure", "/reopening"])
def test_a_colleague_of_another_community_is_404_and_a_stranger_logs_in(site: Flask, now: datetime, door: str) -> None:
    (number,) = planted(site, now)
    village = a_visitor(site).sign_in("village")
    assert village.get(f"/places/{number}{door}").status_code == 404
    if door:
        assert village.post(f"/places/{number}{door}", {"version": "1"}).status_code == 404
        assert a_visitor(site).sign_in("leader").get(f"/places/{number}{door}").status_code == 403
    assert "/login" in a_visitor(site).get(f"/places/{number}{door}").headers["Location"]


def test_a_grid_worker_sees_the_file_and_changes_nothing(site: Flask, now: datetime) -> None:
    (number,) = planted(site, now, {"keeper": "grid"})
    page = text(a_visitor(site).sign_in("grid").get(f"/places/{number}"))
    assert "李网格（演示）" in page and "换责任人" not in page and "改资料" not in page
