"""The sample sheet: for the demonstration office alone, and the importer reads it."""

import io

from flask import Flask

from tests.conftest import Visitor


def test_the_demonstration_offers_a_sheet_to_practise_with(site: Flask, staff: Visitor) -> None:
    site.config["DEMO"] = True
    assert "下载演示底册" in staff.get("/merchants/sheets/new").get_data(as_text=True)
    sheet = staff.get("/merchants/sheets/sample.xlsx")
    assert sheet.status_code == 200
    kept = staff.post("/merchants/sheets", {"file": (io.BytesIO(sheet.data), "底册.xlsx")})
    assert kept.status_code == 303
    assert "需修改" in staff.get(kept.headers["Location"]).get_data(as_text=True)


def test_a_real_office_has_none(staff: Visitor) -> None:
    assert staff.get("/merchants/sheets/sample.xlsx").status_code == 404
