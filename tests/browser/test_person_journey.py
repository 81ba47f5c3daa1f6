"""A person's time in the office: hired, given a role, reminded, gone; the desk and every number are right all along.

Real server, real chromium: 系统管理员, 安全管理员, the person, a machine in the hall and whoever takes over.
"""

import re
from contextlib import ExitStack
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page

from tests.browser.chromium import KIOSK
from tests.browser.office_rig import Office
from tests.browser.walk_rig import Ids
from tests.desk.lists import FIGURE, plain, rows_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOGIN, NAME, OWN = "zhongminzhi", "钟敏之（演示）", "Guihua-Shikai-2027"
HEAD = "陈国栋（演示）"
READ = "async address => (await fetch(address)).text()"


def numbers(page: Page, office: Office) -> dict[str, int]:
    """The figures of somebody's desk; each of them opens a list of as many rows."""
    page.goto(f"{office.address}/desk/")
    found: dict[str, int] = {}
    for url, label, number, unit in FIGURE.findall(page.content()):
        if unit == "%":
            continue
        assert plain(number) == rows_in(page.evaluate(READ, unescape(url))), (label, url)
        found[label] = plain(number)
    assert found
    return found


def unread(page: Page, office: Office) -> int:
    """What the bell says."""
    page.goto(f"{office.address}/desk/")
    said = re.search(r"(\d+) 条没看", page.inner_text("#bell") or "")
    return int(said[1]) if said else 0


def listed(page: Page, office: Office, path: str) -> int:
    """How many rows a list has, by its own words."""
    page.goto(office.address + path)
    return rows_in(page.content())


def elsewhere(sheet: Path) -> None:
    """Move the sample's shops to a street of their own, so that another test's import of it finds none of them."""
    book = openpyxl.load_workbook(sheet)
    for row in book.active.iter_rows(min_row=5):
        row[1].value, row[3].value, row[6].value = f"新来的{row[1].value}", None, "钟家路"
        row[20].value = f"139{int(str(row[20].value)[3:]) // 2:08d}"
    book.save(sheet)


def bring_in(page: Page, office: Office, sheet: Path) -> None:
    """导入 a sheet without faults: upload, look, enter."""
    page.goto(f"{office.address}/merchants/sheets/new")
    page.set_input_files("input[type=file]", str(sheet))
    page.click("text=上传并核对")
    page.wait_for_selector(".why:has-text('可以导入了')")
    page.click(".page button:has-text('导入 ')")
    page.wait_for_selector("h1:has-text('导入完成')")


def hire(page: Page, office: Office) -> str:
    """A new account with a role that is asked for: returns the one-time password from the slip."""
    page.goto(f"{office.address}/people/new")
    page.fill("#name", NAME)
    page.fill("#login", LOGIN)
    page.fill("#phone", "13900001234")
    page.select_option("#role", "community_staff")
    page.select_option(
        "#area", label=next(one for one in page.locator("#area option").all_inner_texts() if "明月社区" in one)
    )
    page.click("button:has-text('建账号，开交接单')")
    return page.inner_text(f"#slip-{LOGIN} b code")


def grant(page: Page, office: Office) -> None:
    """安全管理员 looks at what waits, and grants this one."""
    page.goto(f"{office.address}/people/proposals")
    page.locator("tr", has_text=LOGIN).locator("input[type=checkbox]").check()
    page.click("button:has-text('授予选中的')")
    page.wait_for_selector(".toast, [role=status]")
    assert LOGIN not in page.inner_text("main")


def first_login(page: Page, office: Office, password: str) -> None:
    """With the slip's password nothing opens but the page where one's own is set."""
    page.goto(f"{office.address}/login")
    page.fill("#login", LOGIN)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_url("**/account/password**")
    if page.locator("#current").count():
        page.fill("#current", password)
    page.fill("#new", OWN)
    page.fill("#again", OWN)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/account/password" not in url)


