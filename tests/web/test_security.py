"""Headers on every answer, and the plain page for a browser in its old mode."""

import shutil
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from portal import create_app
from portal.accounts import demo
from portal.accounts.models import Person
from portal.accounts.services import hash_password
from portal.ground import secrets
from portal.ground.db import db, writing
from script.prepare import commands
from tests.conftest import Visitor

TRIDENT = "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko"


def test_every_answer_carries_the_policy(visitor: Visitor) -> None:
    for url in ("/login", "/check", "/kiosk", "/nowhere"):
        headers = visitor.get(url).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in headers


def test_tls_is_remembered_by_the_browser(site: Flask, visitor: Visitor) -> None:
    site.config["HSTS"] = True
    assert "max-age=" in visitor.get("/login").headers["Strict-Transport-Security"]


def test_an_old_engine_is_told_to_switch(visitor: Visitor) -> None:
    answer = visitor.get("/login", headers={"User-Agent": TRIDENT})
    assert "请切换极速模式" in answer.get_data(as_text=True)


def test_a_person_s_pages_are_kept_by_no_cache(staff: Visitor) -> None:
    assert staff.get("/merchants/").headers["Cache-Control"] == "no-store"


def test_production_refuses_a_demonstration(site: Flask) -> None:
    with pytest.raises(RuntimeError, match="demonstration"):
        create_app({**site.config, "PRODUCTION": True, "DEMO": True})


def test_production_refuses_debug(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(RuntimeError, match="debug"):
        create_app({"INSTANCE": site.config["INSTANCE"], "PRODUCTION": True})


@pytest.mark.parametrize("production", [False, True])
def test_an_office_is_not_served_without_its_secrets(site: Flask, production: bool) -> None:
    shutil.rmtree(site.config["INSTANCE"] / "secrets" / "sealing")
    with pytest.raises(RuntimeError, match=r"不启动：.*没有封存密钥.*flask secrets make.*密钥备份"):
        create_app({**site.config, "PRODUCTION": production, "SECRET_KEY": None})
    shutil.rmtree(site.config["INSTANCE"] / "secrets")
    with pytest.raises(RuntimeError, match=r"不启动：.*session.key 不在"):
        create_app({**site.config, "PRODUCTION": production, "SECRET_KEY": None})


def test_production_refuses_a_demonstration_s_secrets(site: Flask, tmp_path: Path) -> None:
    """Copied from a demonstration's folder, they bring their mark along."""
    secrets.mark_demonstration(site.config["INSTANCE"])
    shutil.copytree(site.config["INSTANCE"] / "secrets", tmp_path / "office" / "secrets")
    with pytest.raises(RuntimeError, match="演示环境的密钥"):
        create_app({**site.config, "INSTANCE": tmp_path / "office", "PRODUCTION": True})
    (tmp_path / "office" / "secrets" / "demonstration").unlink()
    assert create_app({**site.config, "INSTANCE": tmp_path / "office", "PRODUCTION": True}).extensions["sealer"]


def test_production_refuses_secrets_that_somebody_typed(site: Flask) -> None:
    (site.config["INSTANCE"] / "secrets" / "session.key").write_text("0" * 64)
    with pytest.raises(RuntimeError, match=r"不启动：session.key 太短或太简单"):
        create_app({**site.config, "PRODUCTION": True, "SECRET_KEY": None})


def test_public_doors_are_the_check_page_alone(site: Flask) -> None:
    """`create_app(doors="public")` for a host that the public may reach (proofs.md, Traps)."""
    outside = create_app({k: v for k, v in site.config.items() if k != "DOORS"}, doors="public")
    rules = {rule.rule for rule in outside.url_map.iter_rules()}
    assert rules == {"/", "/healthz", "/static/<path:filename>", "/check", "/check/<code>", "/check/<code>/file",
                     "/check/authority.pem"}  # fmt: skip
    assert outside.test_client().get("/check").status_code == 200


@pytest.mark.parametrize(
    "url", ["/merchants/{}", "/pledges/{}", "/papers/{}/file", "/kiosks/{}", "/pledges/shops/{}/code"]
)
@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_a_number_that_no_row_has_is_no_address(staff: Visitor, url: str, number: int) -> None:
    assert staff.get(url.format(number)).status_code == 404


def test_a_nul_is_refused_before_any_database_sees_it(staff: Visitor) -> None:
    for url in ("/merchants/?q=a%00b", "/pledges?q=%00", "/nowhere%00"):
        assert staff.get(url).status_code == 400
    assert staff.post("/merchants/", data={"sign_name": ["店", "店\0"]}).status_code == 400


def test_a_fault_in_the_log_names_nobody(site: Flask) -> None:
    """What a statement held (names, telephones) does not stand in the traceback."""
    with site.app_context(), pytest.raises(OperationalError) as fault:
        writing.set(False)
        db.session.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "何小满"})
    assert "何小满" not in str(fault.value)


def test_a_proxy_that_nobody_told_of_is_warned_of_once(
    site: Flask, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        visitor.get("/login", headers={"X-Forwarded-For": "10.9.9.9"})
    assert [line.getMessage()[:36] for line in caplog.records] == ["a request carries X-Forwarded-For, b"]


def test_production_refuses_a_demonstrations_database_without_its_mark(house: Flask) -> None:
    """A demonstration's folder whose mark was taken out: its accounts and their published password give it away."""
    stopped = house.test_cli_runner().invoke(args=["demo", "absent"])
    assert stopped.exit_code == 1 and "demonstration accounts" in stopped.output and "admin, auditor" in stopped.output
    assert demo.PASSWORD not in stopped.output
    for person in db.session.scalars(select(Person)):
        person.password_hash = hash_password("Yulan-7316")
    db.session.commit()
    assert house.test_cli_runner().invoke(args=["demo", "absent"]).exit_code == 0


def test_production_looks_for_a_demonstration_before_anything_is_sown() -> None:
    order = commands(demo=False, production=True)
    assert order.index("db upgrade") < order.index("demo absent") < order.index("seed")
    assert "demo absent" not in commands(demo=True, production=False)
