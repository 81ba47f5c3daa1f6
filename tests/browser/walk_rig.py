"""Walking the URL map with a browser: which pages somebody may open, with which ids, and what each is asked."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from flask import Flask
from playwright.sync_api import Page, Response
from werkzeug.routing import Rule

from portal.ground.can import Can
from tests.browser.chromium import DESK, HALF, KIOSK, violations
from tests.browser.office_rig import Office
from tests.house.test_walk import opens, rules

#: Doors that answer with a file or a word, not with a page, and the kind of what comes.
FILES = {
    "accounts.people.template": "application/vnd.openxmlformats",
    "areas.template": "application/vnd.openxmlformats",
    "places.template": "application/vnd.openxmlformats",
    "check.authority": "application/x-pem-file",
    "house.healthz": "text/plain",
    "merchants.old_photo": "image/",
    "merchants.photo": "image/",
    "merchants.sample": "application/vnd.openxmlformats",
    "merchants.template": "application/vnd.openxmlformats",
    "pledges.preview": "application/pdf",
    "worktime.sheet_of": "application/vnd.openxmlformats",
}
#: Not asked here: `/kit` stands in tests and in debug alone (a test of its own), the steps of a journey too.
#: A note is handed over in `tests/reminders/test_views.py`: the demonstration owes nobody one at a given hour.
ELSEWHERE = {
    *("house.kit", "reminders.bell", "reminders.handover"),
    *(f"pledges.kiosk_{step}" for step in ("shop", "terms", "signer", "signature", "done")),
}
#: 1366 pixels at 200 % are as wide as half a desktop, and half as high.
ZOOMED = (683, 384)

#: What a form, a button or a live part lacks for a browser without scripts; what asks for itself by the clock is made
#: anew by asking for the page again.
HELPLESS = """() => {
  const wrong = [];
  const say = (what, e) => wrong.push(`${what}: ${e.outerHTML.slice(0, 120)}`);
  for (const form of document.forms) if (!form.getAttribute("action")) say("no action", form);
  for (const button of document.querySelectorAll("button:not([aria-disabled=true])"))
    if (!button.form && !button.closest(".js-only, dialog, [hidden]")) say("button without form", button);
  for (const live of document.querySelectorAll("[hx-get], [hx-post]"))
    if (!live.closest("form[action]") && !live.matches("a[href], [hx-trigger^=every]")) say("htmx alone", live);
  for (const handy of document.querySelectorAll(".js-only"))
    if (handy.getClientRects().length) say("shown without scripts", handy);
  return wrong;
}"""
#: How far a page runs out of its window, in pixels, and who is out first.
OUT = """() => {
  const over = document.scrollingElement.scrollWidth - innerWidth;
  if (over <= 0) return "";
  const first = [...document.querySelectorAll("body *")].find(e => e.getBoundingClientRect().right > innerWidth + 1);
  return `${over} px out: ${first ? first.outerHTML.slice(0, 120) : ""}`;
}"""
#: Sends a form as it stands when nothing has been filled in, past what scripts or the browser would say first.
EMPTY = """action => {
  const form = [...document.forms].find(one => one.method == "post" && one.getAttribute("action").endsWith(action));
  if (!form) throw Error(`${location} has no form for ${action}`);
  for (const control of form.elements) {
    if (["radio", "checkbox"].includes(control.type)) control.checked = false;
    else if (control.type != "hidden" && "value" in control) control.value = "";
  }
  HTMLFormElement.prototype.submit.call(form);
}"""
#: Kinds of controls that a refused page marks, each with a sentence that is shown beside it.
MARKED = """() => {
  const kinds = new Set();
  for (const told of document.querySelectorAll("main .invalid-feedback")) {
    const control = document.querySelector(`[aria-describedby~="${told.id}"]`);
    if (!told.innerText.trim() || !told.getClientRects().length || !control) throw Error(told.outerHTML);
    kinds.add(control.type == "fieldset" ? control.querySelector("input").type : control.type);
  }
  return [...kinds];
}"""


@dataclass
class Ids:
    """Rows of the office that pages can show, by the name of the address' part."""

    office: Office

    def ask(self, statement: str) -> Any:
        """Return the first value that a statement finds."""
        with closing(sqlite3.connect(f"file:{self.office.folder}/portal.sqlite3?mode=ro", uri=True)) as base:
            return base.execute(statement).fetchone()[0]

    def pledge(self, state: str = "live", home: str = "GX-MY") -> int:
        """The oldest pledge in that state, of 明月社区 or of any other place."""
        return int(
            self.ask(
                "SELECT p.id FROM pledges_pledges p JOIN merchants_tenures t ON t.id = p.tenure_id "
                "JOIN merchants_shops s ON s.id = t.shop_id "
                f"WHERE p.state = '{state}' AND s.number LIKE '{home}%' ORDER BY p.id LIMIT 1"
            )
        )

    def shop(self) -> int:
        """The shop of that pledge."""
        return int(
            self.ask(
                "SELECT t.shop_id FROM merchants_tenures t JOIN pledges_pledges p ON p.tenure_id = t.id "
                f"WHERE p.id = {self.pledge()}"
            )
        )

    def code(self, standing: str = "valid") -> str:
        """The 查验码 of a paper of that standing."""
        return str(self.ask(f"SELECT check_code FROM papers_papers WHERE standing = '{standing}' ORDER BY id LIMIT 1"))

    def of(self, endpoint: str, name: str, login: str) -> Any:
        """The value of one part of a door's address; a new kind of door must be added here."""
        room = endpoint.split(".")[0]
        found = {
            ("check", "code"): self.code,
            ("accounts", "id"): lambda: self.ask("SELECT id FROM accounts_people WHERE login = 'grid'"),
            ("areas", "id"): lambda: self.ask("SELECT id FROM areas_areas WHERE code = 'MY-01'"),
            ("duties", "name"): lambda: "audit.anchor",
            ("places", "id"): lambda: self.ask(
                "SELECT g.street_id FROM places_street_grids g JOIN areas_areas a ON a.id = g.grid_id "
                "WHERE a.code LIKE 'MY-%' ORDER BY g.street_id LIMIT 1"
            ),
            ("audit", "seq"): lambda: self.ask("SELECT max(seq) FROM audit_lines"),
            ("kiosk", "id"): lambda: self.ask(
                "SELECT d.id FROM kiosk_devices d JOIN areas_areas a ON a.id = d.area_id "
                f"WHERE a.code {'=' if login == 'staff' else '!='} 'MY' LIMIT 1"
            ),
            ("merchants", "id"): self.shop,
            ("merchants", "file"): lambda: self.ask("SELECT max(id) FROM merchants_files"),
            ("merchants", "photo"): lambda: self.ask("SELECT id FROM merchants_old_photos LIMIT 1"),
            ("papers", "id"): lambda: self.ask(f"SELECT paper_id FROM pledges_pledges WHERE id = {self.pledge()}"),
            ("pledges", "id"): self.pledge,
            ("pledges", "shop_id"): self.shop,
            ("pledges", "version"): lambda: self.ask("SELECT max(version) FROM pledges_templates"),
            ("reminders", "day"): lambda: self.ask("SELECT date(max(owed_at), '-1 day') FROM reminders_notes"),
            ("worktime", "on"): lambda: "2026-10-10",
            ("worktime", "year"): lambda: 2026,
            ("worktime", "number"): lambda: self.ask("SELECT max(number) FROM worktime_calendars"),
            ("settings", "key"): lambda: "kiosk.done_seconds",  # the demonstration has one to come, with a history
        }
        if endpoint == "accounts.people.refusal":
            return self.ask("SELECT id FROM accounts_proposals WHERE state = 'waiting' ORDER BY id LIMIT 1")
        if endpoint == "merchants.old_attachment" and name == "file":
            return self.ask("SELECT file_id FROM merchants_old_files LIMIT 1")
        if endpoint in ("merchants.sheet", "accounts.people.sheet", "areas.sheet", "places.sheet", "worktime.sheet"):
            return self.ask(
                f"SELECT s.id FROM {room}_sheets s JOIN accounts_people p ON p.id = s.person_id "
                f"WHERE p.login = '{login}' AND s.done_at IS NULL ORDER BY s.id DESC LIMIT 1"
            )
        return found[room, name]()


