"""店铺标签: what is printed, for whom, how many, and that no person stands on one (rules 1)."""

import re
from collections.abc import Iterator
from datetime import datetime

import segno
from flask import Flask
from werkzeug.datastructures import MultiDict

from portal.kiosk.forms import shop_number
from tests.conftest import Visitor, a_visitor
from tests.merchants.shops import planted
from tests.merchants.views.test_lists import queries_of
from tests.trail import told

ONE = {
    "sign_name": "阿婆豆花",
    "responsible_name": "何小满",
    "landlord_name": "陈大顺",
    "landlord_phone": "023-74512345",
}


def labels(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<b>([^<]*)</b><span class="shop">([^<]*)</span>', page)


def dark(number: str) -> set[tuple[int, int]]:
    """The dark modules of a number's QR code, as segno says them."""
    code = segno.make(number, error="m", micro=False, boost_error=True)
    return {(x, y) for y, row in enumerate(code.matrix) for x, module in enumerate(row) if module}


def drawn(page: str) -> Iterator[set[tuple[int, int]]]:
    """The dark modules of each code on the page; two modules are left white around."""
    for path in re.findall(r'<path d="([^"]*)"/>', page):
        bars = re.findall(r"M(\d+) (\d+)h(\d+)v1H(\d+)z", path)
        assert "".join("M{} {}h{}v1H{}z".format(*bar) for bar in bars) == path
        yield {(int(x) - 2 + step, int(y) - 2) for x, y, wide, _back in bars for step in range(int(wide))}


def test_a_label_is_name_number_and_code_and_no_person(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, ONE, {"door_no": "8 号", "sign_name": "小满副食店"})
    page = staff.get("/merchants/labels").get_data(as_text=True)
    assert labels(page) == [("GX-MY-0001", "阿婆豆花"), ("GX-MY-0002", "小满副食店")]
    sheet = page.partition('class="labels"')[2]
    for person in ("何小满", "何*", "13600002207", "136****", "陈", "74512345", "桂花巷"):
        assert person not in sheet, person
    assert list(drawn(sheet)) == [dark("GX-MY-0001"), dark("GX-MY-0002")]
    assert shop_number("GX-MY-0001") == "GX-MY-0001", "what the kiosk's scanner understands"
    assert "一次最多印 240 家" in page and "data-print-now" not in page
    assert told(site, "merchants.labels") == []


def test_the_list_that_was_looked_at_is_printed_and_leaves_a_line(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, {"grid": "MY-01"}, {"grid": "MY-02", "door_no": "8 号"})
    staff.get("/merchants/?grid=MY-01&q=豆花")
    asked = sent_by(staff.get("/merchants/labels").get_data(as_text=True))
    assert [name for name, _value in asked] == ["grid", "sought"]
    staff.get("/merchants/")  # another tab
    for copies in (1, 2):
        page = staff.post("/merchants/labels", MultiDict(asked)).get_data(as_text=True)
        assert labels(page) == [("GX-MY-0001", "阿婆豆花")] and "data-print-now" in page
        assert told(site, "merchants.labels") == [("周敏（演示）", "shops", "ok", {"count": 1})] * copies
        assert [name for name, _value in sent_by(page)] == ["grid", "sought"]


def sent_by(page: str) -> list[tuple[str, str]]:
    """What the form of 打印 carries beside its token."""
    (form,) = re.findall(r'<form method="post" action="/merchants/labels".*?</form>', page, re.DOTALL)
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return [(name, value) for name, value in found if name != "csrf_token"]


def test_twenty_four_stand_on_a_sheet_and_queries_are_few(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now)
    staff.get("/merchants/labels")
    few = queries_of(staff, "/merchants/labels")[0]
    planted(site, now, *({"door_no": f"{number} 号"} for number in range(10, 34)))
    page = staff.get("/merchants/labels").get_data(as_text=True)
    assert [len(labels(part)) for part in page.split('<ul class="label-sheet"')[1:]] == [24, 1]
    assert queries_of(staff, "/merchants/labels")[0] == few


def test_too_many_are_not_printed(site: Flask, staff: Visitor, now: datetime) -> None:
    planted(site, now, *({"door_no": f"{number} 号"} for number in range(240)))
    assert len(labels(staff.get("/merchants/labels").get_data(as_text=True))) == 240
    planted(site, now, {"door_no": "900 号"})
    page = staff.get("/merchants/labels").get_data(as_text=True)
    assert "有 241 家，一次最多印 240 家" in page and labels(page) == [] and 'action="/merchants/labels"' not in page
    assert staff.post("/merchants/labels").status_code == 409
    assert staff.post("/merchants/labels", {"grid": "MY-01"}).status_code == 409, "nor none"
    assert told(site, "merchants.labels") == []


def test_whose_labels(site: Flask, now: datetime) -> None:
    """The key is that of whoever edits shops, within reach; others have no button and no page."""
    planted(site, now, {"grid": "MY-01"}, {"grid": "SB-01", "door_no": "8 号"})
    grid = a_visitor(site).sign_in("grid")
    assert 'href="/merchants/labels"' in grid.get("/merchants/").get_data(as_text=True)
    assert labels(grid.get("/merchants/labels").get_data(as_text=True)) == [("GX-MY-0001", "阿婆豆花")]
    leader = a_visitor(site).sign_in("leader")
    assert 'href="/merchants/labels"' not in leader.get("/merchants/").get_data(as_text=True)
    assert leader.get("/merchants/labels").status_code == leader.post("/merchants/labels").status_code == 403
