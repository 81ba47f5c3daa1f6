"""Silence, leaving, and what is left behind: nothing (I12), in chromium with a shortened clock of the screen."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.kiosk_rig import PutUp, at, enter, to_signature, write

pytestmark = pytest.mark.browser
PERSONAL = ("阿婆豆花", "王*", "138****5678", "GX-MY-0142", "明月大道")


def seen_text(page: Page) -> str:
    return page.content()


def test_silence_warns_one_tap_stays_and_then_the_wipe(put_up: PutUp) -> None:
    with put_up(idle=1.5, warn=2) as stand, stand.machine() as page:
        enter(page, stand.code())
        page.wait_for_selector("dialog#still-there[open]")
        assert "秒后清除" in page.inner_text("#still-left")
        page.click("[data-stay]")
        assert page.get_attribute("#screen", "data-name") == "shop"
        page.wait_for_selector("dialog#still-there[open]")
        page.keyboard.press("Escape")  # also a way to stay
        page.wait_for_selector("dialog#still-there", state="hidden")
        page.wait_for_selector("dialog#still-there[open]")
        at(page, "start")
        assert not [word for word in PERSONAL if word in seen_text(page)]
        assert [outcome for (outcome,) in stand.ask("SELECT outcome FROM kiosk_journeys")] == ["left"]


def test_a_reader_who_moves_is_not_silent_and_the_portal_is_told(put_up: PutUp) -> None:
    with put_up(idle=2, warn=2, pulse=1) as stand, stand.machine() as page:
        enter(page, stand.code())
        with page.expect_request(lambda sent: sent.url.endswith("/kiosk/pulse") and "here=1" in (sent.post_data or "")):
            for place in range(8):
                page.mouse.move(300 + place * 20, 400)
                page.wait_for_timeout(400)
        assert not page.is_visible("dialog#still-there")


def test_the_last_screen_goes_after_its_minute_or_with_one_press(put_up: PutUp) -> None:
    with put_up(done=3) as stand, stand.machine() as page:
        to_signature(page, stand.code())
        write(page)
        page.click("#sign-go")
        at(page, "done")
        page.wait_for_timeout(2000)
        page.click("#longer")
        page.wait_for_timeout(2000)
        assert page.get_attribute("#screen", "data-name") == "done"
        at(page, "start")
        assert stand.ask("SELECT outcome, draft FROM kiosk_journeys") == [("signed", "{}")]


def test_the_paper_is_made_and_printed_from_the_last_screen(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        to_signature(page, stand.code())
        write(page)
        page.click("#sign-go")
        at(page, "done")
        page.wait_for_selector("#print:not(.wait)", timeout=60_000)
        with page.expect_response("**/papers/*/file") as file:
            page.click("#print")
        assert file.value.status == 200 and file.value.headers["content-type"] == "application/pdf"
        assert "no-store" in file.value.headers["cache-control"]
        page.click("text=结束")
        at(page, "start")
        assert page.locator("iframe").count() == 0


def test_i12_nothing_of_the_last_person_is_left(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        before = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
        entries = page.evaluate("history.length")
        to_signature(page, stand.code())
        write(page)
        page.click("#sign-go")
        at(page, "done")
        page.wait_for_selector("#print:not(.wait)", timeout=60_000)
        gone = page.url
        page.click("text=结束")
        at(page, "start")
        page.wait_for_selector("#screen:not(.wiped)")

        assert not [word for word in PERSONAL if word in seen_text(page)]
        cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
        assert cookies.keys() <= {"kiosk", "portal"} and cookies["kiosk"] == stand.token
        assert cookies["portal"] != before["portal"]
        storage: Any = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
        assert storage == [0, 0, ""]
        assert page.evaluate("indexedDB.databases().then(all => all.length)") == 0
        kept: Any = page.context.new_cdp_session(page).send("Page.getNavigationHistory")
        assert {entry["url"] for entry in kept["entries"]} <= {"about:blank", gone}
        assert page.evaluate("history.length") == entries
        page.go_back()
        page.wait_for_timeout(500)
        assert not [word for word in PERSONAL if word in seen_text(page)]
        for screen in ("shop", "terms", "signer", "signature", "done"):
            page.goto(f"{stand.address}/kiosk/pledge/{screen}")
            assert page.url == f"{stand.address}/kiosk"
            assert not [word for word in PERSONAL if word in seen_text(page)]


def test_i12_no_answer_of_the_journey_may_be_kept(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        kept: list[str] = []

        def look(answer: Any) -> None:
            if "/static/" not in answer.url and "no-store" not in answer.headers.get("cache-control", ""):
                kept.append(answer.url)

        page.on("response", look)
        to_signature(page, stand.code())
        write(page)
        page.click("#sign-go")
        at(page, "done")
        page.wait_for_selector("#print:not(.wait)", timeout=60_000)
        page.click("text=结束")
        at(page, "start")
        assert not kept


def test_a_reload_in_the_middle_begins_anew_at_the_start_screen(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        enter(page, stand.code())
        page.reload()
        at(page, "start")
        page.wait_for_selector("#screen:not([data-left-open])")
        page.wait_for_timeout(300)
        assert [outcome for (outcome,) in stand.ask("SELECT outcome FROM kiosk_journeys")] == ["left"]


def test_a_wipe_without_network_hides_everything_at_once_and_finishes_later(put_up: PutUp) -> None:
    with put_up(idle=1, warn=1) as stand, stand.machine() as page:
        enter(page, stand.code())
        page.context.set_offline(True)
        page.wait_for_selector("text=网络异常，请找工作人员")
        assert not [word for word in PERSONAL if word in seen_text(page)]
        page.context.set_offline(False)
        at(page, "start")
        assert [outcome for (outcome,) in stand.ask("SELECT outcome FROM kiosk_journeys")] == ["left"]


def test_digits_that_somebody_left_on_the_start_screen_go(put_up: PutUp) -> None:
    with put_up(idle=1) as stand, stand.machine() as page:
        page.keyboard.type("123", delay=120)
        page.wait_for_timeout(2000)
        assert page.input_value("#code") == "" and page.inner_text(".cells li") == ""


def test_back_and_again_stand_on_every_step(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        to_signature(page, stand.code())
        for name in ("who", "terms", "shop"):
            page.click(".k-help button >> text=返回")
            at(page, name)
        page.click(".k-help >> text=叫工作人员")
        page.wait_for_selector("dialog#call[open] >> text=进门左手 2 号窗口")
        page.click("dialog#call [data-close]")
        page.click(".k-help button >> text=重来")
        at(page, "start")
