"""Doors of the keeper of the tree, up one ladder: works without JavaScript, key, stranger, wrong state, bad input."""

import re

import pytest
from flask import Flask

from tests.areas.pages import hidden, read, text
from tests.conftest import Visitor, a_visitor
from tests.trail import told

GRID = {"kind": "grid", "community": "MY", "area_type": "backstreet", "name": "三网格", "code": ""}


@pytest.fixture
def admin(site: Flask) -> Visitor:
    return a_visitor(site).sign_in("admin")


def test_new_grid(site: Flask, admin: Visitor) -> None:
    page = text(admin.get("/areas/new?kind=grid&under=MY"))
    ticked = re.findall(r'<input(?=[^>]* checked)[^>]* name="kind"[^>]* value="(\w+)"', page)
    assert ticked == ["grid"], ticked
    assert re.search(r'<option selected value="MY">', page)
    answer = admin.post("/areas/", GRID)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/areas/{read(site, 'MY-03').id}"
    assert "已建立三网格，编号 MY-03" in text(admin.get(answer.headers["Location"]))
    assert told(site, "areas.add")[-1][0] == "系统（演示）"


def test_new_community_village_and_section(site: Flask, admin: Visitor) -> None:
    for kind, code, name in (
        ("community", "ｘｑ", "新桥社区"),
        ("village", "ZL", "竹林村"),
        ("section", "", "民生服务办公室"),
    ):
        sent = {"kind": kind, "code": code, "name": name, "community": "", "area_type": ""}
        assert admin.post("/areas/", sent).status_code == 303
    assert read(site, "XQ").name == "新桥社区" and read(site, "K01").name == "民生服务办公室"
    page = text(admin.get("/areas/?view=sections"))
    assert "民生服务办公室" in page and "明月社区" not in page
    assert ">路段</th>" not in page and "区域类型" not in page  # nothing to say about sections
    file = text(admin.get(f"/areas/{read(site, 'GX').id}"))
    order = [file.index(f'/areas/{read(site, code).id}"') for code in ("MY", "ZL", "K01")]
    assert order == sorted(order)  # communities and villages first, whatever the codes


@pytest.mark.parametrize(
    ("but", "says"),
    [
        pytest.param({"name": ""}, "请填名称", id="no name"),
        pytest.param({"name": "　"}, "请填名称", id="a blank name"),
        pytest.param({"name": "字" * 41}, "最多 40 个字", id="a long name"),
        pytest.param({"name": "三\u200b网格"}, "零宽空格", id="an unseen sign"),
        pytest.param({"community": ""}, "所属的社区", id="no community"),
        pytest.param({"area_type": ""}, "区域类型", id="R1 no type"),
        pytest.param({"kind": "office"}, "不是有效的选择", id="a second office"),
        pytest.param({"code": "MY-02"}, "已经是二网格", id="a code that is taken"),
        pytest.param({"name": "二网格"}, "重复", id="a name that is taken"),
        pytest.param({"kind": "community", "code": ""}, "两个大写字母", id="a community without a code"),
    ],
)
def test_bad_input_is_422_beside_its_field(site: Flask, admin: Visitor, but: dict[str, str], says: str) -> None:
    answer = admin.post("/areas/", {**GRID, **but})
    assert answer.status_code == 422
    page = text(answer)
    assert 'role="alert"' in page
    assert says in page
    assert told(site, "areas.add") == []


def edited(admin: Visitor, number: int, **fields: str) -> tuple[int, str]:
    version = hidden(text(admin.get(f"/areas/{number}/edit")), "version")
    answer = admin.post(f"/areas/{number}/edit", {"version": version, **fields})
    return answer.status_code, text(answer)


def test_edit(site: Flask, admin: Visitor) -> None:
    grid = read(site, "MY-02")
    assert edited(admin, grid.id, name="东二网格", area_type="fringe")[0] == 303
    after = read(site, "MY-02")
    assert (after.name, after.area_type and after.area_type.label) == ("东二网格", "城乡接合部")
    assert "名称 二网格 → 东二网格" in text(admin.get(f"/areas/{grid.id}"))
    assert told(site, "areas.edit")[-1][3]["fields"] == ["name", "area_type"]


