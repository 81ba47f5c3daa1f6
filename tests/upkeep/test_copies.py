"""Copies on both databases: whole, once, checked, in two places, keys apart; what is broken is named."""

import os
import shutil
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit.services import anchor, record
from portal.ground.db import db, writing
from portal.ground.errors import Refused
from portal.ground.files import FileStore
from portal.ground.photos import Photo
from portal.merchants import services as merchants
from portal.merchants.models import Shop
from portal.upkeep import jobs, services
from portal.upkeep.services import keys, shelf
from portal.upkeep.services.copying import prune
from tests.cast import Cast
from tests.upkeep.copies import clone, spoil, stored

NIGHT = timedelta(days=1)


def test_a_copy_is_whole_once_and_checked(office: Flask, now: datetime) -> None:
    first = services.back_up(now=now)
    second = services.back_up(now=now + NIGHT)
    assert [copy.name for copy in services.copies()] == [second.name, first.name]
    assert first.manifest.tables["merchants_shops"] == 1 and first.manifest.head[0] > 0
    assert first.manifest.files == 1 and first.manifest.files_size == len(b"picture")
    assert first.sound and first.checked_at == now
    assert len(stored()) == 1, "a file is kept once for all copies"
    assert services.verify(second, now=now).sound


def test_only_the_owner_can_read_it(office: Flask, now: datetime) -> None:
    services.back_up(now=now)
    for root in (services.folder(), services.key_folder()):
        modes = {path: path.stat().st_mode & 0o077 for path in [root, *root.rglob("*")]}
        assert not [path for path, mode in modes.items() if mode], "0600 and 0700"


def test_keys_lie_apart_and_belong_to_their_copy(office: Flask, now: datetime) -> None:
    first = services.back_up(now=now)
    assert not list(services.folder().rglob("*.key"))
    kept = services.key_folder() / first.manifest.key_set
    names = {str(path.relative_to(kept)) for path in kept.rglob("*.key")}
    assert names == {"secrets/session.key", "secrets/sealing/sealing-0001.key", "secrets/sealing/index.key"}
    assert first.manifest.key_ids == ["index", "sealing-0001"]
    key = office.config["INSTANCE"] / "secrets" / "session.key"
    key.write_text("f" * 64)
    second = services.back_up(now=now + NIGHT)
    assert second.manifest.key_set != first.manifest.key_set, "a set for each state of the keys"
    assert len(list(services.key_folder().iterdir())) == 2
    spoil(services.key_folder() / second.manifest.key_set / "secrets" / "session.key")
    assert "被改动过" in services.key_fault(second.manifest.key_set)
    services.back_up(now=now + 2 * NIGHT)
    assert services.key_fault(second.manifest.key_set) == "", "the next copy keeps them anew"


def test_keys_within_the_copies_are_refused(office: Flask, now: datetime, tmp_path: Path) -> None:
    office.config["BACKUP_KEYS"] = str(tmp_path / "backups" / "keys")
    with pytest.raises(Refused, match="密钥不能和备份放在一起"):
        services.back_up(now=now)
    assert services.copies() == [] and not list(services.folder().glob(".*.part"))


def test_the_office_s_own_seal_is_among_the_keys(office: Flask, tmp_path: Path) -> None:
    for name in ("seal.p12", "seal.passphrase"):
        (tmp_path / name).write_bytes(b"secret")
    office.config.update(SEAL_PKCS12=str(tmp_path / "seal.p12"), SEAL_PASSPHRASE_FILE=str(tmp_path / "seal.passphrase"))
    kept = services.key_folder() / keys.keep()
    assert (kept / "seal" / "seal.p12").is_file() and (kept / "seal" / "seal.passphrase").is_file()


@pytest.mark.parametrize("at", [0.0, 0.3, 0.7, 1.0])
def test_one_byte_changed_anywhere_is_found(office: Flask, now: datetime, at: float) -> None:
    copy = services.back_up(now=now)
    for path in [*copy.folder.iterdir(), *stored()]:
        if path.name != shelf.CHECKED and path.stat().st_size:
            whole = path.read_bytes()
            spoil(path, at)
            found = services.verify(copy, now=now)
            assert found.faults, f"{path.name} at {at}"
            path.write_bytes(whole)
    assert services.verify(copy, now=now).sound


