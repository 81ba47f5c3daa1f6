"""Copies on both databases: whole, once, checked; a drill that compares; what is broken is named (SEC-6)."""

import json
import os
import resource
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from portal.ground import running
from portal.ground.config import ROOT
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.files import FileStore
from portal.upkeep import services
from portal.upkeep.services import shelf
from tests.cast import Cast
from tests.merchants.shops import a_shop
from tests.trail import details, lines


@pytest.fixture
def office(house: Flask, cast: Cast, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A house with a shop, a sealed telephone, a file, and folders for copies and keys."""
    monkeypatch.setenv("PORTAL_BACKUP", str(tmp_path / "backups"))
    monkeypatch.setenv("PORTAL_BACKUP_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("PORTAL_BACKUP_SECOND", raising=False)
    shop = a_shop(now, by=cast["staff"])
    store: FileStore = house.extensions["files"]
    shop.photo = store.put(b"picture", ".jpg")
    db.session.commit()
    return house


def spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_copy_is_whole_once_and_checked(office: Flask, now: datetime) -> None:
    first = services.back_up(now=now)
    second = services.back_up(now=now + timedelta(days=1))
    assert [copy.name for copy in services.copies()] == [second.name, first.name]
    assert first.manifest.tables["merchants_shops"] == 1 and first.manifest.head[0] > 0
    assert first.checked_at == now and not first.faults
    assert len(list((services.folder() / "files").glob("*/*"))) == 1, "a file is kept once for all copies"
    assert sorted(path.name for path in services.key_folder().glob("*")) == [
        "index.key",
        "sealing-0001.key",
        "session.key",
    ]
    assert not list(services.folder().rglob("*.key")), "keys lie apart"
    assert {oct(path.stat().st_mode & 0o077) for path in services.folder().rglob("*") if path.is_file()} == {"0o0"}


def test_a_drill_compares_rows_head_and_a_sealed_value(office: Flask, cast: Cast, now: datetime) -> None:
    copy = services.back_up(now=now)
    found = services.drill(copy, now=now)
    assert found.holds, found.lines
    assert [what for what, *_ in found.lines] == ["备份完好", "行数一致", "留痕末端一致", "密钥能打开封存的数据"]
    services.note_drill(copy, found, by=cast["admin"], now=now)
    db.session.commit()
    assert details(lines("upkeep.drill")[0]) == {"holds": True}


def test_one_byte_changed_is_found(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    spoil(copy.folder / copy.manifest.database)
    assert services.verify(copy, now=now).faults == ("数据库文件和做备份时不一样，哪怕只差一个字节",)
    assert not services.drill(copy, now=now).holds
    with pytest.raises(Refused, match="没有还原，现在的数据没有动"):
        services.restore(copy, now=now)
    with pytest.raises(Refused, match="核对不上"):
        services.verify_newest(now=now)


def test_a_changed_or_missing_file_is_named(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    (file,) = (services.folder() / "files").glob("*/*")
    spoil(file)
    assert "被改动过" in services.verify(copy, now=now).faults[0]
    file.unlink()
    assert "不在了" in services.verify(copy, now=now).faults[0]


def test_rows_that_differ_from_the_manifest_are_told(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    data = json.loads((copy.folder / shelf.MANIFEST).read_text())
    data["tables"]["merchants_shops"] = 7
    (copy.folder / shelf.MANIFEST).write_text(json.dumps(data))
    found = services.drill(services.find(copy.name), now=now)
    assert [(what, good) for what, good, _ in found.lines if not good] == [("行数一致", False)]


def test_without_the_key_nothing_is_brought_back(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    shutil.rmtree(office.config["INSTANCE"] / "secrets" / "sealing")
    with pytest.raises(Refused, match="密钥"):
        services.restore(copy, now=now)


def test_another_key_is_told_from_the_right_one(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    key = next((office.config["INSTANCE"] / "secrets" / "sealing").glob("sealing-*.key"))
    key.write_text("0" * 63 + "1\n")
    assert services.drill(copy, now=now).lines[-1][1:] == (False, "打不开：这些密钥不是当时的，请还原那时的密钥文件夹")


def test_a_running_office_is_not_overwritten(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    handle = running.hold(office.config["INSTANCE"])
    with pytest.raises(Refused, match="门户正在运行"):
        services.restore(copy, now=now)
    os.close(handle)


def test_restored_it_is_as_it_was(office: Flask, cast: Cast, now: datetime) -> None:
    copy = services.back_up(now=now)
    later = a_shop(now, by=cast["staff"], sign_name="后来的店", door_no="99 号", phone="13900000001")
    db.session.commit()
    assert later.id == 2
    shutil.rmtree(office.extensions["files"].root)
    aside = services.restore(copy, now=now)
    assert db.session.execute(db.text("SELECT count(*) FROM merchants_shops")).scalar_one() == 1
    assert "before" in aside
    assert list(office.extensions["files"].digests()), "its files are back too"
    if db.engine.dialect.name == "sqlite":
        assert (office.config["INSTANCE"] / aside).is_file()
    db.session.remove()


def test_the_second_folder_has_its_own_whole_copy(
    office: Flask, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = tmp_path / "second"
    monkeypatch.setenv("PORTAL_BACKUP_SECOND", str(second))
    with pytest.raises(Refused, match="不在"):
        services.back_up(now=now)
    second.mkdir()
    copy = services.back_up(now=now + timedelta(hours=1))
    other = services.newest(second)
    assert other is not None and other.name == copy.name and not services.verify(other, now=now).faults
    assert services.newest() is not None


def test_what_a_crash_left_is_no_copy_and_goes(office: Flask, now: datetime) -> None:
    left = services.folder() / ".20261101-023000.part"
    left.mkdir(parents=True)
    (left / "portal.sqlite3").write_bytes(b"half")
    (services.folder() / "20261102-023000").mkdir()
    assert services.copies() == []
    services.back_up(now=now)
    assert not left.exists() and len(services.copies()) == 1


def test_orphans_go_after_a_day_and_nothing_else(office: Flask, now: datetime) -> None:
    store: FileStore = office.extensions["files"]
    (named,) = store.digests()
    orphan = store.put(b"orphan")
    assert services.sweep_orphans(now=datetime.now(now.tzinfo)) == 0, "it may belong to a row that commits just now"
    for digest in store.digests():
        os.utime(store.path(digest), (0, 0))
    assert services.sweep_orphans(now=now) == 1
    assert not store.has(orphan) and store.has(named)
    db.session.commit()
    assert [details(line) for line in lines("upkeep.sweep")] == [{"count": 1}]


def command(instance: Path, *words: str, limit: int | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PORTAL_", "DATABASE_"))}
    environment = {**kept, "FLASK_APP": "wsgi", "PORTAL_INSTANCE": str(instance), **more}

    def small() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-m", "flask", "backup", *words], cwd=ROOT, env=environment, capture_output=True, text=True,
        preexec_fn=small, timeout=120,
    )  # fmt: skip


def test_the_commands_with_a_full_disk_between(instance: Path, sqlite_url: str) -> None:
    made = command(instance, "now")
    assert made.returncode == 0, made.stderr
    full = command(instance, "now", limit=100_000)
    assert full.returncode == 1 and "磁盘满了" in full.stderr and "没有留下半份" in full.stderr
    assert "Traceback" not in full.stderr
    listed = command(instance, "list").stdout.splitlines()
    assert len(listed) == 1 and "checked" in listed[0]
    assert "holds" in command(instance, "verify").stdout
    drilled = command(instance, "restore", "--dry-run")
    assert drilled.returncode == 0 and "ok  行数一致" in drilled.stdout
    assert "没有叫 20000101-000000 的备份" in command(instance, "restore", "20000101-000000", "--yes").stderr
    restored = command(instance, "restore", "--yes")
    assert restored.returncode == 0 and "before-" in restored.stdout
    assert not list((instance / "backups").glob(".*.part"))
