"""叫工作人员 in chromium: the press loses nothing on the screen, the dialog says how it stands, also when the network
is gone; without scripts the same button leads to a page that says so."""

import pytest

from portal.ground.db import db, writing
from portal.kiosk import services
from portal.kiosk.models import Call
from tests.browser.chromium import violations
from tests.browser.kiosk_rig import PutUp, Stand, at, to_signature, write
from tests.kiosk.ground import person

pytestmark = pytest.mark.browser


def go(stand: Stand) -> None:
    """The community's member of staff presses 我去."""
    with stand.app.app_context():
        token = writing.set(True)
        services.answer(
            db.session.get_one(Call, 1), by=person("staff", stand.clock.now()), now=stand.clock.now()
        )  # fmt: skip
        db.session.commit()
        writing.reset(token)


def test_a_call_loses_no_signature_and_says_that_somebody_comes(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        to_signature(page, stand.code())
        write(page)
        page.click(".k-help >> text=叫工作人员")
        page.wait_for_selector("dialog#call[open] >> text=已叫工作人员，请稍等")
        assert "进门左手 2 号窗口" in page.inner_text("dialog#call")
        assert not violations(page)
        go(stand)
        page.wait_for_selector("dialog#call[open] >> text=工作人员马上到", timeout=15_000)
        page.click("dialog#call [data-close]")
        at(page, "sign")
        page.click("#sign-go")  # what was written is still there
        at(page, "done")
        assert stand.ask("SELECT count(*) FROM kiosk_calls") == [(1,)]


def test_a_call_without_the_network_says_where_to_go(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine() as page:
        page.context.set_offline(True)
        page.click(".k-help >> text=叫工作人员")
        page.wait_for_selector("dialog#call[open] >> text=请直接过去找")
        page.context.set_offline(False)
        page.click("dialog#call >> text=叫他们过来")
        page.wait_for_selector("dialog#call[open] >> text=已叫工作人员，请稍等")
        assert stand.ask("SELECT count(*) FROM kiosk_calls") == [(1,)]


def test_a_call_without_scripts(put_up: PutUp) -> None:
    with put_up() as stand, stand.machine(java_script_enabled=False) as page:
        page.click(".k-help >> text=叫工作人员")
        page.wait_for_selector("h1 >> text=已叫工作人员，请稍等")
        page.click("text=接着办")
        assert page.url.endswith("/kiosk")
        assert stand.ask("SELECT count(*) FROM kiosk_calls") == [(1,)]
