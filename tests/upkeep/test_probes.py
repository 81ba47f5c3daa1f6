"""What the probes of 系统状态 say, one by one."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.audit.services import record
from portal.ground.actor import SYSTEM
from portal.ground.db import db
from portal.ground.declare import Probe, Reading, offers
from portal.ground.declare import reading as reading_of
from portal.papers.services import make_authority
from portal.upkeep import services
from tests.cast import Cast
from tests.upkeep.copies import spoil


@pytest.fixture
def page(office: Flask) -> Iterator[None]:
    """Probes are read within a request."""
    with office.test_request_context():
        yield


def reading(key: str, now: datetime) -> Reading:
    return next(probe for probe in offers().probes if probe.key == key).read(now)


def test_one_that_fails_says_so_and_takes_no_page_down(office: Flask, page: None, now: datetime) -> None:
    def unplugged(_now: datetime) -> Reading:
        raise OSError("no such disk")

    found = reading_of(Probe("test", "试", "disk", unplugged, 1), now)
    assert (found.lamp, found.text, found.second) == ("late", "查不出来", "OSError")


def test_the_clock_that_stepped_back(office: Flask, page: None, cast: Cast, now: datetime) -> None:
    assert reading("clock", now).lamp == "fine"
    record("merchants.edit", "shop:1", by=cast["staff"], now=now + timedelta(minutes=5, seconds=1))
    db.session.commit()
    found = reading("clock", now)
    assert (found.lamp, found.second) == ("late", "比最新一行留痕早 5 分钟") and "校准以前不能签订" in found.advice
    assert reading("clock", now + timedelta(seconds=2)).lamp == "fine", "less than five minutes is bearable"


def test_the_copy_and_its_faults(office: Flask, page: None, now: datetime) -> None:
    assert reading("copy", now).text == "还没有备份"
    copy = services.back_up(now=now)
    assert reading("copy", now).lamp == "fine" and "文件 1 个" in reading("copy", now).second
    assert reading("copy", now + timedelta(hours=26)).lamp == "fine"
    late = reading("copy", now + timedelta(hours=26, seconds=1))
    assert late.lamp == "late" and "每夜备份" in late.advice and late.url == "/duties/upkeep.backup"
    spoil(copy.folder / copy.manifest.database)
    services.verify(copy, now=now)
    found = reading("copy", now)
    assert found.lamp == "late" and "没有一份是完好的" in found.advice


def test_the_disk_of_copies_is_gone(office: Flask, page: None, now: datetime, tmp_path: Path) -> None:
    services.back_up(now=now)
    services.folder().rename(tmp_path / "away")
    found = reading("copy", now)
    assert (found.lamp, found.text) == ("late", "备份的磁盘没有接上") and found.second == str(services.folder())
    assert "请接好磁盘" in found.advice and "flask backup now --new-disk" in found.advice


def test_the_keys_and_where_they_are_kept(office: Flask, page: None, now: datetime) -> None:
    assert reading("keys", now).lamp == "soon"
    copy = services.back_up(now=now)
    found = reading("keys", now)
    assert (found.lamp, found.text) == ("fine", "封存密钥 0001") and copy.manifest.key_set in found.second
    office.config["BACKUP_KEYS"] = ""
    assert "不在" in reading("keys", now).second, "the folder that is configured now has none"
    services.back_up(now=now + timedelta(days=1))
    assert "和数据在一起" in reading("keys", now).advice
    shutil.rmtree(services.key_folder())
    assert reading("keys", now).lamp == "late"
    shutil.rmtree(office.config["INSTANCE"] / "secrets" / "sealing")
    assert reading("keys", now).text == "封存密钥不在"


def test_the_second_place(office: Flask, page: None, now: datetime, tmp_path: Path) -> None:
    assert reading("second", now).text == "没有设"
    office.config["BACKUP_SECOND"] = str(tmp_path / "second")
    assert reading("second", now).text == "文件夹不在"
    (tmp_path / "second").mkdir()
    services.back_up(now=now)
    assert "同一块磁盘" in reading("second", now).advice
    office.config["BACKUP"] = str(tmp_path / "unplugged")
    assert reading("second", now).lamp == "fine", "the first place is the other line's business"
    office.config["BACKUP"] = ""
    assert "第二处晚了" in reading("second", now + timedelta(hours=27)).advice


def test_drills(office: Flask, page: None, now: datetime) -> None:
    assert reading("drill", now).text == "还没有演练过"
    copy = services.back_up(now=now)
    services.drill_newest(by=SYSTEM, now=now)
    assert reading("drill", now).text == "今天 10:00，通过"
    assert "一个多月没有演练" in reading("drill", now + timedelta(days=41)).second
    spoil(copy.folder / copy.manifest.database)
    services.drill_newest(by=SYSTEM, now=now + timedelta(minutes=1))
    assert reading("drill", now).lamp == "late"


def test_a_disk_that_is_nearly_full(office: Flask, page: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "还剩" in reading("disk", now).text
    usage: Any = shutil.disk_usage("/")._replace(total=100 * 1024**3, free=1024**3)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    assert reading("disk", now).lamp == "late" and reading("disk", now).text == "只剩 1.0 GB"


def test_database_and_version(office: Flask, page: None, now: datetime) -> None:
    kind = "SQLite" if db.engine.dialect.name == "sqlite" else "PostgreSQL"
    assert reading("database", now).text.startswith(kind) and "留痕" in reading("database", now).second
    assert reading("version", now).lamp == "fine"


def test_fonts_library_and_seal(office: Flask, page: None, now: datetime, tmp_path: Path) -> None:
    assert reading("papers.fonts", now).lamp == "fine" and reading("papers.library", now).lamp == "fine"
    office.config["FONTS"] = tmp_path
    assert reading("papers.fonts", now).text == "缺 8 个字体文件"
    assert "flask papers authority" in reading("papers.seal", now).advice
    make_authority(now=now)
    assert "有效到2036年" in reading("papers.seal", now).text
    assert reading("papers.seal", now + timedelta(days=3620)).lamp == "soon"
    assert reading("papers.seal", now + timedelta(days=3660)).lamp == "late"
    assert reading("papers.unmade", now).lamp == "fine"
