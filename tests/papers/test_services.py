"""The register, the file, the standings: on both databases, with the trail."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.audit.models import TrailLine
from portal.ground.actor import SYSTEM
from portal.ground.clock import SHANGHAI
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.papers import jobs, queries, services
from portal.papers.engine import canonical
from portal.papers.models import Paper
from portal.papers.terms import FileVerdict, Shown, Standing
from tests.conftest import NOON
from tests.papers.papermakers import a_paper, a_pledge_paper, made

pytestmark = pytest.mark.usefixtures("sealing")


def actions() -> list[str]:
    db.session.commit()
    return list(db.session.scalars(select(TrailLine.action).order_by(TrailLine.seq)))


def test_numbers_count_on_within_a_year_and_begin_anew(house: Flask) -> None:
    later = datetime(2027, 1, 1, 0, 0, tzinfo=SHANGHAI)
    assert [services.next_number("桂三包", now=NOON) for _ in range(2)] == [
        "桂三包〔2026〕第0001号",
        "桂三包〔2026〕第0002号",
    ]
    assert services.next_number("桂改", now=NOON) == "桂改〔2026〕第0001号"
    assert services.next_number("桂三包", now=later) == "桂三包〔2027〕第0001号"
    assert services.next_number("桂三包", now=later - timedelta(seconds=1)) == "桂三包〔2026〕第0003号"


def test_what_was_rolled_back_was_never_given_out(house: Flask) -> None:
    services.next_number("桂三包", now=NOON)
    db.session.commit()
    services.next_number("桂三包", now=NOON)
    db.session.rollback()
    assert services.next_number("桂三包", now=NOON) == "桂三包〔2026〕第0002号"


def test_register_keeps_evidence_digest_link_and_trail(house: Flask) -> None:
    first, second = a_paper(), a_paper("tenure:18")
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}", first.check_code)
    assert first.evidence_sha == canonical.sha256(first.evidence) and len(first.evidence_sm3) == 64
    assert (first.previous_sha, second.previous_sha) == ("", first.evidence_sha)
    assert queries.evidence_of(second)["paper"]["previous"] == first.evidence_sha
    assert queries.evidence_of(first)["facts"] == a_pledge_paper().as_evidence()
    assert first.sealed_sha is None and list(db.session.scalars(queries.unmade())) == [first.id, second.id]
    assert actions() == ["papers.register", "papers.register"]


def test_a_character_that_cannot_be_printed_is_refused_by_name(house: Flask) -> None:
    with pytest.raises(Refused, match=r"U\+1F600|😀"):
        a_paper(evidence=a_pledge_paper(keeper="张😀").as_evidence())
    assert db.session.scalars(select(Paper)).all() == []


def test_a_kind_that_no_room_offers(house: Flask) -> None:
    with pytest.raises(KeyError):
        services.register(
            kind="nothing", number="x", subject="y:1", evidence={}, valid_from=NOON.date(),
            valid_until=NOON.date() + timedelta(days=1), standing=Standing.VALID, by=SYSTEM, now=NOON,
        )  # fmt: skip


def test_the_file_is_made_once_and_holds(house: Flask) -> None:
    paper = a_paper()
    db.session.commit()
    facts = services.facts_of(paper)
    db.session.rollback()
    done = services.make(facts)
    assert not db.session().in_transaction(), "rendering and sealing touch no database"
    assert services.keep(facts, done, by=SYSTEM, now=NOON + timedelta(seconds=2))
    assert not services.keep(facts, services.make(facts), by=SYSTEM, now=NOON + timedelta(seconds=9))
    db.session.commit()
    paper = db.session.get_one(Paper, facts.id)
    assert paper.issued_at == NOON + timedelta(seconds=2)
    store = house.extensions["files"]
    assert list(store.digests()) == [paper.sealed_sha] and store.verify(paper.sealed_sha)
    data = store.read(paper.sealed_sha)
    assert canonical.sha256(data) == paper.sealed_sha == done.sealed_sha
    assert [finding.holds for finding in services.findings(paper)] == [True] * 4
    assert list(db.session.scalars(queries.unmade())) == []
    assert actions() == ["papers.register", "papers.issue"]


def test_without_a_seal_the_paper_stays_registered(house: Flask, sealing: Path) -> None:
    paper = a_paper()
    sealing.rename(sealing.with_name("elsewhere"))
    with pytest.raises(Refused, match="电子章"):
        services.make(services.facts_of(paper))
    assert paper.sealed_sha is None


def test_one_altered_byte_of_evidence_shows(house: Flask) -> None:
    """PLEDGE-3: edit one byte of stored JSON → 验签 shows 已改动."""
    paper = made(a_paper())
    db.session.commit()
    assert services.shown(paper, on=NOON.date()) is Shown.VALID
    altered = paper.evidence.replace("周桂兰", "周佳兰", 1)
    db.session.execute(update(Paper).values(evidence=altered))
    db.session.commit()
    paper = db.session.get_one(Paper, paper.id)
    finding = services.findings(paper)[0]
    assert not finding.holds and "已改动" in finding.words
    assert services.shown(paper, on=NOON.date()) is Shown.ALTERED
    view = services.check_view(paper, now=NOON)
    assert view.shown is Shown.ALTERED and view.rows == []
    with pytest.raises(Refused):
        services.facts_of(paper)


def test_evidence_that_was_digested_again_breaks_the_link(house: Flask) -> None:
    first, second = made(a_paper()), made(a_paper("tenure:18"))
    text = first.evidence.replace("周桂兰", "周佳兰")
    db.session.execute(
        update(Paper).where(Paper.id == first.id).values(evidence=text, evidence_sha=canonical.sha256(text))
    )
    db.session.commit()
    assert [f.what for f in services.findings(db.session.get_one(Paper, second.id)) if not f.holds] == ["前后相接"]


def test_a_file_that_was_exchanged_shows(house: Flask) -> None:
    paper = made(a_paper())
    path = house.extensions["files"].path(paper.sealed_sha)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert [f.what for f in services.findings(paper) if not f.holds] == ["文件"]


def test_a_standing_changes_with_a_dated_row(house: Flask) -> None:
    paper = a_paper(standing=Standing.WAITING)
    assert services.set_standing(paper.id, Standing.VALID, by=SYSTEM, now=NOON)
    assert not services.set_standing(paper.id, Standing.VALID, by=SYSTEM, now=NOON), "twice is once"
    assert services.set_standing(paper.id, Standing.VOID, by=SYSTEM, now=NOON + timedelta(days=1), reason="重复登记")
    db.session.commit()
    db.session.expire_all()
    assert paper.standing is Standing.VOID and paper.version == 3
    assert [(row.before, row.after, row.reason) for row in paper.standings] == [
        (None, Standing.WAITING, "登记"),
        (Standing.WAITING, Standing.VALID, "有效"),
        (Standing.VALID, Standing.VOID, "重复登记"),
    ]
    with pytest.raises(Refused, match="已作废"):
        services.set_standing(paper.id, Standing.VALID, by=SYSTEM, now=NOON)


def test_the_end_of_a_subject_ends_its_open_papers(house: Flask) -> None:
    papers = [a_paper(), a_paper(standing=Standing.WAITING), a_paper("tenure:99")]
    services.set_standing(papers[0].id, Standing.RENEWED, by=SYSTEM, now=NOON)
    assert services.end_subject("tenure:17", Standing.ENDED, "换了经营者", by=SYSTEM, now=NOON) == 1
    assert services.end_subject("tenure:17", Standing.ENDED, "换了经营者", by=SYSTEM, now=NOON) == 0
    db.session.commit()
    db.session.expire_all()
    assert [paper.standing for paper in papers] == [Standing.RENEWED, Standing.ENDED, Standing.VALID]


def test_a_renewed_paper_names_the_one_that_holds(house: Flask) -> None:
    old, new, other = a_paper(), a_paper(), a_paper("tenure:5")
    services.set_standing(old.id, Standing.RENEWED, by=SYSTEM, now=NOON)
    db.session.commit()
    db.session.expire_all()
    view = services.check_view(old, now=NOON)
    assert view.shown is Shown.RENEWED and view.successor is new and view.ended_at == NOON
    assert services.check_view(other, now=NOON).successor is None


def test_what_anyone_sees_names_nobody(house: Flask) -> None:
    view = services.check_view(a_paper(), now=NOON)
    words = "".join(text for _, text in view.rows)
    assert "周*" in words and "周桂兰" not in words and "5678" not in words
    assert view.days_left == 364


def test_verdicts_on_files(house: Flask) -> None:
    paper, other = made(a_paper()), made(a_paper("tenure:18"))
    store = house.extensions["files"]
    data = store.read(paper.sealed_sha)
    cases = [
        (data, FileVerdict.OURS), (store.read(other.sealed_sha), FileVerdict.OTHER_PAPER),
        (data + b"\n", FileVerdict.ADDED), (data[:5000] + b"Z" + data[5001:], FileVerdict.CHANGED),
        (data[: data.index(b"%%EOF") + 6], FileVerdict.CHANGED), (b"%PDF-1.4 nothing", FileVerdict.UNKNOWN),
    ]  # fmt: skip
    for file, verdict in cases:
        assert services.file_verdict(file, paper) is verdict
    assert set(store.digests()) == {paper.sealed_sha, other.sealed_sha}, "nothing dropped is kept"


def test_the_receipt_leads_to_the_check_page(house: Flask) -> None:
    paper = a_paper()
    assert queries.receipt(paper).address == "" and not queries.receipt(paper).made
    house.config["PUBLIC_ADDRESS"] = "https://check.portal.test"
    assert queries.receipt(paper).address == f"https://check.portal.test/check/{paper.check_code}"


def test_a_paper_has_both_hashes_or_none(house: Flask) -> None:
    paper = a_paper()
    db.session.commit()
    with pytest.raises(IntegrityError):
        db.session.execute(update(Paper).where(Paper.id == paper.id).values(sealed_sha="0" * 64))
    db.session.rollback()


def test_sweep_and_verify(house: Flask) -> None:
    papers = [a_paper(f"tenure:{place}") for place in range(2)]
    db.session.commit()
    ids = [paper.id for paper in papers]
    runner = house.test_cli_runner()
    assert "papers made: 2" in runner.invoke(args=["papers", "sweep"]).output
    assert "papers made: 0" in runner.invoke(args=["papers", "sweep"]).output
    db.session.rollback()
    done = runner.invoke(args=["papers", "verify"])
    assert done.exit_code == 0 and "papers verified: 2; faults: 0" in done.output
    db.session.execute(update(Paper).where(Paper.id == ids[0]).values(evidence="{}"))
    db.session.commit()
    done = runner.invoke(args=["papers", "verify"])
    assert done.exit_code == 1 and "已改动" in done.output


def test_the_duty_has_missing_papers_made_by_a_process_of_their_own(house: Flask, now: datetime) -> None:
    assert jobs.sweep(now=now) == 0
    paper = a_paper("tenure:7")
    db.session.commit()
    assert jobs.sweep(now=now) == 1
    db.session.expire_all()
    assert db.session.get_one(Paper, paper.id).sealed_sha


def test_a_process_that_makes_papers_for_too_long_is_ended_and_the_next_one_goes_on(
    house: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = a_paper("tenure:8")
    db.session.commit()
    monkeypatch.setattr(jobs, "SWEEP_MOST", timedelta(seconds=0.1))
    with pytest.raises(Refused, match="下次接着制"):
        jobs.sweep(now=now)
    db.session.expire_all()
    assert not db.session.get_one(Paper, paper.id).sealed_sha
    db.session.rollback()
    monkeypatch.undo()
    assert jobs.sweep(now=now) == 1


def test_the_authority_command_is_harmless_twice(house: Flask, sealing: Path) -> None:
    runner = house.test_cli_runner()
    assert "authority stands" in runner.invoke(args=["papers", "authority"]).output
    house.config["SEAL_PKCS12"] = "/somewhere/office.p12"
    assert "configured" in runner.invoke(args=["papers", "authority"]).output


def test_a_configured_certificate_seals_and_is_known(house: Flask, sealing: Path, tmp_path: Path) -> None:
    key = load_pem_private_key((sealing / "office-key.pem").read_bytes(), None)
    own, root = (x509.load_pem_x509_certificate((sealing / name).read_bytes()) for name in ("office.pem", "ca.pem"))
    packed = pkcs12.serialize_key_and_certificates(b"office", key, own, [root], BestAvailableEncryption(b"word"))
    (tmp_path / "office.p12").write_bytes(packed)
    (tmp_path / "word").write_text("word")
    house.config.update(SEAL_PKCS12=str(tmp_path / "office.p12"), SEAL_PASSPHRASE_FILE=str(tmp_path / "word"))
    sealing.rename(tmp_path / "away")
    paper = made(a_paper())
    assert [finding.holds for finding in services.findings(paper)] == [True] * 4
    assert queries.trust_anchor() == (tmp_path / "away" / "ca.pem").read_bytes()


def test_production_seals_nothing_with_the_demonstration_s_keys(house: Flask) -> None:
    """Default secrets are refused (rules 6): a folder that was copied along is no seal of the office."""
    paper = a_paper()
    house.config["PRODUCTION"] = True
    with pytest.raises(Refused, match="OFFICE_SEAL_PKCS12"):
        services.make(services.facts_of(paper))
    assert any("OFFICE_SEAL_PKCS12" in trouble for trouble in services.troubles())
    answer = house.test_cli_runner().invoke(args=["papers", "authority"])
    assert answer.exit_code == 1 and "OFFICE_SEAL_PKCS12" in answer.output
