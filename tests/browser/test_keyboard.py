"""The main path of the staff without a mouse: Tab goes where the eye goes, the focus is seen, Enter and Space act."""

import pytest
from playwright.sync_api import Page

from portal.accounts.demo import PASSWORD
from tests.browser.office_rig import Office

pytestmark = [pytest.mark.browser, pytest.mark.slow]
#: What has the focus: its words, whether it is in the window, and whether something around it says so.
FOCUSED = """() => {
  const e = document.activeElement;
  const label = e.labels && e.labels[0] ? e.labels[0].innerText : "";
  const words = label || e.getAttribute("aria-label") || e.innerText || e.name || "";
  const ringed = [e, e.parentElement, e.labels && e.labels[0]].filter(Boolean).some(one => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  });
  const box = e.getBoundingClientRect();
  const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return [words.trim().replace(/\\s+/g, " "), ringed, seen, e.tagName];
}"""


def tab_to(page: Page, words: str, most: int = 80) -> list[str]:
    """Press Tab until something with these words has the focus; returns what was passed, all of it seen."""
    passed: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        said, ringed, seen, tag = page.evaluate(FOCUSED)
        assert tag != "BODY", f"the focus is lost after {passed}"
        assert ringed and seen, f"{tag} {said}: ring {ringed}, in the window {seen}"
        passed.append(said)
        if words in said:
            return passed
    raise AssertionError(f"{words} is not reached: {passed}")


def test_a_member_of_staff_issues_a_code_without_a_mouse(office: Office) -> None:
    with office.person() as page:
        page.goto(f"{office.address}/login")
        page.keyboard.type("staff")  # the cursor waits in the first field
        tab_to(page, "密码", 1)
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/")
        page.keyboard.press("/")  # the one search, from every page
        assert page.evaluate("document.activeElement.id") == "find"

        page.goto(f"{office.address}/merchants/")
        assert tab_to(page, "跳到正文") == ["跳到正文"]
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        order = tab_to(page, "店名、编号、地址、电话后四位")
        assert order.index("导入") < order.index("导出") < order.index("新增商户"), order

        with page.expect_response("**/merchants/?*q=apdh*"):
            page.keyboard.type("apdh", delay=40)
        page.wait_for_selector("#shop-table a.name:has-text('阿婆豆花')")
        tab_to(page, "阿婆豆花")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:has-text('阿婆豆花')")

        tab_to(page, "发签约码")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:has-text('发签约码')")
        tab_to(page, "本人")
        tab_to(page, "签名人姓名", 1)
        tab_to(page, "营业执照和身份证", 1)
        page.keyboard.press("ArrowUp")
        assert page.evaluate(FOCUSED)[0] == "身份证" and page.is_checked("label:has-text('身份证') >> nth=0 >> input")
        tab_to(page, "我已当面核对过", 1)
        page.keyboard.press("Space")
        tab_to(page, "发签约码", 1)
        page.keyboard.press("Enter")
        page.wait_for_selector(".digits")


def test_menus_and_questions_close_with_escape_and_give_the_focus_back(office: Office) -> None:
    with office.person("staff") as page:
        page.goto(f"{office.address}/merchants/")
        tab_to(page, "我的账号")
        page.keyboard.press("Enter")
        tab_to(page, "切换用户", 2)
        page.keyboard.press("Escape")
        assert not page.is_visible("text=切换用户") and "我的账号" in page.evaluate(FOCUSED)[0]

        tab_to(page, "的电话")
        opener = page.evaluate(FOCUSED)[0]
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog#asking[open]")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('dialog') !== null")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog#asking", state="hidden")
        assert page.evaluate(FOCUSED)[0] == opener
