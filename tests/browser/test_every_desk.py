"""What each role sees first, and what a refused form looks like, in real chromium: axe, both widths, JavaScript off.

`test_every_page` walks five roles through the whole URL map; the other ten see these pages with other content.
"""

import pytest
from flask import Flask

from portal.accounts.demo import LEADING
from portal.accounts.terms import ROLES
from tests.browser.office_rig import Office
from tests.browser.test_every_page import ROLE_OF
from tests.browser.walk_rig import (
    FILES,
    MARKED,
    Ids,
    filled_in,
    look,
    look_without_scripts,
    readable,
    seen,
    seen_without_scripts,
    send_empty,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOGIN_OF = {role: login for login, _name, role, _where in LEADING}
OTHERS = sorted(set(ROLES) - set(ROLE_OF.values()))
#: Pages whose content is another for each role.
OWN = {"desk.index", "desk.print", "reminders.index"}

#: Forms sent empty: who, the page, what the form's address ends in.
REFUSED = [
    ("", "/login", "/login"),
    ("staff", "/account/password", "/account/password"),
    ("staff", "/merchants/new", "/merchants/"),
    ("staff", "/merchants/sheets/new", "/merchants/sheets"),
    ("staff", "/merchants/{shop}/state", "/state"),
    ("staff", "/pledges/shops/{shop}/code", "/code"),
    ("staff", "/pledges/{pledge}", "/voiding"),
    ("office", "/pledges/templates/new", "/pledges/templates"),
    ("office", "/settings/keys/pledges.soon_days", "/values"),
    ("admin", "/settings/keys/kiosk.done_seconds", "withdrawals"),
]
#: Every kind of control that templates/kit/form.html can draw.
KINDS = {"checkbox", "date", "file", "password", "radio", "select-one", "text", "textarea"}


@pytest.mark.parametrize("role", OTHERS)
def test_the_desk_and_the_rail_of_each_other_role(office: Office, site: Flask, role: str) -> None:
    """Desk, inbox, and every page of the rail that none of the five roles' walks has shown."""
    login, ids = LOGIN_OF[role], Ids(office)
    shown = {rule.endpoint for other in ROLE_OF.values() for rule in readable(site, ROLES[other].keys)} - OWN
    mine = [
        rule for rule in readable(site, ROLES[role].keys) if rule.endpoint not in shown and rule.endpoint not in FILES
    ]
    found = [filled_in(rule, login, ids) for rule in mine]
    assert len(found) >= len(OWN)
    wrong: list[str] = []
    with office.person(login, reduced_motion="reduce") as page:
        for path in found:
            wrong += look(page, office.address + path)
        kept = page.context.storage_state()
        with office.person(java_script_enabled=False, storage_state=kept) as plain:
            for path in found:
                wrong += look_without_scripts(plain, office.address + path)
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def test_every_kind_of_refused_form(office: Office) -> None:
    """422: the page stands, each control that is refused says why beside it, with and without scripts."""
    ids, kinds = Ids(office), set[str]()
    wrong: list[str] = []
    for login in dict.fromkeys(one[0] for one in REFUSED):
        with office.person(login, reduced_motion="reduce") as page:
            kept = page.context.storage_state()
            with office.person(java_script_enabled=False, storage_state=kept) as plain:
                for _login, path, action in (one for one in REFUSED if one[0] == login):
                    url = office.address + path.format(shop=ids.shop(), pledge=ids.pledge())
                    wrong += seen(page, url, send_empty(page, url, action), 422)
                    kinds |= set(page.evaluate(MARKED))
                    wrong += seen_without_scripts(plain, url, send_empty(plain, url, action), 422)
                    wrong += [] if plain.evaluate(MARKED) else [f"{url}: nothing is marked without scripts"]
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    assert kinds == KINDS
