"""Step 5 in chromium: ink under the finger whatever the glass does, refusals, a network that goes at the last step."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.kiosk_rig import PutUp, Stand, at, enter, ink_on_glass, sent_strokes, to_signature, write

pytestmark = pytest.mark.browser


#: The portal gets the signature and signs; its answer never arrives.
LOSE_THE_ANSWER = """() => {
  const real = window.fetch;
  window.fetch = async (url, options) => {
    const answer = await real(url, options);
    if (String(url).endsWith("/pledge/signature") && !window.lost) {
      window.lost = 1;
      throw new TypeError("the network is gone");
    }
    return answer;
  };
}"""


def pledges(stand: Stand) -> int:
    return int(stand.ask("SELECT count(*) FROM pledges_pledges")[0][0])


def ink_box(page: Page) -> dict[str, float]:
    """Where the ink is on the screen, in pixels of the page."""
    found: Any = page.evaluate(
        """() => { const c = document.getElementById('ink'); const at = c.getBoundingClientRect();
          const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
          let l = c.width, r = -1, t = c.height, b = -1;
          for (let y = 0; y < c.height; y += 1) for (let x = 0; x < c.width; x += 1)
            if (d[(y * c.width + x) * 4 + 3]) {
              l = Math.min(l, x); r = Math.max(r, x); t = Math.min(t, y); b = Math.max(b, y);
            }
          const k = c.width / at.width;
          return { left: at.left + l / k, right: at.left + r / k, top: at.top + t / k, bottom: at.top + b / k }; }"""
    )
    return dict(found)


def stroke(page: Page, x: float, y: float, to_x: float, to_y: float) -> None:
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=40)
    page.mouse.up()


def test_rotation_and_resize_lose_nothing(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        to_signature(page, stand.code())
        write(page)
        before, ink = ink_box(page), ink_on_glass(page)
        for size in ((1920, 1080), (1366, 768), (1080, 1920)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.wait_for_timeout(300)
            glass = page.locator("#ink").bounding_box()
            shown = ink_box(page)
            assert glass is not None and ink_on_glass(page) > ink * 0.2
            assert glass["x"] <= shown["left"] and shown["right"] <= glass["x"] + glass["width"]
            assert glass["y"] <= shown["top"] and shown["bottom"] <= glass["y"] + glass["height"]
        after = ink_box(page)
        assert all(abs(before[side] - after[side]) < 3 for side in before), (before, after)


def test_ink_stays_under_the_finger_after_zoom(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine((1366, 768)) as page:
        to_signature(page, stand.code())
        session: Any = page.context.new_cdp_session(page)
        for ratio in (2, 1.25, 3, 1):
            metrics = {"width": 1366, "height": 768, "deviceScaleFactor": ratio, "mobile": False}
            session.send("Emulation.setDeviceMetricsOverride", metrics)
            page.wait_for_timeout(300)
            page.click("#clear")
            glass = page.locator("#ink").bounding_box()
            assert glass is not None
            x, y = glass["x"] + 150, glass["y"] + 120
            stroke(page, x, y, x + 200, y + 90)
            box = ink_box(page)
            expected = {"left": x, "right": x + 200, "top": y, "bottom": y + 90}
            assert all(abs(box[side] - expected[side]) < 8 for side in expected), (ratio, box, expected)


def test_a_finger_writes_as_a_mouse_does(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine(has_touch=True) as page:
        to_signature(page, stand.code())
        glass = page.locator("#ink").bounding_box()
        assert glass is not None
        session: Any = page.context.new_cdp_session(page)
        for number in range(3):
            x, y = glass["x"] + 150 + 150 * number, glass["y"] + 200
            path = [("touchStart", [{"x": x, "y": y}])]
            path += [("touchMove", [{"x": x + 8 * step, "y": y + 12 * step}]) for step in range(1, 12)]
            for kind, points in [*path, ("touchEnd", [])]:
                session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(500)  # a finger needs that long to come down again
        assert ink_on_glass(page) > 500
        page.click("#sign-go")
        at(page, "done")
        assert pledges(stand) == 1


def test_pledge_1_blank_dot_and_tiny_strokes_are_refused_in_the_browser(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        to_signature(page, stand.code())
        posted: list[str] = []
        page.on("request", lambda sent: posted.append(sent.url) if sent.method == "POST" else None)
        box = page.locator("#ink").bounding_box()
        assert box is not None
        x, y = box["x"] + 200, box["y"] + 200

        def refused() -> None:
            page.click("#sign-go")
            page.wait_for_selector(".glass.refused >> text=签名太短，请签全名")
            assert page.is_hidden("#sign-go") and page.is_hidden("#clear")
            page.click("#again")
            assert page.locator(".glass.refused").count() == 0 and ink_on_glass(page) == 0

        refused()
        page.mouse.click(x, y)
        refused()
        stroke(page, x, y, x + 15, y + 10)
        refused()
        for place in range(9):
            page.mouse.click(x + 30 * place, y)
        refused()
        assert not [url for url in posted if "signature" in url]
        write(page)
        page.click("#clear")
        assert ink_on_glass(page) == 0
        refused()
        write(page)
        page.click("#sign-go")
        at(page, "done")


def test_the_portal_refuses_what_the_browser_let_through_and_the_ink_is_still_there(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        to_signature(page, stand.code())
        page.evaluate(
            "Object.assign(document.getElementById('agree').dataset, { leastPoints: 0, leastLength: 0, leastSide: 0 })"
        )
        box = page.locator("#ink").bounding_box()
        assert box is not None
        stroke(page, box["x"] + 200, box["y"] + 200, box["x"] + 212, box["y"] + 205)
        page.click("#sign-go")
        page.wait_for_selector(".glass.refused")
        assert ink_on_glass(page) > 0 and pledges(stand) == 0
        page.click("#again")
        write(page)
        page.click("#sign-go")
        at(page, "done")
        assert pledges(stand) == 1


def test_strokes_are_sent_in_pixels_and_without_pressure(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        to_signature(page, stand.code())
        write(page)
        with page.expect_request("**/kiosk/pledge/signature") as sent:
            page.click("#sign-go")
        strokes = sent_strokes(sent.value.post_data)
        assert len(strokes) == 4 and all(len(point) == 3 for one in strokes for point in one)
        times = [point[2] for one in strokes for point in one]
        assert times[0] == 0 and times == sorted(times)
        at(page, "done")


def test_the_network_goes_at_the_last_step_and_one_pledge_comes_of_it(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        to_signature(page, stand.code())
        write(page)
        ink = ink_on_glass(page)
        page.context.set_offline(True)
        page.click("#sign-go")
        page.wait_for_selector("text=网络中断，正在重试")
        page.wait_for_selector("text=签名已保留在屏幕上")
        assert ink_on_glass(page) == ink and pledges(stand) == 0
        write(page, 1)
        assert ink_on_glass(page) == ink  # what was signed is not written on
        page.click(".k-help button >> text=重来", force=True)
        page.wait_for_selector("text=第 2 次")
        assert page.get_attribute("#screen", "data-name") == "sign"
        page.context.set_offline(False)
        page.click("#retry")
        at(page, "done")
        assert pledges(stand) == 1


def test_the_answer_is_lost_after_signing_and_the_retry_finds_the_same_pledge(put_up: PutUp) -> None:
    """I11: the portal has signed, the screen does not know; the same key leads to the same pledge."""
    with put_up() as stand, stand.machine() as page:
        to_signature(page, stand.code())
        write(page)
        page.evaluate(LOSE_THE_ANSWER)
        page.click("#sign-go")
        page.wait_for_selector("text=网络中断，正在重试")
        assert page.evaluate("window.lost") == 1 and pledges(stand) == 1
        at(page, "done")  # by itself, after two seconds
        assert pledges(stand) == 1
        assert len(stand.ask("SELECT id FROM papers_papers")) == 1


def test_a_fault_of_the_portal_is_no_end_either(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        to_signature(page, stand.code())
        write(page)
        page.route("**/kiosk/pledge/signature", lambda route: route.fulfill(status=502, body="bad gateway"), times=1)
        page.click("#sign-go")
        page.wait_for_selector("text=签名已保留在屏幕上")
        at(page, "done")
        assert pledges(stand) == 1


def test_a_double_tap_passes_no_screen_unseen(put_up: PutUp) -> None:
    with put_up(still=400) as stand, stand.machine() as page:
        page.wait_for_timeout(500)
        page.keyboard.type(stand.code(), delay=120)
        page.dblclick("#enter-go")
        at(page, "shop")
        page.wait_for_timeout(600)
        where = page.locator(".k-act .go").bounding_box()
        assert where is not None
        for _ in range(6):  # a trembling finger, for a third of a second
            page.mouse.click(where["x"] + 200, where["y"] + 40)
            page.wait_for_timeout(40)
        page.wait_for_timeout(300)
        assert page.get_attribute("#screen", "data-name") == "terms"
        assert stand.ask("SELECT step FROM kiosk_journeys") == [(3,)]


def test_any_other_step_waits_for_the_network_too(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        enter(page, stand.code())
        page.context.set_offline(True)
        page.click("text=对，是我的店")
        page.wait_for_selector("dialog#cut[open] >> text=网络异常")
        page.context.set_offline(False)
        page.click("[data-retry]")
        at(page, "terms")


@pytest.mark.parametrize("local", [True, False])
def test_read_aloud_only_where_a_local_voice_stands(put_up: PutUp, local: bool) -> None:
    voice = f"{{ lang: 'zh-CN', localService: {str(local).lower()}, name: 'x', voiceURI: 'x' }}"
    with put_up() as stand, stand.machine() as page:
        page.context.add_init_script(f"window.speechSynthesis.getVoices = () => [{voice}];")
        page.reload()
        enter(page, stand.code())
        page.click("text=对，是我的店")
        at(page, "terms")
        assert page.is_visible("#aloud") is local