def call_from_the_hall(machine: Page, office: Office, ids: Ids) -> None:
    """An enrolled machine of 明月社区's hall: somebody presses 叫工作人员."""
    name = "SELECT d.name FROM kiosk_devices d JOIN areas_areas a ON a.id = d.area_id WHERE a.code = 'MY' LIMIT 1"
    digits = office.run("kiosk", "code", str(ids.ask(name))).strip()
    machine.goto(f"{office.address}/kiosk/enrol")
    machine.fill("#code", digits)
    machine.click("button:has-text('登记')")
    machine.wait_for_selector(".k-help")
    machine.wait_for_timeout(600)  # a press that comes at once after a screen is not taken
    machine.click(".k-help >> text=叫工作人员")
    machine.wait_for_selector("dialog#call[open] >> text=已叫工作人员，请稍等")


def answer_for_a_street(page: Page, office: Office) -> None:
    """定责任人: a street that nobody answers for is the new person's."""
    page.goto(f"{office.address}/places/?view=nobody")
    page.locator("tbody a.name").first.click()
    page.click("a:has-text('定责任人') >> nth=0")
    choice = page.locator("option", has_text=NAME).get_attribute("value")
    page.select_option("select[name=person]", choice)
    page.click("main button[type=submit]:visible")
    page.wait_for_selector(f"main >> text={NAME}")


def leave(page: Page, office: Office, number: int, taker: str) -> None:
    """办离岗: what is in hand goes to one taker, and the account is shut, in one step."""
    page.goto(f"{office.address}/people/{number}/departure")
    said = page.inner_text("main table")
    assert "没办的提醒" in said and "负责的路段" in said
    page.select_option("#taker", page.locator("#taker option", has_text=taker).first.get_attribute("value"))
    page.click("button:has-text('交接并离岗')")
    page.wait_for_selector("main >> text=已离岗")


def test_a_person_comes_works_and_leaves(office: Office, tmp_path: Path) -> None:
    ids, sheet = Ids(office), tmp_path / "底册.xlsx"
    office.run("merchants", "sample", str(sheet), "--community", "MY", "--rows", "6")
    elsewhere(sheet)
    with ExitStack() as stack:
        admin, security, secretary, colleague = (
            stack.enter_context(office.person(one)) for one in ("admin", "security", "secretary", "staff")
        )
        person, machine = stack.enter_context(office.person()), stack.enter_context(office.person(size=KIOSK))
        kept, waiting = numbers(admin, office), numbers(security, office)
        before, told = numbers(colleague, office), unread(secretary, office)

        password = hire(admin, office)
        assert numbers(admin, office)["在用的人员"] == kept["在用的人员"] + 1
        assert numbers(security, office)["待授权"] == waiting["待授权"] + 1
        grant(security, office)
        assert numbers(security, office)["待授权"] == waiting["待授权"]

        first_login(person, office, password)
        mine = numbers(person, office)
        assert mine["还没签"] == before["还没签"], "the same community, the same number"
        assert unread(person, office) == 0

        bring_in(person, office, sheet)
        entered = listed(person, office, "/merchants/?pledge=unsigned&pledge=renew") - before["还没签"]
        assert entered == 6 and numbers(person, office)["还没签"] == mine["还没签"] + entered
        assert numbers(colleague, office)["还没签"] == before["还没签"] + entered

        answer_for_a_street(person, office)
        assert numbers(person, office)["无责任人的路段"] == before["无责任人的路段"] - 1

        call_from_the_hall(machine, office, ids)
        assert unread(person, office) == 1 and unread(secretary, office) == told
        person.goto(f"{office.address}/reminders/")
        assert "有人叫工作人员" in person.inner_text("#inbox")

        number = int(str(ids.ask(f"SELECT id FROM accounts_people WHERE login = '{LOGIN}'")))
        leave(admin, office, number, HEAD)
        assert unread(secretary, office) == told + 1
        secretary.goto(f"{office.address}/reminders/")
        assert "有人叫工作人员" in secretary.inner_text("#inbox") and "转交" in secretary.inner_text("#inbox")
        assert numbers(secretary, office)["无责任人的路段"] == before["无责任人的路段"] - 1, (
            "the street has a keeper still"
        )
        assert numbers(admin, office)["在用的人员"] == kept["在用的人员"]
        person.goto(f"{office.address}/desk/")
        assert "/login" in person.url, "shut out at once"
        person.goto(f"{office.address}/login")
        person.fill("#login", LOGIN)
        person.fill("#password", OWN)
        person.click("button[type=submit]")
        person.wait_for_selector("text=账号已停用")
