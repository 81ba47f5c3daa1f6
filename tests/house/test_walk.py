"""Every route × every role × every method, walked from the URL map (SEC-3): a door opens to its key and to no other.

What a role may not do is 403 before anything of the page is read; what it may is anything but 401, 403 and 500
(a row that is not there is 404, an empty form 422, a wrong state 409).
"""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule

from portal.accounts.terms import ROLES
from portal.ground.can import Can
from portal.web import SIGNED_IN
from tests.cast import PEOPLE
from tests.conftest import Visitor, a_visitor

LOGIN_OF = {role: login for login, _name, role, _where in reversed(PEOPLE)}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
VALUES = {"int": "1", "string": "0000-0000-00", "default": "0000-0000-00", "uuid": "0" * 32, "path": "x"}
#: Doors for everybody: the house's own, logging in, the check page, and a machine that is not enrolled yet.
PUBLIC = [
    *("/", "/healthz", "/login", "/login"),
    *("/check", "/check/<code>", "/check/<code>/file", "/check/authority.pem"),
    *("/kiosk", "/kiosk/enrol", "/kiosk/enrol"),
]
#: Doors that end the session of whoever walks; they are walked last, by tests of their own.
LEAVING = {"accounts.logout", "accounts.switch", "accounts.end_sessions", "accounts.submit_password"}


def rules(site: Flask) -> list[Rule]:
    return [r for r in site.url_map.iter_rules() if r.endpoint not in {"static", "csrf-for-tests"}]


def address(rule: Rule) -> str:
    url = rule.rule
    for name, converter in rule._converters.items():
        kind = "int" if isinstance(converter, IntegerConverter) else "string"
        for written in (f"<int:{name}>", f"<uuid:{name}>", f"<string:{name}>", f"<path:{name}>", f"<{name}>"):
            url = url.replace(written, VALUES[kind])
    return url


def opens(needs: object, keys: frozenset[Can] | None) -> bool:
    """Whether a door that needs this opens to somebody with these keys; None is a stranger."""
    if needs is None:
        return True
    if keys is None:
        return False
    return needs == SIGNED_IN or bool(set(needs if isinstance(needs, tuple) else (needs,)) & keys)


def ask(visitor: Visitor, method: str, url: str) -> int:
    if method == "POST":
        return int(visitor.post(url).status_code)
    return int(visitor.client.open(url, method=method).status_code)


def visits(site: Flask) -> Iterator[tuple[Rule, str, object]]:
    for rule in rules(site):
        needs = site.view_functions[rule.endpoint].needs
        for method in METHODS:
            yield rule, method, needs


@pytest.mark.parametrize("role", sorted(ROLES), ids=lambda role: f"SEC-3-{role}")
def test_walk_as(site: Flask, role: str) -> None:
    visitor = a_visitor(site).sign_in(LOGIN_OF[role])
    wrong = []
    for rule, method, needs in visits(site):
        allowed = {m for r in rules(site) if r.rule == rule.rule for m in r.methods or ()}
        if rule.endpoint in LEAVING or (method in allowed and method not in (rule.methods or ())):
            continue
        status = ask(visitor, method, address(rule))
        if method not in allowed:
            fine = status in {400, 405}
        elif opens(needs, ROLES[role].keys):
            fine = status not in {401, 403} and status < 500
        else:
            fine = status == 403
        if not fine:
            wrong.append(f"{method} {rule.rule} ({needs}): {status}")
    assert not wrong, "\n".join(wrong)


def test_walk_as_a_stranger(site: Flask) -> None:
    visitor = a_visitor(site)
    wrong = []
    for rule, method, needs in visits(site):
        if method not in (rule.methods or ()) or needs is None:
            continue
        answer = visitor.post(address(rule)) if method == "POST" else visitor.client.open(address(rule), method=method)
        if answer.status_code != 303 or "/login" not in answer.headers.get("Location", ""):
            wrong.append(f"{method} {rule.rule} ({needs}): {answer.status_code} {answer.headers.get('Location')}")
    assert not wrong, "\n".join(wrong)


def test_public_doors_are_few_and_named(site: Flask) -> None:
    """A door that needs nothing is said aloud, and the list above names them all."""
    public = sorted(rule.rule for rule in rules(site) if site.view_functions[rule.endpoint].needs is None)
    assert public == sorted(PUBLIC), public
