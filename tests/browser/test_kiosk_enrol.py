"""Enrolment in chromium: staff make the code on a desktop, the machine takes it from its screen alone."""

import pytest

from tests.browser.chromium import DESK, KIOSK, violations, visit
from tests.browser.kiosk_rig import PutUp, at
from tests.cast import PASSWORD

pytestmark = pytest.mark.browser


def test_a_machine_without_a_keyboard_is_enrolled(put_up: PutUp) -> None:
    with put_up() as stand:
        with visit(stand.browser, DESK) as page:
            page.goto(f"{stand.address}/login")
            page.fill("[name=login]", "admin")
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_load_state()
            page.goto(f"{stand.address}/kiosks")
            page.click("text=大厅一号机")
            page.click("text=重发登记码")
            digits = page.inner_text(".big-code").replace(" ", "")
            assert not violations(page)
        with visit(stand.browser, KIOSK) as machine:
            machine.goto(f"{stand.address}/kiosk")
            machine.click("text=输入登记码")
            assert not violations(machine)
            for digit in digits:
                machine.click(f"[data-digit='{digit}']")
            machine.click("button.go")
            at(machine, "start")
            cookie = next(one for one in machine.context.cookies() if one["name"] == "kiosk")
            assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
        with stand.machine() as old:  # the token it held before is worth nothing now
            old.wait_for_selector("text=这台机器已停用")
