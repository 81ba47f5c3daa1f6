"""Making and opening a paper's file: works, twice, without JavaScript, colleague elsewhere, no key, stranger."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit.models import TrailLine
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.papers.models import Paper
from tests.conftest import Visitor, a_visitor
from tests.papers.papermakers import a_paper
from tests.trail import told

pytestmark = pytest.mark.usefixtures("sealing")


@pytest.fixture
def paper(site: Flask) -> int:
    """A paper that was registered and not made yet."""
    with site.app_context():
        writing.set(True)
        made = a_paper()
        db.session.commit()
        return made.id


def sealed(site: Flask, paper: int) -> str | None:
    with site.app_context():
        return db.session.scalar(select(Paper.sealed_sha).where(Paper.id == paper))


def test_issue_makes_the_file_and_leads_to_it(site: Flask, visitor: Visitor, paper: int) -> None:
    visitor.sign_in("office")
    answer = visitor.post(f"/papers/{paper}/issue")
    assert answer.status_code == 303 and answer.headers["Location"].startswith(f"/papers/{paper}/file?opened=")
    assert sealed(site, paper)
    file = visitor.get(answer.headers["Location"])
    assert file.status_code == 200 and file.mimetype == "application/pdf" and file.data.startswith(b"%PDF-1.7")
    assert file.headers["Content-Disposition"].startswith("inline") and "no-store" in file.headers["Cache-Control"]


def test_issue_twice_is_once(site: Flask, visitor: Visitor, paper: int) -> None:
    visitor.sign_in("office")
    visitor.post(f"/papers/{paper}/issue")
    first = sealed(site, paper)
    assert visitor.post(f"/papers/{paper}/issue").status_code == 303
    with site.app_context():
        deeds = db.session.scalars(select(TrailLine.action).where(TrailLine.action == "papers.issue")).all()
    assert sealed(site, paper) == first and len(deeds) == 1


def test_htmx_is_led_to_the_file(visitor: Visitor, paper: int) -> None:
    visitor.sign_in("office")
    answer = visitor.htmx("post", f"/papers/{paper}/issue", "receipt")
    assert answer.headers["HX-Redirect"].startswith(f"/papers/{paper}/file?opened=")


def test_who_opens_a_paper_stands_in_the_trail(site: Flask, visitor: Visitor, paper: int, clock: StoppedClock) -> None:
    """SEC-7, rules 6 Audit: whole names stand in the file, so that reading it leaves a line, each time."""
    visitor.sign_in("office")
    visitor.post(f"/papers/{paper}/issue")
    assert len(told(site, "papers.open")) == 1, "who makes it is led to it"
    before = visitor.get(f"/papers/{paper}/file")
    assert (before.status_code, before.headers["Location"]) == (303, f"/papers/{paper}")
    assert "看文书要留下记录" in visitor.get(f"/papers/{paper}").get_data(as_text=True)
    address = visitor.post(f"/papers/{paper}/opening").headers["Location"]
    assert visitor.get(address).mimetype == visitor.get(address).mimetype == "application/pdf", "a viewer asks twice"
    who, subject, result, said = told(site, "papers.open")[-1]
    assert (who, subject, result) == ("专项（演示）", f"paper:{paper}", "ok") and "号" in said["number"]
    assert len(told(site, "papers.open")) == 2, "a GET writes nothing"
    colleague = a_visitor(site).sign_in("leader")
    assert colleague.get(address).status_code == 303, "it is good for nobody else"
    assert visitor.get(f"{address}x").status_code == 303
    clock.tick(timedelta(minutes=11))
    assert visitor.get(address).status_code == 303, "nor for ever"


def test_opening_climbs_the_ladder(site: Flask, visitor: Visitor, paper: int) -> None:
    assert a_visitor(site).post(f"/papers/{paper}/opening").status_code == 303
    visitor.sign_in("office")
    assert visitor.post(f"/papers/{paper}/opening").status_code == 404, "there is no file yet"
    assert visitor.get(f"/papers/{paper}/opening").status_code == 405
    visitor.post(f"/papers/{paper}/issue")
    assert a_visitor(site).sign_in("village").post(f"/papers/{paper}/opening").status_code == 404
    assert a_visitor(site).sign_in("admin").post(f"/papers/{paper}/opening").status_code == 403


def test_a_file_that_is_not_made_yet_is_404(visitor: Visitor, paper: int) -> None:
    visitor.sign_in("office")
    assert visitor.get(f"/papers/{paper}/file").status_code == 404


def test_a_colleague_of_another_village_sees_nothing(visitor: Visitor, paper: int) -> None:
    visitor.sign_in("village")
    assert visitor.post(f"/papers/{paper}/issue").status_code == 404
    assert visitor.get(f"/papers/{paper}").status_code == 404
    assert visitor.get(f"/papers/{paper}/file").status_code == 404


def test_without_the_key_403(visitor: Visitor, paper: int) -> None:
    visitor.sign_in("admin")
    assert visitor.post(f"/papers/{paper}/issue").status_code == 403
    assert visitor.get(f"/papers/{paper}/file").status_code == 403


def test_a_stranger_is_led_to_login(site: Flask, paper: int) -> None:
    stranger = a_visitor(site)
    for answer in (stranger.get(f"/papers/{paper}/file"), stranger.post(f"/papers/{paper}/issue")):
        assert answer.status_code == 303 and "/login" in answer.headers["Location"]


def test_get_405(visitor: Visitor, paper: int) -> None:
    visitor.sign_in("office")
    assert visitor.get(f"/papers/{paper}/issue").status_code == 405


def test_without_a_seal_409_and_the_paper_waits(
    site: Flask, visitor: Visitor, paper: int, sealing: Path, tmp_path: Path
) -> None:
    visitor.sign_in("office")
    sealing.rename(tmp_path / "away")
    answer = visitor.post(f"/papers/{paper}/issue")
    assert answer.status_code == 409 and "电子章" in answer.get_data(as_text=True)
    assert sealed(site, paper) is None
    (tmp_path / "away").rename(sealing)
    assert visitor.post(f"/papers/{paper}/issue").status_code == 303


def test_the_evidence_page_verifies(site: Flask, visitor: Visitor, paper: int) -> None:
    visitor.sign_in("office")
    visitor.post(f"/papers/{paper}/issue")
    page = visitor.get(f"/papers/{paper}").get_data(as_text=True)
    assert "没有改动" in page and "印章完好" in page and "已改动" not in page and "周桂兰" not in page
    with site.app_context():
        writing.set(True)
        row = db.session.get_one(Paper, paper)
        row.evidence = row.evidence.replace("周桂兰", "周佳兰")
        db.session.commit()
    assert "已改动" in visitor.get(f"/papers/{paper}").get_data(as_text=True), "PLEDGE-3"