def test_edit_of_the_office_and_of_a_community(site: Flask, admin: Visitor) -> None:
    assert edited(admin, read(site, "GX").id, name="桂溪街道办事处")[0] == 303
    assert edited(admin, read(site, "SB").id, name="石坝社区", kind="community")[0] == 303
    assert read(site, "SB").kind.label == "社区"


def test_edit_of_an_older_page_is_409_and_keeps_what_was_typed(site: Flask, admin: Visitor) -> None:
    grid = read(site, "MY-02")
    sent = {"version": str(grid.version), "name": "甲网格", "area_type": "key"}
    assert admin.post(f"/areas/{grid.id}/edit", sent).status_code == 303
    answer = admin.post(f"/areas/{grid.id}/edit", {**sent, "name": "乙网格"})
    assert answer.status_code == 409 and "他人已先修改" in text(answer) and "乙网格" in text(answer)


def test_pressed_twice_with_the_same_page_changes_nothing_more(site: Flask, admin: Visitor) -> None:
    grid = read(site, "MY-02")
    sent = {"version": str(grid.version), "name": "甲网格", "area_type": "key"}
    for _ in range(2):
        admin.post(f"/areas/{grid.id}/edit", sent)
    assert len(told(site, "areas.edit")) == 1


def test_close_and_reopen(site: Flask, admin: Visitor) -> None:
    admin.post("/areas/", GRID)
    grid = read(site, "MY-03")
    page = text(admin.get(f"/areas/{grid.id}/closure"))
    sent = {"version": hidden(page, "version"), "reason": "并入二网格"}
    assert admin.post(f"/areas/{grid.id}/closure", sent).status_code == 303
    assert "三网格已撤销" in text(admin.get("/areas/"))
    assert "三网格" not in text(admin.get("/areas/"))
    assert "明月社区三网格" in text(admin.get("/areas/?view=closed"))
    page = text(admin.get(f"/areas/{grid.id}"))
    assert "已撤销" in page and "恢复使用" in page and "改资料" not in page
    assert admin.post(f"/areas/{grid.id}/closure", sent).status_code == 409  # pressed twice
    page = text(admin.get(f"/areas/{grid.id}/reopening"))
    sent = {"version": hidden(page, "version"), "reason": "撤错了"}
    assert admin.post(f"/areas/{grid.id}/reopening", sent).status_code == 303
    assert "三网格" in text(admin.get("/areas/"))
    assert admin.post(f"/areas/{grid.id}/reopening", sent).status_code == 409


def test_what_is_in_use_says_so_before_and_refuses_after(site: Flask, admin: Visitor) -> None:
    grid = read(site, "MY-01")
    page = text(admin.get(f"/areas/{grid.id}/closure"))
    assert "这里还有" in page and "人员" in page and "1 人" in page and 'name="reason"' not in page
    answer = admin.post(f"/areas/{grid.id}/closure", {"version": str(grid.version), "reason": "x"})
    assert answer.status_code == 409 and "这里还有人员 1 人" in text(answer)
    assert read(site, "MY-01").closed_at is None


def test_no_reason_is_422(site: Flask, admin: Visitor) -> None:
    admin.post("/areas/", GRID)
    grid = read(site, "MY-03")
    assert admin.post(f"/areas/{grid.id}/closure", {"version": "1", "reason": " "}).status_code == 422


@pytest.mark.parametrize("door", ["/areas/new", "/areas/1/edit", "/areas/1/closure", "/areas/1/reopening"])
def test_needs_its_key(site: Flask, door: str) -> None:
    office = a_visitor(site).sign_in("office")
    assert office.get(door).status_code == 403
    assert office.post(door if door != "/areas/new" else "/areas/").status_code == 403
    assert "/login" in a_visitor(site).get(door).headers["Location"]


def test_what_is_not_there_is_404(admin: Visitor) -> None:
    for door in ("", "/edit", "/closure", "/reopening"):
        assert admin.get(f"/areas/999{door}").status_code == 404
