"""Every page of the URL map in real chromium: axe finds nothing, nothing runs out of the window down to 683 px and at
200 %, no line of error on the console, nothing against the content policy; and it works with JavaScript off."""

import io
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page

from portal.accounts.terms import ROLES
from portal.ground.can import Can
from tests.browser.chromium import KIOSK, PHONE, visit
from tests.browser.kiosk_rig import Hall
from tests.browser.live import listening
from tests.browser.office_rig import Office, picture
from tests.browser.walk_rig import FILES, OUT, Ids, doors, fetch, look, look_without_scripts
from tests.conftest import Visitor, a_visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROLE_OF = {
    "staff": "community_staff", "auditor": "auditor", "admin": "system_admin", "office": "campaign_office",
    "security": "security_admin",
}  # fmt: skip
#: States that an address alone does not show: nothing found, refused, filtered, not there; (path, status).
MORE: dict[str, list[tuple[str, int]]] = {
    "staff": [
        ("/merchants/?q=zzzz", 200), ("/merchants/?q=jxlzc&state=open", 200), ("/merchants/?view=vacant", 200),
        ("/merchants/?page=2", 200), ("/pledges?state=void", 200), ("/merchants/999999", 404), ("/trail/", 403),
        ("/pledges?q=zzzz", 200),
    ],
    "office": [
        ("/merchants/", 200), *((f"/pledges/{{{state}}}", 200) for state in ("waiting", "void", "renewed", "ended")),
        ("/worktime?year=2027", 200), ("/worktime/days/2027-10-10", 200), ("/worktime?year=1999", 404),
        ("/worktime/why?on=2026-09-24", 200), ("/worktime/why?on=2026-12-23&kind=complex", 200),
        ("/worktime/why?on=zzzz", 422), ("/worktime/why?kind=urgent", 200),
    ],
    "admin": [
        ("/people/?q=zzzz", 200), ("/people/?q=mmt", 200), ("/people/?view=left", 200), ("/people/?view=bare", 200),
        ("/people/?role=leader&area=MY", 200), ("/people/{left}", 200), ("/people/{locked}", 200),
        ("/people/999999", 404),
    ],
    "auditor": [("/trail/?action=zzz", 200), ("/merchants/", 403)],
    "": [
        *((f"/check/{{{standing}}}", 200) for standing in ("valid:", "waiting:", "renewed:", "ended:", "void:")),
        ("/check/0000-0000-00", 404), ("/check?code=17", 422), ("/nowhere", 404), ("/login?next=/pledges", 200),
    ],
}  # fmt: skip


#: States of the check page, which is looked at on a telephone first.
CHECKS = {
    "check-void": "{void:}",
    "check-ended": "{ended:}",
    "check-waiting": "{waiting:}",
    "check-none": "0000-0000-00",
}


