"""The whole path, as a new user walks it: a shop comes in on a sheet, signs at the kiosk, and anyone checks its paper.

Real server, real chromium, real files. Pictures of every screen are left in build/pictures.
"""

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page
from pypinyin import Style, lazy_pinyin

from portal.accounts.demo import PASSWORD
from tests.browser.chromium import KIOSK, PHONE
from tests.browser.kiosk_rig import at, ink_on_glass, write
from tests.browser.office_rig import PICTURES, Office, behind_tls, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]
#: Row of the sample sheet whose shop goes on to sign: past the seven that have slips of the pen.
SIGNING = 12


def tall(page: Page, name: str) -> None:
    """Leave a picture of an upright screen."""
    if not page.url.startswith("https"):
        page.wait_for_timeout(250)
        page.screenshot(path=PICTURES / f"{name}-1080.png")


def import_sheet(page: Page, office: Office, sheet: Path) -> None:
    """导入: upload, look, mend what is told, answer what is asked, and enter all of it."""
    page.click("nav.rail >> text=商户")
    page.click("a:has-text('导入')")
    picture(page, "upload")
    page.set_input_files("input[type=file]", str(sheet))
    page.click("text=上传并核对")
    page.wait_for_selector("#sheet-preview")
    assert page.locator(".page button:has-text('导入 ')").is_disabled()
    picture(page, "import-preview")
    mend(page)
    picture(page, "import-ready")
    page.click(".page button:has-text('导入 ')")
    page.wait_for_selector("h1:has-text('导入完成')")
    picture(page, "import-done")


def mend(page: Page) -> None:
    """Press the likely answers, skip rows that have none, and answer questions, until nothing waits."""
    for _ in range(40):
        button = page.locator("#fix button[name=cure], #fix button[name=skip], #twins button[value=new]").first
        if not button.count():
            break
        with page.expect_response("**/answers"):
            button.click()
        page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    page.wait_for_selector(".why:has-text('可以导入了')")


def find_shop(page: Page, initials: str, name: str, address: str) -> None:
    """Type the initials: the list follows while typing; open the shop at that address."""
    page.click("nav.rail >> text=商户")
    with page.expect_response(lambda answer: f"q={initials}" in answer.url):
        page.locator("#search-q").press_sequentially(initials, delay=60)
    row = page.locator("#shop-table tbody tr", has_text=name).filter(has_text=address)
    row.wait_for()
    assert f"q={initials}" in page.url
    picture(page, "merchants-found")
    row.locator("a.name").click()
    page.wait_for_selector(f"h1:has-text('{name}')")


def issue_code(page: Page) -> str:
    """发签约码: without the tick it is refused and what was chosen stays; with it the six digits come once."""
    page.click("a:has-text('发签约码')")
    page.click("text=身份证")
    page.click("button:has-text('发签约码')")
    page.wait_for_selector(".invalid-feedback:has-text('请先当面核对证件')")
    assert page.is_checked("label:has-text('身份证') input")
    picture(page, "code")
    page.check("text=我已当面核对过")
    page.click("button:has-text('发签约码')")
    page.wait_for_selector(".digits")
    picture(page, "code-issued")
    digits = "".join(page.locator(".digits span").all_inner_texts())
    assert len(digits) == 6 and digits.isdigit()
    return digits


def enrol(page: Page, kiosk: Page, office: Office, name: str) -> None:
    """自助机: a new machine on the office's side; its code is typed on the machine."""
    kiosk.goto(f"{office.address}/kiosk")
    tall(kiosk, "kiosk-closed")
    page.click("nav.rail >> text=自助机")
    page.click("text=新增设备")
    page.fill("#name", name)
    page.fill("#staff_at", "进门左手 2 号窗口")
    page.click("text=建好，去发登记码")
    page.click("button:has-text('发登记码')")
    digits = page.inner_text(".big-code").replace(" ", "")
    picture(page, "kiosk-device")
    kiosk.click("text=输入登记码")
    kiosk.fill("#code", digits)
    tall(kiosk, "kiosk-enrol")
    kiosk.click("button:has-text('登记')")
    kiosk.wait_for_selector("text=请输入签约码")


def sign(kiosk: Page, digits: str, name: str) -> str:
    """The six steps, and the certificate: returns the paper's 查验码."""
    tall(kiosk, "kiosk-start")
    for place, digit in enumerate(digits, start=1):
        while len(kiosk.input_value("#code")) < place:  # a press that comes too early is not taken: one presses again
            kiosk.click(f".pad [data-digit='{digit}']")
    kiosk.click("#enter-go")
    at(kiosk, "shop")
    kiosk.wait_for_selector(f"text={name}")
    tall(kiosk, "kiosk-shop")
    kiosk.wait_for_timeout(500)
    kiosk.click("text=对，是我的店")
    at(kiosk, "terms")
    tall(kiosk, "kiosk-terms")
    while kiosk.get_attribute("#agree-go", "aria-disabled") == "true":
        kiosk.click("#down")
        kiosk.wait_for_timeout(350)
    tall(kiosk, "kiosk-terms-end")
    kiosk.click("#agree-go")
    at(kiosk, "who")
    tall(kiosk, "kiosk-who")
    kiosk.wait_for_timeout(500)
    kiosk.click("text=下一步")
    at(kiosk, "sign")
    kiosk.wait_for_timeout(500)
    write(kiosk)
    assert ink_on_glass(kiosk) > 500
    tall(kiosk, "kiosk-sign")
    kiosk.click("#sign-go")
    at(kiosk, "done")
    kiosk.wait_for_selector("#print:not(.wait) [data-now]:visible", timeout=60_000)
    tall(kiosk, "kiosk-done")
    code = kiosk.inner_text("#screen").split("查验码")[1].split()[0]
    with kiosk.expect_response("**/papers/*/file") as file:
        kiosk.click("#print")
    assert file.value.status == 200 and file.value.headers["content-type"] == "application/pdf"
    return code


