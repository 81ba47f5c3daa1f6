"""Anyone checks a code and a file: every state, masks, bad input, the throttle, the host outside."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import create_app
from portal.audit.models import TrailLine
from portal.ground.actor import SYSTEM
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.papers import services, views
from portal.papers.models import Paper
from portal.papers.terms import Standing
from tests.conftest import NOON, Visitor, a_visitor, settings
from tests.papers.papermakers import a_paper, made

pytestmark = pytest.mark.usefixtures("sealing")


@pytest.fixture
def code(site: Flask) -> str:
    """The 查验码 of a paper that is valid and made."""
    with site.app_context():
        writing.set(True)
        paper = made(a_paper())
        db.session.commit()
        return paper.check_code


def stand(site: Flask, code: str, standing: Standing) -> None:
    with site.app_context():
        writing.set(True)
        paper = db.session.scalars(select(Paper).where(Paper.check_code == code)).one()
        services.set_standing(paper.id, standing, by=SYSTEM, now=NOON)
        db.session.commit()


def the_file(site: Flask, code: str) -> bytes:
    with site.app_context():
        sha = db.session.scalar(select(Paper.sealed_sha).where(Paper.check_code == code))
        return site.extensions["files"].read(sha)


def drop(visitor: Visitor, code: str, data: bytes | None) -> Any:
    fields = {} if data is None else {"file": (BytesIO(data), "责任书.pdf")}
    return visitor.post(f"/check/{code}/file", fields, content_type="multipart/form-data")


def words(answer: Any) -> str:
    return answer.get_data(as_text=True)


def test_valid(visitor: Visitor, code: str) -> None:
    answer = visitor.get(f"/check/{code}")
    page = words(answer)
    assert answer.status_code == 200 and '<h1 id="verdict">有效</h1>' in page
    assert "桂三包〔2026〕" in page and "第0001号" in page and code in page and "老周豆花饭店" in page
    assert "2026年11月25日 至" in page and "2027年11月24日" in page and "还有 364 天" in page


def test_persons_are_masked(visitor: Visitor, code: str) -> None:
    page = words(visitor.get(f"/check/{code}"))
    assert "周*" in page and "周桂兰" not in page and "5678" not in page and "陈晓梅" not in page


@pytest.mark.parametrize(
    ("standing", "says"), [(Standing.RENEWED, "已换签"), (Standing.ENDED, "已解除"), (Standing.VOID, "已作废")]
)
def test_void(site: Flask, visitor: Visitor, code: str, standing: Standing, says: str) -> None:
    stand(site, code, standing)
    page = words(visitor.get(f"/check/{code}"))
    assert f">{says}</h1>" in page and "不再有效" in page and "停用日期" in page and "正在生效" not in page


def test_a_renewed_one_leads_to_the_new_one(site: Flask, visitor: Visitor, code: str) -> None:
    stand(site, code, Standing.RENEWED)
    with site.app_context():
        writing.set(True)
        new = a_paper().check_code
        db.session.commit()
    assert f"/check/{new}" in words(visitor.get(f"/check/{code}"))


def test_waiting_for_the_office(site: Flask, visitor: Visitor) -> None:
    with site.app_context():
        writing.set(True)
        waiting = a_paper(standing=Standing.WAITING).check_code
        db.session.commit()
    assert ">待街道确认</h1>" in words(visitor.get(f"/check/{waiting}")).replace(' class="long"', "")


def test_lapsed_on_the_day_of_its_end(visitor: Visitor, code: str, clock: StoppedClock) -> None:
    clock.tick(timedelta(days=364))
    assert "今天是最后一天" in words(visitor.get(f"/check/{code}"))
    clock.tick(timedelta(days=1))
    page = words(visitor.get(f"/check/{code}"))
    assert ">已到期</h1>" in page and "期限已满" in page


def test_altered_evidence_is_not_believed(site: Flask, visitor: Visitor, code: str) -> None:
    with site.app_context():
        writing.set(True)
        db.session.execute(update(Paper).values(evidence=Paper.evidence + " "))
        db.session.commit()
    page = words(visitor.get(f"/check/{code}"))
    assert ">登记有异</h1>" in page and "正在生效" not in page and "老周豆花饭店" not in page


def test_no_such_code(visitor: Visitor) -> None:
    answer = visitor.get("/check/0000-0000-00")
    assert answer.status_code == 404 and "没有查到" in words(answer)


def test_a_code_in_any_writing(visitor: Visitor, code: str) -> None:
    spaced = code.lower().replace("-", "")
    assert visitor.get(f"/check/{spaced}").headers["Location"] == f"/check/{code}"
    assert visitor.get("/check", query_string={"code": f" {spaced} "}).headers["Location"] == f"/check/{code}"


@pytest.mark.parametrize(
    ("typed", "says"), [("", "请输入查验码"), ("7K4M", "查验码共 10 位"), ("7K4M-92Q!-T4", "查验码")]
)
def test_a_bad_code_stays_in_its_field(visitor: Visitor, typed: str, says: str) -> None:
    answer = visitor.get("/check", query_string={"code": typed})
    page = words(answer)
    assert answer.status_code == 422 and says in page and f'value="{typed}"' in page.replace(" />", ">")


def test_the_page_asks_for_a_code(visitor: Visitor) -> None:
    assert visitor.get("/check").status_code == 200


def test_the_original(site: Flask, visitor: Visitor, code: str) -> None:
    answer = drop(visitor, code, the_file(site, code))
    assert answer.status_code == 200 and "这个文件是原件，没有改动" in words(answer)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda data: data[:5000] + b"Z" + data[5001:], "被改动过"),
        (lambda data: data + b"\n%%more", "盖章以后又添加了内容"),
        (lambda data: b"\x89PNG" + data[100:2000], "不是我们发出的文件"),
    ],
    ids=["one byte", "added", "another"],
)
def test_other_files(site: Flask, visitor: Visitor, code: str, change: Any, says: str) -> None:
    assert says in words(drop(visitor, code, change(the_file(site, code))))


def test_a_flip_in_the_padding_breaks_the_registers_hash(site: Flask, visitor: Visitor, code: str) -> None:
    data = the_file(site, code)
    place = data.rindex(b"00000000>")
    assert "被改动过" in words(drop(visitor, code, data[:place] + b"1" + data[place + 1 :]))


@pytest.mark.parametrize(
    ("data", "status", "says"),
    [(None, 422, "请先选择"), (b"", 422, "空的"), (b"%PDF" + bytes(10 * 1024 * 1024), 422, "超过 10 MB")],
    ids=["none", "empty", "too large"],
)
def test_bad_files(visitor: Visitor, code: str, data: bytes | None, status: int, says: str) -> None:
    answer = drop(visitor, code, data)
    assert answer.status_code == status and says in words(answer)


def test_nothing_dropped_is_kept_and_nothing_is_written(site: Flask, visitor: Visitor, code: str) -> None:
    with site.app_context():
        before = (list(site.extensions["files"].digests()), db.session.query(TrailLine).count())
    drop(visitor, code, b"%PDF-1.4 a stranger's")
    visitor.get(f"/check/{code}")
    with site.app_context():
        assert (list(site.extensions["files"].digests()), db.session.query(TrailLine).count()) == before


def test_wrong_codes_are_throttled_by_address(site: Flask, visitor: Visitor, code: str, clock: StoppedClock) -> None:
    for _ in range(views.LIMIT):
        assert visitor.get("/check/0000-0000-00").status_code == 404
    answer = visitor.get("/check/0000-0000-00")
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) <= 601 and "请稍等" in words(answer)
    assert visitor.get(f"/check/{code}").status_code == 429, "the right one waits too: no oracle"
    elsewhere = a_visitor(site)
    assert elsewhere.get(f"/check/{code}", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 200
    clock.tick(views.WITHIN + timedelta(seconds=1))
    assert visitor.get(f"/check/{code}").status_code == 200


def test_right_codes_are_never_counted(visitor: Visitor, code: str) -> None:
    assert {visitor.get(f"/check/{code}").status_code for _ in range(views.LIMIT + 2)} == {200}


def test_the_authority_can_be_taken_away(visitor: Visitor, sealing: Path) -> None:
    answer = visitor.get("/check/authority.pem")
    assert answer.data == (sealing / "ca.pem").read_bytes() and b"PRIVATE" not in answer.data


def test_a_host_without_the_key_still_knows_our_seal(site: Flask, visitor: Visitor, code: str, sealing: Path) -> None:
    for name in ("office-key.pem", "ca-key.pem"):
        (sealing / name).unlink()
    assert "添加了内容" in words(drop(visitor, code, the_file(site, code) + b"x"))


def test_get_405_where_a_file_is_dropped(visitor: Visitor, code: str) -> None:
    assert visitor.get(f"/check/{code}/file").status_code == 405


def test_the_host_outside_has_these_doors_alone(
    instance: Path, sqlite_url: str, clock: StoppedClock, sealing: Path
) -> None:
    app = create_app(settings(instance, sqlite_url), clock=clock, doors="public")
    assert {rule.endpoint.split(".")[0] for rule in app.url_map.iter_rules()} <= {"static", "house", "check"}
    client = app.test_client()
    assert client.get("/check").status_code == 200 and client.get("/healthz").status_code == 200
    assert client.get("/login").status_code == 404 and client.get("/papers/1/file").status_code == 404
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
