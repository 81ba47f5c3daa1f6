"""Step 1 in chromium: pad, keyboard, and a scanner that types, also where a Chinese input method stands between."""

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page

from tests.browser.kiosk_rig import PutUp, at, enter

pytestmark = pytest.mark.browser
CODES = {"-": "Minus", "/": "Slash", ":": "Semicolon", ".": "Period"}
KEYS = """([keys, hidden]) => {
  for (const [key, code] of keys) {
    const shown = hidden && key !== "Enter";
    (document.activeElement || document.body).dispatchEvent(new KeyboardEvent("keydown",
      { key: shown ? "Process" : key, code, isComposing: shown, bubbles: true, cancelable: true }));
  }
}"""


def key_of(sign: str) -> str:
    """The physical key of a sign."""
    return CODES.get(sign) or (f"Digit{sign}" if sign.isdigit() else f"Key{sign.upper()}")


def scan(page: Page, text: str, *, input_method: bool = False) -> None:
    """Send the keys of a scanner, as the browser sees them: an input method turns each key into "Process"."""
    page.evaluate(KEYS, [[*([sign, key_of(sign)] for sign in text), ["Enter", "Enter"]], input_method])


def cells(page: Page) -> str:
    return "".join(page.locator(".cells li").all_inner_texts()).replace("\n", "")


def test_pad_and_keyboard_fill_the_cells(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        digits = stand.code()
        for digit in digits[:3]:
            page.click(f"[data-digit='{digit}']")
        assert cells(page) == digits[:3] and page.inner_text("#enter-go").strip() == "还差 3 位"
        page.click("[data-rub]")
        page.keyboard.type(digits[2:], delay=120)
        page.keyboard.press("Backspace")
        page.keyboard.type(digits[5], delay=120)
        assert cells(page) == digits
        page.click("[data-empty]")
        assert cells(page) == ""
        page.click("#enter-go", force=True)
        assert page.get_attribute("#screen", "data-name") == "start"
        page.keyboard.type(digits, delay=120)
        page.keyboard.press("Enter")
        at(page, "shop")


def test_the_keyboard_alone_leads_through_the_pad(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        digits = stand.code()
        for digit in digits:
            page.focus(f"[data-digit='{digit}']")
            page.keyboard.press("Space")
        assert cells(page) == digits
        page.focus("#enter-go")
        page.keyboard.press("Enter")
        at(page, "shop")


@pytest.mark.parametrize("input_method", [False, True], ids=["plain", "under an input method"])
def test_a_scanner_types_the_code(put_up: PutUp, input_method: bool) -> None:
    with put_up() as stand, stand.machine() as page:
        scan(page, stand.code(), input_method=input_method)
        at(page, "shop")


@pytest.mark.parametrize("input_method", [False, True], ids=["plain", "under an input method"])
def test_a_shops_label_finds_the_shop_and_the_code_is_still_asked(put_up: PutUp, input_method: bool) -> None:
    with put_up() as stand, stand.machine() as page:
        digits = stand.code()
        scan(page, "http://192.168.1.5/s/GX-MY-0142", input_method=input_method)
        page.wait_for_selector("text=扫到店铺 GX-MY-0142，请再输签约码")
        assert cells(page) == "" and "阿婆豆花" not in page.content()
        enter(page, digits)


def composed(session: CDPSession, shown: str, committed: str) -> None:
    """Compose a text as an input method does, and commit it."""
    session.send("Input.imeSetComposition", {"text": shown, "selectionStart": len(shown), "selectionEnd": len(shown)})
    session.send("Input.insertText", {"text": committed})


def test_an_input_method_in_the_field_brings_full_width_digits(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        digits = stand.code()
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in digits)
        session: Any = page.context.new_cdp_session(page)
        page.focus("#code")
        composed(session, "gu", "桂")
        assert cells(page) == ""
        composed(session, wide[:3], wide[:3])
        session.send("Input.insertText", {"text": wide[3:]})
        assert cells(page) == digits
        page.click("#enter-go")
        at(page, "shop")


def test_a_composition_that_a_scanner_broke_is_no_code(put_up: PutUp) -> None:
    """Letters open a composition and digits would choose from it: the keys count, not what was made of them."""
    with put_up() as stand, stand.machine() as page:
        digits = stand.code()
        session: Any = page.context.new_cdp_session(page)
        page.focus("#code")
        session.send("Input.imeSetComposition", {"text": "gx", "selectionStart": 2, "selectionEnd": 2})
        scan(page, "GX-MY-0142", input_method=True)
        page.wait_for_selector("text=扫到店铺 GX-MY-0142")
        assert page.input_value("#code") == ""
        page.locator("#code").blur()
        enter(page, digits)


def test_a_wrong_code_says_how_many_tries_are_left_and_typing_clears_it(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        wrong = f"{(int(stand.code()) + 1) % 1_000_000:06d}"
        page.keyboard.type(wrong, delay=120)
        page.click("#enter-go")
        page.wait_for_selector("text=还可以再试 4 次")
        assert cells(page) == ""
        page.keyboard.type("1")
        assert page.locator(".cells.refused").count() == 0


def test_a_certificates_code_is_scanned_and_checked(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        scan(page, "http://portal.test/check/0000-0000-00")
        at(page, "aside")
        page.wait_for_selector("text=没有查到这个查验码")
        page.fill("#code", "")
        for sign in "7K4M92QD":
            page.click(f"[data-sign='{sign}']")
        assert page.input_value("#code") == "7K4M-92QD"