def the_paper(page: Page, shop: str) -> bytes:
    """The shop's page says 生效 and leads to its paper; the file is read as 打开文书 would show it."""
    page.goto(shop)
    assert "生效" in page.inner_text(".head"), page.inner_text(".head")
    assert "签" in page.inner_text("#timeline")
    picture(page, "merchant")
    page.click("#timeline a >> nth=0")
    picture(page, "pledge")
    return fetched(page, "form[action$='/opening']")


def fetched(page: Page, form: str) -> bytes:
    """A PDF as this browser gets it from a form: chromium without a head has no viewer to look into."""
    read = """async form => {
      const sent = document.querySelector(form);
      const answer = await fetch(sent.action, {method: "POST", body: new URLSearchParams(new FormData(sent))});
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return [answer.status, answer.headers.get("content-type"), Array.from(bytes)];
    }"""
    page.wait_for_selector(form)
    status, kind, data = page.evaluate(read, form)
    assert (status, kind) == (200, "application/pdf")
    return bytes(data)


def check(page: Page, office: Office, code: str, files: list[tuple[str, bytes, str]]) -> None:
    """A stranger types the code and drops files in."""
    page.goto(f"{office.address}/check")
    picture(page, "check", PHONE)
    page.fill("#code", code.replace("-", "").lower())
    page.click("button:has-text('查验')")
    assert page.inner_text("h1") == "有效"
    picture(page, "check-valid", PHONE)
    for name, data, words in files:
        drop(page, f"{name}.pdf", data)
        page.click("#compare button:has-text('比对')")
        verdict = page.inner_text(".file-verdict b")
        assert words in verdict, (name, verdict)
        picture(page, f"check-{name}", PHONE)


def drop(page: Page, name: str, data: bytes) -> None:
    """Let go of a file over the field, as a hand with a mouse does."""
    put = """([name, bytes]) => {
      const held = new DataTransfer();
      held.items.add(new File([new Uint8Array(bytes)], name, { type: "application/pdf" }));
      const field = document.querySelector("[data-drop]");
      for (const kind of ["dragover", "drop"])
        field.dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true }));
    }"""
    page.evaluate(put, [name, list(data)])
    page.wait_for_selector(f"[data-drop] output:has-text('{name}')")


def flipped(data: bytes) -> bytes:
    """The same file with one bit of one byte in its middle turned over."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def initials_of(name: str) -> str:
    return "".join(lazy_pinyin(name.split("（")[0], style=Style.FIRST_LETTER))


def sample(office: Office, sheet: Path, community: str) -> tuple[str, str]:
    """Write a sample sheet of one community, with slips of the pen; name and address of the shop that goes on."""
    office.run("merchants", "sample", str(sheet), "--community", community, "--faulty")
    rows = list(openpyxl.load_workbook(sheet).active.iter_rows(min_row=4, values_only=True))
    shop = dict(zip(rows[0], rows[SIGNING], strict=True))
    return shop["店招名称"], f"{shop['路名']} {shop['门牌']}"


def cookies(page: Page) -> dict[str, bool]:
    """What this browser was given to keep, and whether it travels over TLS alone; no script may read it."""
    kept = page.context.cookies()
    assert kept and all(one["httpOnly"] for one in kept)
    return {one["name"]: one["secure"] for one in kept}


def walk(office: Office, sheet: Path, *, community: str, login: str, machine: str) -> None:
    """The whole path, from the front door to a stranger who drops the paper in."""
    safe = office.address.startswith("https")
    name, address = sample(office, sheet, community)
    with office.person() as page, office.person(size=KIOSK) as kiosk, office.person() as stranger:
        page.goto(office.address)
        picture(page, "login")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(f"{office.address}/**")
        assert page.evaluate("isSecureContext") is safe and cookies(page)["portal"] is safe
        picture(page, "merchants")
        import_sheet(page, office, sheet)
        find_shop(page, initials_of(name), name, address)
        picture(page, "merchant-unsigned")
        file_page = page.url
        digits = issue_code(page)
        enrol(page, kiosk, office, machine)
        assert cookies(kiosk)["kiosk"] is safe
        code = sign(kiosk, digits, name)
        kiosk.click("text=结束")
        at(kiosk, "start")
        data = the_paper(page, file_page)
        if not safe:
            (PICTURES / "certificate.pdf").write_bytes(data)
        check(stranger, office, code, [("ours", data, "是原件，没有改动"), ("changed", flipped(data), "被改动过")])
        page.goto(f"{office.address}/merchants/?q={initials_of(name)}")
        assert "生效" in page.locator("#shop-table tbody tr", has_text=address).inner_text()
        page.click("nav.rail >> text=责任书")
        assert name in page.locator("tbody tr").first.inner_text()
        picture(page, "pledges")


def test_a_shop_comes_in_on_a_sheet_and_walks_away_with_a_certificate(office: Office, tmp_path: Path) -> None:
    walk(office, tmp_path / "底册.xlsx", community="MY", login="staff", machine="大厅二号机（演示）")


def test_the_same_path_over_tls(office: Office, tmp_path: Path) -> None:
    """Another community's people walk it: where both run in one office, the sheet is new to them."""
    with behind_tls(office) as safe:
        walk(safe, tmp_path / "底册.xlsx", community="JS", login="js-1", machine="入户平板（演示）")
