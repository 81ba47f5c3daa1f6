"""A file that is too large is not even sent: the sentence stands beside the field at once."""

from pathlib import Path

import pytest

from tests.browser.office_rig import Office

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_file_that_is_too_large_stays_here(office: Office, tmp_path: Path) -> None:
    large, small = tmp_path / "底册大.csv", tmp_path / "底册.csv"
    large.write_bytes(b"a" * (11 << 20))
    small.write_text("店名", "utf8")
    with office.person("staff") as page:
        office_form = f"{office.address}/merchants/sheets/new"
        page.goto(office_form)
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        box = page.locator("#file")
        box.set_input_files(str(large))
        assert "超过 10 MB，传不上来" in page.locator("[data-drop] output").inner_text()
        page.click("button:has-text('上传并核对')")
        page.wait_for_timeout(500)
        assert sent == [] and page.url == office_form
        assert box.get_attribute("aria-invalid") == "true"
        assert page.evaluate("document.activeElement.id") == "file"
        box.set_input_files(str(small))
        assert box.get_attribute("aria-invalid") is None
        with page.expect_navigation():
            page.click("button:has-text('上传并核对')")
        assert len(sent) == 1