def readable(site: Flask, keys: frozenset[Can] | None) -> list[Rule]:
    """Every GET door that opens to these keys, from the URL map."""
    return [
        rule for rule in rules(site)
        if "GET" in (rule.methods or ()) and rule.endpoint not in ELSEWHERE
        and opens(site.view_functions[rule.endpoint].needs, keys)
    ]  # fmt: skip


def filled_in(rule: Rule, login: str, ids: Ids) -> str:
    """The path of a door, with rows of the office in it."""
    built = rule.build({name: ids.of(rule.endpoint, name, login) for name in rule.arguments}, append_unknown=False)
    assert built is not None, rule
    return built[1]


def doors(site: Flask, keys: frozenset[Can] | None, login: str, ids: Ids) -> Iterator[tuple[str, str]]:
    """(endpoint, path) of every GET door that opens to these keys."""
    for rule in readable(site, keys):
        yield rule.endpoint, filled_in(rule, login, ids)


def look(page: Page, url: str, *, status: int = 200, upright: bool = False) -> list[str]:
    """Open a page; say what axe finds at both widths, and whether it runs out of the window."""
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    return seen(page, url, page.goto(url), status, upright=upright)


def seen(page: Page, url: str, answer: Response | None, status: int, *, upright: bool = False) -> list[str]:
    """Look at the page that has come: its status, axe and the window's edges."""
    wrong = [] if answer and answer.status == status else [f"{answer and answer.status} instead of {status}"]
    for size in (KIOSK, DESK) if upright else (HALF, DESK):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        wrong += [f"at {size[0]}: {one}" for one in violations(page)]
        if out := page.evaluate(OUT):
            wrong.append(f"at {size[0]}: {out}")
    if not upright:
        page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
        if out := page.evaluate(OUT):
            wrong.append(f"at 200 %: {out}")
    return [f"{url}: {one}" for one in wrong]


def look_without_scripts(page: Page, url: str, *, status: int = 200) -> list[str]:
    """Open a page with JavaScript off: its content is there, and what it asks can be sent."""
    return seen_without_scripts(page, url, page.goto(url), status)


def seen_without_scripts(page: Page, url: str, answer: Response | None, status: int) -> list[str]:
    """Look at the page that has come to a browser without scripts."""
    wrong = [] if answer and answer.status == status else [f"{answer and answer.status} instead of {status}"]
    if not page.locator("main h1").first.is_visible():
        wrong.append("no heading")
    wrong += page.evaluate(HELPLESS)
    return [f"{url} without scripts: {one}" for one in wrong]


def send_empty(page: Page, url: str, action: str) -> Response:
    """Open a page and send its form that goes to a path ending in `action`, with nothing filled in."""
    page.goto(url)
    with page.expect_navigation() as sent:
        page.evaluate(EMPTY, action)
    return sent.value


def fetch(page: Page, url: str, kind: str) -> list[str]:
    """Ask for a file from within a page; it must come, and be of its kind."""
    read = "async url => { const a = await fetch(url); return [a.status, a.headers.get('content-type') || '']; }"
    status, given = page.evaluate(read, url)
    return [] if status == 200 and given.startswith(kind) else [f"{url}: {status} {given}, not {kind}"]