@pytest.fixture(scope="module")
def ids(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Ids:
    """The office with what the demonstration leaves out: a waiting sheet, photos and attachments, former ones too, a
    made paper."""
    found, folder = Ids(office), tmp_path_factory.mktemp("furnishing")
    sheet, photo = folder / "底册.xlsx", folder / "门头.jpg"
    office.run("merchants", "sample", str(sheet), "--community", "MY", "--faulty")
    picture = io.BytesIO()
    Image.linear_gradient("L").resize((640, 420)).convert("RGB").save(picture, "JPEG")
    photo.write_bytes(picture.getvalue())
    Image.open(photo).rotate(180).save(other := folder / "旧门头.jpg")
    for login in ("staff", "office"):
        with office.person(login) as page:
            send(page, f"{office.address}/merchants/sheets/new", "#file", sheet, "上传并核对")
            if login == "staff":
                pictures = f"{office.address}/merchants/{found.shop()}/pictures"
                for shot in (other, photo):
                    send(page, pictures, "input[name=file] >> nth=0", shot, "上传门头照")
                send(page, pictures, "#attachment", other, "添加附件")
                take_off(page, pictures)
                send(page, pictures, "#attachment", photo, "添加附件")
                make_paper(page, office, found)
    calendar = folder / "日历.csv"
    calendar.write_text("日期,上班/休息,名称\n2027-01-01,上班,元旦\n2027-01-02,休息,\n", "utf-8-sig")
    with office.person("office") as page:
        send(page, f"{office.address}/worktime/sheets/new", "#file", calendar, "上传并核对")
    streets, tree = folder / "路段.csv", folder / "社区网格.csv"
    streets.write_text("名称,类别,网格代码,责任人账号\n新巷,背街小巷,MY-02,my-02\n,背街小巷,MY-99,\n", "utf-8-sig")
    tree.write_text("代码,名称,类别,区域类型\nXX,新社区,社区,\nXX-01,,网格,没有\n", "utf-8-sig")
    for login in ("staff", "office"):
        with office.person(login) as page:
            send(page, f"{office.address}/places/sheets/new", "#file", streets, "上传并核对")
    with office.person("admin") as page:
        send(page, f"{office.address}/areas/sheets/new", "#file", tree, "上传并核对")
    people = folder / "人员.csv"
    people.write_text("姓名,账号,角色,区域\n王芳,,网格员,MY-02\n李明,liming,网格长,MY\n赵刚,zhaogang,,\n", "utf-8-sig")
    with office.person("admin") as page:
        send(page, f"{office.address}/people/sheets/new", "#file", people, "上传并核对")
    return found


def send(page: Page, address: str, box: str, file: Path, button: str) -> None:
    page.goto(address)
    page.set_input_files(box, str(file))
    with page.expect_navigation():
        page.click(f"button:has-text('{button}')")


def take_off(page: Page, address: str) -> None:
    page.goto(address)
    page.click("summary:has-text('移除')")
    page.fill("[name=reason]:visible", "传错了店")
    with page.expect_navigation():
        page.click("dialog[open] button.btn-primary")


def make_paper(page: Page, office: Office, ids: Ids) -> None:
    page.goto(f"{office.address}/papers/{ids.of('papers.show', 'id', 'staff')}")
    if page.locator("button:has-text('制作文书')").count():
        with page.expect_navigation(timeout=60_000):
            page.click("button:has-text('制作文书')")


def filled(path: str, ids: Ids) -> str:
    """`/pledges/{void}` and `/check/{void:}` with a row of the office."""
    if "{" not in path:
        return path
    head, word = path.rstrip("}").split("{")
    if head == "/people/":
        return head + str(ids.ask(f"SELECT id FROM accounts_people WHERE state = '{word}' ORDER BY id LIMIT 1"))
    return head + str(ids.code(word[:-1]) if word.endswith(":") else ids.pledge(word, "GX"))


@pytest.mark.parametrize("login", [*ROLE_OF, ""], ids=lambda login: login or "public")
def test_every_page(office: Office, ids: Ids, site: Flask, login: str) -> None:
    keys = ROLES[ROLE_OF[login]].keys if login else None
    found = list(doors(site, keys, login, ids))
    pages = [(path, 200) for endpoint, path in found if endpoint not in FILES]
    pages += [(filled(path, ids), status) for path, status in MORE.get(login, [])]
    wrong: list[str] = []
    with office.person(login, reduced_motion="reduce") as page:
        page.goto(f"{office.address}/check")
        for endpoint, path in found:
            if endpoint in FILES:
                wrong += fetch(page, path, FILES[endpoint])
        for path, status in pages:
            wrong += look(page, office.address + path, status=status)
        kept = page.context.storage_state()
        with office.person(java_script_enabled=False, storage_state=kept) as plain:
            for path, status in pages:
                wrong += look_without_scripts(plain, office.address + path, status=status)
    assert not wrong, f"{len(pages)} pages\n" + "\n".join(dict.fromkeys(wrong))


def test_the_machine_and_its_steps_without_scripts(office: Office, ids: Ids, site: Flask) -> None:
    """The kiosk's own doors as every page; then the steps by plain forms, down to the glass, where paper goes on."""
    digits = office.run("kiosk", "code", str(ids.ask("SELECT name FROM kiosk_devices LIMIT 1"))).strip()
    wrong: list[str] = []
    with office.person(size=KIOSK, reduced_motion="reduce") as machine:
        machine.goto(f"{office.address}/kiosk/enrol")
        machine.fill("#code", digits)
        machine.click("button:has-text('登记')")
        machine.wait_for_selector("#code")
        found = doors(site, frozenset({Can.KIOSK_SIGN}), "", ids)
        own = [path for endpoint, path in found if "kiosk" in endpoint and not path.startswith("/kiosks")]
        for path in own:
            wrong += look(machine, office.address + path, upright=True)
        kept = machine.context.storage_state()
        with (
            office.person("staff") as page,
            office.person(size=KIOSK, java_script_enabled=False, storage_state=kept) as plain,
        ):
            for path in own:
                wrong += look_without_scripts(plain, office.address + path)
            plain.goto(f"{office.address}/kiosk")
            plain.fill("#code", code_for(page, office, ids))
            plain.click("#enter-go")
            for step, button in (
                ("shop", "对，是我的店"),
                ("terms", "同意，下一步"),
                ("signer", "下一步"),
                ("signature", ""),
            ):
                assert plain.url.split("#")[0].endswith(f"/kiosk/pledge/{step}"), plain.url
                wrong += look_without_scripts(plain, plain.url)
                if button:
                    plain.click(f"button:visible:has-text('{button}')")
            assert "纸" in plain.inner_text("main")
    assert own and not wrong, "\n".join(wrong)


def code_for(page: Page, office: Office, ids: Ids) -> str:
    page.goto(f"{office.address}/pledges/shops/{ids.shop()}/code")
    page.check("text=我已当面核对过")
    page.click("button:has-text('发签约码')")
    return "".join(page.locator(".digits span").all_inner_texts())


def test_the_components_in_every_state(site: Flask, hall: Hall) -> None:
    """`/kit` shows all components, also as a refusal leaves them."""
    visitor: Visitor = a_visitor(site).sign_in("staff")
    cookie = visitor.client.get_cookie("portal")
    with listening(site, hall.port), visit(hall.browser, reduced_motion="reduce") as page:
        page.context.add_cookies([{"name": "portal", "value": cookie.value, "url": "http://portal.test"}])
        wrong = look(page, "http://portal.test/kit")
        picture(page, "kit")
        wrong += look(page, "http://portal.test/kit?refused=1", status=422)
    assert not wrong, "\n".join(wrong)


def test_the_walk_finds_what_it_looks_for(office: Office) -> None:
    """The negative control: a page with one fault of each kind."""
    faulty = """<!doctype html><html lang="zh-CN"><title>有毛病的一页</title><main><h1>有毛病</h1>
      <form><button>存</button></form><button>孤零零</button><a hx-get="/x">没有去处</a><p class="js-only">要脚本</p>
      <img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="2000" height="9"></main>"""
    with office.person() as page:
        page.route("**/faulty", lambda route: route.fulfill(body=faulty, content_type="text/html; charset=utf-8"))
        wrong = "\n".join(look(page, f"{office.address}/faulty"))
        for fault in ("image-alt", "at 683: 13", "at 1366: 6", "at 200 %"):
            assert fault in wrong, (fault, wrong)
        wrong = "\n".join(look_without_scripts(page, f"{office.address}/faulty", status=404))
        for fault in ("200 instead", "no action", "button without form", "htmx alone", "shown without scripts"):
            assert fault in wrong, (fault, wrong)


def test_pictures_of_the_check_page(office: Office, ids: Ids) -> None:
    """Papers that do not hold, each left as a picture; on a telephone nothing runs out of the window either."""
    wrong = []
    with office.person(size=PHONE, reduced_motion="reduce") as page:
        for name, part in CHECKS.items():
            page.goto(office.address + filled(f"/check/{part}", ids))
            wrong += [f"{name}: {out}"] if (out := page.evaluate(OUT)) else []
            picture(page, name, PHONE)
    assert not wrong
