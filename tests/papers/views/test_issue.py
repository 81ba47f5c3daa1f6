"""Making and opening a paper's file: works, twice, without JavaScript, colleague elsewhere, no key, stranger."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit.models import TrailLine
from portal.ground.db import db, writing
from portal.papers.models import Paper
from tests.conftest import Visitor, a_visitor
from tests.papers.papermakers import a_paper

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
    assert answer.status_code == 303 and answer.headers["Location"] == f"/papers/{paper}/file"
    assert sealed(site, paper)
    file = visitor.get(f"/papers/{paper}/file")
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
    assert answer.headers["HX-Redirect"] == f"/papers/{paper}/file"


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