def test_what_is_missing_or_does_not_belong_is_named(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    (file,) = stored()
    file.unlink()
    assert services.verify(copy, now=now).faults == (f"文件 {file.name[:8]}… 不在了",)
    (copy.folder / "stranger").write_text("?")
    assert "stranger" in services.verify(copy, now=now).faults[0]
    (copy.folder / copy.manifest.database).unlink()
    assert "数据库文件不在了" in services.verify(copy, now=now).faults
    with pytest.raises(Refused, match="核对不上：backups/"):
        services.verify_all(now=now)


def test_the_next_copy_mends_what_the_office_still_has(office: Flask, now: datetime) -> None:
    first = services.back_up(now=now)
    spoil(stored()[0])
    assert not services.verify(first, now=now).sound
    services.back_up(now=now + NIGHT)
    assert services.verify(first, now=now).sound
    assert services.verify_all(now=now) == 2


def test_a_file_that_is_rotten_in_the_office_is_told(office: Flask, now: datetime) -> None:
    store: FileStore = office.extensions["files"]
    (digest,) = store.digests()
    spoil(store.path(digest))
    with pytest.raises(Refused, match=r"备份做好了，但核对不上：文件 .* 不在了，门户里的那一份也坏了"):
        services.back_up(now=now)
    (copy,) = services.copies()
    assert not copy.sound, "it stands, and says what it lacks"
    assert services.newest(sound=True) is None


def test_the_second_place_has_its_own_whole_copies(office: Flask, now: datetime, tmp_path: Path) -> None:
    second = tmp_path / "second"
    office.config["BACKUP_SECOND"] = str(second)
    with pytest.raises(Refused, match=r"第二处的文件夹 .* 不在（磁盘没有接上？），第一份备份已经做好"):
        services.back_up(now=now)
    second.mkdir()
    services.back_up(now=now + NIGHT)
    there = services.copies(second)
    assert [copy.name for copy in there] == [copy.name for copy in services.copies()], "the missed night came too"
    assert all(services.verify(copy, now=now).sound for copy in there)
    spoil(next((second / "files").glob("*/*")))
    with pytest.raises(Refused, match="核对不上：second/"):
        services.verify_all(now=now)
    services.back_up(now=now + 2 * NIGHT)
    assert services.verify_all(now=now) == 6


def test_what_a_crash_left_is_no_copy_and_goes(office: Flask, now: datetime) -> None:
    left = services.folder() / ".20261101-023000.part"
    left.mkdir(parents=True)
    (left / "portal.sqlite3").write_bytes(b"half")
    part = services.folder() / "files" / "ab" / ".abcd.pdf.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    assert services.copies() == []
    services.back_up(now=now)
    assert not left.exists() and not part.exists() and len(services.copies()) == 1


def test_a_check_that_was_cut_off_is_no_fault_of_the_copy(office: Flask, now: datetime, tmp_path: Path) -> None:
    """Killed over the note of a check: what is left of it is neither a stranger nor brought to the second place."""
    copy, second = services.back_up(now=now), tmp_path / "second"
    left = copy.folder / f".{shelf.CHECKED}.part"
    left.write_text('{"at": "2026-')
    assert services.verify_all(now=now) == 1 and not left.exists(), "the next check writes over it"
    left.write_text('{"at": "2026-')
    second.mkdir()
    office.config["BACKUP_SECOND"] = str(second)
    services.back_up(now=now + timedelta(days=1))
    assert not (second / copy.name / left.name).exists() and (second / copy.name / shelf.CHECKED).is_file()
    assert services.verify_all(now=now + timedelta(days=2)) == 4


def test_a_manifest_that_cannot_be_read_is_shown_and_never_used(office: Flask, now: datetime) -> None:
    good = services.back_up(now=now)
    bad = clone(good, now + NIGHT)
    (bad / shelf.MANIFEST).write_text("{")
    assert services.unreadable() == [bad.name] and [copy.name for copy in services.copies()] == [good.name]
    assert services.find("newest").name == good.name
    with pytest.raises(Refused, match="清单读不出来"):
        services.find(bad.name)
    with pytest.raises(Refused, match="清单读不出来"):
        services.verify_all(now=now)
    with pytest.raises(Refused, match="没有叫 yesterday 的备份。现有"):
        services.find("yesterday")


def test_old_copies_go_and_with_them_the_files_that_only_they_need(office: Flask, now: datetime) -> None:
    store: FileStore = office.extensions["files"]
    first = services.back_up(now=now)
    only_then = store.put(b"only on the second day", ".pdf")
    services.back_up(now=now + NIGHT)
    store.remove(only_then)
    newest = services.back_up(now=now + 2 * NIGHT)
    for night in range(3, 45):
        clone(newest, now + night * NIGHT)
    assert len(stored()) == 2
    gone = prune(services.folder())
    left = [copy.name for copy in services.copies()]
    assert gone == 13 and len(left) == 32, "thirty nights, and the oldest of November and of December"
    assert left[-1] == first.name and len(stored()) == 1
    assert services.retention() == (30, 3)
    assert services.verify(services.copies()[-1], now=now).sound


def test_two_at_once_are_one_after_the_other(office: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "PATIENCE", 0.1)
    with shelf.alone(services.folder()), pytest.raises(Refused, match="另一个程序正在做备份"):
        services.back_up(now=now)
    copy = services.back_up(now=now)
    with shelf.looking(services.folder()):
        assert services.verify(copy, now=now).sound, "those who look do not disturb each other"
        with pytest.raises(Refused, match="正在做备份或核对备份"):
            services.back_up(now=now + NIGHT)
    assert services.back_up(now=now).name == f"{copy.name}-2", "two in one second are two"
    assert services.newest().name == f"{copy.name}-2"


def test_while_the_office_goes_on_a_copy_is_of_one_instant(office: Flask, cast: Cast, now: datetime) -> None:
    """Somebody writes line after line; each copy's chain ends where its head says, and its rows are those counted."""
    stop = threading.Event()
    written: list[int] = []

    def busy() -> None:
        with office.app_context():
            writing.set(True)
            while not stop.is_set():
                record("merchants.edit", "shop:1", by=cast["staff"], now=now, count=len(written))
                db.session.commit()
                written.append(1)
            db.session.remove()

    clerk = threading.Thread(target=busy)
    clerk.start()
    try:
        copies = [services.back_up(now=now + turn * NIGHT) for turn in range(4)]
    finally:
        stop.set()
        clerk.join()
    heads = [copy.manifest.head[0] for copy in copies]
    assert written and heads == sorted(set(heads)), "the office went on meanwhile"
    for copy in copies:
        found = services.drill(copy, now=now)
        assert found.holds, found.lines


def test_anchors_are_in_the_copy(office: Flask, now: datetime) -> None:
    line = anchor(now=now)
    copy = services.back_up(now=now)
    assert (copy.folder / shelf.ANCHORS).read_text() == f"{line}\n"


def test_orphans_go_after_a_day_and_nothing_else(office: Flask, now: datetime) -> None:
    store: FileStore = office.extensions["files"]
    (named,) = store.digests()
    orphan = store.put(b"orphan")
    assert services.sweep_orphans(now=datetime.now(now.tzinfo)) == 0, "it may belong to a row that commits just now"
    for digest in store.digests():
        os.utime(store.path(digest), (0, 0))
    wanted = store.put(b"wanted again", ".jpg")
    os.utime(store.path(wanted), (0, 0))
    store.put(b"wanted again", ".jpg")
    assert services.sweep_orphans(now=now) == 1
    assert not store.has(orphan) and store.has(named) and store.has(wanted)
    db.session.commit()


def test_a_folder_that_cannot_be_written_is_named(office: Flask, now: datetime, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    office.config["BACKUP"] = str(tmp_path / "file" / "backups")
    with pytest.raises(Refused, match=r"备份没有写成.*这次没有备份，没有留下半份"):
        services.back_up(now=now)


@pytest.mark.parametrize("left", ["nothing", "the mount point"])
def test_a_disk_that_is_gone_is_not_made_anew(office: Flask, now: datetime, tmp_path: Path, left: str) -> None:
    """Copies under a bare mount point would fill the first disk and be lost with it."""
    services.back_up(now=now)
    home, away = services.folder(), tmp_path / "unplugged"
    home.rename(away)
    if left == "the mount point":
        home.mkdir()
    for duty in (jobs.back_up, jobs.verify):
        with pytest.raises(Refused, match=r"磁盘没有接上.*请接好磁盘，再来一次.*--new-disk"):
            duty(now=now + NIGHT)
    assert not home.exists() or not list(home.iterdir()), "nothing was written there"
    shutil.rmtree(home, ignore_errors=True)
    away.rename(home)
    assert services.back_up(now=now + NIGHT).sound and len(services.copies()) == 2


def test_a_new_disk_is_begun_by_a_word(office: Flask, now: datetime) -> None:
    services.back_up(now=now)
    shutil.rmtree(services.folder())
    services.back_up(now=now + NIGHT, new_disk=True)
    assert services.back_up(now=now + 2 * NIGHT).sound and services.gone() == ""
    office.config["BACKUP"] += "-2"
    assert services.back_up(now=now).sound, "another folder that somebody has set is begun by itself"


def test_what_lies_elsewhere_is_tried_while_the_disk_is_gone(office: Flask, now: datetime, tmp_path: Path) -> None:
    services.back_up(now=now)
    services.folder().rename(tmp_path / "second")
    copy = services.find("newest", tmp_path / "second")
    assert services.drill(copy, now=now).holds and not services.folder().exists()


def test_a_disk_that_takes_no_writing_is_still_read(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    shutil.rmtree(copy.folder.parent / "files")
    (copy.folder / shelf.CHECKED).unlink()
    (copy.folder / f".{shelf.CHECKED}.part").mkdir()  # even root cannot write a file there
    assert "不在了" in services.verify(copy, now=now).faults[0]


def test_nothing_that_stood_on_a_shop_is_an_orphan(office: Flask, cast: Cast, now: datetime) -> None:
    """rules 1: nothing is ever hard-deleted; neither an attachment that was taken off nor a photo that was replaced."""
    store: FileStore = office.extensions["files"]
    shop = db.session.scalars(select(Shop)).one()
    first, said = shop.photo, {"by": cast["staff"], "now": now}
    kept = merchants.attach(
        shop, name="执照.pdf", data=b"%PDF", suffix=".pdf", media="application/pdf", store=store, **said
    )
    merchants.detach(shop, kept, reason="传错了店", **said)
    merchants.set_photo(shop, Photo(b"another", 64, 48, None, "jpg"), store=store, **said)
    db.session.commit()
    for digest in store.digests():
        os.utime(store.path(digest), (0, 0))
    assert services.sweep_orphans(now=now) == 0
    assert first and store.has(first) and store.has(kept.sha) and store.has(str(shop.photo))
    copy = services.back_up(now=now)
    assert copy.manifest.files == 3, "they are in the copies too"
