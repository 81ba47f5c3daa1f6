"""Every screen of the kiosk at its three sizes: pictures to put beside the drawn ones; sizes and contrast hold."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import violations
from tests.browser.kiosk_rig import PutUp, Stand, at, enter, write

pytestmark = pytest.mark.browser
SIZES = {"1080x1920": (1080, 1920), "1920x1080": (1920, 1080), "1366x768": (1366, 768)}

#: What is read and smaller than 28 px, what is pressed and smaller than 72 px, what runs out of the screen.
SMALL = """() => {
  const wrong = [];
  const say = (what, e) => wrong.push(`${what}: ${(e.textContent.trim() || e.outerHTML).slice(0, 40)}`);
  const hidden = "[hidden], template, dialog:not([open]), .visually-hidden, svg";
  for (const e of document.querySelectorAll("#screen *")) {
    const style = getComputedStyle(e);
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height || style.visibility === "hidden" || style.opacity === "0") continue;
    if (e.closest(hidden)) continue;
    const pressed = e.matches("button, a[href], input:not([type=hidden]), .card-pick");
    if (pressed && (box.width < 72 || box.height < 71.5)) say(`${box.width} by ${box.height}`, e);
    if (![...e.childNodes].some(one => one.nodeType === 3 && one.textContent.trim())) continue;
    if (parseFloat(style.fontSize) < 28) say(style.fontSize, e);
    if (box.right > innerWidth + 1 || box.left < -1) say("out", e);
    const main = e.closest("dialog") ? null : e.closest(".k-main");
    const bottom = main ? main.getBoundingClientRect().bottom : innerHeight;
    if (!e.closest(".text") && box.bottom > bottom + 1) say("below", e);
    if (e.scrollWidth > e.clientWidth + 2 && style.display !== "inline") say("cut", e);
  }
  return wrong;
}"""
#: Text whose contrast is below 7:1, as axe measures it.
PALE = """() => axe.run(document.querySelector("dialog[open]") || document.getElementById("screen"),
  { runOnly: ["color-contrast-enhanced"] })
  .then(found => found.violations.flatMap(one => one.nodes.map(node => `pale: ${node.any[0].message} ${node.html}`)))"""


def look(page: Page, name: str, folder: Path) -> list[str]:
    """Take the picture, measure, and ask axe."""
    page.wait_for_timeout(250)
    page.screenshot(path=folder / f"kiosk-{name}.png")
    return [f"{name}: {wrong}" for wrong in [*page.evaluate(SMALL), *violations(page), *page.evaluate(PALE)]]


def walk(stand: Stand, page: Page, size: str, folder: Path) -> list[str]:
    wrong: list[str] = []
    page.keyboard.type("4072", delay=120)
    wrong += look(page, f"start-{size}", folder)
    page.click("text=清空")
    page.keyboard.type("000000", delay=120)
    page.click("#enter-go")
    page.wait_for_selector(".cells.refused")
    wrong += look(page, f"wrong-{size}", folder)
    page.click(".to-check")
    at(page, "aside")
    wrong += look(page, f"check-{size}", folder)
    page.click("text=返回")
    at(page, "start")
    page.click(".scan")
    wrong += look(page, f"scan-{size}", folder)
    page.click("dialog[open] [data-close]")
    enter(page, stand.code(f"GX-MY-0{len(size)}{size[0]}{size[2]}"))
    wrong += look(page, f"shop-{size}", folder)
    page.click(".k-help [data-open=call]")
    wrong += look(page, f"call-{size}", folder)
    page.click("dialog[open] [data-close]")
    page.click("text=对，是我的店")
    at(page, "terms")
    wrong += look(page, f"terms-{size}", folder)
    page.evaluate("document.getElementById('text').scrollTo(0, 100000)")
    page.wait_for_selector("#agree-go[aria-disabled=false]")
    wrong += look(page, f"terms-end-{size}", folder)
    page.click("#agree-go")
    at(page, "who")
    wrong += look(page, f"who-{size}", folder)
    page.click("text=下一步")
    at(page, "sign")
    page.mouse.move(*middle(page))
    page.mouse.down()
    page.mouse.up()
    page.click("#sign-go")
    wrong += look(page, f"sign-refused-{size}", folder)
    page.click("#again")
    write(page)
    wrong += look(page, f"sign-{size}", folder)
    page.context.set_offline(True)
    page.click("#sign-go")
    page.wait_for_selector(".waiting")
    wrong += look(page, f"offline-{size}", folder)
    page.evaluate("document.getElementById('still-there').showModal()")
    wrong += look(page, f"idle-{size}", folder)
    page.evaluate("document.getElementById('still-there').close()")
    page.context.set_offline(False)
    page.click("#retry")
    at(page, "done")
    page.wait_for_selector("#print:not(.wait)", timeout=60_000)
    wrong += look(page, f"done-{size}", folder)
    return wrong


def middle(page: Page) -> tuple[float, float]:
    box = page.locator("#ink").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("size", SIZES)
def test_every_screen_is_as_large_as_promised(put_up: PutUp, tmp_path: Path, size: str) -> None:
    folder = Path(os.environ.get("PORTAL_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    with put_up() as stand, stand.machine(SIZES[size]) as page:
        wrong = walk(stand, page, size, folder)
    assert not wrong, "\n".join(wrong)
