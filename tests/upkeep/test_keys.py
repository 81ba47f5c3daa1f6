"""Lost keys: no start makes new ones over what only the old ones open."""

import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from portal.ground.config import ROOT
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.sealing import load_keys
from portal.merchants.models import Shop
from portal.upkeep import services
from tests.duties.test_processes import environment
from tests.merchants.shops import planted


def lose(app: Flask) -> Path:
    """The folder of secrets is gone: a disk was restored without it."""
    folder = app.config["INSTANCE"] / "secrets"
    shutil.rmtree(folder)
    return folder


def test_no_new_keys_are_made_over_sealed_data(office: Flask, now: datetime) -> None:
    folder = lose(office)
    with pytest.raises(Refused, match=r"没有做新密钥.*电话.*密钥备份.*再启动"):
        services.make_secrets(lost=False)
    assert not folder.exists()


def test_the_refusal_names_what_to_type_and_that_brings_them_back(office: Flask, now: datetime) -> None:
    services.back_up(now=now)
    folder = lose(office)
    with pytest.raises(Refused) as refused:
        services.make_secrets(lost=False)
    command = refused.value.sentence.partition("请运行 ")[2].partition(" ，")[0]
    subprocess.run(command.split(), check=True)
    assert not services.make_secrets(lost=False)
    shop = db.session.query(Shop).one()
    assert load_keys(folder / "sealing").open(shop.phone_sealed, where="merchants_shops.phone", ref=shop.seal_ref)


def test_an_index_key_alone_is_missed_too(office: Flask) -> None:
    (office.config["INSTANCE"] / "secrets" / "sealing" / "index.key").unlink()
    with pytest.raises(Refused, match="没有做新密钥"):
        services.make_secrets(lost=False)


def test_keys_that_are_lost_for_good_leave_their_name_to_the_old_ones(office: Flask, now: datetime) -> None:
    """Found again, the old key is laid beside the new one: neither takes the other's place."""
    folder = office.config["INSTANCE"] / "secrets"
    old = (folder / "sealing" / "sealing-0001.key").read_bytes()
    shop = db.session.query(Shop).one()
    lose(office)
    assert services.make_secrets(lost=True)
    assert sorted(path.name for path in (folder / "sealing").iterdir()) == ["index.key", "sealing-0002.key"]
    since = load_keys(folder / "sealing").seal("13900001111", where="merchants_shops.phone", ref="b")
    (folder / "sealing" / "sealing-0001.key").write_bytes(old)
    (folder / "sealing" / "sealing-0001.key").chmod(0o600)
    both = load_keys(folder / "sealing")
    assert both.open(since, where="merchants_shops.phone", ref="b") == "13900001111"
    assert both.open(shop.phone_sealed, where="merchants_shops.phone", ref=shop.seal_ref) == shop.phone


def test_keys_that_stand_are_not_called_lost(office: Flask) -> None:
    with pytest.raises(Refused, match="密钥都在"):
        services.make_secrets(lost=True)


def test_an_office_where_nothing_is_sealed_gets_its_keys(house: Flask) -> None:
    lose(house)
    assert services.make_secrets(lost=False)
    assert services.key_ids() == ["index", "sealing-0001"]


@pytest.mark.slow
def test_a_start_without_its_secrets_says_what_to_do(site: Flask, now: datetime) -> None:
    planted(site, now)
    folder = lose(site)
    done = subprocess.run(
        [sys.executable, "script/prepare.py"], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env=environment(site.config["INSTANCE"]),
    )  # fmt: skip
    assert done.returncode == 1 and not folder.exists()
    assert "没有做新密钥" in done.stderr and "stopped: flask secrets make" in done.stderr
    assert "Traceback" not in done.stderr
